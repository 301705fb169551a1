//! The address book from a CSV file: chosen here, read by the server, all of it or nothing.

use super::model::import_words;
use crate::platform::{api_places, file};
use crate::state::Satchel;
use crate::ui::Attempt;
use leptos::prelude::*;
use shared::api::AddressImport;

/// Bytes of a file that the server takes.
const LARGEST: f64 = 8.0 * 1024.0 * 1024.0;

#[component]
pub fn ImportFile(changed: RwSignal<u32>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let done = RwSignal::new(None::<AddressImport>);
    let choose = move |event: leptos::ev::Event| {
        done.set(None);
        let Some(chosen) = file::chosen(&event) else { return };
        if chosen.size > LARGEST {
            attempt.problem.set("This file is larger than 8 MB.".to_owned());
            return;
        }
        attempt.run(async move {
            let Some(bytes) = chosen.bytes().await else {
                attempt.problem.try_set("The file could not be read. Choose it again.".to_owned());
                return Ok(());
            };
            let said = api_places::import_addresses(satchel, &bytes).await?;
            done.try_set(Some(said));
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    };
    view! {
        <div class="nhsuk-form-group">
            <label class="nhsuk-label" for="address-file">
                "CSV file in UTF-8"
            </label>
            <div class="nhsuk-hint" id="address-file-hint">
                "The first line names the columns: name and email, and where known ods, kind (practice, pharmacy or \
                 other), phone and note. If one line is wrong, nothing is imported. Entries that the file does not \
                 name stay. A changed address has to be confirmed again."
            </div>
            <div class="preserve-lines">{attempt.said()}</div>
            <input
                type="file"
                id="address-file"
                accept=".csv,text/csv"
                aria-describedby="address-file-hint"
                disabled=move || attempt.busy.get()
                on:change=choose
            />
            <p role="status">{move || done.get().map(import_words)}</p>
        </div>
    }
    .into_any()
}
