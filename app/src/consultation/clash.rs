//! Where two people disagree: both values with who and when; choosing one settles it.

use super::desk::Desk;
use super::model::{clash_anchor, clash_answer, clash_lines, path_words};
use crate::ui::Clock;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::consultation::Clash;
use shared::pathway::Field;

/// Every dispute of this consultation, above the form.
#[component]
pub fn Clashes() -> impl IntoView {
    let desk = Desk::from_context();
    let clashes = Memo::new(move |_| desk.read(|open| open.clashes.clone()).unwrap_or_default());
    view! {
        <Show when=move || clashes.with(|clashes| !clashes.is_empty())>
            <section class="panel panel--clash" id="step-clashes" aria-label="Disputed">
                <h2 class="section-heading">"Disputed"</h2>
                <p>"Two people recorded different things without seeing each other's. Choose what is right."</p>
                {move || {
                    clashes.get().into_iter().map(|clash| view! { <OneClash clash/> }).collect_view()
                }}
            </section>
        </Show>
    }
}

/// The dispute about one question, beside it.
#[component]
pub fn FieldClash(field: &'static Field) -> impl IntoView {
    let desk = Desk::from_context();
    let disputed = Memo::new(move |_| {
        let store = if field.observation { "observations" } else { "answers" };
        let path = format!("{store}/{}", field.id);
        desk.read(|open| open.clashes.iter().any(|clash| clash.path == path))
            .unwrap_or_default()
            .then_some(path)
    });
    move || {
        disputed.get().map(|path| {
            view! {
                <p class="question__disputed">
                    <strong class="nhsuk-tag nhsuk-tag--orange">"Disputed"</strong>
                    " "
                    <a href=format!("#{}", clash_anchor(&path)) rel="external">
                        "See both answers"
                    </a>
                </p>
            }
        })
    }
}

#[component]
fn OneClash(clash: Clash) -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let lines = clash_lines(Some(desk.pathway), &clash, clock.exactly());
    let what = path_words(Some(desk.pathway), &clash.path);
    let named = what.clone();
    let by_amendment = clash.path == "signatures";
    let path = StoredValue::new(clash.path.clone());
    let settle = move |value: String| {
        let path = path.get_value();
        let chosen = clash_answer(Some(desk.pathway), &path, &value);
        spawn_local(async move {
            if let Err(trouble) = desk.satchel.settle(desk.id, path, chosen).await {
                desk.satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    };
    view! {
        <div class="clash" id=clash_anchor(&clash.path) tabindex="-1" role="group" aria-label=named>
            <h3 class="clash__what">{what}</h3>
            <ul class="clash__versions">
                {clash
                    .versions
                    .into_iter()
                    .zip(lines)
                    .map(|(version, line)| {
                        view! {
                            <li class="clash__version">
                                <span>{line.clone()}</span>
                                {(!by_amendment)
                                    .then(|| {
                                        view! {
                                            <button
                                                type="button"
                                                class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                                                disabled=move || !desk.editable.get()
                                                on:click=move |_| settle(version.value.clone())
                                            >
                                                "This is right"
                                                <span class="nhsuk-u-visually-hidden">{format!(": {line}")}</span>
                                            </button>
                                        }
                                    })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {by_amendment
                .then(|| {
                    view! {
                        <p>
                            "Two people signed without knowing of each other. The GP is told once. \
                             Amend the record with a reason to settle which is right."
                        </p>
                    }
                })}
        </div>
    }
}
