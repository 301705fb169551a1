//! The patient's details, and putting them right.

use super::desk::Desk;
use super::model::others;
use crate::tracing::Tracing;
use crate::ui::{Clock, ErrorSummary, Facts, Slip};
use crate::walk_in::model::PatientForm;
use crate::walk_in::{PatientBoxes, PatientBoxesState};
use crate::work_list::same_patient::Patient;
use leptos::prelude::*;
use leptos_router::components::A;

/// Closed until asked for: the banner shows what is needed at the bedside.
#[component]
pub fn PatientDetails() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let changing = RwSignal::new(false);
    let more = Memo::new(move |_| {
        desk.read(|open| {
            let patient = &open.record.patient;
            let gp = match (patient.gp_name.as_str(), patient.gp_ods.as_str()) {
                ("", code) => code.to_owned(),
                (name, "") => name.to_owned(),
                (name, code) => format!("{name} ({code})"),
            };
            let all = [
                ("GP practice", if gp.is_empty() { "not known".to_owned() } else { gp }),
                ("Sex", patient.sex.clone()),
                ("Where the patient is now", patient.location_now.clone()),
                ("Other phone numbers", patient.other_phones.clone()),
                ("Who called", patient.caller.clone()),
            ];
            all.into_iter().filter(|(_, words)| !words.is_empty()).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let others = Memo::new(move |_| {
        let who = desk.read(|open| (open.record.id.clone(), Patient::recorded(&open.record.patient)));
        let Some((id, patient)) = who else { return Vec::new() };
        desk.satchel
            .rows
            .with(|rows| others(&id, &patient, rows.iter().map(|listed| &listed.row), clock.exactly()))
    });
    view! {
        <section class="card" id="step-patient" tabindex="-1" aria-labelledby="patient-title">
            <h2 class="section-heading" id="patient-title">
                "Patient's details"
            </h2>
            {move || view! { <Facts facts=more.get()/> }}
            <Show when=move || !changing.get()>
                <Tracing/>
            </Show>
            <Show when=move || others.with(|others| !others.is_empty())>
                <h3 class="report__title">"Other consultations of this patient here"</h3>
                <ul class="to-do">
                    {move || {
                        others
                            .get()
                            .into_iter()
                            .map(|other| {
                                view! {
                                    <li class="to-do__item">
                                        <A href=format!("/consultations/{}", other.id)>{other.words}</A>
                                        {other
                                            .unfinished
                                            .then(|| {
                                                view! {
                                                    <strong class="nhsuk-tag nhsuk-tag--orange">
                                                        "Not finished"
                                                    </strong>
                                                }
                                            })}
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                </ul>
            </Show>
            <Show when=move || desk.editable.get()>
                <Show
                    when=move || changing.get()
                    fallback=move || {
                        view! {
                            <button
                                type="button"
                                class="link-button"
                                on:click=move |_| changing.set(true)
                            >
                                "Change patient's details"
                            </button>
                        }
                    }
                >
                    <Change changing/>
                </Show>
            </Show>
        </section>
    }
}

#[component]
fn Change(changing: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let form = desk
        .satchel
        .consultation
        .with_untracked(|open| open.as_ref().map(|open| PatientForm::of(&open.record.patient)))
        .unwrap_or_default();
    let boxes = PatientBoxesState::new(form);
    let slips = RwSignal::new(Vec::<Slip>::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let form = boxes.form();
        let found: Vec<Slip> = form
            .mistakes(clock.exactly())
            .into_iter()
            .map(|mistake| Slip { field: mistake.field.to_owned(), words: mistake.words })
            .collect();
        slips.set(found.clone());
        if found.is_empty() {
            desk.edit(move |record| form.write(&mut record.patient));
            changing.set(false);
        }
    };
    view! {
        <form on:submit=submit novalidate=true>
            <ErrorSummary slips/>
            <PatientBoxes boxes slips/>
            <div class="button-row">
                <button type="submit" class="nhsuk-button nhsuk-button--secondary">
                    "Use these details"
                </button>
                <button type="button" class="link-button" on:click=move |_| changing.set(false)>
                    "Leave as they were"
                </button>
            </div>
        </form>
    }
}
