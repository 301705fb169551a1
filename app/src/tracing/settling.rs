//! What was said beside what PDS holds, to be settled field by field.

use super::model::{Step, facts, first_choices, name, shown};
use super::page::LookUp;
use crate::platform::clock;
use crate::ui::{Clock, Facts, words};
use leptos::prelude::*;
use shared::patient::PdsPatient;
use shared::patient::tracing::{
    Difference, Likeness, Number, RESTRICTED_WORDS, SUPERSEDED_WORDS, TracedField, death_words, differences,
    note, settle,
};
use std::collections::BTreeSet;

#[component]
pub fn Settling(held: PdsPatient, superseded: String) -> impl IntoView {
    let look_up = expect_context::<LookUp>();
    let now = Clock::from_context().exactly();
    let said = look_up.patient();
    let found = differences(&said, &held);
    let chosen = RwSignal::new(first_choices(&found));
    let likeness = Likeness::of(&said, &held);
    let sure = RwSignal::new(likeness != Likeness::Unlike);
    let problem = RwSignal::new(String::new());
    let title = format!("Found in PDS: {}", name(&held));
    let danger = death_words(&held);
    let warnings = [
        (!superseded.is_empty() && superseded != held.nhs_number).then_some(SUPERSEDED_WORDS),
        held.restricted.then_some(RESTRICTED_WORDS),
        likeness.warning(),
    ];
    let beside = facts(&held);
    let none = found.is_empty().then_some("All that PDS gives agrees with what was said.");
    let use_these = {
        let (held, superseded) = (held.clone(), superseded.clone());
        move |_| match record(&look_up, &held, &superseded, &chosen.get_untracked()) {
            Ok(words) => look_up.step.set(Step::Done(words)),
            Err(words) => problem.set(words),
        }
    };
    view! {
        <h3 class="report__title">{title}</h3>
        {danger.map(|words| view! { <p class="patient__flags" role="alert"><strong>{words}</strong></p> })}
        {warnings
            .into_iter()
            .flatten()
            .map(|words| view! { <p class="panel panel--notice" role="alert">{words}</p> })
            .collect_view()}
        <Facts facts=beside/>
        <p>{none}</p>
        {found
            .into_iter()
            .map(|difference| view! { <OneDifference difference chosen now/> })
            .collect_view()}
        {(likeness == Likeness::Unlike)
            .then(|| {
                view! {
                    <div class="nhsuk-checkboxes__item">
                        <input
                            class="nhsuk-checkboxes__input"
                            type="checkbox"
                            id="trace-sure"
                            on:change=move |event| sure.set(event_target_checked(&event))
                        />
                        <label class="nhsuk-label nhsuk-checkboxes__label" for="trace-sure">
                            "I have asked the patient: this is the same person"
                        </label>
                    </div>
                }
            })}
        <p role="alert">{move || problem.get()}</p>
        <div class="button-row">
            <button
                type="button"
                class="nhsuk-button nhsuk-button--small"
                disabled=move || !sure.get()
                on:click=use_these
            >
                "Use these"
            </button>
            <button type="button" class="link-button" on:click=move |_| look_up.step.set(Step::Rest)>
                "Not this patient"
            </button>
        </div>
    }
}

/// Writes what was chosen, and tells what it came to.
fn record(
    look_up: &LookUp,
    held: &PdsPatient,
    superseded: &str,
    chosen: &BTreeSet<TracedField>,
) -> Result<String, String> {
    let at = clock::now();
    let mut tried = look_up.patient();
    let taken =
        differences(&tried, held).iter().filter(|one| one.usable && chosen.contains(&one.field)).count();
    let number = settle(&mut tried, held, superseded, chosen, at).map_err(|kept| kept.to_string())?;
    let (held, superseded, chosen) = (held.clone(), superseded.to_owned(), chosen.clone());
    look_up.desk.edit(move |record| {
        if let Ok(number) = settle(&mut record.patient, &held, &superseded, &chosen, at) {
            note(record, &held, &number, at);
        }
    });
    let taken = match taken {
        0 => "Traced. Nothing of what was said was changed.".to_owned(),
        some => format!("Traced. {} taken from PDS.", words::count(some, "detail was", "details were")),
    };
    Ok(match number {
        Number::Superseded(_) => format!("{taken} {SUPERSEDED_WORDS}"),
        Number::Confirmed | Number::Replaced(_) => taken,
    })
}

#[component]
fn OneDifference(
    difference: Difference,
    chosen: RwSignal<BTreeSet<TracedField>>,
    now: shared::time::Millis,
) -> impl IntoView {
    let Difference { field, said, held, usable } = difference;
    let group = format!("trace-{field:?}");
    let one = move |takes: bool, words: String| {
        let id = format!("trace-{field:?}-{takes}");
        let choose = move |_| {
            chosen.update(|chosen| {
                chosen.remove(&field);
                if takes {
                    chosen.insert(field);
                }
            });
        };
        view! {
            <div class="nhsuk-radios__item">
                <input
                    class="nhsuk-radios__input"
                    type="radio"
                    name=group.clone()
                    id=id.clone()
                    disabled=takes && !usable
                    prop:checked=move || chosen.with(|chosen| chosen.contains(&field)) == takes
                    on:change=choose
                />
                <label class="nhsuk-label nhsuk-radios__label preserve-lines" for=id>
                    {words}
                </label>
            </div>
        }
    };
    let keep = format!("Keep what was said: {}", shown(field, &said, now));
    let take = format!("Use what PDS holds: {}", shown(field, &held, now));
    view! {
        <fieldset class="nhsuk-fieldset nhsuk-form-group">
            <legend class="question__legend">{field.label()}</legend>
            <div class="nhsuk-radios nhsuk-radios--inline">{one(false, keep)} {one(true, take)}</div>
        </fieldset>
    }
}
