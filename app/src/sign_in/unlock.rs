//! Unlocking: the sensor, a passphrase, or someone else. None of it needs a network.

use super::model::{Opener, openers};
use crate::state::{LockedView, Satchel};
use crate::ui::{Clock, PageHeading, TextBox, TextKind, words};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn Unlocking(locked: LockedView) -> impl IntoView {
    let clock = Clock::from_context();
    let people = openers(&locked.ways);
    let chosen = RwSignal::new(0_usize);
    let choosing = RwSignal::new(false);
    let place = format!("{} {}", locked.pharmacy_name, locked.ods);
    let contact = locked.last_contact;
    let names: Vec<(usize, String)> =
        people.iter().enumerate().map(|(index, opener)| (index, opener.name.clone())).collect();
    let alone = names.len() < 2;
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
            {move || {
                people.get(chosen.get()).cloned().map(|opener| view! { <OneOpener opener place=place.clone()/> })
            }}
            <button
                type="button"
                class="link-button"
                aria-expanded=move || if choosing.get() { "true" } else { "false" }
                on:click=move |_| choosing.update(|choosing| *choosing = !*choosing)
            >
                "Someone else"
            </button>
            <Show when=move || choosing.get()>
                <ul class="people">
                    {names
                        .clone()
                        .into_iter()
                        .map(|(index, name)| {
                            view! {
                                <li>
                                    <button
                                        type="button"
                                        class="nhsuk-button nhsuk-button--secondary"
                                        on:click=move |_| {
                                            chosen.set(index);
                                            choosing.set(false);
                                        }
                                    >
                                        {name}
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                {alone
                    .then(|| {
                        view! {
                            <p>
                                "Nobody else has a key to this device yet. They open their own enrolment link here."
                            </p>
                        }
                    })}
            </Show>
        </div>
    }
}

/// One person's ways in.
#[component]
fn OneOpener(opener: Opener, place: String) -> impl IntoView {
    let satchel = Satchel::from_context();
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let typing = RwSignal::new(opener.passkey.is_none());
    let passphrase = RwSignal::new(String::new());
    let with_sensor = move |index: usize| {
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            if let Err(trouble) = satchel.unlock_with_passkey(index).await {
                problem.set(trouble.to_string());
            }
            busy.set(false);
        });
    };
    let with_passphrase = move |index: usize| {
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            let typed = passphrase.get_untracked();
            if let Err(trouble) = satchel.unlock_with_passphrase(index, typed).await {
                problem.set(trouble.to_string());
            }
            busy.set(false);
        });
    };
    view! {
        <p class="unlock__who">
            <strong>{opener.name}</strong>
            <span>{place}</span>
        </p>
        <p class="unlock__problem" role="alert">{move || problem.get()}</p>
        {opener
            .passkey
            .map(|index| {
                view! {
                    <button
                        type="button"
                        class="nhsuk-button unlock__sensor"
                        disabled=move || busy.get()
                        on:click=move |_| with_sensor(index)
                    >
                        "Touch sensor"
                    </button>
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
                        <form
                            class="unlock__form"
                            novalidate=true
                            on:submit=move |event| {
                                event.prevent_default();
                                with_passphrase(index);
                            }
                        >
                            <TextBox
                                id="unlock-passphrase"
                                label="Passphrase"
                                kind=TextKind::Secret
                                value=passphrase
                            />
                            <button type="submit" class="nhsuk-button" disabled=move || busy.get()>
                                "Unlock"
                            </button>
                        </form>
                    </Show>
                }
            })}
    }
}
