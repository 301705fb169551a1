//! Reaching the patient before the visit: what was tried, and the offer to close when nobody could.

use super::desk::Desk;
use super::model::field_anchor;
use crate::platform::clock;
use crate::ui::{Choice, Clock, TextBox};
use leptos::prelude::*;
use shared::consultation::{Answer, Attempt, Consultation};
use shared::referral::{HOWS, RESULTS, in_words, marks};
use shared::time;

/// Questions of `common.toml` that end a referral without a consultation.
const REASON: &str = "closure-reason";
const ATTEMPTS: &str = "closure-attempts";

/// Fills the form's end with what is known; the pharmacist checks it and signs.
fn begin_closing(record: &mut Consultation) {
    let reason = if record.attempts.is_empty() { "no_contact" } else { "unable_to_contact" };
    record.answers.entry(REASON.to_owned()).or_insert_with(|| Answer::text(reason));
    let tried = in_words(record.attempts.values());
    if !tried.is_empty() {
        record.answers.entry(ATTEMPTS.to_owned()).or_insert_with(|| Answer::text(&tried));
    }
}

fn options(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(code, words)| ((*code).to_owned(), (*words).to_owned())).collect()
}

#[component]
pub fn Attempts() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let tried =
        Memo::new(move |_| desk.read(|open| in_words(open.record.attempts.values())).unwrap_or_default());
    let clock_says = Memo::new(move |_| {
        let now = clock.now();
        let row = desk.satchel.rows.with(|rows| rows.get(&desk.id).map(|listed| listed.row.clone()));
        row.map(|row| marks(&row, now)).unwrap_or_default()
    });
    // What was offered when the page was opened stays: a form that went with the first answer would move the
    // questions below it under the finger.
    let offered = Memo::new(move |was: Option<&bool>| {
        was == Some(&true) || desk.read(|open| !open.record.has_begun()).unwrap_or(true)
    });
    let how = RwSignal::new(HOWS[0].0.to_owned());
    let result = RwSignal::new(RESULTS[0].0.to_owned());
    let note = RwSignal::new(String::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let attempt = Attempt {
            at: time::stored(clock::now()),
            by: desk.me(),
            how: how.get_untracked(),
            result: result.get_untracked(),
            note: note.get_untracked().trim().to_owned(),
        };
        let id = uuid::Uuid::new_v4().to_string();
        desk.note(move |record| drop(record.attempts.insert(id, attempt)));
        note.set(String::new());
    };
    let close = move |_| desk.edit(begin_closing);
    view! {
        <section class="card" id="step-attempts" tabindex="-1" aria-labelledby="attempts-title">
            <h2 class="section-heading" id="attempts-title">
                "Reaching the patient"
            </h2>
            <div role="status">
                <Show when=move || clock_says.get().thirty_minutes>
                    <p class="panel panel--notice">
                        "This came more than 30 minutes ago and nobody has tried to reach the patient. \
                         The pharmacist judges whether to call."
                    </p>
                </Show>
                <Show when=move || clock_says.get().offer_closing>
                    <div class="panel panel--notice">
                        <p>
                            "The next working day is over and nobody has spoken to the patient. \
                             This referral may be closed with a reason; nothing can be claimed for it. \
                             It stays open until somebody does."
                        </p>
                        <Show when=move || desk.editable.get()>
                            <a
                                class="nhsuk-button nhsuk-button--secondary"
                                role="button"
                                href=format!("#{}", field_anchor(REASON))
                                rel="external"
                                on:click=close
                            >
                                "Close with a reason"
                            </a>
                        </Show>
                    </div>
                </Show>
            </div>
            <p class="preserve-lines">
                {move || {
                    let tried = tried.get();
                    if tried.is_empty() { "Nothing was tried yet.".to_owned() } else { tried }
                }}
            </p>
            <Show when=move || desk.editable.get() && offered.get()>
                <form on:submit=add>
                    <Choice id="attempt-how" label="How" options=options(&HOWS) value=how/>
                    <Choice id="attempt-result" label="What came of it" options=options(&RESULTS) value=result/>
                    <TextBox id="attempt-note" label="Note, where there is something to say" value=note/>
                    <button type="submit" class="nhsuk-button nhsuk-button--secondary">
                        "Write down this try"
                    </button>
                </form>
            </Show>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::ConsultationId;

    fn record() -> Consultation {
        let pharmacy = "FA123".parse().expect("a code");
        Consultation::new(ConsultationId::from_bytes([1; 16]), &pharmacy, "minor-illness@1", 0)
    }

    #[test]
    fn closing_begins_with_what_was_tried_and_leaves_alone_what_somebody_chose() {
        let mut untried = record();
        begin_closing(&mut untried);
        assert_eq!(untried.answers.get(REASON), Some(&Answer::text("no_contact")));
        assert_eq!(untried.answers.get(ATTEMPTS), None, "somebody has to say what was tried");
        let mut tried = record();
        let attempt =
            Attempt { how: "phone".to_owned(), result: "no-answer".to_owned(), ..Attempt::default() };
        tried.attempts.insert("a".to_owned(), attempt);
        tried.answers.insert(REASON.to_owned(), Answer::text("went_elsewhere"));
        begin_closing(&mut tried);
        assert_eq!(tried.answers.get(REASON), Some(&Answer::text("went_elsewhere")));
        assert!(tried.answers.contains_key(ATTEMPTS));
    }
}
