//! Devices of this pharmacy: whose, last seen, what waits on them; named and removed.

use super::rename::{RenameForm, rename};
use crate::platform::api_people;
use crate::state::Satchel;
use crate::ui::{Act, Attempt, Card, Clock, Confirm, Line, Listing, words};
use leptos::prelude::*;
use shared::api::DeviceView;
use shared::time::Millis;

/// `administers`: may name and remove them; everybody sees them.
#[component]
pub fn Devices(administers: bool) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let attempt = Attempt::default();
    let revoking = RwSignal::new(None::<DeviceView>);
    let asking = RwSignal::new(false);
    let renaming = RwSignal::new(None);
    let here = satchel.device();
    let line = move |device: DeviceView| {
        let is_here = here == Some(device.id);
        let mut actions = Vec::new();
        if administers {
            actions.push(rename(renaming, device.id.to_string(), device.label.clone()));
        }
        if administers && !is_here {
            let device = device.clone();
            actions.push(Act::Do(
                "Remove this device",
                Callback::new(move |()| {
                    revoking.set(Some(device.clone()));
                    asking.set(true);
                }),
            ));
        }
        Line { words: device_words(&device, is_here, clock.exactly()), about: device.label, actions }
    };
    let ask = move || -> crate::ui::Asking {
        Box::pin(async move { Ok(satchel.devices().await?.into_iter().map(line).collect()) })
    };
    let revoke = Callback::new(move |()| {
        let Some(device) = revoking.get_untracked() else { return };
        attempt.run(async move {
            satchel.revoke_device(device.id).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    view! {
        <Card id="devices-title" title="Devices">
            {attempt.said()}
            <Listing changed ask=Box::new(ask)/>
            <RenameForm
                id="device-name"
                renaming
                changed
                tell=|satchel, id, label| Box::pin(async move { api_people::name_device(satchel, &id, label).await })
            />
            <Confirm
                open=asking
                title="Remove this device"
                verb="Remove this device"
                dangerous=true
                on_confirm=revoke
            >
                <p>
                    <strong>{move || revoking.get().and_then(|device| unsent_warning(&device))}</strong>
                </p>
                <p>
                    "From now on it can neither send nor receive. When it next connects, also while it is locked, it \
                     hands what it had not sent to the server, still sealed, and then deletes everything of Satchel on \
                     it. What it handed over waits under Set aside, for you or another administrator to release."
                </p>
                <p>
                    "Until it connects, somebody who can unlock it can go on reading what is on it. People keep their \
                     own access; remove them separately."
                </p>
            </Confirm>
        </Card>
    }
    .into_any()
}

/// `iPad, Safari (this one): Asha Rao, last seen 14:05, 2 consultations not sent`.
fn device_words(device: &DeviceView, is_here: bool, now: Millis) -> String {
    let place = if is_here { " (this one)" } else { "" };
    let people = device.people_names.join(", ");
    let seen = words::when(&device.seen_at, now);
    let unsent = match device.unsent {
        None | Some(0) => String::new(),
        Some(waiting) => {
            format!(", {} not sent", words::count(waiting as usize, "consultation", "consultations"))
        }
    };
    format!("{}{place}: {people}, last seen {seen}{unsent}", device.label)
}

/// What is known to wait on a device that is about to be removed.
fn unsent_warning(device: &DeviceView) -> Option<String> {
    match device.unsent {
        None => Some("This device never said whether something waits on it to be sent.".to_owned()),
        Some(0) => None,
        Some(waiting) => Some(format!(
            "{} to be sent when it was last in contact. Let it connect first, if you can.",
            words::count(waiting as usize, "consultation waited", "consultations waited"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::DeviceId;

    fn device(unsent: Option<u32>) -> DeviceView {
        DeviceView {
            id: DeviceId(uuid::Uuid::from_u128(1)),
            label: "iPad, Safari".to_owned(),
            people: Vec::new(),
            people_names: vec!["Asha Rao".to_owned(), "Ben Ade".to_owned()],
            added_at: "2026-11-01T09:00:00Z".to_owned(),
            seen_at: "2026-11-22T14:05:00Z".to_owned(),
            unsent,
        }
    }

    #[test]
    fn a_device_is_told_with_its_people_and_what_waits_on_it() {
        let now = shared::time::read("2026-11-22T15:00:00Z").expect("an instant");
        assert_eq!(
            device_words(&device(Some(2)), true, now),
            "iPad, Safari (this one): Asha Rao, Ben Ade, last seen 14:05, 2 consultations not sent"
        );
        assert!(device_words(&device(Some(0)), false, now).ends_with("last seen 14:05"));
    }

    #[test]
    fn removing_a_device_with_unsent_work_warns_and_so_does_one_that_never_said() {
        assert!(unsent_warning(&device(Some(1))).expect("a warning").starts_with("1 consultation waited"));
        assert!(unsent_warning(&device(None)).expect("a warning").contains("never said"));
        assert_eq!(unsent_warning(&device(Some(0))), None);
    }
}
