//! Several people whom PDS found, in its order and without its score, so that people choose by what they read.

use super::model::Candidate;
use super::page::LookUp;
use crate::ui::Clock;
use leptos::prelude::*;
use shared::api::LookUpBy;
use shared::patient::PdsPatient;

#[component]
pub fn Results(patients: Vec<PdsPatient>) -> impl IntoView {
    let look_up = expect_context::<LookUp>();
    let now = Clock::from_context().exactly();
    let line = move |patient: PdsPatient| {
        let found = Candidate::of(&patient, now);
        let named = found.name.clone();
        // Search results leave things out, the nominated pharmacy for one.
        let choose = move |_| look_up.ask(LookUpBy::Number { nhs_number: patient.nhs_number.clone() });
        view! {
            <li class="to-do__item">
                <span>
                    <strong>{found.name}</strong>
                    {format!(", {}. {}. {}", found.born, found.place, found.practice)}
                    {found.deceased.then(|| view! { " " <strong class="nhsuk-tag nhsuk-tag--red">"Died"</strong> })}
                </span>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    on:click=choose
                >
                    "This is the patient"
                    <span class="nhsuk-u-visually-hidden">{format!(": {named}")}</span>
                </button>
            </li>
        }
    };
    view! { <ul class="to-do">{patients.into_iter().map(line).collect_view()}</ul> }
}
