//! The way to the National Care Records Service, with the NHS number copied (practice 8).

use super::desk::Desk;
use crate::platform::{clock, page};
use crate::vault::audited;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Where the service is opened, unless the server says otherwise (NHS England, National Care Records Service).
const NCRS: &str = "https://portal.spineservices.nhs.uk/nationalcarerecordsservice/";
/// Milliseconds after which the number is taken off the clipboard again.
const ON_CLIPBOARD: u32 = 60_000;

#[component]
pub fn RecordAccess() -> impl IntoView {
    let desk = Desk::from_context();
    let address = move || {
        let told = desk.satchel.standing.with(|kept| kept.as_ref().map(|kept| kept.view.ncrs.clone()));
        told.filter(|told| told.starts_with("https://")).unwrap_or_else(|| NCRS.to_owned())
    };
    let said = RwSignal::new("");
    let number =
        Memo::new(move |_| desk.read(|open| open.record.patient.nhs_number.clone()).unwrap_or_default());
    let copy = move |_| {
        let number = number.get_untracked();
        spawn_local(async move {
            if !page::copy(&number).await {
                let _ = said.try_set("This browser does not let Satchel copy. Type the number.");
                return;
            }
            let _ = said
                .try_set("Copied. It is taken off the clipboard in a minute where the browser allows that.");
            audited::note(desk.satchel, audited::COPIED_NUMBER, desk.id, String::new());
            clock::sleep(ON_CLIPBOARD).await;
            page::uncopy(&number).await;
        });
    };
    view! {
        <div class="question">
            <div class="button-row">
                <a
                    href=address
                    target="_blank"
                    rel="noopener noreferrer"
                    on:click=move |_| audited::note(desk.satchel, audited::OPENED_NCRS, desk.id, String::new())
                >
                    "National Care Records Service (opens in a new tab)"
                </a>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    disabled=move || number.with(String::is_empty)
                    on:click=copy
                >
                    "Copy NHS number"
                </button>
            </div>
            <p class="nhsuk-hint" role="status">
                {move || said.get()}
            </p>
        </div>
    }
}
