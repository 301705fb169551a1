//! One medicine: what it is, what speaks against it, what is asked, and what was decided.

use super::asking::Questions;
use super::decided::Decided;
use super::decision::Decision;
use super::details::Details;
use super::exception::ExceptionForm;
use super::here::Here;
use super::model::{Known, Stage, line_anchor, look_again, view};
use super::warnings::{Allergies, Refusals, Warnings};
use crate::consultation::Desk;
use crate::ui::{Clock, link_button};
use leptos::prelude::*;
use shared::consultation::Medicine;
use shared::time;

#[component]
pub fn Line(id: String, known: Memo<Known>, removed: RwSignal<Option<(String, Medicine)>>) -> AnyView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let anchor = line_anchor(&id);
    let title = format!("{anchor}-title");
    let today = Memo::new(move |_| time::day(clock.now()));
    let id = StoredValue::new(id);
    let drawn = Memo::new(move |_| {
        let id = id.get_value();
        known
            .with(|known| desk.read(|open| view(&open.record, &id, desk.pathway, known, today.get())))
            .flatten()
    });
    let here = Here { desk, id, view: drawn, known };
    let name = here.part(|view| view.name.clone());
    let facts = here.part(|view| view.facts.clone());
    let edited = here.part(|view| view.stage.is_edited());
    let decided = here.part(|view| view.stage != Stage::Open);
    let exception = RwSignal::new(false);
    // A decision closes the form in which it was not yet made.
    Effect::new(move |_| {
        if !edited.get() {
            exception.set(false);
        }
    });
    let remove = Callback::new(move |()| {
        let id = id.get_value();
        desk.edit(move |record| {
            let line = record.medicines.remove(&id);
            removed.set(line.map(|line| (id, line)));
        });
    });
    let labelled_by = title.clone();
    view! {
        <article class="supply__line" id=anchor tabindex="-1" aria-labelledby=labelled_by>
            <h3 class="supply__name" id=title>
                {move || name.get()}
            </h3>
            <p class="supply__facts">{move || facts.get()}</p>
            <TwoChanges here/>
            <Allergies here/>
            <Show when=move || decided.get()>
                <Decided here/>
            </Show>
            <Refusals here/>
            <Show when=move || edited.get()>
                <Questions here/>
                <Details here opened=exception/>
                <Warnings here/>
                <Decision here exception/>
                <Show when=move || exception.get()>
                    <ExceptionForm here/>
                </Show>
            </Show>
            <p class="supply__remove">
                {move || link_button("Remove", &name.get(), remove)}
            </p>
        </article>
    }
    .into_any()
}

/// Two people changed the line without seeing each other's change: it counts once somebody has looked at all of it.
#[component]
fn TwoChanges(here: Here) -> AnyView {
    let met = here.part(|view| view.two_changes);
    let seen = move |_| here.decide(look_again);
    view! {
        <div role="status">
            <Show when=move || met.get()>
                <div class="panel panel--clash">
                    <p>
                        <strong>"Two changes met here. Look at it again."</strong>
                        " Everything about this medicine is shown below as it stands now. It cannot be supplied or signed \
                         before somebody has looked."
                    </p>
                    <button
                        type="button"
                        class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                        on:click=seen
                    >
                        "I have looked at it: it is right"
                    </button>
                </div>
            </Show>
        </div>
    }
    .into_any()
}
