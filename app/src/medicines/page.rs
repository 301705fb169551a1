//! The dictionary by itself: how old it is, fetching it by hand, looking a medicine up.

use super::finder::{Finder, tags};
use super::finding::Picked;
use super::keeping::{self, progress_words};
use super::model::{release_words, size_words};
use crate::state::Satchel;
use crate::supply::model::at_a_glance;
use crate::ui::{BackLink, Clock, Facts, PageHeading, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::medicines::{Product, badges, look_alike};

#[component]
pub fn MedicinesPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let shelf = satchel.medicines;
    let clock = Clock::from_context();
    let shown = RwSignal::new(None::<(Product, String)>);
    let facts = move || {
        let none = || "none on this device yet".to_owned();
        let kept = shelf.kept.get();
        let count = shelf.index.with(|index| index.as_ref().map(|index| index.len() as u64));
        vec![
            ("Medicines file", keeping::age_words(shelf, clock.now())),
            ("Size", kept.map_or_else(none, |kept| size_words(kept.bytes))),
            ("Products", count.map_or_else(none, words::thousands)),
        ]
    };
    let pick = Callback::new(move |picked| {
        if let Picked::Product { product, release } = picked {
            shown.set(Some((*product, release)));
        }
    });
    let fetch = move |_| {
        spawn_local(async move {
            // What went wrong stands in the shelf, and is shown by the finder.
            let _ = keeping::renew(satchel).await;
        });
    };
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Medicines"/>
            <section class="card" aria-label="The medicines file">
                {move || view! { <Facts facts=facts()/> }}
                <p role="status">{move || progress_words(shelf)}</p>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || shelf.fetching.with(Option::is_some)
                    on:click=fetch
                >
                    "Look for a newer file"
                </button>
            </section>
            <section class="card" aria-label="Find a medicine">
                <Finder on_pick=pick products_only=true verdict=at_a_glance/>
            </section>
            {move || shown.get().map(|(product, release)| details(product, release))}
        </div>
    }
}

fn details(product: Product, release: String) -> impl IntoView {
    let or_none = |words: String| if words.is_empty() { "not known".to_owned() } else { words };
    let found = look_alike::of(&product.name);
    let name = found.as_ref().map_or_else(|| product.name.clone(), |found| found.tall.clone());
    let packs: Vec<String> =
        product.packs.iter().map(|pack| format!("{} {}", pack.quantity, pack.unit)).collect();
    let ingredients: Vec<String> = product.ingredients.iter().map(|one| one.name.clone()).collect();
    let mut facts = vec![
        ("Form", or_none(product.form.clone())),
        ("Strength", or_none(product.strength.clone())),
        ("Ingredients", or_none(ingredients.join("\n"))),
        ("Packs", or_none(packs.join("\n"))),
        ("dm+d code", format!("{} ({})", product.code, product.level.code())),
        ("From", release_words(&release)),
    ];
    if let Some(found) = found {
        facts.push(("Not to be mistaken for", found.mistaken_for.join("\n")));
    }
    view! {
        <section class="card" aria-label=name.clone()>
            <h2 class="section-heading">{name.clone()}</h2>
            <p>{tags(badges(&product))}</p>
            <Facts facts/>
        </section>
    }
}
