//! Who has a key to this device: a device that becomes shared, and somebody who leaves it.

use super::model::resealing_words;
use crate::sign_in::ProofForm;
use crate::sign_in::model::openers;
use crate::state::{KeyHolder, Phase, Proof, Satchel};
use crate::ui::{Act, Attempt, Card, Disclosure, Line, link_button, list};
use leptos::prelude::*;
use shared::authorship::Unlock;
use shared::ids::PersonId;
use shared::people::Permission;

/// The person who has the vault open, and what their role lets them do.
fn present(satchel: Satchel) -> Option<(PersonId, bool)> {
    satchel.phase.with_untracked(|phase| match phase {
        Phase::Open(who) => Some((who.person, who.role.may(Permission::AdministerPharmacy))),
        _ => None,
    })
}

#[component]
pub fn KeyHolders() -> impl IntoView {
    let satchel = Satchel::from_context();
    let Some((me, administers)) = present(satchel) else { return ().into_any() };
    let holders = satchel.key_holders();
    let alone = holders.len() == 1;
    let mine = holders.iter().find(|holder| holder.person == me).cloned();
    let by_passkey = |holder: &KeyHolder| holder.ways.iter().any(|way| way.by == Unlock::Passkey);
    let can_share = mine.clone().filter(by_passkey);
    let leaving = RwSignal::new(None::<KeyHolder>);
    let lines = holders
        .into_iter()
        .map(|holder| {
            let is_me = holder.person == me;
            let (about, words) = (holder.name.clone(), holder_words(&holder, is_me));
            let remove = Callback::new(move |()| leaving.set(Some(holder.clone())));
            let may = administers && !is_me;
            let actions = may.then_some(Act::Do("Remove from this device", remove)).into_iter().collect();
            Line { words, about, actions }
        })
        .collect();
    let remover = mine.clone();
    view! {
        <Card id="holders-title" title="Who can open this device">
            {list(lines)}
            <p role="status">{move || satchel.resealing.get().map(resealing_words)}</p>
            {move || {
                let (holder, remover) = leaving.get().zip(remover.clone())?;
                Some(view! { <Removing holder remover leaving/> })
            }}
            <p>
                "Somebody new opens their own enrolment link on this device, or signs in with their passkey from \
                 the unlock screen. You then open the satchel for them."
            </p>
            {can_share
                .filter(|_| alone)
                .map(|mine| {
                    view! {
                        <Disclosure words="Several people use this device">
                            <Sharing mine=mine.clone()/>
                        </Disclosure>
                    }
                })}
        </Card>
    }
    .into_any()
}

/// `Ben Ade: passkey and PIN, passphrase`.
fn holder_words(holder: &KeyHolder, is_me: bool) -> String {
    let ways: Vec<&str> = holder
        .ways
        .iter()
        .map(|way| match way.by {
            Unlock::Passkey => "passkey",
            Unlock::PasskeyAndPin => "passkey and PIN",
            Unlock::Passphrase => "passphrase",
        })
        .collect();
    let you = if is_me { " (you)" } else { "" };
    let away = if holder.away { "; gets the new key at their next unlock" } else { "" };
    format!("{}{you}: {}{away}", holder.name, ways.join(", "))
}

/// Says what removing does, and asks once more who is here.
#[component]
fn Removing(
    holder: KeyHolder,
    /// The person who is here.
    remover: KeyHolder,
    leaving: RwSignal<Option<KeyHolder>>,
) -> impl IntoView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let person = holder.person;
    let prove = Callback::new(move |(index, proof): (usize, Proof)| {
        attempt.run(async move {
            satchel.remove_key_holder(person, index, proof).await?;
            leaving.set(None);
            Ok(())
        });
    });
    let opener = openers(&remover.ways).into_iter().next();
    view! {
        <div class="nhsuk-inset-text" role="group" aria-labelledby="removing-title">
            <h3 class="section-heading" id="removing-title">
                {format!("Remove {} from this device", holder.name)}
            </h3>
            <p>
                {format!(
                    "{} can no longer open this device, and its lock is changed. What they recorded stays, and goes \
                     to the server. They still work at the pharmacy.",
                    holder.name,
                )}
            </p>
            <p>{format!("{}, prove that it is you. That removes them.", remover.name)}</p>
            {attempt.said()}
            {opener.map(|opener| view! { <ProofForm opener needs_new_pin=false busy=attempt.busy on_proof=prove/> })}
            <p>{link_button("Go back", "", Callback::new(move |()| leaving.set(None)))}</p>
        </div>
    }
}

/// The person who is here chooses the PIN that a shared device asks for.
#[component]
fn Sharing(mine: KeyHolder) -> impl IntoView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let prove = Callback::new(move |(index, proof): (usize, Proof)| attempt.run(satchel.share(index, proof)));
    // The passkey is what gets the PIN; a passphrase stays as it is.
    let opener = openers(&mine.ways).into_iter().next().map(|mut opener| {
        opener.passphrase = None;
        opener
    });
    view! {
        {attempt.said()}
        {opener.map(|opener| view! { <ProofForm opener needs_new_pin=true busy=attempt.busy on_proof=prove/> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::WayIn;

    #[test]
    fn a_holder_is_told_with_their_ways_and_whether_a_key_waits_for_them() {
        let person = PersonId::from_bytes([1; 16]);
        let way = |by| WayIn { index: 0, person, name: "Ben Ade".to_owned(), by };
        let ways = vec![way(Unlock::PasskeyAndPin), way(Unlock::Passphrase)];
        let mut holder = KeyHolder { person, name: "Ben Ade".to_owned(), ways, away: false };
        assert_eq!(holder_words(&holder, true), "Ben Ade (you): passkey and PIN, passphrase");
        holder.away = true;
        assert!(holder_words(&holder, false).ends_with("gets the new key at their next unlock"));
    }
}
