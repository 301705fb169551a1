//! Whether this device tells of new referrals by itself.

use crate::platform::notifications::{self, Permission};
use crate::ui::{Action, Attempt, Card};
use leptos::prelude::*;

#[component]
pub fn Notices() -> AnyView {
    let permission = RwSignal::new(notifications::permission());
    let attempt = Attempt::default();
    let ask = Callback::new(move |()| {
        attempt.run(async move {
            let _ = permission.try_set(notifications::ask().await);
            Ok(())
        });
    });
    let words = move || match permission.get() {
        Permission::Missing => {
            "This browser shows no notifications. Keep the work list open to see what comes."
        }
        Permission::NotAsked => {
            "This device can say when a new referral comes, and when one has waited 30 minutes."
        }
        Permission::Granted => {
            "This device says when a new referral comes, and when one has waited 30 minutes, while Satchel is open \
             on it. Nothing about a patient is shown."
        }
        Permission::Refused => {
            "Notifications are turned off for Satchel. Turn them on in the browser's settings for this website."
        }
    };
    view! {
        <Card id="notices-title" title="Notifications">
            <p role="status">{words}</p>
            <Show when=move || permission.get() == Permission::NotAsked>
                <Action words="Allow notifications" class="nhsuk-button--secondary" attempt on_click=ask/>
            </Show>
        </Card>
    }
    .into_any()
}
