//! A supply that has happened although the rules do not allow it: the truth is recorded, never claimed (practice 14).

use super::boxes::LineBox;
use super::here::Here;
use super::model::{Part, record_what_happened};
use super::warnings::with_source;
use crate::platform::clock;
use leptos::prelude::*;

#[component]
pub fn ExceptionForm(here: Here) -> AnyView {
    let why = here.line(|line| line.exception.trim().to_owned());
    let refusals = here.part(|view| view.refusals.clone());
    let open = here.part(|view| view.open.clone());
    let title = here.dom_id("exception-title");
    let labelled_by = title.clone();
    let unanswered = here.part(|view| view.unanswered > 0);
    let record = move |_| {
        here.decide(|record, id| {
            // What has become lawful in the meantime is no exception; the line shows that it is not.
            record_what_happened(record, id, clock::now());
        });
    };
    view! {
        <div class="panel panel--notice" role="group" aria-labelledby=labelled_by>
            <p id=title>
                <strong>"It has already been supplied"</strong>
            </p>
            <p>
                "Record what happened. It is kept with what speaks against it, it is not claimed for, and it is an incident \
                 that somebody looks into."
            </p>
            <ul>
                {move || refusals.get().into_iter().map(|said| view! { <li>{with_source(said)}</li> }).collect_view()}
                {move || {
                    open.get()
                        .into_iter()
                        .map(|thing| view! { <li>{format!("Not known: {}", thing.words)}</li> })
                        .collect_view()
                }}
            </ul>
            <p>
                {move || {
                    if unanswered.get() { "Questions that are not answered above are recorded as not known." } else { "" }
                }}
            </p>
            <LineBox line=here.id part=Part::Exception/>
            <div class="button-row">
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || why.with(String::is_empty)
                    on:click=record
                >
                    "Record as an exception"
                </button>
            </div>
        </div>
    }
    .into_any()
}
