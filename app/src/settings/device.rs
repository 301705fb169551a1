//! This device: its storage, installing, and when it locks.

use super::model::{IDLE_CHOICES, WINDOW_CHOICES, keeping_words, storage_words};
use crate::state::Satchel;
use crate::ui::{Card, Choice, words};
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn ThisDevice() -> AnyView {
    let satchel = Satchel::from_context();
    let storage = LocalResource::new(move || satchel.storage());
    view! {
        <Card id="device-title" title="This device">
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
        </Card>
    }
    .into_any()
}

#[component]
pub fn Locking() -> AnyView {
    let satchel = Satchel::from_context();
    let value = RwSignal::new(satchel.idle_minutes.get_untracked().to_string());
    Effect::new(move |_| {
        if let Ok(minutes) = value.get().parse::<u32>()
            && minutes != satchel.idle_minutes.get_untracked()
        {
            satchel.set_idle_minutes(minutes);
        }
    });
    let options = IDLE_CHOICES
        .into_iter()
        .map(|minutes| (minutes.to_string(), words::count(minutes as usize, "minute", "minutes")))
        .collect();
    view! {
        <Card id="locking-title" title="Locking">
            <Choice id="idle-minutes" label="Lock after so long without a touch" options value/>
        </Card>
    }
    .into_any()
}

/// The way to what the server did not take.
#[component]
pub fn SetAside() -> AnyView {
    view! {
        <Card id="set-aside-title" title="Set aside">
            <p>
                "What the server did not take into the records, here and from devices or people that were removed."
            </p>
            <p>
                <A href="/set-aside">"Look at what was set aside"</A>
            </p>
        </Card>
    }
    .into_any()
}
