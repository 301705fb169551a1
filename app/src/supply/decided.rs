//! What was decided about a line, what follows from it, and the way back.

use super::boxes::LineBox;
use super::card::Slots;
use super::here::Here;
use super::model::{Part, Stage, record_what_happened, take_back};
use super::not_supplied::WhoHelps;
use super::pack::PackBoxes;
use crate::platform::clock;
use crate::ui::link_button;
use leptos::prelude::*;

#[component]
pub fn Decided(here: Here) -> AnyView {
    let stage = here.part(|view| view.stage.tag());
    let words = here.part(|view| view.words.clone());
    let problems = here.part(|view| {
        // Of what speaks against a supply the line itself says each.
        if view.stage == Stage::AgainstTheRules { Vec::new() } else { view.problems.clone() }
    });
    let is = move |wanted: &'static [Stage]| here.part(move |view| wanted.contains(&view.stage));
    let handed_over = is(&[Stage::Supplied, Stage::Exception, Stage::AgainstTheRules]);
    let made = is(&[Stage::Supplied]);
    let exception = is(&[Stage::Exception]);
    let not_here = is(&[Stage::NotSupplied, Stage::SentOn]);
    let owed = here.line(|line| line.owed.trim().to_owned());
    let in_part = Memo::new(move |_| made.get() && owed.with(|owed| !owed.is_empty()));
    let slots = expect_context::<Slots>();
    let undo = Callback::new(move |()| here.decide(take_back));
    view! {
        <div class="supply__decided">
            <p>
                <strong class="nhsuk-tag nhsuk-tag--grey">{move || stage.get()}</strong>
            </p>
            <p>{move || words.get()}</p>
            <ul class="supply__problems" role="status">
                {move || problems.get().into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}
            </ul>
            <Show when=move || made.get()>
                <Follows here/>
                {slots.paper.map(|draw| draw(here.id.get_value()))}
            </Show>
            <Show when=move || exception.get()>
                <Excepted here/>
            </Show>
            <Show when=move || in_part.get()>
                <p>
                    {move || format!("Still wanted: {}. ", owed.get())}
                    <a href="#step-onward" rel="external">
                        "Choose the pharmacy that has the rest"
                    </a>
                </p>
            </Show>
            <Show when=move || not_here.get()>
                <WhoHelps here/>
            </Show>
            <Show when=move || handed_over.get()>
                <HandedOver here/>
            </Show>
            <p>{link_button("Take the decision back", "", undo)}</p>
        </div>
    }
    .into_any()
}

/// Label and register.
#[component]
fn Follows(here: Here) -> AnyView {
    let label = here.part(|view| view.label_words.clone());
    let register = here.part(|view| view.needs_register_entry);
    view! {
        <p>
            {move || label.with(|words| {
                if words.is_empty() { String::new() } else { format!("The label says “{words}”. ") }
            })}
            {move || if register.get() { "It goes into the prescription-only medicines register once this is signed." } else { "" }}
        </p>
    }
    .into_any()
}

/// What it broke, why it happened, and looking at it again where the answers have changed since.
#[component]
fn Excepted(here: Here) -> AnyView {
    let broken = here.part(|view| view.broken.clone());
    let stale = here.part(|view| view.may_be_exception && !view.problems.is_empty());
    let again = move |_| {
        here.decide(|record, id| {
            record_what_happened(record, id, clock::now());
        });
    };
    view! {
        <p>"It is not claimed for, and it is an incident. What speaks against it:"</p>
        <ul>{move || broken.get().into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul>
        <LineBox line=here.id part=Part::Exception/>
        <Show when=move || stale.get()>
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                on:click=again
            >
                "Record what speaks against it now"
            </button>
        </Show>
    }
    .into_any()
}

/// When, by whom it was collected, and from which pack.
#[component]
fn HandedOver(here: Here) -> AnyView {
    let edited = here.part(|view| view.stage.is_edited());
    view! {
        <LineBox line=here.id part=Part::SuppliedAt/>
        // While answers are open to change these boxes stand among them.
        <Show when=move || !edited.get()>
            <LineBox line=here.id part=Part::CollectedBy/>
            <PackBoxes here/>
        </Show>
    }
    .into_any()
}
