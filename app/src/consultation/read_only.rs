//! A signed record: what was answered, to be read, not changed.

use super::desk::Desk;
use super::medicine_words::medicine_line;
use super::model::section_anchor;
use crate::ui::AnswerRows;
use leptos::prelude::*;
use shared::pathway::{Facts, answer_in_words};

/// One section's answers in words.
type Part = (String, String, Vec<(String, String)>);

#[component]
pub fn ReadOnly() -> impl IntoView {
    let desk = Desk::from_context();
    let parts = Memo::new(move |_| {
        desk.read(|open| {
            let record = &open.record;
            let facts = Facts::of(record);
            desk.assessment.with(|assessment| {
                let sections = assessment.iter().flat_map(|assessment| &assessment.sections);
                sections
                    .map(|state| {
                        let answers = state.questions.iter().filter_map(|question| {
                            let words = answer_in_words(
                                desk.pathway,
                                question.field,
                                &record.answers,
                                &record.observations,
                                &facts,
                            )?;
                            Some((question.field.short().to_owned(), words))
                        });
                        (state.section.id.clone(), state.section.title.clone(), answers.collect())
                    })
                    .filter(|(_, _, answers): &Part| !answers.is_empty())
                    .collect::<Vec<Part>>()
            })
        })
        .unwrap_or_default()
    });
    let medicines = Memo::new(move |_| {
        desk.read(|open| {
            let medicines = open.record.medicines.values();
            medicines.map(|medicine| medicine_line(desk.pathway, medicine)).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let notes =
        Memo::new(move |_| desk.read(|open| open.record.notes.as_str().to_owned()).unwrap_or_default());
    view! {
        {move || {
            parts
                .get()
                .into_iter()
                .map(|(id, title, answers)| {
                    view! {
                        <section class="card" id=section_anchor(&id) tabindex="-1">
                            <h2 class="section-heading">{title}</h2>
                            <AnswerRows rows=answers/>
                        </section>
                    }
                })
                .collect_view()
        }}
        <Show when=move || medicines.with(|medicines| !medicines.is_empty())>
            <section class="card" id="step-medicines" tabindex="-1">
                <h2 class="section-heading">"Medicines"</h2>
                <ul class="nhsuk-list nhsuk-list--bullet">
                    {move || medicines.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                </ul>
            </section>
        </Show>
        <Show when=move || notes.with(|notes| !notes.is_empty())>
            <section class="card" id="step-notes" tabindex="-1">
                <h2 class="section-heading">"Notes"</h2>
                <p class="preserve-lines">{move || notes.get()}</p>
            </section>
        </Show>
    }
}
