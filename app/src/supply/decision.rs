//! The decision on one line: supplied, supplied in part, not supplied, or already supplied against the rules.

use super::boxes::LineBox;
use super::here::Here;
use super::model::{OpenThing, Part, Stage, decide_to_supply};
use super::not_supplied::NotSupplied;
use super::warnings::AllergyMatches;
use crate::platform::clock;
use crate::ui::{Disclosure, link_button};
use leptos::prelude::*;

#[component]
pub fn Decision(here: Here, exception: RwSignal<bool>) -> AnyView {
    let may_supply = here.part(|view| view.may_supply);
    let stage = here.part(|view| Some(view.stage));
    let refused = here.part(|view| view.is_refused);
    let may_be_exception = here.part(|view| view.may_be_exception);
    let undecided = Memo::new(move |_| stage.get() == Some(Stage::Open));
    let refusing = RwSignal::new(false);
    // Where the rules have closed the way to a supply, what is left to do stands there at once.
    Effect::new(move |before: Option<bool>| {
        let refused = refused.get();
        if before != Some(refused) && refused && undecided.get_untracked() {
            refusing.set(true);
        }
        refused
    });
    let happened = Callback::new(move |()| exception.update(|open| *open = !*open));
    view! {
        <div class="supply__decision">
            <Open here/>
            <Show when=move || may_supply.get()>
                <AllergyMatches here role="note"/>
                <Supply here/>
            </Show>
            <Show when=move || undecided.get()>
                <Disclosure words="Record as not supplied" open=refusing>
                    <NotSupplied here/>
                </Disclosure>
            </Show>
            <Show when=move || may_be_exception.get()>
                <p>{link_button("It has already been supplied", "", happened)}</p>
            </Show>
        </div>
    }
    .into_any()
}

/// What is left to do before it can be supplied, each one touch away.
#[component]
fn Open(here: Here) -> AnyView {
    let open = here.part(|view| if view.is_refused { Vec::new() } else { view.open.clone() });
    let item = |thing: OpenThing| {
        let words = if thing.anchor.is_empty() {
            view! { <span>{thing.words}</span> }.into_any()
        } else {
            view! {
                <a href=format!("#{}", thing.anchor) rel="external">
                    {thing.words}
                </a>
            }
            .into_any()
        };
        view! { <li class="to-do__item">{words}</li> }
    };
    view! {
        <Show when=move || open.with(|open| !open.is_empty())>
            <p class="supply__open">"Before it can be supplied:"</p>
            <ul class="to-do">{move || open.get().into_iter().map(item).collect_view()}</ul>
        </Show>
    }
    .into_any()
}

/// Nothing forbids it and nothing is open.
#[component]
fn Supply(here: Here) -> AnyView {
    let owed = here.line(|line| line.owed.trim().to_owned());
    let in_part = Memo::new(move |_| owed.with(|owed| !owed.is_empty()));
    let opened = RwSignal::new(in_part.get_untracked());
    let supply = move |_| {
        let known = here.known.get_untracked();
        here.decide(move |record, id| {
            // Where it may no longer be made nothing changes, and the line says why.
            decide_to_supply(record, id, &known, clock::now());
        });
    };
    view! {
        <Disclosure words="Only a part of it is here" open=opened>
            <p class="nhsuk-hint">
                "Less than was asked for is supplied here, and the rest is sent on to another pharmacy. Phone them before \
                 you sign."
            </p>
            <LineBox line=here.id part=Part::Owed/>
        </Disclosure>
        <div class="button-row">
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=supply>
                {move || if in_part.get() { "Supply this part" } else { "Supply" }}
            </button>
        </div>
    }
    .into_any()
}
