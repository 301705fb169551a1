//! The emergency exit: what to do in the pathway's words, the address to read out, and signing at once (practice 12).

use super::desk::Desk;
use super::finish::sign;
use super::model::emergency_words;
use crate::ui::Confirm;
use leptos::prelude::*;

#[component]
pub fn Emergency() -> impl IntoView {
    let desk = Desk::from_context();
    let flags = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let flags =
                assessment.as_ref().map(|assessment| assessment.red_flags.clone()).unwrap_or_default();
            flags.into_iter().map(|flag| (flag.label, flag.action)).collect::<Vec<_>>()
        })
    });
    let may_sign = Memo::new(move |_| {
        desk.assessment.with(|assessment| assessment.as_ref().is_some_and(|a| a.emergency_may_sign))
    });
    let words = Memo::new(move |_| {
        desk.assessment.with(|assessment| assessment.as_ref().map(emergency_words).unwrap_or_default())
    });
    let address = Memo::new(move |_| {
        desk.read(|open| {
            shared::pathway::Prefill::PatientAddress
                .suggest(&open.record, crate::platform::clock::now(), "")
                .map(|offer| (offer.answer.to_string(), offer.source))
        })
        .flatten()
    });
    let asking = RwSignal::new(false);
    view! {
        <Show when=move || flags.with(|flags| !flags.is_empty())>
            <section class="panel panel--emergency" id="emergency" tabindex="-1" aria-label="Emergency: what to do">
                <h2 class="panel__title">"Emergency"</h2>
                <div class="panel__body">
                    <ul class="nhsuk-list">
                        {move || {
                            flags
                                .get()
                                .into_iter()
                                .map(|(label, action)| {
                                    view! {
                                        <li>
                                            <strong class="panel__action">{action}</strong>
                                            <span>{label}</span>
                                        </li>
                                    }
                                })
                                .collect_view()
                        }}
                    </ul>
                    <p>
                        "Address to read out: "
                        {move || match address.get() {
                            Some((address, source)) => {
                                view! {
                                    <strong class="panel__address">{address}</strong>
                                    {format!(" ({source})")}
                                }
                                    .into_any()
                            }
                            None => view! { <strong>"not known, ask"</strong> }.into_any(),
                        }}
                    </p>
                    <div class="button-row">
                        <a class="nhsuk-button nhsuk-button--warning" href="tel:999">
                            "Call 999"
                        </a>
                        <a class="nhsuk-button nhsuk-button--secondary" href="#step-emergency" rel="external">
                            "Record what was done"
                        </a>
                        <Show when=move || may_sign.get() && desk.may_sign.get() && desk.editable.get()>
                            <button
                                type="button"
                                class="nhsuk-button"
                                on:click=move |_| asking.set(true)
                            >
                                "Sign emergency now"
                            </button>
                        </Show>
                    </div>
                    <p>{move || words.get()}</p>
                </div>
            </section>
            <Confirm
                open=asking
                title="Sign emergency now"
                verb="Sign emergency now"
                on_confirm=Callback::new(move |()| sign(&desk))
            >
                <p>
                    "The record is signed as it stands. Complete what is missing later with an amendment: \
                     the GP is told when you sign that. If the GP must know sooner, phone."
                </p>
            </Confirm>
        </Show>
    }
}
