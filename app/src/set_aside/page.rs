//! Draws what was set aside of one consultation on this device, and the way out of it.

use super::compare::Compare;
use super::model::{anew, enter, left_behind, lines};
use super::reason::Reason;
use crate::history::model::closed_words;
use crate::state::{Phase, Satchel};
use crate::ui::{BackLink, Clock, Confirm, PageHeading, words};
use crate::vault::aside::{AsideView, Reading};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::consultation::Branch;
use shared::ids::ConsultationId;
use shared::people::Permission;

#[component]
pub fn SetAsidePage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params.with(|params| params.get("id")).and_then(|id| id.parse::<ConsultationId>().ok())
    });
    let changed = RwSignal::new(0_u32);
    // Here, so that what is typed outlives a new drawing of what stands below it.
    let reason = RwSignal::new(String::new());
    let view = LocalResource::new(move || {
        changed.track();
        let id = id.get();
        async move {
            let id = id?;
            // Where something stands, the record itself is opened too: what is entered is entered there.
            let stands = satchel.open(id).await.is_ok();
            Some((id, stands, satchel.look_at_set_aside(id).await))
        }
    });
    view! {
        <div class="page">
            {move || match (id.get(), view.get().flatten()) {
                (Some(id), Some((_, true, _))) => {
                    view! { <BackLink to=format!("/consultations/{id}") name="Consultation"/> }
                }
                _ => view! { <BackLink to="/" name="Work list"/> },
            }}
            <PageHeading text="Set aside"/>
            {move || match view.get().flatten() {
                None => view! { <p>"Reading both sides"</p> }.into_any(),
                Some((_, _, Err(trouble))) => view! { <p>{trouble.to_string()}</p> }.into_any(),
                Some((id, stands, Ok(aside))) => view! { <Both id stands aside changed reason/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Both(
    id: ConsultationId,
    stands: bool,
    aside: AsideView,
    changed: RwSignal<u32>,
    reason: RwSignal<String>,
) -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let AsideView { why, reading, closings } = aside;
    let name = satchel
        .rows
        .with_untracked(|rows| rows.iter().find(|row| row.id == id).map(|row| words::row_name(&row.row)));
    let earlier =
        closings.into_iter().map(|closing| closed_words(&closing, clock.exactly())).collect::<Vec<_>>();
    let body = match reading {
        Reading::Both(branch) => view! { <Open id stands branch=*branch changed reason/> }.into_any(),
        Reading::Unreadable => view! {
            <p>
                "What was set aside is kept, but it cannot be read against the record. Enter from memory or paper \
                 what is right, then close it. Your supplier can look into what is kept."
            </p>
            <Closing id left=1 anew=false reason/>
        }
        .into_any(),
        Reading::Nothing => view! { <p>"Nothing of this consultation waits here."</p> }.into_any(),
    };
    view! {
        <p class="page__note">
            {name.map(|name| view! { <strong>{name}</strong> })}
            " "
            {if why.is_empty() { "It is kept on this device.".to_owned() } else { format!("{why} It is kept on this device.") }}
        </p>
        {body}
        {earlier.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
    }
}

/// What waits: each value, and the ways to deal with it.
#[component]
fn Open(
    id: ConsultationId,
    stands: bool,
    branch: Branch,
    changed: RwSignal<u32>,
    reason: RwSignal<String>,
) -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let pathway = shared::pathway::find(&branch.record.pathway);
    let drawn = lines(pathway, &branch.values, Some(&branch), clock.exactly());
    let left = left_behind(&drawn);
    let branch = StoredValue::new(branch);
    let may_record = satchel.phase.with_untracked(
        |phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::RecordConsultations)),
    );
    let editable = satchel
        .consultation
        .with_untracked(|open| open.as_ref().is_some_and(|open| open.id == id && open.editable));
    let not_now = if !may_record {
        Some("Your role does not record consultations. Ask a pharmacist or technician.")
    } else if stands && !editable {
        Some(
            "The consultation is signed. Open it and amend it with a reason; then values can be entered here.",
        )
    } else {
        None
    };
    let again = Callback::new(move |path: String| {
        spawn_local(async move {
            let written = satchel
                .edit(id, move |record| {
                    branch.with_value(|branch| enter(record, branch, &path));
                })
                .await;
            match written {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
            }
        });
    });
    if stands {
        view! {
            <p>
                "Compare both sides. What is right and not in the record, enter again: it is written in your name, \
                 now. What was set aside is kept as it is."
            </p>
            <Compare lines=drawn enter=again not_now/>
            <Closing id left anew=false reason/>
        }
        .into_any()
    } else {
        view! {
            <p>
                "Nothing of this consultation reached the server. You can enter it anew: a new consultation is made \
                 in your name with everything below, for you to check and sign."
            </p>
            <Compare lines=drawn not_now/>
            {may_record.then(|| view! { <Anew id branch/> })}
            <Closing id left anew=true reason/>
        }
        .into_any()
    }
}

/// Makes a new consultation of one that exists only set aside.
#[component]
fn Anew(id: ConsultationId, branch: StoredValue<Branch>) -> impl IntoView {
    let satchel = Satchel::from_context();
    let navigate = use_navigate();
    let busy = RwSignal::new(false);
    let make = move |_| {
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let pathway = branch.with_value(|branch| branch.record.pathway.clone());
            let made = satchel
                .add_walk_in(pathway, move |record| branch.with_value(|branch| anew(record, branch)))
                .await;
            let done = match made {
                Ok(made) => {
                    let because = "Entered anew as a consultation of its own.".to_owned();
                    satchel.close_set_aside(id, because).await.map(|()| made)
                }
                Err(trouble) => Err(trouble),
            };
            busy.set(false);
            match done {
                Ok(made) => navigate(&format!("/consultations/{made}"), NavigateOptions::default()),
                Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
            }
        });
    };
    view! {
        <button type="button" class="nhsuk-button" disabled=move || busy.get() on:click=make>
            "Enter anew as a consultation"
        </button>
    }
}

/// Ending it: asked once, and with a reason where something was not entered.
#[component]
fn Closing(
    id: ConsultationId,
    /// Values that stand nowhere.
    left: usize,
    /// Nothing of the consultation stands.
    anew: bool,
    /// Why the rest need not be entered, as it is typed.
    reason: RwSignal<String>,
) -> impl IntoView {
    let satchel = Satchel::from_context();
    let navigate = use_navigate();
    let asking = RwSignal::new(false);
    let close = Callback::new(move |()| {
        let navigate = navigate.clone();
        let typed = reason.get_untracked().trim().to_owned();
        let because =
            if typed.is_empty() { "Everything that matters has been entered.".to_owned() } else { typed };
        spawn_local(async move {
            match satchel.close_set_aside(id, because).await {
                Ok(()) if anew => navigate("/", NavigateOptions::default()),
                Ok(()) => navigate(&format!("/consultations/{id}"), NavigateOptions::default()),
                Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
            }
        });
    });
    let verb = if left == 0 {
        "Close: everything that matters has been entered"
    } else {
        "Close without entering the rest"
    };
    let unexplained = move || left > 0 && reason.with(|reason| reason.trim().is_empty());
    let lost = match left {
        1 => "One value stands in no record.".to_owned(),
        many => format!("{many} values stand in no record."),
    };
    view! {
        <section class="card" aria-labelledby="close-title">
            <h2 class="section-heading" id="close-title">
                "When you are done"
            </h2>
            {(left > 0)
                .then(|| {
                    view! { <Reason asks=format!("{lost} Why need it not be entered?") reason/> }
                })}
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary"
                disabled=unexplained
                on:click=move |_| asking.set(true)
            >
                {verb}
            </button>
            <Confirm open=asking title="Close what was set aside" verb="Close it" on_confirm=close>
                <p>
                    "Nobody is reminded of it any more. It stays sealed on this device, and the history says that you \
                     closed it."
                </p>
            </Confirm>
        </section>
    }
}
