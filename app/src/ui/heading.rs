//! The title of a screen. It takes the focus when the screen opens, so that a screen reader says where one is.

use leptos::html;
use leptos::prelude::*;

#[component]
pub fn PageHeading(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // A heading that cannot take the focus is still a heading.
            let _ = heading.focus();
        }
    });
    view! {
        <h1 class="page-heading" tabindex="-1" node_ref=heading>
            {text}
        </h1>
    }
}
