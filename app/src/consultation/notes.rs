//! Free notes. Two people may write at once; letters of both are kept.

use super::desk::Desk;
use super::model::notes_together;
use crate::ui::Debounced;
use leptos::prelude::*;

#[component]
pub fn Notes() -> impl IntoView {
    let desk = Desk::from_context();
    let recorded =
        Memo::new(move |_| desk.read(|open| open.record.notes.as_str().to_owned()).unwrap_or_default());
    let draft = RwSignal::new(recorded.get_untracked());
    // What the draft started from, so that only what was typed here is written.
    let base = StoredValue::new(recorded.get_untracked());
    let waiting = Debounced::new();
    Effect::new(move |_| {
        let recorded = recorded.get();
        if waiting.is_waiting() {
            return;
        }
        base.set_value(recorded.clone());
        if draft.with_untracked(|draft| *draft != recorded) {
            draft.set(recorded);
        }
    });
    let save = move |mine: String| {
        let base = base.get_value();
        if base != mine {
            desk.edit(move |record| {
                let together = notes_together(&base, &mine, record.notes.as_str());
                record.notes.update(&together);
            });
        }
    };
    view! {
        <section class="card" id="step-notes" tabindex="-1" aria-labelledby="notes-title">
            <h2 class="section-heading" id="notes-title">
                "Notes"
            </h2>
            <label class="nhsuk-hint" for="notes">
                "For colleagues here. They stay in the pharmacy's record."
            </label>
            <textarea
                class="nhsuk-textarea"
                autocomplete="off"
                id="notes"
                rows="4"
                prop:value=move || draft.get()
                on:input=move |event| {
                    let text = event_target_value(&event);
                    draft.set(text.clone());
                    waiting.later(move || save(text));
                }
                on:change=move |event| {
                    waiting.forget();
                    save(event_target_value(&event));
                }
            ></textarea>
        </section>
    }
}
