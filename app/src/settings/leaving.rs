//! Signing out, and taking the records off this device.

use super::model::waiting_words;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Card, Confirm, link_button};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn Leaving() -> AnyView {
    let satchel = Satchel::from_context();
    let asking = RwSignal::new(false);
    let attempt = Attempt::default();
    let sign_out = Callback::new(move |()| {
        // Signing out locks, which takes this card away: what went wrong is said above it.
        spawn_local(async move {
            if let Err(trouble) = satchel.sign_out().await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    });
    let delete = Callback::new(move |()| {
        // The confirmation named what would be lost, so this is knowingly.
        let and_unsent = satchel.waiting.get_untracked() > 0;
        attempt.run(satchel.delete_vault(and_unsent));
    });
    view! {
        <Card id="leaving-title" title="Leaving">
            <p>{move || waiting_words(satchel.waiting.get())}</p>
            {attempt.said()}
            <div class="button-row">
                <Action words="Sign out" class="nhsuk-button--secondary" attempt on_click=sign_out/>
                {link_button(
                    "Delete the records on this device",
                    "",
                    Callback::new(move |()| asking.set(true)),
                )}
            </div>
            <Confirm
                open=asking
                title="Delete the records on this device"
                verb="Delete from this device"
                dangerous=true
                on_confirm=delete
            >
                <p>
                    {move || match satchel.waiting.get() {
                        0 => "Everything is with the server. It can be fetched again after signing in.".to_owned(),
                        1 => "1 consultation has not been sent. It will be lost for good.".to_owned(),
                        many => format!("{many} consultations have not been sent. They will be lost for good."),
                    }}
                </p>
            </Confirm>
        </Card>
    }
    .into_any()
}
