//! Draws what is left while patients are closed: why, what to do, and one's own unsent consultations.

use super::model::{ended_words, limit_words};
use crate::state::{Phase, Satchel};
use crate::ui::{Clock, PageHeading, words};
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn OutOfContact() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let own = LocalResource::new(move || {
        // What is sent meanwhile leaves the list.
        satchel.waiting.track();
        async move { satchel.own_unsent().await }
    });
    view! {
        <div class="page">
            {move || if satchel.ended.get() { ended(satchel, clock) } else { no_contact(satchel, clock) }}
            <h2 class="section-heading">"Your own work that has not been sent"</h2>
            {move || match own.get() {
                None => view! { <p>"Looking"</p> }.into_any(),
                Some(Err(trouble)) => view! { <p>{trouble.to_string()}</p> }.into_any(),
                Some(Ok(rows)) if rows.is_empty() => {
                    view! { <p class="empty">"Everything that you recorded here is with the server."</p> }.into_any()
                }
                Some(Ok(rows)) => {
                    view! {
                        <ul class="to-do">
                            {rows
                                .into_iter()
                                .map(|listed| {
                                    let name = words::row_name(&listed.row);
                                    let saved = listed.saved_at.map(|at| words::moment(at, clock.exactly()));
                                    let why = format!(
                                        "{}, saved here {}",
                                        words::pathway_title(&listed.row.pathway),
                                        saved.unwrap_or_default(),
                                    );
                                    view! {
                                        <li class="to-do__item">
                                            <A href=format!("/unsent/{}", listed.id)>{name}</A>
                                            <span class="to-do__why">{why}</span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

fn no_contact(satchel: Satchel, clock: Clock) -> AnyView {
    let since = move || match satchel.last_contact.get() {
        Some(at) => format!("The server last answered {}.", words::moment(at, clock.now())),
        None => "The server has not answered this device yet.".to_owned(),
    };
    view! {
        <PageHeading text="Connect to go on"/>
        <p>
            {since} " This pharmacy allows "
            {limit_words(satchel.contact_limit_hours())}
            " without contact. Until this device has been in contact again, its patients are closed: somebody who \
             should no longer read them might be holding it."
        </p>
        <h2 class="section-heading">"What to do"</h2>
        <ul class="nhsuk-list nhsuk-list--bullet">
            <li>"Go where there is signal, or join a wireless network. Satchel tries by itself and opens at once."</li>
            <li>"With a patient now? Write on paper, and record it here afterwards with the time it happened."</li>
            <li>"No way to connect? Phone the pharmacy: a colleague has the work list."</li>
        </ul>
    }
    .into_any()
}

fn ended(satchel: Satchel, clock: Clock) -> AnyView {
    let why = move || {
        satchel.phase.with(|phase| match phase {
            Phase::Open(who) => satchel.standing.with(|kept| {
                let ends = kept.as_ref().map(|kept| kept.view.access_ends.as_str()).unwrap_or_default();
                ended_words(&who.pharmacy_name, ends, clock.now())
            }),
            _ => String::new(),
        })
    };
    view! {
        <PageHeading text="Your access has ended"/>
        <p>{why}</p>
        <h2 class="section-heading">"What to do"</h2>
        <ul class="nhsuk-list nhsuk-list--bullet">
            <li>
                "Still at work here? Ask the pharmacy's administrator to extend your access, in their settings. \
                 This device opens once it has heard of it."
            </li>
            <li>"With a patient now? Write on paper, and have it recorded here afterwards."</li>
            <li>"Work elsewhere? Lock, then choose the other pharmacy."</li>
        </ul>
    }
    .into_any()
}
