//! A question before something that cannot be undone: it says what will happen, with the verb on the button.

use leptos::html;
use leptos::prelude::*;

/// Opens while `open` is true. `verb` is what the button says, for example `Sign and finish`.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    title: &'static str,
    verb: &'static str,
    /// The button that does it looks like a warning.
    #[prop(optional)]
    dangerous: bool,
    on_confirm: Callback<()>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() {
            // Refused only when it is open already.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let style = if dangerous { "nhsuk-button nhsuk-button--warning" } else { "nhsuk-button" };
    view! {
        <dialog class="confirm" node_ref=dialog aria-label=title on:close=move |_| open.set(false)>
            <h2 class="confirm__title">{title}</h2>
            {children()}
            <div class="button-row">
                <button
                    type="button"
                    class=style
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {verb}
                </button>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    on:click=move |_| open.set(false)
                >
                    "Go back"
                </button>
            </div>
        </dialog>
    }
}
