//! Draws the panel: is a prescription waiting?

use super::by_hand::ByHand;
use super::model::{line, preferred_words, wanted};
use super::online::{Shown, look, outcome};
use crate::consultation::Desk;
use crate::platform::{clock, page};
use crate::ui::{Attempt, TextBox};
use crate::vault::audited;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::prescription::tracker::{By, link};

/// Milliseconds after which what was copied is taken off the clipboard again.
const ON_CLIPBOARD: u32 = 60_000;

#[component]
pub fn PrescriptionsPanel() -> AnyView {
    let desk = Desk::from_context();
    let id = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let shown = RwSignal::new(Shown::default());
    let attempt = Attempt::default();
    let number =
        Memo::new(move |_| desk.read(|open| open.record.patient.nhs_number.clone()).unwrap_or_default());
    let by = move || wanted(&id.get_untracked(), &number.get_untracked());
    let online = move |_| match by() {
        Ok(by) => {
            problem.set(String::new());
            shown.set(Shown::Nothing);
            look(desk, &by, shown, attempt);
        }
        Err(words) => problem.set(words),
    };
    let preferred = Memo::new(move |_| {
        let latest = shown.with(|shown| match shown {
            Shown::Found(answer) => answer.found.prescriptions.clone(),
            _ => Vec::new(),
        });
        desk.read(|open| preferred_words(&open.record, &latest, &open.record.pharmacy)).flatten()
    });
    let looks = Memo::new(move |_| {
        desk.read(|open| {
            let mut looks: Vec<_> =
                open.record.lookups.values().filter(|look| look.kind == "prescription").cloned().collect();
            looks.sort_by(|one, other| one.at.cmp(&other.at));
            looks.iter().map(line).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    view! {
        <div class="question">
            <h3 class="nhsuk-heading-s">"Is a prescription waiting?"</h3>
            <div role="status">
                {move || {
                    preferred
                        .get()
                        .map(|words| view! { <p class="panel panel--notice"><strong>{words}</strong></p> })
                }}
            </div>
            <ul class="to-do">
                {move || {
                    looks
                        .get()
                        .into_iter()
                        .map(|words| view! { <li class="to-do__item">{words}</li> })
                        .collect_view()
                }}
            </ul>
            <TextBox
                id="prescription-id"
                label="Prescription id, where you have it"
                hint="As it stands beside the barcode. Without it, the NHS number is searched for."
                value=id
                error=problem
            />
            <div class="button-row">
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    disabled=move || attempt.busy.get()
                    on:click=online
                >
                    "Look online"
                </button>
                <Website desk id number/>
            </div>
            {attempt.said()}
            {outcome(desk, shown)}
            <ByHand desk id/>
        </div>
    }
    .into_any()
}

/// The way to the NHS's own tracker. The number is copied and never in an address (practice 8).
#[component]
fn Website(desk: Desk, id: RwSignal<String>, number: Memo<String>) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let to = Memo::new(move |_| wanted(&id.get(), &number.get()).ok().map(|by| (link(&by), by)));
    let address = move || {
        let to = to.get().map(|(to, _)| to.address);
        to.unwrap_or_else(shared::prescription::tracker::website)
    };
    let copy = move |_| {
        audited::note(desk.satchel, audited::OPENED_TRACKER, desk.id, String::new());
        let Some((to, by)) = to.get_untracked() else { return };
        spawn_local(async move {
            if to.copied.is_empty() {
                return;
            }
            if !page::copy(&to.copied).await {
                let _ = said.try_set(format!(
                    "This browser does not let Satchel copy. Type {}.",
                    to.what.to_lowercase()
                ));
                return;
            }
            let _ = said.try_set(format!(
                "{} was copied: paste it there. It is taken off the clipboard in a minute.",
                to.what
            ));
            if matches!(by, By::Number(_)) {
                audited::note(desk.satchel, audited::COPIED_NUMBER, desk.id, String::new());
            }
            clock::sleep(ON_CLIPBOARD).await;
            page::uncopy(&to.copied).await;
        });
    };
    view! {
        <a href=address target="_blank" rel="noopener noreferrer" on:click=copy>
            "NHS prescription tracker (opens in a new tab)"
        </a>
        <span class="nhsuk-hint" role="status">
            {move || said.get()}
        </span>
    }
}
