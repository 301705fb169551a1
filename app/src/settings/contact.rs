//! How long this pharmacy's devices may be without contact, and what this device's clock did.

use super::model::{CONTACT_CHOICES, jump_words};
use crate::out_of_contact::model::limit_words;
use crate::state::{Phase, Satchel};
use crate::ui::{Card, Clock};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::people::Permission;

#[component]
pub fn Contact() -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let hours = RwSignal::new(satchel.contact_limit_hours());
    let said = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let administers = satchel.phase.with_untracked(
        |phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::AdministerPharmacy)),
    );
    let set = move |chosen: u32| {
        spawn_local(async move {
            match satchel.set_contact_limit(chosen).await {
                Ok(()) => {
                    hours.set(chosen);
                    problem.set(String::new());
                    said.set(format!(
                        "Set to {}. Other devices hear of it when they connect.",
                        limit_words(chosen)
                    ));
                }
                Err(trouble) => {
                    said.set(String::new());
                    problem.set(trouble.to_string());
                    // The list goes back to what holds.
                    hours.notify();
                }
            }
        });
    };
    let jumps = satchel.clock_jumps();
    view! {
        <Card id="contact-title" title="Time without contact">
            <p>
                "After "
                {move || limit_words(hours.get())}
                " without an answer from the server, patients are closed on a device until it connects. Everybody can \
                 still read and print their own unsent work."
            </p>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            {administers
                .then(|| {
                    view! {
                        <div class="nhsuk-form-group">
                            <label class="nhsuk-label" for="contact-limit">
                                "For all devices of this pharmacy"
                            </label>
                            <select
                                class="nhsuk-select"
                                id="contact-limit"
                                on:change=move |event| {
                                    if let Ok(chosen) = event_target_value(&event).parse() {
                                        set(chosen);
                                    }
                                }
                            >
                                {move || {
                                    let mut choices = CONTACT_CHOICES.to_vec();
                                    let now = hours.get();
                                    if !choices.contains(&now) {
                                        choices.push(now);
                                        choices.sort_unstable();
                                    }
                                    choices
                                        .into_iter()
                                        .map(|one| {
                                            view! {
                                                <option value=one.to_string() selected=one == now>
                                                    {limit_words(one)}
                                                </option>
                                            }
                                        })
                                        .collect_view()
                                }}
                            </select>
                        </div>
                    }
                })}
            <p role="status">{move || said.get()}</p>
            {(!jumps.is_empty())
                .then(|| {
                    view! {
                        <p>"This device's clock was set, or set itself:"</p>
                        <ul class="nhsuk-list nhsuk-list--bullet">
                            {jumps
                                .iter()
                                .rev()
                                .map(|jump| view! { <li>{jump_words(jump, clock.exactly())}</li> })
                                .collect_view()}
                        </ul>
                    }
                })}
        </Card>
    }
    .into_any()
}
