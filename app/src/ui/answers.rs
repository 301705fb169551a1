//! What was answered, label beside words, to be read.

use leptos::prelude::*;

/// One row for each label and its words; lines of the words are kept.
#[component]
pub fn AnswerRows(rows: Vec<(String, String)>) -> impl IntoView {
    let rows = rows.into_iter().map(|(label, words)| {
        view! {
            <div class="answers__row">
                <dt>{label}</dt>
                <dd class="preserve-lines">{words}</dd>
            </div>
        }
    });
    view! { <dl class="answers">{rows.collect_view()}</dl> }
}
