//! Who gets in, and by what: passkeys, a passphrase, devices, colleagues.

use crate::sign_in::model::{openers, passphrase_slips};
use crate::sign_in::{PassphraseBoxes, ProofForm};
use crate::state::{Phase, Proof, Satchel, WayIn};
use crate::ui::{Clock, Confirm, Slip, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::DeviceId;
use shared::people::Role;

/// Your passkeys, as the server knows them.
#[component]
pub fn Passkeys() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let passkeys = LocalResource::new(move || {
        changed.track();
        async move { satchel.passkeys().await.map_err(|trouble| trouble.to_string()) }
    });
    let problem = RwSignal::new(String::new());
    let removing = RwSignal::new(String::new());
    let asking = RwSignal::new(false);
    let add = move |_| {
        spawn_local(async move {
            match satchel.add_passkey().await {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    };
    let remove = move |()| {
        spawn_local(async move {
            match satchel.remove_passkey(removing.get_untracked()).await {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="passkeys-title">
            <h2 class="section-heading" id="passkeys-title">
                "Your passkeys"
            </h2>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            {move || match passkeys.get() {
                None => view! { <p>"Asking the server"</p> }.into_any(),
                Some(Err(words)) => view! { <p>{words}</p> }.into_any(),
                Some(Ok(list)) => {
                    view! {
                        <ul class="to-do">
                            {list
                                .into_iter()
                                .map(|passkey| {
                                    let added = words::when(&passkey.added_at, clock.exactly());
                                    let used = if passkey.used_at.is_empty() {
                                        "not used yet".to_owned()
                                    } else {
                                        format!("last used {}", words::when(&passkey.used_at, clock.exactly()))
                                    };
                                    let label = passkey.label.clone();
                                    view! {
                                        <li class="to-do__item">
                                            <span>{format!("{}: added {added}, {used}", passkey.label)}</span>
                                            <button
                                                type="button"
                                                class="link-button"
                                                on:click=move |_| {
                                                    removing.set(passkey.id.clone());
                                                    asking.set(true);
                                                }
                                            >
                                                "Remove"
                                                <span class="nhsuk-u-visually-hidden">{format!(": {label}")}</span>
                                            </button>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=add>
                "Add a passkey"
            </button>
            <Confirm
                open=asking
                title="Remove passkey"
                verb="Remove passkey"
                dangerous=true
                on_confirm=Callback::new(remove)
            >
                <p>"This passkey will no longer sign you in to the server. Keep at least one other way in."</p>
            </Confirm>
        </section>
    }
}

/// A passphrase beside the sensor. Setting it takes a fresh proof: the key in use cannot be taken out.
#[component]
pub fn SecondWay() -> impl IntoView {
    let satchel = Satchel::from_context();
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let slips = RwSignal::new(Vec::<Slip>::new());
    let done = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
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
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            match satchel.add_passphrase(index, proof, passphrase.get_untracked()).await {
                Ok(()) => {
                    passphrase.set(String::new());
                    again.set(String::new());
                    done.set(true);
                }
                Err(trouble) => problem.set(trouble.to_string()),
            }
            busy.set(false);
        });
    });
    view! {
        <section class="card" aria-labelledby="second-way-title">
            <h2 class="section-heading" id="second-way-title">
                "A second way in"
            </h2>
            <p>"A passphrase opens the records on this device when the sensor does not. Set it before you need it."</p>
            <p role="status">{move || done.get().then_some("Your passphrase is set on this device.")}</p>
            <details class="nhsuk-details">
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"Set a passphrase"</span>
                </summary>
                <div class="nhsuk-details__text">
                    <PassphraseBoxes passphrase again slips/>
                    <p>"Then prove that it is you. That sets it."</p>
                    <p class="unlock__problem" role="alert">{move || problem.get()}</p>
                    {opener.map(|opener| view! { <ProofForm opener needs_new_pin=false busy on_proof=set/> })}
                </div>
            </details>
        </section>
    }
}

/// Devices of this pharmacy.
#[component]
pub fn Devices() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let devices = LocalResource::new(move || {
        changed.track();
        async move { satchel.devices().await.map_err(|trouble| trouble.to_string()) }
    });
    let problem = RwSignal::new(String::new());
    let revoking = RwSignal::new(None::<DeviceId>);
    let asking = RwSignal::new(false);
    let here = satchel.device();
    let revoke = move |()| {
        let Some(id) = revoking.get_untracked() else { return };
        spawn_local(async move {
            match satchel.revoke_device(id).await {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="devices-title">
            <h2 class="section-heading" id="devices-title">
                "Devices"
            </h2>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            {move || match devices.get() {
                None => view! { <p>"Asking the server"</p> }.into_any(),
                Some(Err(words)) => view! { <p>{words}</p> }.into_any(),
                Some(Ok(list)) => {
                    view! {
                        <ul class="to-do">
                            {list
                                .into_iter()
                                .map(|device| {
                                    let is_here = here == Some(device.id);
                                    let place = if is_here { " (this one)" } else { "" };
                                    let seen = words::when(&device.seen_at, clock.exactly());
                                    let people = device.people_names.join(", ");
                                    let label = device.label.clone();
                                    view! {
                                        <li class="to-do__item">
                                            <span>
                                                {format!("{}{place}: {people}, last seen {seen}", device.label)}
                                            </span>
                                            {(!is_here)
                                                .then(|| {
                                                    view! {
                                                        <button
                                                            type="button"
                                                            class="link-button"
                                                            on:click=move |_| {
                                                                revoking.set(Some(device.id));
                                                                asking.set(true);
                                                            }
                                                        >
                                                            "Remove this device"
                                                            <span class="nhsuk-u-visually-hidden">
                                                                {format!(": {label}")}
                                                            </span>
                                                        </button>
                                                    }
                                                })}
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
            <Confirm
                open=asking
                title="Remove this device"
                verb="Remove this device"
                dangerous=true
                on_confirm=Callback::new(revoke)
            >
                <p>
                    "From now on it can neither send nor receive. When it next connects, also while it is locked, it \
                     hands what it had not sent to the server, still sealed, and then deletes everything of Satchel on \
                     it. What it handed over waits under Set aside, for you or another administrator to release."
                </p>
                <p>
                    "Until it connects, somebody who can unlock it can go on reading what is on it. People keep their \
                     own access; remove them separately."
                </p>
            </Confirm>
        </section>
    }
}

/// Inviting somebody, by a link that is shown once.
#[component]
pub fn Colleagues() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let role = RwSignal::new(Role::Pharmacist);
    let link = RwSignal::new(None::<(String, String)>);
    let problem = RwSignal::new(String::new());
    let invite = move |_| {
        spawn_local(async move {
            match satchel.invite(role.get_untracked()).await {
                Ok(made) => {
                    problem.set(String::new());
                    link.set(Some((made.link, made.expires_at)));
                }
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="colleagues-title">
            <h2 class="section-heading" id="colleagues-title">
                "Invite a colleague"
            </h2>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for="invite-role">
                    "As"
                </label>
                <select
                    class="nhsuk-select"
                    id="invite-role"
                    on:change=move |event| {
                        if let Ok(chosen) = event_target_value(&event).parse() {
                            role.set(chosen);
                        }
                    }
                >
                    {Role::ALL
                        .into_iter()
                        .map(|one| {
                            view! {
                                <option value=one.name() selected=move || role.get() == one>
                                    {one.name()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=invite>
                "Make an enrolment link"
            </button>
            <div role="status">
                {move || {
                    link.get()
                        .map(|(link, until)| {
                            view! {
                                <p>
                                    "Give this link to your colleague. It works once, until "
                                    {words::when(&until, clock.exactly())}
                                    "."
                                </p>
                                <p class="one-time-link">{link}</p>
                            }
                        })
                }}
            </div>
        </section>
    }
}
