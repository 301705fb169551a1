//! Your passkeys, as the server knows them: named, added, removed.

use super::rename::{RenameForm, rename};
use crate::platform::api_people;
use crate::state::Satchel;
use crate::ui::{Act, Action, Attempt, Card, Clock, Confirm, Line, Listing, words};
use leptos::prelude::*;
use shared::api::PasskeyView;
use shared::time::Millis;

#[component]
pub fn Passkeys() -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let attempt = Attempt::default();
    let removing = RwSignal::new(String::new());
    let asking = RwSignal::new(false);
    let renaming = RwSignal::new(None);
    let line = move |passkey: PasskeyView| {
        let id = passkey.id.clone();
        let remove = Callback::new(move |()| {
            removing.set(id.clone());
            asking.set(true);
        });
        Line {
            words: passkey_words(&passkey, clock.exactly()),
            actions: vec![
                rename(renaming, passkey.id.clone(), passkey.label.clone()),
                Act::Do("Remove", remove),
            ],
            about: passkey.label,
        }
    };
    let ask = move || -> crate::ui::Asking {
        Box::pin(async move { Ok(satchel.passkeys().await?.into_iter().map(line).collect()) })
    };
    let add = Callback::new(move |()| {
        attempt.run(async move {
            satchel.add_passkey().await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    let remove = Callback::new(move |()| {
        attempt.run(async move {
            satchel.remove_passkey(removing.get_untracked()).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    view! {
        <Card id="passkeys-title" title="Your passkeys">
            {attempt.said()}
            <Listing changed ask=Box::new(ask) empty="You have no passkey yet."/>
            <RenameForm
                id="passkey-name"
                renaming
                changed
                tell=|satchel, id, label| Box::pin(async move { api_people::name_passkey(satchel, &id, label).await })
            />
            <Action words="Add a passkey" class="nhsuk-button--secondary" attempt on_click=add/>
            <Confirm open=asking title="Remove passkey" verb="Remove passkey" dangerous=true on_confirm=remove>
                <p>"This passkey will no longer sign you in to the server. Keep at least one other way in."</p>
            </Confirm>
        </Card>
    }
    .into_any()
}

/// `Asha's iPad: added 09:00, last used 14:05`.
fn passkey_words(passkey: &PasskeyView, now: Millis) -> String {
    let added = words::when(&passkey.added_at, now);
    let used = match words::when(&passkey.used_at, now) {
        never if never.is_empty() => "not used yet".to_owned(),
        used => format!("last used {used}"),
    };
    format!("{}: added {added}, {used}", passkey.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_says_when_it_was_last_used_or_that_it_never_was() {
        let now = shared::time::read("2026-11-22T15:00:00Z").expect("an instant");
        let mut passkey = PasskeyView {
            id: "abc".to_owned(),
            label: "Asha's iPad".to_owned(),
            added_at: "2026-11-22T09:00:00Z".to_owned(),
            used_at: String::new(),
        };
        assert_eq!(passkey_words(&passkey, now), "Asha's iPad: added 09:00, not used yet");
        passkey.used_at = "2026-11-22T14:05:00Z".to_owned();
        assert_eq!(passkey_words(&passkey, now), "Asha's iPad: added 09:00, last used 14:05");
    }
}
