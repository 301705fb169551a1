//! Draws the settings.

use super::access::{Colleagues, Devices, Passkeys, SecondWay};
use super::contact::Contact;
use super::device::{Locking, SetAside, ThisDevice};
use super::leaving::Leaving;
use super::people::KeyHolders;
use super::staff::Staff;
use crate::state::{Phase, Satchel};
use crate::ui::PageHeading;
use leptos::prelude::*;
use leptos_router::components::A;
use shared::people::Permission;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let who = Memo::new(move |_| {
        satchel.phase.with(|phase| match phase {
            Phase::Open(who) => Some(who.clone()),
            _ => None,
        })
    });
    let administers = Memo::new(move |_| {
        who.with(|who| who.as_ref().is_some_and(|who| who.role.may(Permission::AdministerPharmacy)))
    });
    view! {
        <div class="page">
            <p>
                <A href="/" attr:class="back-link">
                    "Work list"
                </A>
            </p>
            <PageHeading text="Settings"/>
            {move || {
                who.get()
                    .map(|who| {
                        let registered = if who.gphc.is_empty() {
                            String::new()
                        } else {
                            let checked = if who.gphc_checked { "checked" } else { "not checked" };
                            format!(", GPhC {} ({checked})", who.gphc)
                        };
                        let by = match who.unlocked_by.name() {
                            "passkey" => "the sensor",
                            "passkey-and-pin" => "the sensor and your PIN",
                            _ => "your passphrase",
                        };
                        view! {
                            <p>
                                {format!(
                                    "{}, {}{registered}, at {} ({}). Unlocked with {by}.",
                                    who.name,
                                    who.role.name(),
                                    who.pharmacy_name,
                                    who.ods,
                                )}
                            </p>
                        }
                    })
            }}
            <ThisDevice/>
            <Locking/>
            <KeyHolders/>
            <Passkeys/>
            <SecondWay/>
            <Devices/>
            <Contact/>
            <SetAside/>
            <Show when=move || administers.get()>
                <Staff/>
                <Colleagues/>
            </Show>
            <Leaving/>
        </div>
    }
}
