//! The medicines of a clinical pathway: chosen by direction first, then the product.

use super::model::{Offered, make, offered, under_direction};
use crate::consultation::Desk;
use crate::medicines::{Finder, Picked};
use crate::platform::clock;
use crate::ui::{Clock, Disclosure};
use leptos::prelude::*;
use shared::supply::pgd::Direction;
use shared::time;

/// What the answers offer, and under *other medicines* what they do not: those the rules will refuse, and say why.
#[component]
pub fn Treatments() -> AnyView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let today = Memo::new(move |_| time::day(clock.now()));
    let all = Memo::new(move |_| {
        desk.assessment
            .with(|assessment| Some(offered(desk.pathway, assessment.as_ref()?, today.get())))
            .unwrap_or_default()
    });
    let chosen = RwSignal::new(None::<(&'static Direction, String)>);
    let of = move |by_answers: bool| {
        move || all.get().into_iter().filter(|one| one.by_answers == by_answers).collect::<Vec<_>>()
    };
    let (by_answers, others) = (of(true), of(false));
    let none = move || all.with(|all| all.iter().all(|one| !one.by_answers));
    let others_open = RwSignal::new(false);
    view! {
        <div class="supply__find" role="group" aria-labelledby="treatments-title">
            <h3 class="supply__name" id="treatments-title">
                "Medicines to consider"
            </h3>
            <Show when=none>
                <p class="nhsuk-hint">"The answers so far offer no medicine."</p>
            </Show>
            <ul class="treatments">
                <For each=by_answers key=|one| one.treatment.id.as_str() let:one>
                    <Treatment one chosen/>
                </For>
            </ul>
            <Disclosure words="Other medicines of this pathway" open=others_open>
                <p class="nhsuk-hint">
                    "The answers do not offer these. Each can be opened, and its direction says what speaks against it."
                </p>
                <ul class="treatments">
                    <For each=others key=|one| one.treatment.id.as_str() let:one>
                        <Treatment one chosen/>
                    </For>
                </ul>
            </Disclosure>
            {move || chosen.get().map(|(direction, words)| view! { <FindProduct direction words chosen/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Treatment(one: Offered, chosen: RwSignal<Option<(&'static Direction, String)>>) -> AnyView {
    let label = one.treatment.label.as_str();
    let choose = one.direction.map(|direction| {
        let words = one.search_words();
        view! {
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                on:click=move |_| chosen.set(Some((direction, words.clone())))
            >
                {format!("Choose {label}")}
            </button>
        }
    });
    let without = choose.is_none().then(|| {
        view! { <p>{format!("{label}: sold, or given under its protocol. Record it under advice.")}</p> }
    });
    view! {
        <li class="treatments__one">
            {choose}
            {without}
            <p class="nhsuk-hint">{one.treatment.note.as_str()}</p>
        </li>
    }
    .into_any()
}

/// The product: found in the dictionary, beginning with the direction's substance.
#[component]
fn FindProduct(
    direction: &'static Direction,
    words: String,
    chosen: RwSignal<Option<(&'static Direction, String)>>,
) -> AnyView {
    let desk = Desk::from_context();
    let pick = Callback::new(move |picked: Picked| {
        let id = uuid::Uuid::new_v4().to_string();
        let line = under_direction(picked.line(), direction);
        chosen.set(None);
        desk.edit(move |record| make(record, &id, line, clock::now()));
    });
    view! {
        <div class="panel">
            <p>
                <strong>{direction.title.as_str()}</strong>
                {format!(", version {}. {}", direction.version, if direction.is_draft() { "A draft." } else { "" })}
            </p>
            <Finder on_pick=pick starting_with=words/>
        </div>
    }
    .into_any()
}
