//! Draws the form that a waiting message is confirmed with: what could be read stands in it already.

use super::model::{patient_form, referrer_form, write_origin};
use crate::state::Satchel;
use crate::ui::{Clock, ErrorSummary, Slip, TextBox};
use crate::vault::waiting;
use crate::walk_in::{PatientBoxes, PatientBoxesState, ReferrerBoxes, ReferrerBoxesState, services};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::{WaitingSettlement, WaitingView};

#[component]
pub fn ConfirmForm(message: WaitingView) -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let navigate = use_navigate();
    let boxes = PatientBoxesState::new(patient_form(&message.content));
    let referrer = ReferrerBoxesState::new(referrer_form(&message.content));
    let complaint = RwSignal::new(message.content.field("complaint").to_owned());
    let services = services();
    let service = RwSignal::new(String::new());
    let strand = Signal::derive(move || {
        let strand = shared::pathway::find(&service.get()).map(|pathway| pathway.strand.code());
        strand.unwrap_or_default().to_owned()
    });
    let slips = RwSignal::new(Vec::<Slip>::new());
    let busy = RwSignal::new(false);
    let message = StoredValue::new(message);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let now = clock.exactly();
        let (form, referred) = (boxes.form(), untrack(|| referrer.form()));
        let mistakes = form.mistakes(now).into_iter().chain(referred.mistakes());
        let mut found: Vec<Slip> =
            mistakes.map(|mistake| Slip { field: mistake.field.to_owned(), words: mistake.words }).collect();
        let pathway = service.get_untracked();
        if pathway.is_empty() {
            found.insert(
                0,
                Slip {
                    field: services
                        .first()
                        .map(|service| format!("service-{}", service.id))
                        .unwrap_or_default(),
                    words: "Say which service the patient is referred for.".to_owned(),
                },
            );
        }
        slips.set(found.clone());
        if !found.is_empty() {
            return;
        }
        busy.set(true);
        let navigate = navigate.clone();
        let (strand, complaint) = (strand.get_untracked(), complaint.get_untracked());
        spawn_local(async move {
            let view = message.get_value();
            let made = satchel
                .add_walk_in(pathway, move |record| {
                    write_origin(&view, &mut record.referral);
                    form.write(&mut record.patient);
                    referred.write(&mut record.referral, &strand, now);
                    complaint.trim().clone_into(&mut record.referral.complaint);
                })
                .await;
            match made {
                Ok(id) => {
                    let settlement =
                        WaitingSettlement { what: "consultation".to_owned(), consultation: id.to_string() };
                    let decided =
                        waiting::decide(satchel, message.with_value(|view| view.id.clone()), settlement)
                            .await;
                    if let Err(trouble) = decided {
                        satchel.trouble.set(Some(trouble.to_string()));
                    }
                    navigate(&format!("/consultations/{id}"), NavigateOptions::default());
                }
                Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <section class="card" aria-labelledby="confirm-title">
            <h2 class="section-heading" id="confirm-title">
                "It is a referral"
            </h2>
            <p>"Compare every box with the message before you go on. The NHS number is not verified."</p>
            <ErrorSummary slips/>
            <form on:submit=submit novalidate=true>
                <fieldset class="nhsuk-fieldset nhsuk-form-group">
                    <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">"Which service?"</legend>
                    <div class="nhsuk-radios">
                        {crate::walk_in::services()
                            .into_iter()
                            .map(|pathway| {
                                let key = pathway.key();
                                let id = format!("service-{}", pathway.id);
                                let (chosen, set) = (key.clone(), key);
                                view! {
                                    <div class="nhsuk-radios__item">
                                        <input
                                            class="nhsuk-radios__input"
                                            type="radio"
                                            name="service"
                                            id=id.clone()
                                            prop:checked=move || service.get() == chosen
                                            on:change=move |_| service.set(set.clone())
                                        />
                                        <label class="nhsuk-label nhsuk-radios__label" for=id>
                                            {pathway.title.clone()}
                                        </label>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
                <TextBox id="complaint" label="What is wrong, in the referrer's words" value=complaint/>
                <ReferrerBoxes
                    boxes=referrer
                    slips
                    strand
                    now=Signal::derive(move || clock.now())
                />
                <PatientBoxes boxes slips/>
                <button type="submit" class="nhsuk-button" disabled=move || busy.get()>
                    "Make it a referral"
                </button>
            </form>
        </section>
    }
}
