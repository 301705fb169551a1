//! A list that the server is asked for: a line for each thing, and what may be done with it.

use super::link_button;
use crate::platform::trouble::Trouble;
use leptos::prelude::*;
use std::pin::Pin;

/// One line.
#[derive(Clone, Default)]
pub struct Line {
    pub words: String,
    /// What a screen reader says after each action: the thing's name.
    pub about: String,
    pub actions: Vec<Act>,
}

/// What can be done with the thing in a line.
#[derive(Clone)]
pub enum Act {
    Do(&'static str, Callback<()>),
    /// Fetches a file from this address.
    Fetch(&'static str, String),
}

/// The lines on their way. Boxed, so that there is one `Listing` in the download.
pub type Asking = Pin<Box<dyn Future<Output = Result<Vec<Line>, Trouble>>>>;

/// Asks again whenever `changed` changes.
#[component]
pub fn Listing(
    changed: RwSignal<u32>,
    ask: Box<dyn Fn() -> Asking>,
    /// Instead of a list with nothing in it.
    #[prop(default = "")]
    empty: &'static str,
) -> AnyView {
    let lines = LocalResource::new(move || {
        changed.track();
        ask()
    });
    view! {
        {move || match lines.get() {
            None => view! { <p>"Asking the server"</p> }.into_any(),
            Some(Err(trouble)) => view! { <p>{trouble.to_string()}</p> }.into_any(),
            Some(Ok(lines)) if lines.is_empty() => view! { <p class="empty">{empty}</p> }.into_any(),
            Some(Ok(lines)) => list(lines),
        }}
    }
    .into_any()
}

/// Lines that are here already.
pub fn list(lines: Vec<Line>) -> AnyView {
    let lines = lines.into_iter().map(line).collect_view();
    view! { <ul class="to-do">{lines}</ul> }.into_any()
}

fn line(line: Line) -> AnyView {
    let Line { words, about, actions } = line;
    let actions: Vec<AnyView> = actions
        .into_iter()
        .map(|act| match act {
            Act::Do(words, run) => link_button(words, &about, run),
            Act::Fetch(words, address) => view! {
                <a href=address download rel="external">
                    {words}
                    <span class="nhsuk-u-visually-hidden">{format!(": {about}")}</span>
                </a>
            }
            .into_any(),
        })
        .collect();
    view! {
        <li class="to-do__item">
            <span>{words}</span>
            {(!actions.is_empty()).then(|| view! { <span class="to-do__actions">{actions}</span> })}
        </li>
    }
    .into_any()
}
