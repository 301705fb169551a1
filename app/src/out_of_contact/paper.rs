//! Draws one's own unsent consultation on a plain page, to be read and printed.

use super::model::on_paper;
use crate::consultation::opened;
use crate::platform::page;
use crate::state::Satchel;
use crate::ui::{AnswerRows, BackLink, Clock, PageHeading, words};
use leptos::prelude::*;

#[component]
pub fn UnsentPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let open = opened();
    let title = Memo::new(move |_| {
        let name = satchel
            .consultation
            .with(|open| open.as_ref().map(|open| words::full_name(&open.record.patient)))
            .unwrap_or_default();
        if open.get().is_some() { format!("Consultation of {name}") } else { "Consultation".to_owned() }
    });
    let parts = move || {
        open.get()?;
        satchel.consultation.with(|open| {
            let record = &open.as_ref()?.record;
            let pathway = shared::pathway::find(&record.pathway);
            Some((words::pathway_title(&record.pathway), on_paper(record, pathway, clock.exactly())))
        })
    };
    view! {
        <div class="page paper">
            <BackLink to="/" name="Back"/>
            <PageHeading text=title/>
            <p class="page__note">
                {move || {
                    format!("Not yet with the server. As it stands on this device {}.", words::moment(clock.now(), 0))
                }}
            </p>
            {move || {
                parts()
                    .map(|(pathway, parts)| {
                        view! {
                            <p>
                                <strong>{pathway}</strong>
                            </p>
                            {parts
                                .into_iter()
                                .map(|part| {
                                    view! {
                                        <section class="card">
                                            <h2 class="section-heading">{part.title}</h2>
                                            <Lines lines=part.lines/>
                                        </section>
                                    }
                                })
                                .collect_view()}
                            <button
                                type="button"
                                class="nhsuk-button nhsuk-button--secondary"
                                on:click=move |_| page::print()
                            >
                                "Print"
                            </button>
                        }
                    })
            }}
        </div>
    }
}

/// Labelled lines as a list of terms; what speaks for itself as paragraphs.
#[component]
fn Lines(lines: Vec<(String, String)>) -> impl IntoView {
    if lines.iter().any(|(label, _)| label.is_empty()) {
        return lines
            .into_iter()
            .map(|(_, words)| view! { <p class="preserve-lines">{words}</p> })
            .collect_view()
            .into_any();
    }
    view! { <AnswerRows rows=lines/> }.into_any()
}
