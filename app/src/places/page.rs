//! A page to look services up on, outside any consultation.

use super::finder::Finder;
use super::model::services;
use crate::ui::{BackLink, Choice, PageHeading};
use leptos::prelude::*;
use shared::places::Service;

#[component]
pub fn PlacesPage() -> impl IntoView {
    let service = RwSignal::new(Service::Pharmacy.as_str().to_owned());
    let postcode = RwSignal::new(String::new());
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Services nearby"/>
            <p>
                "Opening times come from the directory and may be out of date. Phone before you send somebody. The \
                 last results stay on this device for use with no signal."
            </p>
            <Choice id="places-service" label="What is looked for?" options=services() value=service/>
            <Finder service postcode/>
        </div>
    }
}
