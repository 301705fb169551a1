//! The privacy button: blanks everything about patients at one touch, and brings it back at another.

use leptos::html;
use leptos::prelude::*;

/// Are patient details hidden? Shared by context.
#[derive(Clone, Copy)]
pub struct Privacy(pub RwSignal<bool>);

impl Privacy {
    pub fn from_context() -> Self {
        expect_context()
    }
}

/// Stands in for the screen while details are hidden.
#[component]
pub fn Cover() -> impl IntoView {
    let hidden = Privacy::from_context().0;
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(button) = button.get() {
            // Nothing else on the screen can take the focus while it is hidden.
            let _ = button.focus();
        }
    });
    view! {
        <Show when=move || hidden.get()>
            <div class="cover" role="region" aria-label="Patient details are hidden">
                <p class="cover__words">"Patient details are hidden"</p>
                <button
                    type="button"
                    class="nhsuk-button"
                    node_ref=button
                    on:click=move |_| hidden.set(false)
                >
                    "Show again"
                </button>
            </div>
        </Show>
    }
}
