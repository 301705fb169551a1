//! Shows a screen about patients only while the server was heard from lately enough (practice 31) and access lasts (practice 30).

use super::page::OutOfContact;
use crate::state::Satchel;
use leptos::prelude::*;

#[component]
pub fn InContact(children: ChildrenFn) -> impl IntoView {
    let satchel = Satchel::from_context();
    view! {
        <Show when=move || !satchel.closed.get() && !satchel.ended.get() fallback=|| view! { <OutOfContact/> }>
            {children()}
        </Show>
    }
}
