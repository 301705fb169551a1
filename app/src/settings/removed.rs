//! This device was removed from its pharmacy: what is happening, and that it has happened.

use crate::platform::settings::Removed;
use crate::state::Satchel;
use crate::ui::{Clock, PageHeading, words};
use crate::vault::revoked::Removal;
use leptos::prelude::*;

/// While the log goes up and until the vault is gone.
#[component]
pub fn RemovedPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    view! {
        <div class="page page--narrow">
            <PageHeading text="This device was removed"/>
            <p>
                "An administrator removed this device from the pharmacy. What had not been sent is going to the server \
                 now, still locked. An administrator there releases it into the records. After that, everything of \
                 Satchel on this device is deleted."
            </p>
            <p role="status">
                {move || match satchel.removal.get() {
                    Some(Removal::Waiting(why)) => {
                        format!("Not sent yet, and nothing is deleted. It is tried again by itself. {why}")
                    }
                    Some(Removal::Sending) => "Sending what had not been sent.".to_owned(),
                    None => String::new(),
                }}
            </p>
            <p>"Leave this page open and the device connected until it says that it is done."</p>
        </div>
    }
}

/// Above the way in, once it is done.
#[component]
pub fn RemovedNote() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    view! {
        {move || {
            satchel
                .removed_note
                .get()
                .map(|Removed { pharmacy, at }| {
                    view! {
                        <div class="page page--narrow">
                            <section class="panel panel--notice" aria-label="This device was removed">
                                <p>
                                    <strong>{format!("This device was removed from {pharmacy}.")}</strong>
                                    {format!(
                                        " What had not been sent was handed to the server {}, and all of its \
                                         records on this device were deleted. An administrator releases what was \
                                         handed over. To use this device again, open a new enrolment link.",
                                        words::moment(at, clock.now()),
                                    )}
                                </p>
                                <button
                                    type="button"
                                    class="link-button"
                                    on:click=move |_| satchel.read_removed_note()
                                >
                                    "I have read this"
                                </button>
                            </section>
                        </div>
                    }
                })
        }}
    }
}
