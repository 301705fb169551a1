//! Draws the address book.

use super::confirming::Confirming;
use super::entry::{Editing, EntryForm};
use super::import::ImportFile;
use super::model::{SHOWN, about, caution, fitting, standing};
use crate::platform::api_places;
use crate::platform::trouble::Trouble;
use crate::state::{Phase, Satchel};
use crate::ui::{Attempt, BackLink, Card, Clock, Confirm, Disclosure, PageHeading, TextBox, link_button};
use crate::vault::kept_places;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::AddressView;
use shared::people::Permission;

/// What is done with one entry.
#[derive(Debug, Clone, PartialEq)]
enum Doing {
    Change(AddressView),
    Confirm(AddressView),
}

#[component]
pub fn DirectoryPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let administers = satchel.phase.with_untracked(
        |phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::AdministerPharmacy)),
    );
    let book = RwSignal::new(Vec::<AddressView>::new());
    let said = RwSignal::new(String::new());
    let changed = RwSignal::new(0_u32);
    let doing = RwSignal::new(None::<Doing>);
    let removing = RwSignal::new(None::<AddressView>);
    let asking = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let attempt = Attempt::default();
    Effect::new(move |_| {
        changed.track();
        spawn_local(async move {
            let words = match kept_places::fetch_address_book(satchel).await {
                Ok(entries) => {
                    let _ = book.try_set(entries);
                    String::new()
                }
                Err(trouble) => {
                    if let Ok(entries) = kept_places::address_book(satchel).await {
                        let _ = book.try_set(entries);
                    }
                    match trouble {
                        Trouble::Unreachable => {
                            "No signal: this is the address book as it was last on this device.".to_owned()
                        }
                        other => other.to_string(),
                    }
                }
            };
            let _ = said.try_set(words);
        });
    });
    let remove = Callback::new(move |()| {
        let Some(entry) = removing.get_untracked() else { return };
        attempt.run(async move {
            api_places::remove_address(satchel, &entry.id).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    let line = move |entry: AddressView| {
        let name = entry.address.name.clone();
        let [to_change, to_confirm, to_remove] = [(); 3].map(|()| entry.clone());
        let actions = administers.then(|| {
            let confirm = Callback::new(move |()| doing.set(Some(Doing::Confirm(to_confirm.clone()))));
            let change = Callback::new(move |()| doing.set(Some(Doing::Change(to_change.clone()))));
            let take_out = Callback::new(move |()| {
                removing.set(Some(to_remove.clone()));
                asking.set(true);
            });
            view! {
                <p class="to-do__actions">
                    {link_button("Confirm", &name, confirm)}
                    {link_button("Change", &name, change)}
                    {link_button("Remove", &name, take_out)}
                </p>
            }
        });
        let tag = if entry.confirmed_at.is_empty() {
            ("nhsuk-tag nhsuk-tag--grey", "Not confirmed")
        } else {
            ("nhsuk-tag nhsuk-tag--green", "Confirmed")
        };
        let warning = caution(&entry.address.email);
        view! {
            <li class="places__place">
                <p class="places__top">
                    <strong>{name.clone()}</strong>
                    <strong class=tag.0>{tag.1}</strong>
                </p>
                <p>{entry.address.email.clone()}</p>
                <p>{about(&entry.address)}</p>
                <p class="nhsuk-hint">{standing(&entry, clock.now())}</p>
                {(!warning.is_empty()).then(|| view! { <p class="nhsuk-hint">{warning}</p> })}
                {actions}
            </li>
        }
    };
    let found = Memo::new(move |_| book.with(|book| fitting(book, &typed.get())));
    let more = move || {
        let all = found.with(Vec::len);
        (all > SHOWN).then(|| format!("{} more. Type a part of the name to find them.", all - SHOWN))
    };
    view! {
        <div class="page">
            <BackLink to="/settings" name="Settings"/>
            <PageHeading text="Address book"/>
            <p>
                "E-mail addresses of practices, pharmacies and other services. Nothing about a patient is sent to an \
                 address before somebody there has confirmed it."
            </p>
            <p role="status">{move || said.get()}</p>
            {attempt.said()}
            {move || {
                doing
                    .get()
                    .map(|what| match what {
                        Doing::Change(entry) => {
                            view! {
                                <Card id="address-change" title="Change an entry">
                                    <EntryForm
                                        editing=Editing::Known(Box::new(entry))
                                        changed
                                        done=Callback::new(move |()| doing.set(None))
                                    />
                                </Card>
                            }
                                .into_any()
                        }
                        Doing::Confirm(entry) => {
                            view! {
                                <Card id="address-confirm" title="Confirm an address">
                                    <Confirming
                                        entry
                                        changed
                                        done=Callback::new(move |()| doing.set(None))
                                    />
                                </Card>
                            }
                                .into_any()
                        }
                    })
            }}
            <TextBox id="address-search" label="Find by name, ODS code or address" value=typed/>
            <ul class="places__list">
                {move || found.get().into_iter().take(SHOWN).map(line).collect_view()}
            </ul>
            <p>{more}</p>
            <Show when=move || book.with(Vec::is_empty)>
                <p class="empty">"There are no entries yet."</p>
            </Show>
            {administers
                .then(|| {
                    view! {
                        <Card id="address-add" title="Add to the address book">
                            <Disclosure words="Add an entry">
                                <EntryForm editing=Editing::New changed done=Callback::new(|()| ())/>
                            </Disclosure>
                            " "
                            <Disclosure words="Import a file">
                                <ImportFile changed/>
                            </Disclosure>
                        </Card>
                    }
                })}
            <Confirm
                open=asking
                title="Remove from the address book"
                verb="Remove"
                dangerous=true
                on_confirm=remove
            >
                <p>"Messages go there no more. What was sent stays in the records."</p>
            </Confirm>
        </div>
    }
}
