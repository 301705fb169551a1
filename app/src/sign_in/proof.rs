//! One person proves that it is they: the sensor, with a PIN where several people use the device, or a passphrase.

use super::model::{Opener, pin_slips, words_for};
use crate::state::Proof;
use crate::ui::{Slip, TextBox, TextKind};
use leptos::prelude::*;

/// The ways in of one person; what they bring goes to `on_proof` with the index of the way.
#[component]
pub fn ProofForm(
    opener: Opener,
    /// A passkey alone is not taken any more: a PIN is to be chosen beside it.
    needs_new_pin: bool,
    /// Waiting for the answer to the last proof.
    busy: RwSignal<bool>,
    on_proof: Callback<(usize, Proof)>,
) -> impl IntoView {
    let typing = RwSignal::new(opener.passkey.is_none());
    view! {
        {opener
            .passkey
            .map(|index| match (opener.asks_for_pin, needs_new_pin) {
                (true, _) => view! { <SensorAndPin index busy on_proof/> }.into_any(),
                (false, true) => view! { <SensorAndNewPin index busy on_proof/> }.into_any(),
                (false, false) => {
                    view! {
                        <button
                            type="button"
                            class="nhsuk-button unlock__sensor"
                            disabled=move || busy.get()
                            on:click=move |_| on_proof.run((index, Proof::Sensor))
                        >
                            "Touch sensor"
                        </button>
                    }
                        .into_any()
                }
            })}
        {opener
            .passphrase
            .map(|index| {
                view! {
                    <Show
                        when=move || typing.get()
                        fallback=move || {
                            view! {
                                <button
                                    type="button"
                                    class="link-button"
                                    on:click=move |_| typing.set(true)
                                >
                                    "Use passphrase"
                                </button>
                            }
                        }
                    >
                        <Passphrase index busy on_proof/>
                    </Show>
                }
            })}
    }
}

#[component]
fn SensorAndPin(index: usize, busy: RwSignal<bool>, on_proof: Callback<(usize, Proof)>) -> impl IntoView {
    let pin = RwSignal::new(String::new());
    let error = RwSignal::new(String::new());
    view! {
        <form
            class="unlock__form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                let typed = pin.get_untracked();
                if typed.is_empty() {
                    error.set("Enter your PIN.".to_owned());
                    return;
                }
                error.set(String::new());
                pin.set(String::new());
                on_proof.run((index, Proof::SensorAndPin(typed)));
            }
        >
            <TextBox id="unlock-pin" label="Your PIN" kind=TextKind::Pin value=pin error/>
            <button type="submit" class="nhsuk-button unlock__sensor" disabled=move || busy.get()>
                "Touch sensor"
            </button>
        </form>
    }
}

#[component]
fn SensorAndNewPin(index: usize, busy: RwSignal<bool>, on_proof: Callback<(usize, Proof)>) -> impl IntoView {
    view! {
        <p>
            "Several people use this device, and one passkey account may hold the passkeys of all of them. \
             So from now on your passkey is asked together with a PIN that only you know."
        </p>
        <NewPinForm busy on_pin=Callback::new(move |pin| on_proof.run((index, Proof::SensorAndNewPin(pin))))/>
    }
}

/// A new PIN, typed twice, and then the sensor.
#[component]
pub fn NewPinForm(busy: RwSignal<bool>, on_pin: Callback<String>) -> impl IntoView {
    let pin = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let slips = RwSignal::new(Vec::<Slip>::new());
    let error =
        move |field: &'static str| Signal::derive(move || slips.with(|slips| words_for(slips, field)));
    view! {
        <form
            class="unlock__form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                let found = pin_slips(&pin.get_untracked(), &again.get_untracked());
                slips.set(found.clone());
                if found.is_empty() {
                    on_pin.run(pin.get_untracked());
                }
            }
        >
            <TextBox
                id="new-pin"
                label="Choose a PIN"
                hint="At least 6 digits, not all the same and not in a row. It never leaves this device."
                kind=TextKind::Pin
                value=pin
                error=error("new-pin")
            />
            <TextBox
                id="new-pin-again"
                label="The same PIN again"
                kind=TextKind::Pin
                value=again
                error=error("new-pin-again")
            />
            <button type="submit" class="nhsuk-button unlock__sensor" disabled=move || busy.get()>
                "Touch sensor"
            </button>
        </form>
    }
}

#[component]
fn Passphrase(index: usize, busy: RwSignal<bool>, on_proof: Callback<(usize, Proof)>) -> impl IntoView {
    let passphrase = RwSignal::new(String::new());
    view! {
        <form
            class="unlock__form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                on_proof.run((index, Proof::Passphrase(passphrase.get_untracked())));
            }
        >
            <TextBox id="unlock-passphrase" label="Passphrase" kind=TextKind::Secret value=passphrase/>
            <button type="submit" class="nhsuk-button" disabled=move || busy.get()>
                "Unlock"
            </button>
        </form>
    }
}
