//! How far this device's printer needs a token moved: a setting of the device, nothing about a patient.

use super::model::millimetres;
use crate::platform::settings;
use crate::ui::TextBox;
use leptos::prelude::*;
use shared::paper::token::FURTHEST;

#[component]
pub fn PrinterOffset() -> impl IntoView {
    let (right, down) = settings::printer_offset();
    let right = RwSignal::new(right.to_string());
    let down = RwSignal::new(down.to_string());
    let said = RwSignal::new(String::new());
    let error = |typed: RwSignal<String>| {
        Signal::derive(move || {
            if typed.with(|typed| millimetres(typed).is_some()) {
                String::new()
            } else {
                format!("Enter millimetres between -{FURTHEST} and {FURTHEST}.")
            }
        })
    };
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = |of: RwSignal<String>| of.with_untracked(|typed| millimetres(typed));
        if let (Some(right), Some(down)) = (typed(right), typed(down)) {
            settings::set_printer_offset((right, down));
            said.set("Kept for this device. Print again to see it.".to_owned());
        }
    };
    view! {
        <form class="medicine-form" novalidate=true on:submit=keep>
            <p class="nhsuk-hint">
                "Print once on plain paper, hold it against a form, and measure how far it is off."
            </p>
            <TextBox
                id="offset-right"
                label="Move to the right (mm)"
                hint="A minus moves it to the left"
                value=right
                error=error(right)
            />
            <TextBox
                id="offset-down"
                label="Move down (mm)"
                hint="A minus moves it up"
                value=down
                error=error(down)
            />
            <button type="submit" class="nhsuk-button nhsuk-button--secondary">
                "Keep for this printer"
            </button>
            <p role="status">{move || said.get()}</p>
        </form>
    }
}
