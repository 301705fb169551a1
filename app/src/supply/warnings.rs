//! What speaks against a line: allergies that match, rules that forbid it, and warnings that a professional judges.

use super::boxes::LineBox;
use super::here::Here;
use super::model::{Judgement, Part, Said, Stage};
use leptos::prelude::*;

/// Where nothing matches, that is said for what it is, and with no sign that all is well.
#[component]
pub fn Allergies(here: Here) -> AnyView {
    let limits = here.part(|view| view.allergies.limits.clone());
    view! {
        <AllergyMatches here role="alert"/>
        <ul class="supply__limits">{move || list(limits.get())}</ul>
    }
    .into_any()
}

/// What matches, at the top of the line and again where it is decided. `role`: read out at once, or not again.
#[component]
pub fn AllergyMatches(here: Here, role: &'static str) -> AnyView {
    let matches = here.part(|view| view.allergies.matches.clone());
    view! {
        <Show when=move || matches.with(|matches| !matches.is_empty())>
            <div class="supply__allergy" role=role>
                <strong>"Allergy"</strong>
                <ul>{move || list(matches.get())}</ul>
            </div>
        </Show>
    }
    .into_any()
}

fn list(lines: Vec<String>) -> impl IntoView {
    lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()
}

/// The way to making it is closed: why, each with its source (practice 14).
#[component]
pub fn Refusals(here: Here) -> AnyView {
    let refusals = here.part(|view| {
        // Of an exception, what it broke is listed with it.
        if view.stage.is_edited() { view.refusals.clone() } else { Vec::new() }
    });
    let stage = here.part(|view| Some(view.stage));
    let title = move || match stage.get() {
        Some(Stage::AgainstTheRules) => "It is recorded as supplied, and the rules speak against it",
        _ => "It cannot be supplied",
    };
    view! {
        <div role="status">
            <Show when=move || refusals.with(|refusals| !refusals.is_empty())>
                <div class="panel supply__refusals">
                    <p>
                        <strong>{title}</strong>
                    </p>
                    <ul>
                        {move || refusals.get().into_iter().map(|said| view! { <li>{with_source(said)}</li> }).collect_view()}
                    </ul>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

pub fn with_source(said: Said) -> AnyView {
    view! {
        <span>{said.words}</span>
        " "
        <span class="supply__source">{format!("({})", said.source)}</span>
    }
    .into_any()
}

/// What needs judgement; where the rules ask for a reason the supply waits for it.
#[component]
pub fn Warnings(here: Here) -> AnyView {
    let warnings = here.part(|view| view.warnings.clone());
    view! {
        <div role="status">
            <For each=move || warnings.get() key=|warning| warning.id let:warning>
                <OneWarning here warning/>
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn OneWarning(here: Here, warning: Judgement) -> AnyView {
    let Judgement { id, said, asks_reason } = warning;
    let label = said.words.clone();
    view! {
        <div class="panel panel--notice" role="group" aria-label=label>
            <p>{with_source(said)}</p>
            {asks_reason.then(|| view! { <LineBox line=here.id part=Part::Judged(id.to_owned())/> })}
        </div>
    }
    .into_any()
}
