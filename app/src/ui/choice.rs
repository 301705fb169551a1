//! One of several, from a list that opens.

use leptos::prelude::*;

/// `options` are values with their words.
#[component]
pub fn Choice(
    id: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    value: RwSignal<String>,
) -> AnyView {
    let options = options
        .into_iter()
        .map(|(one, words)| {
            let selected = value.with_untracked(|value| *value == one);
            view! {
                <option value=one selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="nhsuk-form-group">
            <label class="nhsuk-label" for=id>
                {label}
            </label>
            <select
                class="nhsuk-select"
                id=id
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options}
            </select>
        </div>
    }
    .into_any()
}
