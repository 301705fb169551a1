//! Enrolling by a one-time link: `/enrol#token`. The token stays in the fragment, which no server log sees.

use super::model::{enrolment_slips, passphrase_slips, words_for};
use super::page::{PassphraseBoxes, SignInPage};
use crate::state::{Phase, Satchel, Way};
use crate::ui::{ErrorSummary, PageHeading, Slip, TextBox, TextKind};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_navigate};
use shared::api::InvitationView;
use shared::people::Role;

#[component]
pub fn EnrolPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let hash = use_location().hash;
    let token = Memo::new(move |_| hash.get().trim_start_matches('#').to_owned());
    let invitation = RwSignal::new(None::<Result<InvitationView, String>>);
    Effect::new(move |_| {
        let token = token.get();
        if token.is_empty() {
            invitation.set(Some(Err(
                "This address is not an enrolment link. Open the whole link you were given.".to_owned(),
            )));
            return;
        }
        spawn_local(async move {
            let found = satchel.look_at_invitation(token).await;
            invitation.set(Some(found.map_err(|trouble| trouble.to_string())));
        });
    });
    let goes_on = Memo::new(move |_| {
        satchel.phase.with(|phase| {
            matches!(phase, Phase::NeedsPassphrase { .. } | Phase::NeedsPin { .. } | Phase::LettingIn(_))
        })
    });
    let enrolled = Memo::new(move |_| satchel.phase.with(|phase| matches!(phase, Phase::Open(_))));
    let sent = RwSignal::new(false);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if enrolled.get() && sent.get() {
            navigate("/welcome", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    move || {
        if goes_on.get() {
            return view! { <SignInPage/> }.into_any();
        }
        match invitation.get() {
            None => view! { <p class="page page--narrow">"Looking at your link"</p> }.into_any(),
            Some(Err(words)) => view! {
                <div class="page page--narrow">
                    <PageHeading text="This link cannot be used"/>
                    <p>{words}</p>
                    <p>"A link works once and for a limited time. Ask your pharmacy's administrator for another."</p>
                    <p><A href="/">"Go to sign in"</A></p>
                </div>
            }
            .into_any(),
            Some(Ok(invitation)) => {
                view! { <EnrolForm token=token.get_untracked() invitation sent/> }.into_any()
            }
        }
    }
}

#[component]
fn EnrolForm(token: String, invitation: InvitationView, sent: RwSignal<bool>) -> impl IntoView {
    let satchel = Satchel::from_context();
    let role = invitation.role;
    let name = RwSignal::new(String::new());
    let gphc = RwSignal::new(String::new());
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let can_touch = satchel.has_passkeys();
    let by_passphrase = RwSignal::new(!can_touch);
    let slips = RwSignal::new(Vec::<Slip>::new());
    let busy = RwSignal::new(false);
    let several = RwSignal::new(false);
    let ods = invitation.pharmacy.ods.clone();
    // Where this pharmacy has a vault already, whoever joins it makes the device one of several people.
    let has_vault = Memo::new(move |_| satchel.pharmacies.with(|all| all.iter().any(|one| one.ods == ods)));
    let join_token = token.clone();
    let join = move |_| {
        busy.set(true);
        sent.set(true);
        let token = join_token.clone();
        spawn_local(async move {
            if let Err(trouble) = satchel.join(token).await {
                slips.set(vec![Slip { field: "enrol-known".to_owned(), words: trouble.to_string() }]);
            }
            busy.set(false);
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (typed_name, typed_gphc) = (name.get_untracked(), gphc.get_untracked());
        let mut found = enrolment_slips(role, &typed_name, &typed_gphc);
        let way = if by_passphrase.get_untracked() {
            found.extend(passphrase_slips(&passphrase.get_untracked(), &again.get_untracked()));
            Way::Passphrase(passphrase.get_untracked())
        } else {
            Way::Passkey
        };
        slips.set(found.clone());
        if !found.is_empty() {
            return;
        }
        busy.set(true);
        sent.set(true);
        let token = token.clone();
        spawn_local(async move {
            let shared = several.get_untracked();
            let (name, gphc) = (typed_name.trim().to_owned(), typed_gphc.trim().to_owned());
            if let Err(trouble) = satchel.enrol(token, name, gphc, way, shared).await {
                slips.set(vec![Slip { field: "enrol-name".to_owned(), words: trouble.to_string() }]);
            }
            busy.set(false);
        });
    };
    let registered = matches!(role, Role::Pharmacist | Role::Technician);
    let error = move |field: &'static str| {
        Signal::derive(move || {
            // A refusal by the server or the sensor stands at the top only; it is no fault of the name.
            slips.with(|slips| {
                if slips.len() == 1 && field == "enrol-name" && !name.get().trim().is_empty() {
                    String::new()
                } else {
                    words_for(slips, field)
                }
            })
        })
    };
    view! {
        <div class="page page--narrow">
            <PageHeading text=format!("Join {}", invitation.pharmacy.name)/>
            <ErrorSummary slips/>
            <p>
                {format!(
                    "You were invited as a {} at {} ({}).",
                    role.name(),
                    invitation.pharmacy.name,
                    invitation.pharmacy.ods,
                )}
            </p>
            <ol class="steps-plain">
                <li><strong>"Make a passkey."</strong>" It replaces passwords and unlocks the records here."</li>
                <li>
                    <strong>"Add to the home screen."</strong>
                    " Otherwise the tablet may delete unsent work after a week."
                </li>
                <li><strong>"Try it offline"</strong>" with a practice patient, before you need it."</li>
            </ol>
            {can_touch
                .then(|| {
                    view! {
                        <div class="nhsuk-inset-text">
                            <p>"Do you use Satchel already, at another pharmacy or on another device?"</p>
                            <button
                                type="button"
                                id="enrol-known"
                                class="nhsuk-button nhsuk-button--secondary"
                                disabled=move || busy.get()
                                on:click=join
                            >
                                "Join with my passkey"
                            </button>
                        </div>
                    }
                })}
            <form on:submit=submit novalidate=true>
                <TextBox
                    id="enrol-name"
                    label="Your full name"
                    hint="As colleagues and GPs should read it."
                    value=name
                    error=error("enrol-name")
                />
                {registered
                    .then(|| {
                        view! {
                            <TextBox
                                id="enrol-gphc"
                                label="GPhC registration number"
                                hint="7 digits. It shows as not checked until somebody has checked it."
                                kind=TextKind::Digits
                                value=gphc
                                error=error("enrol-gphc")
                            />
                        }
                    })}
                <Show when=move || !has_vault.get()>
                    <SeveralPeople several/>
                </Show>
                {can_touch
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="link-button form-link"
                                on:click=move |_| by_passphrase.update(|chosen| *chosen = !*chosen)
                            >
                                {move || {
                                    if by_passphrase.get() {
                                        "Use the sensor instead"
                                    } else {
                                        "Use a passphrase instead of the sensor"
                                    }
                                }}
                            </button>
                        }
                    })}
                <Show when=move || by_passphrase.get()>
                    <p>"A passphrase opens the records on this device, also without a network."</p>
                    <PassphraseBoxes passphrase again slips/>
                </Show>
                <button type="submit" class="nhsuk-button" disabled=move || busy.get()>
                    {move || {
                        if by_passphrase.get() { "Join with this passphrase" } else { "Make a passkey" }
                    }}
                </button>
            </form>
        </div>
    }
}

/// Asked at set-up: a passkey alone is not a person where several people use the device.
#[component]
pub fn SeveralPeople(several: RwSignal<bool>) -> impl IntoView {
    let option = move |id: &'static str, label: &'static str, value: bool| {
        view! {
            <div class="nhsuk-radios__item">
                <input
                    class="nhsuk-radios__input"
                    type="radio"
                    id=id
                    name="several-people"
                    prop:checked=move || several.get() == value
                    on:change=move |_| several.set(value)
                />
                <label class="nhsuk-label nhsuk-radios__label" for=id>
                    {label}
                </label>
            </div>
        }
    };
    view! {
        <div class="nhsuk-form-group">
            <fieldset class="nhsuk-fieldset" aria-describedby="several-people-hint">
                <legend class="nhsuk-fieldset__legend">"Is this device used by several people?"</legend>
                <div class="nhsuk-hint" id="several-people-hint">
                    "If so, everybody has a PIN of their own beside the sensor. You can change this later."
                </div>
                <div class="nhsuk-radios nhsuk-radios--inline">
                    {option("several-people-no", "No, only by me", false)}
                    {option("several-people-yes", "Yes", true)}
                </div>
            </fieldset>
        </div>
    }
}
