//! What is wrong with a form, at its top, each one a link to its box. It takes the focus when it appears.

use leptos::html;
use leptos::prelude::*;

/// One thing to put right: the id of the box, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    pub field: String,
    pub words: String,
}

#[component]
pub fn ErrorSummary(#[prop(into)] slips: Signal<Vec<Slip>>) -> impl IntoView {
    let summary = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if !slips.get().is_empty()
            && let Some(summary) = summary.get()
        {
            // Without the focus the summary is still read out: it is an alert.
            let _ = summary.focus();
        }
    });
    view! {
        <Show when=move || !slips.get().is_empty()>
            <div class="nhsuk-error-summary" role="alert" tabindex="-1" node_ref=summary>
                <h2 class="nhsuk-error-summary__title">"There is a problem"</h2>
                <div class="nhsuk-error-summary__body">
                    <ul class="nhsuk-list nhsuk-error-summary__list">
                        {move || {
                            slips
                                .get()
                                .into_iter()
                                .map(|slip| {
                                    view! {
                                        <li>
                                            <a href=format!("#{}", slip.field) rel="external">
                                                {slip.words}
                                            </a>
                                        </li>
                                    }
                                })
                                .collect_view()
                        }}
                    </ul>
                </div>
            </div>
        </Show>
    }
}
