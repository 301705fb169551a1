//! Draws the page: who may see it, and its parts.

use super::model::Tab;
use super::recall::Recall;
use super::register::Register;
use super::tokens::Tokens;
use crate::platform::{clock, print};
use crate::state::{Phase, Satchel};
use crate::ui::{Attempt, BackLink, Facts, PageHeading};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::people::Permission;
use shared::time;

fn may_read(satchel: Satchel) -> bool {
    satchel.phase.with(|phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::ReadRegisters)))
}

/// The way there, for those who may go it.
#[component]
pub fn RegistersLink() -> AnyView {
    let satchel = Satchel::from_context();
    view! {
        <Show when=move || may_read(satchel)>
            <A href="/registers">"Registers"</A>
        </Show>
    }
    .into_any()
}

/// The server refuses everybody whose role may not.
#[component]
pub fn RegistersPage() -> AnyView {
    let satchel = Satchel::from_context();
    let may = untrack(|| may_read(satchel));
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Registers"/>
            {if may {
                view! { <Parts/> }.into_any()
            } else {
                view! { <p>"Your role does not read the registers. Ask a pharmacist."</p> }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Parts() -> AnyView {
    let tab = RwSignal::new(Tab::default());
    view! {
        <p>
            "These lists come from the server and need a network. They hold what is signed; a consultation that is not \
             signed yet, or not with the server yet, is not in them."
        </p>
        <div class="tabs" role="group" aria-label="Which register">
            {Tab::ALL
                .into_iter()
                .map(|one| {
                    view! {
                        <button
                            type="button"
                            class="tabs__tab"
                            aria-pressed=move || if tab.get() == one { "true" } else { "false" }
                            on:click=move |_| tab.set(one)
                        >
                            {one.title()}
                        </button>
                    }
                })
                .collect_view()}
        </div>
        {move || match tab.get() {
            Tab::Register => view! { <Register/> }.into_any(),
            Tab::Recall => view! { <Recall/> }.into_any(),
            Tab::Tokens => view! { <Tokens/> }.into_any(),
        }}
    }
    .into_any()
}

/// Offers a list for printing; what went wrong is said where the list is.
pub(super) fn print_list(satchel: Satchel, attempt: Attempt, name: &str, pdf: &[u8]) {
    // The viewer or the share sheet hides this page, and nobody has left.
    satchel.is_printing();
    attempt.problem.set(print::pdf(name, pdf).err().map(|trouble| trouble.to_string()).unwrap_or_default());
}

/// Now, as it stands on paper.
pub(super) fn printed_at() -> String {
    time::day_and_time(clock::now())
}

/// One thing of a list: its name, what to look at, what is known of it.
pub(super) fn item(title: String, marks: Vec<String>, facts: Vec<(&'static str, String)>) -> AnyView {
    let marks: Vec<AnyView> = marks
        .into_iter()
        .map(|mark| view! { <strong class="nhsuk-tag nhsuk-tag--orange">{mark}</strong> }.into_any())
        .collect();
    view! {
        <li class="history__entry">
            <strong>{title}</strong>
            " "
            {marks}
            <Facts facts/>
        </li>
    }
    .into_any()
}
