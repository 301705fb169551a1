//! The way back from a page, above its heading.

use leptos::prelude::*;
use leptos_router::components::A;

/// Leads to the page that a person reads the name of.
#[component]
pub fn BackLink(#[prop(into)] to: String, name: &'static str) -> impl IntoView {
    view! {
        <p class="no-print">
            <A href=to attr:class="back-link">
                {name}
            </A>
        </p>
    }
}
