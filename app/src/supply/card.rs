//! The supply card: earlier supplies first, then the lines, then the way to one more.

use super::earlier::{EarlierSupplies, look_for_earlier};
use super::find::FindMedicine;
use super::line::Line;
use super::model::{Known, lines_in_order};
use super::treatments::Treatments;
use crate::consultation::Desk;
use crate::state::Phase;
use crate::ui::link_button;
use leptos::prelude::*;
use shared::consultation::Medicine;
use shared::pathway::SupplyRules;
use shared::scan::Pack;
use shared::supply::Professional;

/// What other parts of the app put into the card; nothing where they have nothing to put.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slots {
    /// What was found of prescriptions, above the lines.
    pub prescriptions: Option<fn() -> AnyView>,
    /// A button that scans a pack and hands over what its code says.
    pub scan: Option<fn(Callback<Pack>) -> AnyView>,
    /// The label of a supplied line, by its id.
    pub paper: Option<fn(String) -> AnyView>,
}

#[component]
pub fn SupplyCard(#[prop(optional)] slots: Slots) -> AnyView {
    let desk = Desk::from_context();
    provide_context(slots);
    let found = look_for_earlier(desk);
    let known = Memo::new(move |_| Known { me: me(desk), earlier: found.earlier() });
    let lines = Memo::new(move |_| desk.read(|open| lines_in_order(&open.record)).unwrap_or_default());
    let removed = RwSignal::new(None::<(String, Medicine)>);
    let urgent = desk.pathway.medicines.rules == Some(SupplyRules::EmergencySupply);
    let count = move || match lines.with(Vec::len) {
        0 => String::new(),
        1 => "1 medicine".to_owned(),
        more => format!("{more} medicines"),
    };
    view! {
        <section class="card supply" id="step-medicines" tabindex="-1" aria-labelledby="medicines-title">
            <div class="card__top">
                <h2 class="section-heading" id="medicines-title">
                    "Medicines"
                </h2>
                <span class="card__count">{count}</span>
            </div>
            <p class="nhsuk-hint">{desk.pathway.medicines.note.clone()}</p>
            {urgent.then(|| view! { <EarlierSupplies found/> })}
            {slots.prescriptions.map(|draw| draw())}
            <For each=move || lines.get() key=String::clone let:id>
                <Line id known removed/>
            </For>
            <Removed removed/>
            {if urgent { view! { <FindMedicine/> }.into_any() } else { view! { <Treatments/> }.into_any() }}
        </section>
    }
    .into_any()
}

/// Who is here, with the authorisations that this device holds of them.
fn me(desk: Desk) -> Option<Professional> {
    let who = desk.satchel.phase.with(|phase| match phase {
        Phase::Open(who) => Some((who.person, who.role)),
        _ => None,
    });
    let (person, role) = who?;
    let held = desk.satchel.standing.with(|kept| kept.as_ref().map(|kept| kept.view.authorisations.clone()));
    Some(Professional { person, role, authorisations: held.unwrap_or_default() })
}

/// The line that was removed last, one touch from being back (ui.md 6).
#[component]
fn Removed(removed: RwSignal<Option<(String, Medicine)>>) -> AnyView {
    let desk = Desk::from_context();
    let name = Memo::new(move |_| {
        removed.with(|removed| removed.as_ref().map(|(_, line)| line.name.clone())).unwrap_or_default()
    });
    let undo = Callback::new(move |()| {
        if let Some((id, line)) = removed.try_update(Option::take).flatten() {
            desk.edit(move |record| {
                record.medicines.entry(id).or_insert(line);
            });
        }
    });
    view! {
        <div role="status">
            <Show when=move || removed.with(Option::is_some)>
                <p class="panel supply__removed">
                    <span>{move || format!("{} was removed. ", name.get())}</span>
                    {link_button("Undo", "", undo)}
                </p>
            </Show>
        </div>
    }
    .into_any()
}
