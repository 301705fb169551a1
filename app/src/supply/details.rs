//! How much, how it is taken, who prescribed it, how it is had, and which pack it came from.

use super::boxes::LineBox;
use super::here::Here;
use super::model::Part;
use super::pack::PackBoxes;
use super::warnings::with_source;
use leptos::prelude::*;

/// `opened`: shown also where the rules have closed the way, for what has happened all the same.
#[component]
pub fn Details(here: Here, opened: RwSignal<bool>) -> AnyView {
    let shown = here.part(|view| view.shows_details);
    let unit = here.part(|view| view.unit.clone());
    let a_day = here.part(|view| view.a_day.clone());
    let maximum = here.part(|view| view.maximum.clone());
    let line = here.id;
    let under_direction = here.part(|view| view.under_direction);
    let unit_typed = Memo::new(move |_| unit.with(String::is_empty));
    view! {
        <Show when=move || shown.get() || opened.get()>
            <div class="supply__details">
                <Show when=move || !under_direction.get()>
                    <LineBox line part=Part::Requested/>
                </Show>
                <p class="supply__maximum">{move || maximum.get().map(with_source)}</p>
                <div class="supply__amount">
                    <LineBox line part=Part::Quantity unit=unit/>
                    <Show when=move || unit_typed.get()>
                        <LineBox line part=Part::Unit/>
                    </Show>
                    <LineBox line part=Part::Days/>
                </div>
                <p class="nhsuk-hint" role="status">
                    {move || a_day.with(|each| if each.is_empty() { String::new() } else { format!("That is {each}.") })}
                </p>
                <LineBox line part=Part::Directions/>
                <Show when=move || !under_direction.get()>
                    <LineBox line part=Part::PrescribedBy/>
                    <LineBox line part=Part::LastSupplied/>
                </Show>
                <Place here opened/>
                <LineBox line part=Part::CollectedBy/>
                <PackBoxes here/>
            </div>
        </Show>
    }
    .into_any()
}

/// How the patient gets it: what is offered follows the setting (practice 1); what has happened is not restricted.
#[component]
fn Place(here: Here, opened: RwSignal<bool>) -> AnyView {
    let offered = here.part(|view| view.places.clone());
    let known = here.part(|view| view.all_places.clone());
    let places = Memo::new(move |_| if opened.get() { known.get() } else { offered.get() });
    let recorded = here.line(|line| line.supplied_from.clone());
    let group = here.dom_id("place");
    let name = group.clone();
    let item = move |(place, label): (&'static str, &'static str)| {
        let id = format!("{name}-{place}");
        view! {
            <div class="nhsuk-radios__item">
                <input
                    class="nhsuk-radios__input"
                    type="radio"
                    id=id.clone()
                    name=name.clone()
                    prop:checked=move || recorded.with(|recorded| recorded == place)
                    on:change=move |_| here.change(move |line| place.clone_into(&mut line.supplied_from))
                />
                <label class="nhsuk-label nhsuk-radios__label" for=id>
                    {label}
                </label>
            </div>
        }
    };
    view! {
        <div class="question" id=group tabindex="-1">
            <fieldset class="nhsuk-fieldset">
                <legend class="question__legend">"How does the patient get it?"</legend>
                <Show when=move || places.with(Vec::is_empty)>
                    <p class="nhsuk-hint">
                        "First answer where the patient is seen: "
                        <a href="#field-setting" rel="external">
                            "Where and who"
                        </a>
                    </p>
                </Show>
                <div class="nhsuk-radios">
                    <For each=move || places.get() key=|(place, _)| *place children=item/>
                </div>
            </fieldset>
        </div>
    }
    .into_any()
}
