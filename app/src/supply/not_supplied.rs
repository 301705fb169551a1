//! Not supplied, with the coded reason; then who can help the patient.

use super::boxes::LineBox;
use super::here::Here;
use super::model::{Helper, Part, Stage, ask_for_help, decide_not_to_supply};
use leptos::prelude::*;
use shared::supply::no_supply_reasons;

#[component]
pub fn NotSupplied(here: Here) -> AnyView {
    let refused = here.part(|view| view.is_refused);
    let picked = RwSignal::new(None::<&'static str>);
    // The rules have said why; anything else is chosen by a person.
    let reason = Memo::new(move |_| picked.get().or_else(|| refused.get().then_some("not-lawful")));
    let words = here.line(|line| line.reason.trim().to_owned());
    let needs_words = move || {
        no_supply_reasons().iter().any(|known| known.words && reason.get() == Some(known.id.as_str()))
            && words.with(String::is_empty)
    };
    let group = here.dom_id("no-supply");
    let items = no_supply_reasons()
        .iter()
        .map(|known| {
            let code = known.id.as_str();
            let id = format!("{group}-{code}");
            view! {
                <div class="nhsuk-radios__item">
                    <input
                        class="nhsuk-radios__input"
                        type="radio"
                        id=id.clone()
                        name=group.clone()
                        prop:checked=move || reason.get() == Some(code)
                        on:change=move |_| picked.set(Some(code))
                    />
                    <label class="nhsuk-label nhsuk-radios__label" for=id>
                        {known.label.as_str()}
                    </label>
                </div>
            }
        })
        .collect_view();
    let record = move |_| {
        if let Some(code) = reason.get_untracked() {
            here.decide(move |record, id| decide_not_to_supply(record, id, code));
        }
    };
    view! {
        <div class="supply__refusing">
            <fieldset class="nhsuk-fieldset nhsuk-form-group">
                <legend class="question__legend">"Why is it not supplied?"</legend>
                <div class="nhsuk-radios">{items}</div>
            </fieldset>
            <LineBox line=here.id part=Part::Reason/>
            <p role="status">{move || if needs_words() { "Say in words why it is not supplied." } else { "" }}</p>
            <div class="button-row">
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || reason.with(Option::is_none)
                    on:click=record
                >
                    "Not supplied"
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// Nobody leaves with nothing: who can help now, each one touch from the card for sending the patient on.
#[component]
pub fn WhoHelps(here: Here) -> AnyView {
    let stage = here.part(|view| Some(view.stage));
    let onward = Memo::new(move |_| {
        here.desk
            .read(|open| open.record.onward.is_chosen().then(|| open.record.onward.name.clone()))
            .flatten()
    });
    let buttons = Helper::ALL
        .into_iter()
        .map(|helper| {
            let ask = move |_| {
                let pathway = here.desk.pathway;
                here.decide(move |record, id| ask_for_help(record, id, pathway, helper));
            };
            view! {
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    on:click=ask
                >
                    {helper.words()}
                </button>
            }
        })
        .collect_view();
    let chosen = move || match onward.get() {
        Some(name) if name.is_empty() => "Begun under “Sending the patient on”. ".to_owned(),
        Some(name) => format!("Begun under “Sending the patient on”: {name}. "),
        None => String::new(),
    };
    let title = move || match stage.get() {
        Some(Stage::SentOn) => "Sent on: make sure that the patient can speak to them.",
        _ => "Who can help the patient now? Make sure that they can speak to somebody who prescribes.",
    };
    view! {
        <div class="supply__helpers" role="group" aria-label="Who can help the patient now?">
            <p>{title}</p>
            <div class="button-row">{buttons}</div>
            <p role="status">
                {chosen}
                <Show when=move || onward.with(Option::is_some)>
                    <a href="#step-onward" rel="external">
                        "Go there"
                    </a>
                </Show>
            </p>
        </div>
    }
    .into_any()
}
