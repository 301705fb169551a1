//! The line in which somebody says why they close what was set aside.

use leptos::prelude::*;

/// `asks` stands above it; there is one on a page.
#[component]
pub fn Reason(#[prop(into)] asks: String, reason: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="nhsuk-form-group">
            <label class="nhsuk-label" for="close-reason">
                {asks}
            </label>
            <input
                class="nhsuk-input box"
                id="close-reason"
                autocomplete="off"
                prop:value=move || reason.get()
                on:input=move |event| reason.set(event_target_value(&event))
            />
        </div>
    }
}
