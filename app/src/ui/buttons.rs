//! Buttons that many screens have: one that starts something, a quiet one, and one that shows what is behind it.

use super::Attempt;
use leptos::prelude::*;

/// Waits while `attempt` runs. `class` is what NHS.UK calls the style: empty, `nhsuk-button--secondary`.
#[component]
pub fn Action(
    words: &'static str,
    #[prop(optional)] class: &'static str,
    attempt: Attempt,
    on_click: Callback<()>,
) -> AnyView {
    view! {
        <button
            type="button"
            class=format!("nhsuk-button {class}")
            disabled=move || attempt.busy.get()
            on:click=move |_| on_click.run(())
        >
            {words}
        </button>
    }
    .into_any()
}

/// Looks like a link. `about` is read out only, to tell it from its neighbours; empty where it stands alone.
pub fn link_button(words: &'static str, about: &str, on_click: Callback<()>) -> AnyView {
    let about = (!about.is_empty()).then(|| {
        view! { <span class="nhsuk-u-visually-hidden">{format!(": {about}")}</span> }
    });
    view! {
        <button type="button" class="link-button" on:click=move |_| on_click.run(())>
            {words}
            {about}
        </button>
    }
    .into_any()
}

/// Shows and hides what is in it.
#[component]
pub fn Disclosure(
    words: &'static str,
    /// Given where what is inside closes itself when it is done.
    #[prop(optional)]
    open: RwSignal<bool>,
    children: ChildrenFn,
) -> AnyView {
    let children = StoredValue::new(children);
    view! {
        <button
            type="button"
            class="link-button"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {words}
        </button>
        {move || open.get().then(|| children.with_value(|children| children()))}
    }
    .into_any()
}
