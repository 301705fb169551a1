//! Recording what was found on the tracker's website, by phone or in the Summary Care Record.

use super::model::{Looker, SOURCES, STATUSES};
use super::online::record;
use crate::consultation::Desk;
use crate::platform::clock;
use crate::ui::{Choice, Disclosure, TextBox, TextKind};
use leptos::prelude::*;

#[component]
pub fn ByHand(desk: Desk, id: RwSignal<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let source = RwSignal::new(SOURCES[0].0.to_owned());
    let status = RwSignal::new(STATUSES[0].to_owned());
    let detail = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let looker = move || Looker { by: desk.me(), at: clock::now() };
    let found = move |_| {
        let look = looker().by_hand(
            &source.get_untracked(),
            &id.get_untracked(),
            &status.get_untracked(),
            &detail.get_untracked(),
        );
        match look {
            Ok(look) => {
                record(desk, vec![look]);
                detail.set(String::new());
                problem.set(String::new());
                open.set(false);
            }
            Err(words) => problem.set(words),
        }
    };
    let none = move |_| record(desk, vec![looker().found_none(&source.get_untracked())]);
    let could_not = move |_| record(desk, vec![looker().could_not()]);
    let quiet = "nhsuk-button nhsuk-button--secondary nhsuk-button--small";
    view! {
        <div class="button-row">
            <button type="button" class=quiet on:click=none>
                "Looked and found none"
            </button>
            <button type="button" class=quiet on:click=could_not>
                "Could not look: no connection"
            </button>
        </div>
        <Disclosure words="Record a prescription that you found" open>
            <Choice
                id="prescription-source"
                label="Where did you look?"
                options=SOURCES.map(|(code, words)| (code.to_owned(), words.to_owned())).to_vec()
                value=source
            />
            <Choice
                id="prescription-status"
                label="What has become of it?"
                options=STATUSES.map(|words| (words.to_owned(), words.to_owned())).to_vec()
                value=status
            />
            <TextBox id="prescription-detail" label="Items and what else was said" kind=TextKind::Lines value=detail/>
            <p class="nhsuk-error-message" role="alert">
                {move || problem.get()}
            </p>
            <button type="button" class=quiet on:click=found>
                "Record it"
            </button>
        </Disclosure>
    }
}
