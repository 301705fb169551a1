//! This device: its storage, installing, and when it locks.

use super::model::{IDLE_CHOICES, WINDOW_CHOICES, keeping_words, storage_words};
use crate::state::Satchel;
use leptos::prelude::*;
use leptos_router::components::A;

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
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for="window-days">
                    "Keep finished consultations on this device for"
                </label>
                <div class="nhsuk-hint" id="window-days-hint">
                    "What is unsent or unfinished always stays. The rest is with the server."
                </div>
                <select
                    class="nhsuk-select"
                    id="window-days"
                    aria-describedby="window-days-hint"
                    on:change=move |event| {
                        if let Ok(days) = event_target_value(&event).parse() {
                            satchel.set_window_days(days);
                        }
                    }
                >
                    {WINDOW_CHOICES
                        .into_iter()
                        .map(|days| {
                            view! {
                                <option value=days.to_string() selected=satchel.window_days() == days>
                                    {format!("{days} days")}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
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

/// The way to what the server did not take.
#[component]
pub fn SetAside() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="set-aside-title">
            <h2 class="section-heading" id="set-aside-title">
                "Set aside"
            </h2>
            <p>
                "What the server did not take into the records, here and from devices or people that were removed."
            </p>
            <p>
                <A href="/set-aside">"Look at what was set aside"</A>
            </p>
        </section>
    }
}
