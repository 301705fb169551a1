//! Somebody new waits at the vault: one of those who can open it does so for them, or the server does.

use super::model::openers;
use super::proof::{NewPinForm, ProofForm};
use crate::state::{LettingIn, Phase, Proof, Satchel};
use crate::ui::{Action, Attempt, PageHeading, link_button};
use leptos::prelude::*;

/// Several people use the device: the passkey takes a PIN beside it.
#[component]
pub fn ChoosePin(name: String) -> impl IntoView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let on_pin = Callback::new(move |pin: String| attempt.run(satchel.set_pin(pin)));
    let passphrase_name = name.clone();
    view! {
        <div class="page page--narrow">
            <PageHeading text="Choose a PIN"/>
            <p>
                {format!(
                    "{name}, several people use this device, and one passkey account may hold the passkeys of all \
                     of them. So your passkey is asked together with a PIN that only you know.",
                )}
            </p>
            {attempt.said()}
            <NewPinForm busy=attempt.busy on_pin/>
            {link_button(
                "Use a passphrase instead",
                "",
                Callback::new(move |()| {
                    satchel.phase.set(Phase::NeedsPassphrase { name: passphrase_name.clone() });
                }),
            )}
        </div>
    }
}

/// *Asha, open the satchel for Ben.*
#[component]
pub fn AtTheDoor(waiting: LettingIn) -> impl IntoView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let LettingIn { name, returning, locked } = waiting;
    // Whoever comes back is on the list themselves; what they had there is what they have lost.
    let people: Vec<_> = openers(&locked.ways).into_iter().filter(|one| one.name != name).collect();
    let chosen = RwSignal::new(if people.len() == 1 { Some(0_usize) } else { None });
    let prove =
        Callback::new(move |(index, proof): (usize, Proof)| attempt.run(satchel.let_in(index, proof)));
    let by_server = Callback::new(move |()| attempt.run(satchel.let_in_by_server()));
    let heading = match people.as_slice() {
        [] => format!("Open the satchel for {name}"),
        [only] => format!("{}, open the satchel for {name}", only.name),
        _ => format!("Who opens the satchel for {name}?"),
    };
    let otherwise = match people.as_slice() {
        [] => "Nobody else has a key here".to_owned(),
        [only] => format!("{} is not here?", only.name),
        _ => "None of them is here?".to_owned(),
    };
    let nobody = people.is_empty();
    let several = people.len() > 1;
    let names: Vec<String> = people.iter().map(|one| one.name.clone()).collect();
    let class = if nobody { "" } else { "nhsuk-button--secondary" };
    let introduction = if returning {
        format!("{name}, the server knows you again. Your earlier key to this device no longer counts.")
    } else {
        format!("{name} is signed in. The records on this device open only with a key that is here already.")
    };
    view! {
        <div class="page page--narrow unlock">
            <img class="unlock__icon" src="/icons/satchel.svg" alt="" width="96" height="96"/>
            <PageHeading text=heading/>
            <p>{introduction}</p>
            {attempt.said()}
            {several
                .then(|| {
                    view! {
                        <ul class="people" aria-label="Who can open it">
                            {names
                                .into_iter()
                                .enumerate()
                                .map(|(index, one)| {
                                    let pressed =
                                        move || if chosen.get() == Some(index) { "true" } else { "false" };
                                    view! {
                                        <li>
                                            <button
                                                type="button"
                                                class="nhsuk-button nhsuk-button--secondary people__one"
                                                aria-pressed=pressed
                                                on:click=move |_| chosen.set(Some(index))
                                            >
                                                {one}
                                            </button>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                })}
            {move || {
                chosen
                    .get()
                    .and_then(|index| people.get(index).cloned())
                    .map(|opener| {
                        view! {
                            <p class="unlock__who">
                                <strong>{opener.name.clone()}</strong>
                            </p>
                            <ProofForm opener needs_new_pin=true busy=attempt.busy on_proof=prove/>
                        }
                    })
            }}
            <h2 class="section-heading">{otherwise}</h2>
            <p>
                "The server keeps a sealed copy of the key for this. It opens it for people who work at this pharmacy, \
                 and keeps a note of who asked and when."
            </p>
            <Action words="Let the server open it" class attempt on_click=by_server/>
            <p>{link_button("Go back", "", Callback::new(move |()| satchel.give_up()))}</p>
        </div>
    }
}
