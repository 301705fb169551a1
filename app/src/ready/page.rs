//! Draws what is ready for the visit, how old each thing is, and what to bring.

use super::model::{BRING, Checked, area_words, standing_words};
use super::refresh::{Ready, Visit};
use crate::medicines::keeping;
use crate::state::Satchel;
use crate::ui::{BackLink, Clock, Facts, PageHeading, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::api::StandingView;

#[component]
pub fn ReadyPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let ready = Ready::new(satchel);
    spawn_local(ready.refresh());
    let standing = move || {
        satchel.standing.with(|kept| {
            let none = StandingView::default();
            standing_words(kept.as_ref().map_or(&none, |kept| &kept.view), clock.now())
        })
    };
    let facts = move || {
        let contact = satchel.last_contact.get().map(|at| words::moment(at, clock.now()));
        let sent = match satchel.waiting.get() {
            0 => "everything is with the server".to_owned(),
            some => words::count(some, "waits to be sent", "wait to be sent"),
        };
        let contact = contact.map_or_else(|| "never".to_owned(), |at| format!("{at}; {sent}"));
        vec![
            ("In contact with the server", contact),
            ("GP practices of the area", ready.area.with(|area| area_words(area, clock.now()))),
            ("Your standing", standing()),
            ("Medicines file", keeping::age_words(satchel.medicines, clock.now())),
        ]
    };
    let whole = move || {
        let unasked = |visit: &Visit| matches!(visit.checked, Some(Checked::NotAsked(_)));
        ready.failed.with(Vec::is_empty) && !ready.visits.with(|visits| visits.iter().any(unasked))
    };
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Ready for the visit"/>
            <p role="status">
                {move || match (ready.busy.get(), whole()) {
                    (true, _) => "Bringing everything up to date",
                    (false, true) => "Up to date.",
                    (false, false) => "Not everything could be brought up to date. What could not is said below.",
                }}
            </p>
            <section class="card">
                {move || view! { <Facts facts=facts()/> }}
                <ul class="nhsuk-list">
                    {move || ready.failed.get().into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}
                </ul>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || ready.busy.get()
                    on:click=move |_| spawn_local(ready.refresh())
                >
                    "Bring up to date again"
                </button>
            </section>
            <section class="card" aria-label="Patients">
                <h2 class="section-heading">"Patients somebody is going to"</h2>
                <Show when=move || ready.visits.with(Vec::is_empty)>
                    <p>"Nobody is taking a consultation now. Touch “I am taking this” in the work list first."</p>
                </Show>
                <ul class="to-do">{move || ready.visits.get().into_iter().map(line).collect_view()}</ul>
            </section>
            <section class="card" aria-label="What to bring">
                <h2 class="section-heading">"What to bring"</h2>
                <ul class="nhsuk-list nhsuk-list--bullet">
                    {BRING.into_iter().map(|thing| view! { <li>{thing}</li> }).collect_view()}
                </ul>
            </section>
        </div>
    }
}

fn line(visit: Visit) -> impl IntoView {
    let (tag, words) = match visit.checked {
        None => ("Waiting", String::new()),
        Some(Checked::Agrees) => ("Traced now", "all that PDS gives agrees".to_owned()),
        Some(Checked::Look(words)) => ("Look at this", words),
        Some(Checked::NotAsked(words)) => ("Not asked", words),
    };
    view! {
        <li class="to-do__item">
            <span>
                <A href=format!("/consultations/{}", visit.id)>{visit.name}</A>
                " "
                <strong class="nhsuk-tag nhsuk-tag--grey">{tag}</strong>
                " "
                {words}
            </span>
        </li>
    }
}
