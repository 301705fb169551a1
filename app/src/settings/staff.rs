//! Who works at the pharmacy: until when, on what evidence, and ending somebody's work there.

use super::papers::Papers;
use crate::platform::api_people;
use crate::state::{Phase, Satchel};
use crate::ui::{
    Act, Action, Attempt, Card, Clock, Confirm, Line, Listing, TextBox, TextKind, link_button, words,
};
use leptos::prelude::*;
use shared::api::StaffView;
use shared::time::{self, Millis};

/// For those who look after the pharmacy.
#[component]
pub fn Staff() -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let attempt = Attempt::default();
    let leaving = RwSignal::new(None::<StaffView>);
    let extending = RwSignal::new(None::<StaffView>);
    let reading = RwSignal::new(None::<StaffView>);
    let asking = RwSignal::new(false);
    let me = satchel.phase.with_untracked(|phase| match phase {
        Phase::Open(who) => Some(who.person),
        _ => None,
    });
    let line = move |one: StaffView| {
        let is_me = me == Some(one.id);
        let pick = |chosen: RwSignal<Option<StaffView>>| {
            let one = one.clone();
            Callback::new(move |()| chosen.set(Some(one.clone())))
        };
        let mut actions = vec![Act::Do("Evidence", pick(reading))];
        if !is_me {
            let choose = pick(leaving);
            let remove = Callback::new(move |()| {
                choose.run(());
                asking.set(true);
            });
            actions.push(Act::Do("End of access", pick(extending)));
            actions.push(Act::Do("Remove from the pharmacy", remove));
        }
        Line { words: staff_words(&one, is_me, clock.exactly()), about: one.name.clone(), actions }
    };
    let ask = move || -> crate::ui::Asking {
        Box::pin(async move { Ok(satchel.staff().await?.into_iter().map(line).collect()) })
    };
    let remove = Callback::new(move |()| {
        let Some(person) = leaving.get_untracked().map(|one| one.id) else { return };
        attempt.run(async move {
            satchel.dismiss(person).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    view! {
        <Card id="staff-title" title="Who works here">
            {attempt.said()}
            <Listing changed ask=Box::new(ask)/>
            {move || extending.get().map(|one| view! { <Access one extending changed/> })}
            {move || reading.get().map(|one| view! { <Papers person=one.id name=one.name reading/> })}
            <Confirm
                open=asking
                title="Remove from the pharmacy"
                verb="Remove from the pharmacy"
                dangerous=true
                on_confirm=remove
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
        </Card>
    }
    .into_any()
}

/// Says when somebody's access ends by itself.
#[component]
fn Access(one: StaffView, extending: RwSignal<Option<StaffView>>, changed: RwSignal<u32>) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let attempt = Attempt::default();
    let typed = RwSignal::new(String::new());
    let set = Callback::new(move |()| match access_end(&typed.get_untracked(), clock.exactly()) {
        Err(words) => attempt.problem.set(words.to_owned()),
        Ok(ends) => attempt.run(async move {
            api_people::set_access(satchel, one.id, ends).await?;
            extending.set(None);
            changed.update(|changed| *changed += 1);
            Ok(())
        }),
    });
    view! {
        <div class="nhsuk-inset-text">
            <p>{format!("When does the access of {} end?", one.name)}</p>
            <TextBox
                id="access-ends"
                label="Day and time"
                hint="Empty: it does not end by itself."
                kind=TextKind::DateTime
                value=typed
            />
            {attempt.said()}
            <Action words="Set the end of access" class="nhsuk-button--secondary" attempt on_click=set/>
            <p>{link_button("Go back", "", Callback::new(move |()| extending.set(None)))}</p>
        </div>
    }
    .into_any()
}

/// The end of access as it is sent: RFC 3339, empty for none; otherwise what is wrong with it.
pub fn access_end(typed: &str, now: Millis) -> Result<String, &'static str> {
    if typed.is_empty() {
        return Ok(String::new());
    }
    match time::from_the_wall(typed) {
        Some(end) if end > now => Ok(time::stored(end)),
        Some(_) => Err("That time has passed. Choose a later one, or leave it empty."),
        None => Err("Enter a day with a time, or leave it empty."),
    }
}

/// `Ben Ade, pharmacist, GPhC 2074999 (not checked), until 18:00`.
fn staff_words(one: &StaffView, is_me: bool, now: Millis) -> String {
    let you = if is_me { " (you)" } else { "" };
    let registered = match (one.gphc.as_str(), one.gphc_checked) {
        ("", _) => String::new(),
        (number, true) => format!(", GPhC {number} (checked)"),
        (number, false) => format!(", GPhC {number} (not checked)"),
    };
    let until = match time::read(&one.access_ends) {
        None => String::new(),
        Some(end) if end <= now => format!(", access ended {}", words::moment(end, now)),
        Some(end) => format!(", until {}", words::moment(end, now)),
    };
    format!("{}{you}, {}{registered}{until}", one.name, one.role.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::PersonId;
    use shared::people::Role;

    fn now() -> Millis {
        time::read("2026-11-22T15:00:00Z").expect("an instant")
    }

    fn ben() -> StaffView {
        StaffView {
            id: PersonId::from_bytes([1; 16]),
            name: "Ben Ade".to_owned(),
            gphc: "2074999".to_owned(),
            gphc_checked: false,
            role: Role::Pharmacist,
            access_ends: String::new(),
            devices: Vec::new(),
        }
    }

    #[test]
    fn a_number_that_nobody_checked_says_so() {
        assert_eq!(staff_words(&ben(), false, now()), "Ben Ade, pharmacist, GPhC 2074999 (not checked)");
        let administrator = StaffView { gphc: String::new(), role: Role::Administrator, ..ben() };
        assert_eq!(staff_words(&administrator, true, now()), "Ben Ade (you), administrator");
    }

    #[test]
    fn access_that_ends_says_when_and_access_that_ended_says_so() {
        let until =
            |text: &str| staff_words(&StaffView { access_ends: text.to_owned(), ..ben() }, false, now());
        assert!(until("2026-11-22T18:00:00Z").ends_with(", until 18:00"));
        assert!(until("2026-11-22T12:00:00Z").ends_with(", access ended 12:00"));
    }

    #[test]
    fn access_ends_in_the_future_or_not_at_all() {
        assert_eq!(access_end("", now()), Ok(String::new()));
        assert_eq!(access_end("2026-11-22T18:00", now()).as_deref(), Ok("2026-11-22T18:00:00Z"));
        assert!(access_end("2026-11-22T14:00", now()).is_err());
        assert!(access_end("tonight", now()).is_err());
    }
}
