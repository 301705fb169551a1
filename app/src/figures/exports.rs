//! Exports to take away: which files there are, and a link to each.

use crate::platform::api_reports;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Choice, TextBox, TextKind, words};
use leptos::prelude::*;
use shared::api::ExportView;

/// Of the days that are shown.
#[component]
pub(super) fn Exports(from: RwSignal<String>, to: RwSignal<String>) -> AnyView {
    let satchel = Satchel::from_context();
    let shape = RwSignal::new("csv".to_owned());
    let recipient = RwSignal::new(String::new());
    let attempt = Attempt::default();
    let found = RwSignal::new(None::<ExportView>);
    let find = Callback::new(move |()| {
        let (from, to) = (from.get_untracked(), to.get_untracked());
        let (shape, recipient) = (shape.get_untracked(), recipient.get_untracked());
        found.set(None);
        attempt.run(async move {
            found.set(Some(api_reports::exports(satchel, &from, &to, &shape, recipient.trim()).await?));
            Ok(())
        });
    });
    let list = move || {
        found.get().map(|view| {
            let many = usize::try_from(view.consultations).unwrap_or(usize::MAX);
            let parts = view.parts.into_iter().map(|part| {
                let words = part.name.clone();
                view! {
                    <li>
                        <a href=part.path download=part.name rel="external">
                            {words}
                        </a>
                    </li>
                }
            });
            view! {
                <p role="status">{words::count(many, "consultation", "consultations")}</p>
                <ul class="nhsuk-list">{parts.collect_view()}</ul>
                <p>
                    <a href="/api/exports/dictionary.csv" download="dictionary.csv" rel="external">
                        "What the columns mean"
                    </a>
                </p>
            }
        })
    };
    view! {
        <section class="card no-print" id="exports">
            <p>
                "Of the days above, signed consultations that are with the server. Each file is noted in the audit log. \
                 Whoever has a file answers for it."
            </p>
            <Choice
                id="export-shape"
                label="As"
                options=vec![
                    ("csv".to_owned(), "CSV for a spreadsheet".to_owned()),
                    ("fhir".to_owned(), "FHIR NDJSON".to_owned()),
                ]
                value=shape
            />
            <TextBox
                id="export-recipient"
                label="Nobody may be recognised by (recipient)"
                hint="Marks stand for people then, and what fewer than five share is left out. Empty: as recorded."
                kind=TextKind::Line
                value=recipient
            />
            <Action words="List the files" class="nhsuk-button--secondary" attempt on_click=find/>
            {attempt.said()}
            {list}
        </section>
    }
    .into_any()
}
