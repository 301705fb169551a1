//! Draws the settings.

use super::cis2::NhsSignIn;
use super::contact::Contact;
use super::device::{Locking, SetAside, ThisDevice};
use super::devices::Devices;
use super::invitations::Invitations;
use super::key_holders::KeyHolders;
use super::leaving::Leaving;
use super::notices::Notices;
use super::own_standing::OwnStanding;
use super::passkeys::Passkeys;
use super::responsible::Responsible;
use super::second_way::SecondWay;
use super::staff::Staff;
use crate::state::{Phase, Satchel, Who};
use crate::ui::{BackLink, Card, PageHeading};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::people::Permission;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let who = Memo::new(move |_| {
        satchel.phase.with(|phase| match phase {
            // A contact must not draw the forms below anew.
            Phase::Open(who) => Some(Who { contact_overdue: false, ..who.clone() }),
            _ => None,
        })
    });
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
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
            {move || {
                who.get()
                    .map(|who| {
                        let administers = who.role.may(Permission::AdministerPharmacy);
                        let audits = who.role.may(Permission::ReadAudit);
                        view! {
                            <NhsSignIn who=who.clone()/>
                            <Responsible who=who.clone()/>
                            {who.role.may(Permission::RecordConsultations).then(|| view! { <OwnStanding/> })}
                            <ThisDevice/>
                            <Locking/>
                            <Notices/>
                            <KeyHolders/>
                            <Passkeys/>
                            <SecondWay/>
                            <Devices administers/>
                            <Contact/>
                            <SetAside/>
                            {administers
                                .then(|| {
                                    view! {
                                        <Staff/>
                                        <Invitations/>
                                    }
                                })}
                            <BookLink/>
                            {audits.then(|| view! { <AuditLink/> })}
                            <Leaving/>
                        }
                    })
            }}
        </div>
    }
}

/// The way to the address book.
#[component]
fn BookLink() -> AnyView {
    view! {
        <Card id="book-title" title="Address book">
            <p>
                <A href="/directory">"E-mail addresses of practices and other services"</A>
            </p>
        </Card>
    }
    .into_any()
}

/// The way to the audit log.
#[component]
fn AuditLink() -> AnyView {
    view! {
        <Card id="audit-title" title="Audit log">
            <p>
                <A href="/audit">"Audit log of this pharmacy"</A>
            </p>
        </Card>
    }
    .into_any()
}
