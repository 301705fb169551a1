//! Says at which pharmacy somebody is, where that could be mistaken (practice 30).

use super::model::place_words;
use crate::state::{Phase, Satchel};
use crate::ui::Clock;
use leptos::prelude::*;

#[component]
pub fn PlaceBanner() -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let words = Memo::new(move |_| {
        let Phase::Open(who) = satchel.phase.get() else { return None };
        satchel.standing.with(|kept| kept.as_ref().and_then(|kept| place_words(&who, kept, clock.now())))
    });
    view! { {move || words.get().map(|words| view! { <p class="strip strip--place">{words}</p> })} }
        .into_any()
}
