//! Draws both sides of each value, one below the other on a narrow screen.

use super::model::{Line, LineState};
use leptos::prelude::*;

/// `enter` is called with the path of the value to be entered again; without it nothing can be.
#[component]
pub fn Compare(
    lines: Vec<Line>,
    #[prop(optional)] enter: Option<Callback<String>>,
    /// Why nothing can be entered now, where that is so.
    #[prop(optional_no_strip)]
    not_now: Option<&'static str>,
) -> impl IntoView {
    view! {
        <ul class="sides">
            {lines
                .into_iter()
                .map(|line| {
                    let Line { path, what, standing, standing_by, aside, aside_by, state } = line;
                    let named = what.clone();
                    let at = path.clone();
                    view! {
                        <li class="sides__value" data-path=at>
                            <h2 class="sides__what">{what}</h2>
                            <dl class="sides__both">
                                <div class="sides__one">
                                    <dt>"Stands in the record"</dt>
                                    <dd>
                                        <span class="preserve-lines">{standing}</span>
                                        <span class="sides__who">{standing_by}</span>
                                    </dd>
                                </div>
                                <div class="sides__one sides__one--aside">
                                    <dt>"Was set aside"</dt>
                                    <dd>
                                        <span class="preserve-lines">{aside}</span>
                                        <span class="sides__who">{aside_by}</span>
                                    </dd>
                                </div>
                            </dl>
                            {match (state, enter) {
                                (LineState::Stands, _) => {
                                    view! {
                                        <p class="sides__state">
                                            <span aria-hidden="true">"✓ "</span>
                                            "Both say the same."
                                        </p>
                                    }
                                        .into_any()
                                }
                                (LineState::Otherwise(words), _) => {
                                    view! { <p class="sides__state">{words}</p> }.into_any()
                                }
                                (LineState::Open, Some(enter)) if not_now.is_none() => {
                                    view! {
                                        <button
                                            type="button"
                                            class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                                            on:click=move |_| enter.run(path.clone())
                                        >
                                            "Enter this again"
                                            <span class="nhsuk-u-visually-hidden">{format!(": {named}")}</span>
                                        </button>
                                    }
                                        .into_any()
                                }
                                (LineState::Open, _) => ().into_any(),
                            }}
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        {not_now.map(|words| view! { <p class="page__note">{words}</p> })}
    }
}
