//! The way in: which screen depends on what this device holds.

use super::cis2::{Arrived, Cis2Button};
use super::letting_in::{AtTheDoor, ChoosePin};
use super::model::{passphrase_slips, words_for};
use super::unlock::Unlocking;
use crate::state::{Phase, Satchel};
use crate::ui::{Action, Attempt, ErrorSummary, PageHeading, Slip, TextBox, TextKind};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn SignInPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let phase = Memo::new(move |_| satchel.phase.get());
    move || match phase.get() {
        Phase::Starting | Phase::Open(_) => {
            view! { <p class="page page--narrow">"Opening Satchel"</p> }.into_any()
        }
        Phase::Fresh => view! { <Fresh/> }.into_any(),
        Phase::NeedsPassphrase { name } => view! { <NewPassphrase name/> }.into_any(),
        Phase::NeedsPin { name } => view! { <ChoosePin name/> }.into_any(),
        Phase::LettingIn(waiting) => view! { <AtTheDoor waiting/> }.into_any(),
        Phase::Locked(locked) => view! { <Unlocking locked/> }.into_any(),
    }
}

/// No vault on this device yet.
#[component]
fn Fresh() -> impl IntoView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let sign_in = Callback::new(move |()| attempt.run(satchel.sign_in()));
    view! {
        <div class="page page--narrow unlock">
            <img class="unlock__icon" src="/icons/satchel.svg" alt="" width="96" height="96"/>
            <PageHeading text="Sign in to Satchel"/>
            {attempt.said()}
            <Arrived/>
            // Whoever has just come by CIS2 has one thing to do.
            <Show when=move || satchel.arrival.with(Option::is_none)>
                {if satchel.has_passkeys() {
                    view! {
                        <Action words="Touch sensor" class="unlock__sensor" attempt on_click=sign_in/>
                        <p>"Use the passkey that you made on this or another device."</p>
                    }
                        .into_any()
                } else {
                    view! { <p>"This browser cannot use passkeys."</p> }.into_any()
                }}
                <Cis2Button class="nhsuk-button--secondary"/>
                <h2 class="section-heading">"New here?"</h2>
                <p>
                    "Open the enrolment link that your pharmacy's administrator gave you. It works once."
                </p>
            </Show>
        </div>
    }
}

/// Signed in, but the sensor cannot open a vault here.
#[component]
fn NewPassphrase(name: String) -> impl IntoView {
    let satchel = Satchel::from_context();
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let slips = RwSignal::new(Vec::<Slip>::new());
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let found = passphrase_slips(&passphrase.get_untracked(), &again.get_untracked());
        slips.set(found.clone());
        if !found.is_empty() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            if let Err(trouble) = satchel.set_passphrase(passphrase.get_untracked()).await {
                slips.set(vec![Slip { field: "passphrase".to_owned(), words: trouble.to_string() }]);
            }
            busy.set(false);
        });
    };
    view! {
        <div class="page page--narrow">
            <PageHeading text="Choose a passphrase"/>
            <ErrorSummary slips/>
            <p>
                {format!(
                    "{name}, you are signed in. On this device a passphrase of your own locks away the patient \
                     records.",
                )}
            </p>
            <form on:submit=submit novalidate=true>
                <PassphraseBoxes passphrase again slips/>
                <button type="submit" class="nhsuk-button" disabled=move || busy.get()>
                    "Lock records with it"
                </button>
            </form>
        </div>
    }
}

/// A new passphrase, typed twice.
#[component]
pub fn PassphraseBoxes(
    passphrase: RwSignal<String>,
    again: RwSignal<String>,
    slips: RwSignal<Vec<Slip>>,
) -> impl IntoView {
    view! {
        <TextBox
            id="passphrase"
            label="Passphrase"
            hint="At least 12 characters. Four words that do not belong together work well."
            kind=TextKind::NewSecret
            value=passphrase
            error=Signal::derive(move || slips.with(|slips| words_for(slips, "passphrase")))
        />
        <TextBox
            id="passphrase-again"
            label="The same again"
            kind=TextKind::NewSecret
            value=again
            error=Signal::derive(move || slips.with(|slips| words_for(slips, "passphrase-again")))
        />
    }
}
