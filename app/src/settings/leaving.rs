//! Signing out, and taking the records off this device.

use super::model::waiting_words;
use crate::state::Satchel;
use crate::ui::Confirm;
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn Leaving() -> impl IntoView {
    let satchel = Satchel::from_context();
    let asking = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let sign_out = move |_| {
        spawn_local(async move {
            if let Err(trouble) = satchel.sign_out().await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    };
    let delete = move |()| {
        // The confirmation named what would be lost, so this is knowingly.
        let and_unsent = satchel.waiting.get_untracked() > 0;
        spawn_local(async move {
            if let Err(trouble) = satchel.delete_vault(and_unsent).await {
                problem.set(trouble.to_string());
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="leaving-title">
            <h2 class="section-heading" id="leaving-title">
                "Leaving"
            </h2>
            <p>{move || waiting_words(satchel.waiting.get())}</p>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            <div class="button-row">
                <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=sign_out>
                    "Sign out"
                </button>
                <button type="button" class="link-button" on:click=move |_| asking.set(true)>
                    "Delete the records on this device"
                </button>
            </div>
            <Confirm
                open=asking
                title="Delete the records on this device"
                verb="Delete from this device"
                dangerous=true
                on_confirm=Callback::new(delete)
            >
                <p>
                    {move || match satchel.waiting.get() {
                        0 => "Everything is with the server. It can be fetched again after signing in.".to_owned(),
                        1 => "1 consultation has not been sent. It will be lost for good.".to_owned(),
                        many => format!("{many} consultations have not been sent. They will be lost for good."),
                    }}
                </p>
            </Confirm>
        </section>
    }
}
