//! The call to the practice: asked for where something urgent is asked of it, and recorded, offline too.

use super::desk::Desk;
use super::model::call_line;
use crate::platform::clock;
use crate::ui::{Clock, TextBox};
use leptos::prelude::*;
use shared::consultation::{Call, CallAsked, GP_URGENT};
use shared::time;

/// What came of a call, as it is recorded and as it is said.
pub const RESULTS: [(&str, &str); 4] = [
    ("told", "They were told"),
    ("agreed", "They agreed to act"),
    ("no-answer", "Nobody answered"),
    ("refused", "They would not take it"),
];

/// Stands before the signature, for as long as the practice is asked for something.
#[component]
pub fn CallPractice() -> AnyView {
    let desk = Desk::from_context();
    let asked = Memo::new(move |_| desk.read(|open| open.record.gp_call_asked()).flatten());
    let missing = Memo::new(move |_| desk.read(|open| open.record.gp_call_missing()).unwrap_or_default());
    let practice = Memo::new(move |_| {
        desk.read(|open| open.record.patient.gp_name.trim().to_owned()).unwrap_or_default()
    });
    let timer = Clock::from_context();
    let calls = Memo::new(move |_| {
        let now = timer.now();
        desk.read(|open| {
            open.record.gp_calls().into_iter().map(|call| call_line(call, now)).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let words = move || match asked.get() {
        Some(CallAsked::Urgent) if missing.get() => {
            "Something urgent is asked of the practice. A message may not be read in time: phone them, and record the \
             call before you sign."
        }
        Some(CallAsked::Urgent) => "The practice was phoned. The notice goes to them as well.",
        _ => {
            "Something is asked of the practice. If it cannot wait until the notice is read, phone them and record it."
        }
    };
    view! {
        <Show when=move || asked.get().is_some()>
            <section class="card" id="step-call" tabindex="-1" aria-labelledby="call-title">
                <h2 class="section-heading" id="call-title">
                    "Phone the practice"
                </h2>
                <p>{words}</p>
                <p>{move || practice.get()}</p>
                <ul class="to-do">
                    {move || {
                        calls
                            .get()
                            .into_iter()
                            .map(|line| view! { <li class="to-do__item">{line}</li> })
                            .collect_view()
                    }}
                </ul>
                <RecordCall/>
            </section>
        </Show>
    }
    .into_any()
}

#[component]
fn RecordCall() -> AnyView {
    let desk = Desk::from_context();
    let number = RwSignal::new(String::new());
    let spoken_to = RwSignal::new(String::new());
    let result = RwSignal::new(RESULTS[0].0);
    let nobody = move || result.get() == "no-answer";
    let incomplete = move || !nobody() && spoken_to.with(|name| name.trim().is_empty());
    let record = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let call = Call {
            about: GP_URGENT.to_owned(),
            at: time::stored(clock::now()),
            by: desk.me(),
            number: number.get_untracked().trim().to_owned(),
            spoken_to: spoken_to.get_untracked().trim().to_owned(),
            result: result.get_untracked().to_owned(),
            note: String::new(),
        };
        let id = uuid::Uuid::new_v4().to_string();
        desk.edit(move |record| {
            record.calls.insert(id, call);
        });
        number.set(String::new());
        spoken_to.set(String::new());
    };
    view! {
        <form on:submit=record>
            <TextBox id="call-number" label="Number called" value=number/>
            <TextBox id="call-spoken-to" label="Spoken to (name and role)" value=spoken_to/>
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for="call-result">
                    "What came of it?"
                </label>
                <select
                    class="nhsuk-select"
                    id="call-result"
                    on:change=move |event| {
                        let chosen = event_target_value(&event);
                        if let Some((known, _)) = RESULTS.iter().find(|(known, _)| *known == chosen) {
                            result.set(known);
                        }
                    }
                >
                    {RESULTS
                        .iter()
                        .map(|(word, said)| {
                            let word = *word;
                            view! {
                                <option value=word selected=move || result.get() == word>
                                    {*said}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
            <div class="button-row">
                <button type="submit" class="nhsuk-button nhsuk-button--secondary" disabled=incomplete>
                    "Record the call"
                </button>
            </div>
        </form>
    }
    .into_any()
}
