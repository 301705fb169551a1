//! One more medicine: found in the dictionary on this device, or taken in the words that were typed.

use super::model::{at_a_glance, make};
use crate::consultation::Desk;
use crate::medicines::{Finder, Picked};
use crate::platform::clock;
use leptos::ev;
use leptos::prelude::*;

#[component]
pub fn FindMedicine() -> AnyView {
    let desk = Desk::from_context();
    let pick = Callback::new(move |picked: Picked| {
        desk.half_typed.set(false);
        let id = uuid::Uuid::new_v4().to_string();
        desk.edit(move |record| make(record, &id, picked.line(), clock::now()));
    });
    // What is typed and not added is asked about before anybody leaves or signs. A touch of anything but the box itself
    // chooses or empties it.
    let typing = move |words: String| desk.half_typed.set(!words.trim().is_empty());
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            desk.half_typed.set(false);
        }
    };
    on_cleanup(move || {
        desk.half_typed.try_set(false);
    });
    view! {
        <div
            class="supply__find"
            role="group"
            aria-labelledby="find-medicine-title"
            on:input=move |event| typing(event_target_value(&event))
            on:keydown=on_key
        >
            <h3 class="supply__name" id="find-medicine-title">
                "Add a medicine or appliance"
            </h3>
            <Finder on_pick=pick verdict=at_a_glance/>
        </div>
    }
    .into_any()
}
