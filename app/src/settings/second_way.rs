//! A passphrase beside the sensor. Setting it takes a fresh proof: the key in use cannot be taken out.

use crate::sign_in::model::{openers, passphrase_slips};
use crate::sign_in::{PassphraseBoxes, ProofForm};
use crate::state::{Phase, Proof, Satchel, WayIn};
use crate::ui::{Attempt, Card, Slip};
use leptos::prelude::*;

#[component]
pub fn SecondWay() -> AnyView {
    let satchel = Satchel::from_context();
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let slips = RwSignal::new(Vec::<Slip>::new());
    let done = RwSignal::new(false);
    let attempt = Attempt::default();
    let me = satchel.phase.with_untracked(|phase| match phase {
        Phase::Open(who) => Some(who.person),
        _ => None,
    });
    let ways: Vec<WayIn> = satchel
        .key_holders()
        .into_iter()
        .filter(|holder| Some(holder.person) == me)
        .flat_map(|holder| holder.ways)
        .collect();
    let opener = openers(&ways).into_iter().next();
    let set = Callback::new(move |(index, proof): (usize, Proof)| {
        let found = passphrase_slips(&passphrase.get_untracked(), &again.get_untracked());
        slips.set(found.clone());
        if !found.is_empty() {
            return;
        }
        attempt.run(async move {
            satchel.add_passphrase(index, proof, passphrase.get_untracked()).await?;
            passphrase.set(String::new());
            again.set(String::new());
            done.set(true);
            Ok(())
        });
    });
    view! {
        <Card id="second-way-title" title="A second way in">
            <p>"A passphrase opens the records on this device when the sensor does not. Set it before you need it."</p>
            <p role="status">{move || done.get().then_some("Your passphrase is set on this device.")}</p>
            <details class="nhsuk-details">
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"Set a passphrase"</span>
                </summary>
                <div class="nhsuk-details__text">
                    <PassphraseBoxes passphrase again slips/>
                    <p>"Then prove that it is you. That sets it."</p>
                    {attempt.said()}
                    {opener.map(|opener| view! { <ProofForm opener needs_new_pin=false busy=attempt.busy on_proof=set/> })}
                </div>
            </details>
        </Card>
    }
    .into_any()
}
