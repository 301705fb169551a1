//! The form to find a patient in PDS by what is known of them.

use super::model::Step;
use super::page::LookUp;
use crate::ui::{ErrorSummary, SexBox, TextBox, TextKind};
use leptos::prelude::*;
use shared::api::LookUpDetails;

/// What stands in the form.
#[derive(Clone, Copy)]
pub struct Boxes {
    family_name: RwSignal<String>,
    given_name: RwSignal<String>,
    birth_date: RwSignal<String>,
    sex: RwSignal<String>,
    postcode: RwSignal<String>,
}

impl Boxes {
    pub fn new() -> Self {
        let [family_name, given_name, birth_date, sex, postcode] =
            std::array::from_fn(|_| RwSignal::new(String::new()));
        Self { family_name, given_name, birth_date, sex, postcode }
    }

    pub fn fill(self, details: &LookUpDetails) {
        self.family_name.set(details.family_name.clone());
        self.given_name.set(details.given_name.clone());
        self.birth_date.set(details.birth_date.clone());
        self.sex.set(details.sex.clone());
        self.postcode.set(details.postcode.clone());
    }

    pub fn details(self) -> LookUpDetails {
        let tidy = |text: RwSignal<String>| text.with_untracked(|text| text.trim().to_owned());
        LookUpDetails {
            family_name: tidy(self.family_name),
            given_name: tidy(self.given_name),
            birth_date: tidy(self.birth_date),
            sex: tidy(self.sex),
            postcode: tidy(self.postcode),
            fuzzy: false,
        }
    }
}

#[component]
pub fn SearchForm() -> impl IntoView {
    let look_up = expect_context::<LookUp>();
    let LookUp { boxes, slips, step, .. } = look_up;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        look_up.search(false);
    };
    // Only after an exact search found nobody: everybody who is found counts nationally as looked at.
    let wider = move || step.with(|step| *step == Step::NoMatch { fuzzy: false });
    view! {
        <form on:submit=submit novalidate=true>
            <ErrorSummary slips/>
            <TextBox id="pds-family-name" label="Family name" value=boxes.family_name/>
            <TextBox id="pds-given-name" label="Given name" value=boxes.given_name/>
            <TextBox id="pds-birth-date" label="Date of birth" kind=TextKind::Date value=boxes.birth_date/>
            <SexBox id="pds-sex" value=boxes.sex/>
            <TextBox id="pds-postcode" label="Postcode" value=boxes.postcode/>
            <div class="button-row">
                <button
                    type="submit"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    disabled=move || step.with(|step| *step == Step::Asking)
                >
                    "Search PDS"
                </button>
                <Show when=wider>
                    <button
                        type="button"
                        class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                        on:click=move |_| look_up.search(true)
                    >
                        "Search more widely"
                    </button>
                </Show>
            </div>
        </form>
    }
}
