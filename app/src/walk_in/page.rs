//! Draws the form for a new consultation.

use super::model::{Came, PatientForm, referral_note};
use super::practice::PracticePicker;
use super::referrer::{ReferrerBoxes, ReferrerBoxesState, ReferrerForm};
use crate::state::Satchel;
use crate::ui::{BackLink, Clock, ErrorSummary, PageHeading, SexBox, Slip, TextBox, TextKind};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use shared::pathway::{Pathway, Strand};
use shared::time;

/// The newest version of each service, for the choice.
pub fn services() -> Vec<&'static Pathway> {
    shared::pathway::services()
}

#[component]
pub fn WalkInPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let practice = use_query_map().with_untracked(|query| query.get("practice").is_some());
    let boxes = PatientBoxesState::new(if practice {
        PatientForm::practice_patient()
    } else {
        PatientForm::default()
    });
    let services = services();
    // Advice on a minor illness is what somebody who comes by themselves gets, until a pathway is chosen on purpose.
    let usual = services.iter().find(|pathway| pathway.strand == Strand::MinorIllness);
    let service = RwSignal::new(usual.map(|pathway| pathway.key()).unwrap_or_default());
    let phoned =
        use_query_map().with_untracked(|query| query.get("came").is_some_and(|came| came == "phone"));
    let came = RwSignal::new(if phoned { Came::Phone } else { Came::WalkIn });
    let referrer = ReferrerBoxesState::new(ReferrerForm::default());
    let strand = Signal::derive(move || {
        let strand = shared::pathway::find(&service.get()).map(|pathway| pathway.strand.code());
        strand.unwrap_or_default().to_owned()
    });
    let complaint = RwSignal::new(if practice {
        "Practice patient: not a real person".to_owned()
    } else {
        String::new()
    });
    let slips = RwSignal::new(Vec::<Slip>::new());
    let busy = RwSignal::new(false);
    let navigate = use_navigate();

    let note =
        move || shared::pathway::find(&service.get()).and_then(|pathway| referral_note(pathway, came.get()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let form = boxes.form();
        let now = clock.exactly();
        let came = came.get_untracked();
        let referred = (came != Came::WalkIn).then(|| untrack(|| referrer.form()));
        let found: Vec<Slip> = form
            .mistakes(now)
            .into_iter()
            .chain(referred.iter().flat_map(ReferrerForm::mistakes))
            .map(|mistake| Slip { field: mistake.field.to_owned(), words: mistake.words })
            .collect();
        slips.set(found.clone());
        if !found.is_empty() {
            return;
        }
        busy.set(true);
        let navigate = navigate.clone();
        let (pathway, strand) = (service.get_untracked(), strand.get_untracked());
        let complaint = complaint.get_untracked();
        spawn_local(async move {
            let made = satchel
                .add_walk_in(pathway, move |record| {
                    form.write(&mut record.patient);
                    came.channel().clone_into(&mut record.referral.channel);
                    record.referral.strand.clone_from(&strand);
                    if let Some(referred) = referred {
                        record.referral.referred_at = time::stored(now);
                        referred.write(&mut record.referral, &strand, now);
                    }
                    complaint.trim().clone_into(&mut record.referral.complaint);
                    if record.referral.received_at.is_empty() {
                        record.referral.received_at = time::stored(now);
                    }
                })
                .await;
            match made {
                Ok(id) => navigate(&format!("/consultations/{id}"), NavigateOptions::default()),
                Err(trouble) => {
                    slips.set(vec![Slip {
                        field: "patient-family-name".to_owned(),
                        words: trouble.to_string(),
                    }]);
                }
            }
            busy.set(false);
        });
    };

    view! {
        <div class="page page--narrow">
            <BackLink to="/" name="Work list"/>
            <PageHeading text=if phoned { "Add phone referral" } else { "Add walk-in" }/>
            <ErrorSummary slips/>
            <Show when=move || practice>
                <p class="page__note">
                    "This is a practice patient. Without an NHS number and a practice, no GP is told."
                </p>
            </Show>
            <form on:submit=submit novalidate=true>
                <fieldset class="nhsuk-fieldset nhsuk-form-group">
                    <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">
                        "How did the patient come?"
                    </legend>
                    <div class="nhsuk-radios">
                        {Came::ALL
                            .into_iter()
                            .map(|one| {
                                let id = format!("came-{}", one.channel());
                                view! {
                                    <div class="nhsuk-radios__item">
                                        <input
                                            class="nhsuk-radios__input"
                                            type="radio"
                                            name="came"
                                            id=id.clone()
                                            prop:checked=move || came.get() == one
                                            on:change=move |_| came.set(one)
                                        />
                                        <label class="nhsuk-label nhsuk-radios__label" for=id>
                                            {one.words()}
                                        </label>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
                <fieldset class="nhsuk-fieldset nhsuk-form-group">
                    <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">"Which service?"</legend>
                    <div class="nhsuk-radios">
                        {services
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
                <div role="status">
                    {move || note().map(|note| view! { <p class="nhsuk-inset-text">{note}</p> })}
                </div>
                <Show when=move || came.get() != Came::WalkIn>
                    <ReferrerBoxes
                        boxes=referrer
                        slips
                        strand
                        now=Signal::derive(move || clock.now())
                    />
                </Show>
                <TextBox id="complaint" label="What is wrong, in the patient's words" value=complaint/>
                <PatientBoxes boxes slips/>
                <button type="submit" class="nhsuk-button" disabled=move || busy.get()>
                    "Begin consultation"
                </button>
            </form>
        </div>
    }
}

/// What stands in the patient's boxes.
#[derive(Clone, Copy)]
pub struct PatientBoxesState {
    family_name: RwSignal<String>,
    given_name: RwSignal<String>,
    birth_date: RwSignal<String>,
    sex: RwSignal<String>,
    nhs_number: RwSignal<String>,
    address: RwSignal<String>,
    postcode: RwSignal<String>,
    location_now: RwSignal<String>,
    phone: RwSignal<String>,
    gp_name: RwSignal<String>,
    gp_ods: RwSignal<String>,
}

impl PatientBoxesState {
    pub fn new(form: PatientForm) -> Self {
        Self {
            family_name: RwSignal::new(form.family_name),
            given_name: RwSignal::new(form.given_name),
            birth_date: RwSignal::new(form.birth_date),
            sex: RwSignal::new(form.sex),
            nhs_number: RwSignal::new(form.nhs_number),
            address: RwSignal::new(form.address),
            postcode: RwSignal::new(form.postcode),
            location_now: RwSignal::new(form.location_now),
            phone: RwSignal::new(form.phone),
            gp_name: RwSignal::new(form.gp_name),
            gp_ods: RwSignal::new(form.gp_ods),
        }
    }

    pub fn form(self) -> PatientForm {
        PatientForm {
            family_name: self.family_name.get_untracked(),
            given_name: self.given_name.get_untracked(),
            birth_date: self.birth_date.get_untracked(),
            sex: self.sex.get_untracked(),
            nhs_number: self.nhs_number.get_untracked(),
            address: self.address.get_untracked(),
            postcode: self.postcode.get_untracked(),
            location_now: self.location_now.get_untracked(),
            phone: self.phone.get_untracked(),
            gp_name: self.gp_name.get_untracked(),
            gp_ods: self.gp_ods.get_untracked(),
        }
    }
}

/// The patient's details, for a new record or to put right a present one.
#[component]
pub fn PatientBoxes(boxes: PatientBoxesState, slips: RwSignal<Vec<Slip>>) -> impl IntoView {
    let error = move |field: &'static str| {
        Signal::derive(move || {
            slips.with(|slips| {
                slips
                    .iter()
                    .find(|slip| slip.field == field)
                    .map(|slip| slip.words.clone())
                    .unwrap_or_default()
            })
        })
    };
    view! {
        <TextBox
            id="patient-family-name"
            label="Family name"
            value=boxes.family_name
            error=error("patient-family-name")
        />
        <TextBox id="patient-given-name" label="Given name" value=boxes.given_name/>
        <TextBox
            id="patient-birth-date"
            label="Date of birth"
            kind=TextKind::Date
            value=boxes.birth_date
            error=error("patient-birth-date")
        />
        <SexBox id="patient-sex" value=boxes.sex/>
        <TextBox
            id="patient-nhs-number"
            label="NHS number"
            hint="Leave empty when it is not known. A typed number shows as not verified."
            kind=TextKind::Digits
            value=boxes.nhs_number
            error=error("patient-nhs-number")
        />
        <TextBox id="patient-phone" label="Phone" kind=TextKind::Phone value=boxes.phone/>
        <TextBox id="patient-address" label="Address" kind=TextKind::Lines value=boxes.address/>
        <TextBox
            id="patient-postcode"
            label="Postcode"
            value=boxes.postcode
            error=error("patient-postcode")
        />
        <TextBox
            id="patient-location-now"
            label="Where the patient is now, when not at home"
            value=boxes.location_now
        />
        <PracticePicker
            id="practice-search"
            label="Find the GP practice"
            name=boxes.gp_name
            ods=boxes.gp_ods
        />
        <TextBox id="patient-gp-name" label="GP practice" value=boxes.gp_name/>
        <TextBox
            id="patient-gp-ods"
            label="GP practice code"
            hint="For example A82648. Without it the GP notice is held."
            value=boxes.gp_ods
            error=error("patient-gp-ods")
        />
    }
}
