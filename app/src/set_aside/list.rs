//! Draws everything that lies set aside: on this device, and with the server.

use super::model::{entry_words, settled_words};
use super::notice::SetAsideNotice;
use crate::state::Satchel;
use crate::ui::{BackLink, Clock, PageHeading};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::api::QuarantinedView;

#[component]
pub fn SetAsideList() -> impl IntoView {
    let satchel = Satchel::from_context();
    let entries = LocalResource::new(move || async move {
        satchel.quarantine().await.map_err(|trouble| trouble.to_string())
    });
    let nothing_here = move || {
        satchel.rows.with(|rows| !rows.iter().any(|row| row.set_aside.is_some() && !row.is_unopenable()))
    };
    view! {
        <div class="page">
            <BackLink to="/settings" name="Settings"/>
            <PageHeading text="Set aside"/>
            <p>
                "Work that the server did not take into the record: what it refused, and what came from a device or a \
                 person after they had been removed. Nothing of it is lost; a person decides what becomes of it."
            </p>
            <SetAsideNotice/>
            <Show when=nothing_here>
                <p class="empty">"Nothing waits on this device."</p>
            </Show>
            <section class="card" aria-labelledby="with-server-title">
                <h2 class="section-heading" id="with-server-title">
                    "With the server"
                </h2>
                {move || match entries.get() {
                    None => view! { <p>"Asking the server"</p> }.into_any(),
                    Some(Err(words)) => view! { <p>{words}</p> }.into_any(),
                    Some(Ok(list)) if list.is_empty() => {
                        view! { <p class="empty">"Nothing has been set aside."</p> }.into_any()
                    }
                    Some(Ok(list)) => {
                        view! {
                            <ul class="to-do">
                                {list.into_iter().map(|entry| view! { <Entry entry/> }).collect_view()}
                            </ul>
                        }
                            .into_any()
                    }
                }}
            </section>
        </div>
    }
}

#[component]
fn Entry(entry: QuarantinedView) -> impl IntoView {
    let clock = Clock::from_context();
    let now = clock.exactly();
    let settled = settled_words(&entry, now);
    let tag = match (&settled, entry.releasable) {
        (Some(_), _) => ("nhsuk-tag nhsuk-tag--grey", "Settled"),
        (None, true) => ("nhsuk-tag nhsuk-tag--orange", "Can be released"),
        (None, false) => ("nhsuk-tag nhsuk-tag--orange", "To be looked at"),
    };
    let name =
        if entry.patient_name.is_empty() { "Name not known".to_owned() } else { entry.patient_name.clone() };
    view! {
        <li class="to-do__item">
            <span>
                <A href=format!("/set-aside/{}", entry.id)>{name}</A>
                <span class="to-do__why">
                    <br/>
                    {settled.unwrap_or_else(|| entry_words(&entry, now))}
                </span>
            </span>
            <strong class=tag.0>{tag.1}</strong>
        </li>
    }
}
