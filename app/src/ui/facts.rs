//! Labels and what stands under them, one a line.

use leptos::prelude::*;

#[component]
pub fn Facts(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let line = |(label, words)| {
        view! {
            <div class="answers__row">
                <dt>{label}</dt>
                <dd class="preserve-lines">{words}</dd>
            </div>
        }
    };
    view! { <dl class="answers">{facts.into_iter().map(line).collect_view()}</dl> }
}
