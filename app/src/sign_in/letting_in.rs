//! Somebody new waits at the vault: one of those who can open it does so for them, or the server does.

use super::model::openers;
use super::proof::{NewPinForm, ProofForm};
use crate::state::{LettingIn, Phase, Proof, Satchel};
use crate::ui::PageHeading;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Several people use the device: the passkey takes a PIN beside it.
#[component]
pub fn ChoosePin(name: String) -> impl IntoView {
    let satchel = Satchel::from_context();
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let on_pin = Callback::new(move |pin: String| {
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            if let Err(trouble) = satchel.set_pin(pin).await {
                problem.set(trouble.to_string());
            }
            busy.set(false);
        });
    });
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
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            <NewPinForm busy on_pin/>
            <button
                type="button"
                class="link-button"
                on:click=move |_| {
                    satchel.phase.set(Phase::NeedsPassphrase { name: passphrase_name.clone() });
                }
            >
                "Use a passphrase instead"
            </button>
        </div>
    }
}

/// *Asha, open the satchel for Ben.*
#[component]
pub fn AtTheDoor(waiting: LettingIn) -> impl IntoView {
    let satchel = Satchel::from_context();
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let LettingIn { name, returning, locked } = waiting;
    // Whoever comes back is on the list themselves; what they had there is what they have lost.
    let people: Vec<_> = openers(&locked.ways).into_iter().filter(|one| one.name != name).collect();
    let chosen = RwSignal::new(if people.len() == 1 { Some(0_usize) } else { None });
    let prove = Callback::new(move |(index, proof): (usize, Proof)| {
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            if let Err(trouble) = satchel.let_in(index, proof).await {
                problem.set(trouble.to_string());
            }
            busy.set(false);
        });
    });
    let by_server = move |_| {
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            if let Err(trouble) = satchel.let_in_by_server().await {
                problem.set(trouble.to_string());
            }
            busy.set(false);
        });
    };
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
    let word = if nobody { "nhsuk-button" } else { "nhsuk-button nhsuk-button--secondary" };
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
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
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
                            <ProofForm opener needs_new_pin=true busy on_proof=prove/>
                        }
                    })
            }}
            <h2 class="section-heading">{otherwise}</h2>
            <p>
                "The server keeps a sealed copy of the key for this. It opens it for people who work at this pharmacy, \
                 and keeps a note of who asked and when."
            </p>
            <button type="button" class=word disabled=move || busy.get() on:click=by_server>
                "Let the server open it"
            </button>
            <p>
                <button type="button" class="link-button" on:click=move |_| satchel.give_up()>
                    "Go back"
                </button>
            </p>
        </div>
    }
}
