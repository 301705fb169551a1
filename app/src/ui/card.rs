//! A part of a screen under its own heading.

use leptos::prelude::*;

/// `id` is the heading's.
#[component]
pub fn Card(id: &'static str, title: &'static str, children: Children) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <h2 class="section-heading" id=id>
                {title}
            </h2>
            {children()}
        </section>
    }
    .into_any()
}
