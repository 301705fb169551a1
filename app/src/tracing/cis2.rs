//! PDS wants to know who asks: the way to CIS2 in the middle of a consultation, without losing a letter.

use super::model::cis2_address;
use super::page::LookUp;
use crate::platform::page;
use crate::platform::trouble::Trouble;
use crate::ui::typing_has_paused;
use crate::vault::{edits, kept};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Leaves the whole page, once all that was typed is on the disk.
async fn leave(look_up: &LookUp) -> Result<(), Trouble> {
    let satchel = look_up.desk.satchel;
    let keeper = satchel.keeper.get_value();
    let opened = keeper.opened()?;
    page::leave_box();
    typing_has_paused().await;
    edits::flush(satchel, &opened).await?;
    kept::keep_look_up(satchel, &look_up.desk.id, &look_up.waiting()).await?;
    page::leave_for(&cis2_address(&look_up.desk.id, &opened.who.person));
    Ok(())
}

#[component]
pub fn StepUp() -> impl IntoView {
    let look_up = expect_context::<LookUp>();
    let desk = look_up.desk;
    let busy = RwSignal::new(false);
    let sign_in = move |_| {
        busy.set(true);
        spawn_local(async move {
            if let Err(trouble) = leave(&look_up).await {
                desk.satchel.trouble.set(Some(trouble.to_string()));
                busy.set(false);
            }
        });
    };
    view! {
        <div class="panel panel--notice">
            <p>
                <strong>"PDS needs your NHS sign-in (CIS2)."</strong>
                " What you have recorded is saved first. You come back here, unlock with one touch, and the look-up \
                 goes on."
            </p>
            <Show when=move || desk.half_typed.get()>
                <p>"The medicine you are typing is not added yet. Add or clear it first."</p>
            </Show>
            <button
                type="button"
                class="nhsuk-button nhsuk-button--small"
                disabled=move || busy.get() || desk.half_typed.get()
                on:click=sign_in
            >
                "Sign in with CIS2"
            </button>
        </div>
    }
}
