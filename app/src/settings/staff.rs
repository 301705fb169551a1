//! Who works at the pharmacy, and ending somebody's work there.

use crate::state::{Phase, Satchel};
use crate::ui::Confirm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::StaffView;
use shared::ids::PersonId;

/// For those who look after the pharmacy.
#[component]
pub fn Staff() -> impl IntoView {
    let satchel = Satchel::from_context();
    let changed = RwSignal::new(0_u32);
    let staff = LocalResource::new(move || {
        changed.track();
        async move { satchel.staff().await.map_err(|trouble| trouble.to_string()) }
    });
    let problem = RwSignal::new(String::new());
    let leaving = RwSignal::new(None::<StaffView>);
    let asking = RwSignal::new(false);
    let me = satchel.phase.with_untracked(|phase| match phase {
        Phase::Open(who) => Some(who.person),
        _ => None,
    });
    let remove = move |()| {
        let Some(person) = leaving.get_untracked().map(|one| one.id) else { return };
        spawn_local(async move {
            match satchel.dismiss(person).await {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="staff-title">
            <h2 class="section-heading" id="staff-title">
                "Who works here"
            </h2>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            {move || match staff.get() {
                None => view! { <p>"Asking the server"</p> }.into_any(),
                Some(Err(words)) => view! { <p>{words}</p> }.into_any(),
                Some(Ok(list)) => view! { <List list me leaving asking/> }.into_any(),
            }}
            <Confirm
                open=asking
                title="Remove from the pharmacy"
                verb="Remove from the pharmacy"
                dangerous=true
                on_confirm=Callback::new(remove)
            >
                <p>
                    {move || {
                        let name = leaving.get().map(|one| one.name).unwrap_or_default();
                        format!(
                            "{name} is signed out everywhere and loses the key to each device when it is next in \
                             contact. What {name} recorded stays; what had not been sent waits for an administrator.",
                        )
                    }}
                </p>
            </Confirm>
        </section>
    }
}

#[component]
fn List(
    list: Vec<StaffView>,
    me: Option<PersonId>,
    leaving: RwSignal<Option<StaffView>>,
    asking: RwSignal<bool>,
) -> impl IntoView {
    let lines = list.into_iter().map(|one| {
        let words = staff_words(&one, me == Some(one.id));
        let label = one.name.clone();
        let remove = (me != Some(one.id)).then(|| {
            view! {
                <button
                    type="button"
                    class="link-button"
                    on:click=move |_| {
                        leaving.set(Some(one.clone()));
                        asking.set(true);
                    }
                >
                    "Remove from the pharmacy"
                    <span class="nhsuk-u-visually-hidden">{format!(": {label}")}</span>
                </button>
            }
        });
        view! {
            <li class="to-do__item">
                <span>{words}</span>
                {remove}
            </li>
        }
    });
    view! { <ul class="to-do">{lines.collect_view()}</ul> }
}

/// `Ben Ade, pharmacist, GPhC 2074999 (not checked)`.
fn staff_words(one: &StaffView, is_me: bool) -> String {
    let you = if is_me { " (you)" } else { "" };
    let registered = match (one.gphc.as_str(), one.gphc_checked) {
        ("", _) => String::new(),
        (number, true) => format!(", GPhC {number} (checked)"),
        (number, false) => format!(", GPhC {number} (not checked)"),
    };
    format!("{}{you}, {}{registered}", one.name, one.role.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::people::Role;

    #[test]
    fn a_number_that_nobody_checked_says_so() {
        let one = StaffView {
            id: PersonId::from_bytes([1; 16]),
            name: "Ben Ade".to_owned(),
            gphc: "2074999".to_owned(),
            gphc_checked: false,
            role: Role::Pharmacist,
            access_ends: String::new(),
            devices: Vec::new(),
        };
        assert_eq!(staff_words(&one, false), "Ben Ade, pharmacist, GPhC 2074999 (not checked)");
        let administrator = StaffView { gphc: String::new(), role: Role::Administrator, ..one };
        assert_eq!(staff_words(&administrator, true), "Ben Ade (you), administrator");
    }
}
