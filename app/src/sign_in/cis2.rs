//! Coming by CIS2, the NHS's own sign-in: the way there, and the passkey that makes the next days one touch.

use super::enrol::SeveralPeople;
use super::model::{newcomer, passphrase_slips};
use super::page::PassphraseBoxes;
use crate::state::{Phase, Satchel, Way};
use crate::ui::{Action, Attempt, Card, Slip, link_button};
use leptos::prelude::*;
use shared::api::CIS2_START;

/// Leaves for CIS2 and comes back to the first screen. Only where this server is a relying party of CIS2.
#[component]
pub fn Cis2Button(class: &'static str) -> AnyView {
    let satchel = Satchel::from_context();
    let offered = Memo::new(move |_| satchel.cis2.with(|cis2| cis2.offered));
    view! {
        {move || {
            offered
                .get()
                .then(|| {
                    view! {
                        <a
                            class=format!("nhsuk-button {class}")
                            href=format!("{CIS2_START}?return=/")
                            rel="external"
                        >
                            "Sign in with CIS2"
                        </a>
                    }
                })
        }}
    }
    .into_any()
}

/// For whoever CIS2 brought and who has no key to this device: the rest of the way in.
#[component]
pub fn Arrived() -> AnyView {
    let satchel = Satchel::from_context();
    let arrival = Memo::new(move |_| {
        satchel.phase.with(|phase| satchel.arrival.with(|session| newcomer(phase, session.as_ref())))
    });
    view! {
        {move || arrival.get().map(|(name, has_passkey)| view! { <WayIn name has_passkey/> })}
    }
    .into_any()
}

#[component]
fn WayIn(name: String, has_passkey: bool) -> AnyView {
    let satchel = Satchel::from_context();
    let can_touch = satchel.has_passkeys();
    let is_first = satchel.phase.with_untracked(|phase| matches!(phase, Phase::Fresh));
    let several = RwSignal::new(false);
    let by_passphrase = RwSignal::new(!can_touch);
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let slips = RwSignal::new(Vec::<Slip>::new());
    let attempt = Attempt::default();
    let touch = Callback::new(move |()| {
        if has_passkey {
            attempt.run(satchel.sign_in());
        } else {
            attempt.run(satchel.settle_arrival(Way::Passkey, several.get_untracked()));
        }
    });
    let lock_with_it = Callback::new(move |()| {
        let found = passphrase_slips(&passphrase.get_untracked(), &again.get_untracked());
        slips.set(found.clone());
        if found.is_empty() {
            let way = Way::Passphrase(passphrase.get_untracked());
            attempt.run(satchel.settle_arrival(way, several.get_untracked()));
        }
    });
    let touch_words = if has_passkey { "Go on with your passkey" } else { "Make a passkey" };
    view! {
        <Card id="arrived-title" title="You are signed in with CIS2">
            <p>
                {format!(
                    "{name}, this device does not know you yet. From the next time on one touch of its sensor signs \
                     you in and opens the records, also without a network.",
                )}
            </p>
            {attempt.said()}
            {(is_first && !has_passkey).then(|| view! { <SeveralPeople several/> })}
            {move || {
                if by_passphrase.get() {
                    view! {
                        <PassphraseBoxes passphrase again slips/>
                        <Action words="Lock records with it" attempt on_click=lock_with_it/>
                    }
                        .into_any()
                } else {
                    view! {
                        <Action words=touch_words class="unlock__sensor" attempt on_click=touch/>
                        {link_button(
                            "Use a passphrase instead",
                            "",
                            Callback::new(move |()| by_passphrase.set(true)),
                        )}
                    }
                        .into_any()
                }
            }}
        </Card>
    }
    .into_any()
}
