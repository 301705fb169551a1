//! This device: its storage, installing, and when it locks.

use super::model::{IDLE_CHOICES, keeping_words, storage_words};
use crate::state::Satchel;
use leptos::prelude::*;

#[component]
pub fn ThisDevice() -> impl IntoView {
    let satchel = Satchel::from_context();
    let storage = LocalResource::new(move || satchel.storage());
    view! {
        <section class="card" aria-labelledby="device-title">
            <h2 class="section-heading" id="device-title">
                "This device"
            </h2>
            {move || {
                storage
                    .get()
                    .map(|storage| {
                        view! {
                            <p>{storage_words(storage)}</p>
                            <p>{keeping_words(storage)}</p>
                        }
                    })
            }}
            <details class="nhsuk-details">
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"How to add Satchel to the home screen"</span>
                </summary>
                <div class="nhsuk-details__text">
                    <p>"iPad or iPhone: open Satchel in Safari, touch Share, then Add to Home Screen."</p>
                    <p>"Android or a computer: open the browser's menu, then Install."</p>
                </div>
            </details>
        </section>
    }
}

#[component]
pub fn Locking() -> impl IntoView {
    let satchel = Satchel::from_context();
    view! {
        <section class="card" aria-labelledby="locking-title">
            <h2 class="section-heading" id="locking-title">
                "Locking"
            </h2>
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for="idle-minutes">
                    "Lock after so long without a touch"
                </label>
                <select
                    class="nhsuk-select"
                    id="idle-minutes"
                    on:change=move |event| {
                        if let Ok(minutes) = event_target_value(&event).parse() {
                            satchel.set_idle_minutes(minutes);
                        }
                    }
                >
                    {IDLE_CHOICES
                        .into_iter()
                        .map(|minutes| {
                            let words =
                                if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") };
                            view! {
                                <option
                                    value=minutes.to_string()
                                    selected=move || satchel.idle_minutes.get() == minutes
                                >
                                    {words}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
        </section>
    }
}
