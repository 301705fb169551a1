//! Unlocking: who it is, at which pharmacy, and their ways in. None of it needs a network.

use super::cis2::{Arrived, Cis2Button};
use super::model::openers;
use super::proof::ProofForm;
use crate::state::{LockedView, Proof, Satchel};
use crate::ui::{Action, Attempt, Clock, Disclosure, PageHeading, words};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn Unlocking(locked: LockedView) -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let people = openers(&locked.ways);
    // Where there is a choice the person makes it: the one who used it last may not be the one who is here.
    let chosen = RwSignal::new(if people.len() == 1 { Some(0_usize) } else { None });
    let place = format!("{} {}", locked.pharmacy_name, locked.ods);
    let contact = locked.last_contact;
    let shared = locked.shared;
    let attempt = Attempt::default();
    let prove =
        Callback::new(move |(index, proof): (usize, Proof)| attempt.run(satchel.unlock(index, proof)));
    let names: Vec<(usize, String)> =
        people.iter().enumerate().map(|(index, opener)| (index, opener.name.clone())).collect();
    let several = names.len() > 1;
    let shown_place = place.clone();
    view! {
        <div class="page page--narrow unlock">
            <img class="unlock__icon" src="/icons/satchel.svg" alt="" width="96" height="96"/>
            <PageHeading text="Unlock Satchel"/>
            {locked
                .contact_overdue
                .then(|| {
                    view! {
                        <p class="page__note">
                            {move || match contact {
                                Some(at) => format!(
                                    "No contact with the server since {}. You can still unlock and read your \
                                     own unsent work.",
                                    words::moment(at, clock.now()),
                                ),
                                None => "No contact with the server yet.".to_owned(),
                            }}
                        </p>
                    }
                })}
            {several
                .then(|| {
                    view! {
                        <p class="unlock__place">{shown_place}</p>
                        <People names chosen attempt/>
                    }
                })}
            {attempt.said()}
            {move || {
                chosen
                    .get()
                    .and_then(|index| people.get(index).cloned())
                    .map(|opener| {
                        view! {
                            {(!several)
                                .then(|| {
                                    view! {
                                        <p class="unlock__who">
                                            <strong>{opener.name.clone()}</strong>
                                            <span>{place.clone()}</span>
                                        </p>
                                    }
                                })}
                            <ProofForm opener needs_new_pin=shared busy=attempt.busy on_proof=prove/>
                        }
                    })
            }}
            <Arrived/>
            <SomeoneElse attempt/>
            <OtherPharmacies here=locked.ods/>
        </div>
    }
}

/// Everybody who can open the vault, to be chosen from.
#[component]
fn People(names: Vec<(usize, String)>, chosen: RwSignal<Option<usize>>, attempt: Attempt) -> impl IntoView {
    view! {
        <h2 class="section-heading" id="who-title">
            "Who are you?"
        </h2>
        <ul class="people" aria-labelledby="who-title">
            {names
                .into_iter()
                .map(|(index, name)| {
                    let is_chosen = move || chosen.get() == Some(index);
                    view! {
                        <li>
                            <button
                                type="button"
                                class="nhsuk-button nhsuk-button--secondary people__one"
                                aria-pressed=move || if is_chosen() { "true" } else { "false" }
                                on:click=move |_| {
                                    attempt.problem.set(String::new());
                                    chosen.set(Some(index));
                                }
                            >
                                {name}
                            </button>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// For whoever is not on the list, or has lost what opens it for them.
#[component]
fn SomeoneElse(attempt: Attempt) -> impl IntoView {
    let satchel = Satchel::from_context();
    let sign_in = Callback::new(move |()| attempt.run(satchel.sign_in()));
    view! {
        <Disclosure words="Someone else, or a lost passkey">
            <div class="unlock__else">
                <p>
                    "Sign in once with a passkey that the server knows. Then a colleague opens this device for you, \
                     or the server does. This needs a network."
                </p>
                <Action
                    words="Sign in with a passkey"
                    class="nhsuk-button--secondary"
                    attempt
                    on_click=sign_in
                />
                <Cis2Button class="nhsuk-button--secondary"/>
                <p>
                    "No passkey left, or new here? Open an enrolment link on this device. \
                     Your pharmacy's administrator makes one."
                </p>
            </div>
        </Disclosure>
    }
}

/// Somebody who works at two pharmacies has a vault for each.
#[component]
fn OtherPharmacies(here: String) -> impl IntoView {
    let satchel = Satchel::from_context();
    let others = Memo::new(move |_| {
        let mut all = satchel.pharmacies.get();
        all.retain(|one| one.ods.as_str() != here);
        all
    });
    view! {
        <Show when=move || !others.with(Vec::is_empty)>
            <h2 class="section-heading">"Another pharmacy"</h2>
            <ul class="people">
                {move || {
                    others
                        .get()
                        .into_iter()
                        .map(|pharmacy| {
                            let ods = pharmacy.ods.to_string();
                            let choose = move |_| {
                                let ods = ods.clone();
                                spawn_local(async move {
                                    if let Err(trouble) = satchel.choose_pharmacy(ods).await {
                                        satchel.trouble.set(Some(trouble.to_string()));
                                    }
                                });
                            };
                            view! {
                                <li>
                                    <button
                                        type="button"
                                        class="nhsuk-button nhsuk-button--secondary people__one"
                                        on:click=choose
                                    >
                                        {format!("{} {}", pharmacy.name, pharmacy.ods)}
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </Show>
    }
}
