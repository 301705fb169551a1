//! The box to find a medicine, and its list.

use super::finding::{Act, Picked, Row, Step, Verdict, Within, rows, said, step};
use super::keeping::progress_words;
use crate::platform::timing::timed;
use crate::state::Satchel;
use leptos::prelude::*;
use shared::medicines::Badge;

/// Finds as the person types, with no network. `on_pick` is called with what is chosen, or with the words as they were
/// typed; the box is then empty again. `verdict` says of each product whether it may be supplied here.
#[component]
pub fn Finder(
    on_pick: Callback<Picked>,
    #[prop(default = "medicine-find")] id: &'static str,
    #[prop(optional)] verdict: Option<Verdict>,
    /// Nothing but products may be chosen.
    #[prop(optional)]
    products_only: bool,
    /// What stands in the box at first: the words of a referral, say.
    #[prop(optional, into)]
    starting_with: String,
) -> impl IntoView {
    let shelf = Satchel::from_context().medicines;
    shelf.need();
    let typed = RwSignal::new(starting_with);
    let within = RwSignal::new(None::<Within>);
    let marked = RwSignal::new(None::<usize>);
    let found = Memo::new(move |_| {
        shelf.index.with(|index| {
            let index = index.as_ref()?;
            let find =
                || typed.with(|typed| within.with(|within| rows(index, typed, within.as_ref(), verdict)));
            Some(timed("medicines-search", find))
        })
    });
    let listed = move || found.with(|found| found.as_ref().map(|(rows, _)| rows.clone()).unwrap_or_default());
    let count = move || found.with(|found| found.as_ref().map_or(0, |(rows, _)| rows.len()));
    let type_in = move |words: String| {
        marked.set(None);
        typed.set(words);
    };
    let start_anew = move || {
        within.set(None);
        type_in(String::new());
    };
    let choose = move |at: usize| {
        let act = found.with_untracked(|found| Some(found.as_ref()?.0.get(at)?.act.clone()));
        match act {
            Some(Act::Narrow(narrowed)) => {
                within.set(Some(narrowed));
                type_in(String::new());
            }
            Some(Act::Pick(product)) => {
                let release = shelf.release();
                start_anew();
                on_pick.run(Picked::Product { product, release });
            }
            None => {}
        }
    };
    let use_words = move |_| {
        let words = typed.with_untracked(|typed| typed.trim().to_owned());
        if !words.is_empty() {
            start_anew();
            on_pick.run(Picked::Words(words));
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        match step(&event.key(), marked.get_untracked(), untrack(count)) {
            Step::To(at) => {
                event.prevent_default();
                marked.set(at);
            }
            Step::Choose(at) => {
                event.prevent_default();
                choose(at);
            }
            Step::Back => {
                event.prevent_default();
                start_anew();
            }
            // A form round this box is not sent by Enter in it.
            Step::Nothing if event.key() == "Enter" => event.prevent_default(),
            Step::Nothing => {}
        }
    };
    let words = move || {
        let has_brands = shelf.index.with(|index| index.as_ref().is_some_and(|index| index.has_brands()));
        let found = found.with(|found| found.as_ref().map(|(rows, more)| (rows.len(), *more)));
        typed.with(|typed| within.with(|within| said(typed, found, within.as_ref(), has_brands)))
    };
    let expanded = move || if count() == 0 { "false" } else { "true" };
    let has_words = move || typed.with(|typed| !typed.trim().is_empty());
    view! {
        <div class="medicine-finder">
            <label class="nhsuk-label" for=id>
                "Medicine, strength and form"
            </label>
            <input
                class="nhsuk-input box"
                id=id
                type="text"
                role="combobox"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-autocomplete="list"
                aria-expanded=expanded
                aria-controls=format!("{id}-list")
                aria-describedby=format!("{id}-said")
                aria-activedescendant=move || marked.get().map(|at| format!("{id}-{at}"))
                prop:value=move || typed.get()
                on:input=move |event| type_in(event_target_value(&event))
                on:keydown=on_key
            />
            {move || {
                within
                    .get()
                    .map(|narrowed| {
                        view! {
                            <p class="medicine-finder__within">
                                {format!("Within {}. ", narrowed.name)}
                                <button type="button" class="link-button" on:click=move |_| start_anew()>
                                    "Look in all medicines"
                                </button>
                            </p>
                        }
                    })
            }}
            <p class="nhsuk-hint" id=format!("{id}-said") role="status">
                {words}
            </p>
            <ul class="medicine-finder__list" id=format!("{id}-list") role="listbox" aria-label="Medicines found">
                {move || {
                    listed()
                        .into_iter()
                        .enumerate()
                        .map(|(at, row)| line(row, format!("{id}-{at}"), at, marked, Callback::new(choose)))
                        .collect_view()
                }}
            </ul>
            <Show when=move || has_words() && !products_only>
                <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" on:click=use_words>
                    "Use these words as they are"
                    <span class="nhsuk-u-visually-hidden">{move || format!(": {}", typed.get())}</span>
                </button>
            </Show>
            <p class="nhsuk-hint">{move || progress_words(shelf)}</p>
            <Show when=move || !shelf.trouble.with(String::is_empty)>
                <p class="medicine-finder__trouble">{move || shelf.trouble.get()}</p>
            </Show>
        </div>
    }
}

fn line(
    row: Row,
    id: String,
    at: usize,
    marked: RwSignal<Option<usize>>,
    choose: Callback<usize>,
) -> impl IntoView {
    let is_marked = move || marked.get() == Some(at);
    let narrows = matches!(row.act, Act::Narrow(_));
    view! {
        <li
            class="medicine-finder__line"
            class=("medicine-finder__line--narrows", narrows)
            class=("medicine-finder__line--marked", is_marked)
            id=id
            role="option"
            aria-selected=move || if is_marked() { "true" } else { "false" }
            on:click=move |_| choose.run(at)
        >
            <span class="medicine-finder__name">{row.name}</span>
            {(!row.level.is_empty()).then(|| view! { <span class="medicine-finder__level">{row.level}</span> })}
            {(!row.detail.is_empty()).then(|| view! { <span class="medicine-finder__detail">{row.detail}</span> })}
            {tags(row.badges)}
            {(!row.verdict.is_empty())
                .then(|| view! { <span class="medicine-finder__verdict">{row.verdict}</span> })}
        </li>
    }
}

/// What to know of a product, a tag each.
pub fn tags(badges: Vec<Badge>) -> impl IntoView {
    badges
        .into_iter()
        .map(|badge| {
            let class =
                if badge.is_warning { "nhsuk-tag nhsuk-tag--orange" } else { "nhsuk-tag nhsuk-tag--grey" };
            view! {
                <strong class=class>{badge.words}</strong>
                " "
            }
        })
        .collect_view()
}
