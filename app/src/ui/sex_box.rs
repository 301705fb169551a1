//! The choice of a patient's sex.

use leptos::prelude::*;

const CHOICES: [(&str, &str); 4] =
    [("", "Not known"), ("female", "Female"), ("male", "Male"), ("other", "Other")];

#[component]
pub fn SexBox(id: &'static str, value: RwSignal<String>) -> impl IntoView {
    let option = move |(code, words)| {
        view! {
            <option value=code selected=move || value.get() == code>
                {words}
            </option>
        }
    };
    view! {
        <div class="nhsuk-form-group">
            <label class="nhsuk-label" for=id>
                "Sex"
            </label>
            <select
                class="nhsuk-select"
                id=id
                prop:value=move || value.get()
                on:change=move |event| value.set(event_target_value(&event))
            >
                {CHOICES.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
}
