//! Medicines asked for, recommended or refused. None can be recorded as supplied here (practice 1).

use super::desk::Desk;
use super::medicine_words::{decision_code, decision_words, medicine_line, place_to_record};
use crate::platform::clock;
use crate::ui::TextBox;
use leptos::prelude::*;
use shared::consultation::Medicine;
use shared::time;

#[component]
pub fn Medicines() -> impl IntoView {
    let desk = Desk::from_context();
    let lines = Memo::new(move |_| {
        desk.read(|open| {
            let medicines = open.record.medicines.iter();
            let line = |medicine| medicine_line(desk.pathway, medicine);
            medicines.map(|(id, medicine)| (id.clone(), line(medicine))).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let name = RwSignal::new(String::new());
    let directions = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    Effect::new(move |_| {
        let typed = [name, directions, reason].iter().any(|box_| !box_.with(|words| words.trim().is_empty()));
        desk.half_typed.set(typed);
    });
    let decisions = &desk.pathway.medicines.decisions;
    let decision = RwSignal::new(decisions.first().copied().map(decision_code).unwrap_or_default());
    // What is offered follows the setting: at home a medicine is decided, and had from the pharmacy (practice 1).
    let places = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            assessment.as_ref().map(|assessment| assessment.supplied_from.clone()).unwrap_or_default()
        })
    });
    let picked = RwSignal::new(String::new());
    let place =
        Memo::new(move |_| places.with(|places| picked.with(|picked| place_to_record(places, picked))));
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let words = name.get_untracked().trim().to_owned();
        if words.is_empty() {
            return;
        }
        let medicine = Medicine {
            name: words,
            decision: decision.get_untracked().to_owned(),
            reason: reason.get_untracked().trim().to_owned(),
            supplied_from: if decision.get_untracked() == "recommended" {
                place.get_untracked()
            } else {
                String::new()
            },
            directions: directions.get_untracked().trim().to_owned(),
            recorded_at: time::stored(clock::now()),
            ..Medicine::default()
        };
        let line = uuid::Uuid::new_v4().to_string();
        desk.edit(move |record| {
            record.medicines.insert(line, medicine);
        });
        for box_ in [name, directions, reason] {
            box_.set(String::new());
        }
    };
    view! {
        <section class="card" id="step-medicines" tabindex="-1" aria-labelledby="medicines-title">
            <h2 class="section-heading" id="medicines-title">
                "Medicines"
            </h2>
            <p class="nhsuk-hint">{desk.pathway.medicines.note.clone()}</p>
            <ul class="to-do">
                {move || {
                    lines
                        .get()
                        .into_iter()
                        .map(|(id, line)| {
                            let words = line.clone();
                            view! {
                                <li class="to-do__item">
                                    <span>{line}</span>
                                    <button
                                        type="button"
                                        class="link-button"
                                        on:click=move |_| {
                                            let id = id.clone();
                                            desk.edit(move |record| {
                                                record.medicines.remove(&id);
                                            });
                                        }
                                    >
                                        "Remove"
                                        <span class="nhsuk-u-visually-hidden">{format!(": {words}")}</span>
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <form class="medicine-form" on:submit=add>
                <TextBox id="medicine-name" label="Medicine, strength and form" value=name/>
                <fieldset class="nhsuk-fieldset nhsuk-form-group">
                    <legend class="question__legend">"Decision"</legend>
                    <div class="nhsuk-radios nhsuk-radios--inline">
                        {decisions
                            .iter()
                            .map(|one| {
                                let code = decision_code(*one);
                                view! {
                                    <div class="nhsuk-radios__item">
                                        <input
                                            class="nhsuk-radios__input"
                                            type="radio"
                                            name="medicine-decision"
                                            id=format!("medicine-decision-{code}")
                                            prop:checked=move || decision.get() == code
                                            on:change=move |_| decision.set(code)
                                        />
                                        <label
                                            class="nhsuk-label nhsuk-radios__label"
                                            for=format!("medicine-decision-{code}")
                                        >
                                            {decision_words(*one)}
                                        </label>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
                <Show when=move || decision.get() == "recommended">
                    <div class="nhsuk-form-group">
                        <label class="nhsuk-label" for="medicine-place">
                            "How does the patient get it?"
                        </label>
                        <select
                            class="nhsuk-select"
                            id="medicine-place"
                            on:change=move |event| picked.set(event_target_value(&event))
                        >
                            {move || {
                                places
                                    .get()
                                    .into_iter()
                                    .map(|offered| {
                                        view! {
                                            <option
                                                value=offered.id.as_str()
                                                selected=move || place.with(|place| *place == offered.id)
                                            >
                                                {offered.label.as_str()}
                                            </option>
                                        }
                                    })
                                    .collect_view()
                            }}
                        </select>
                    </div>
                    <TextBox id="medicine-directions" label="Directions" value=directions/>
                </Show>
                <Show when=move || decision.get() != "recommended">
                    <TextBox id="medicine-reason" label="Reason" value=reason/>
                </Show>
                <button
                    type="submit"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || name.with(|name| name.trim().is_empty())
                >
                    "Add medicine"
                </button>
            </form>
        </section>
    }
}
