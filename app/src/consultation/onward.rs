//! Sending the patient on: to whom, agreed with whom, with the patient's consent. Works with no network.

use super::desk::Desk;
use super::onward_model::{chosen, how_it_goes, own_practice, suggested, wall};
use crate::places::Finder;
use crate::platform::clock;
use crate::ui::{Choice, Disclosure, TextBox, TextKind, link_button};
use crate::vault::kept_places;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::api::AddressView;
use shared::consultation::Onward;
use shared::places::{Place, Service};
use shared::time;

/// A box whose words stand in the record's part about sending on.
fn bound(
    desk: Desk,
    read: fn(&Onward) -> String,
    write: impl Fn(&mut Onward, String) + Copy + Send + Sync + 'static,
) -> RwSignal<String> {
    super::bound::bound(
        desk,
        move |record| read(&record.onward),
        move |record, words| write(&mut record.onward, words),
    )
}

#[component]
pub fn OnwardPanel() -> impl IntoView {
    let desk = Desk::from_context();
    let opened = RwSignal::new(false);
    // Once it is there it stays the same form: one put in its place would take what is being typed with it.
    let due = Memo::new(move |_| {
        let said = desk.read(|open| open.record.onward.is_chosen() || suggested(&open.record).is_some());
        opened.get() || said.unwrap_or_default()
    });
    let open = Callback::new(move |()| opened.set(true));
    view! {
        <section class="card" id="step-onward" tabindex="-1" aria-labelledby="onward-title">
            <h2 class="section-heading" id="onward-title">
                "Sending the patient on"
            </h2>
            <Show
                when=move || due.get()
                fallback=move || link_button("Send the patient on to another service", "", open)
            >
                <OnwardForm/>
            </Show>
        </section>
    }
}

#[component]
fn OnwardForm() -> AnyView {
    let desk = Desk::from_context();
    let service = bound(desk, |onward| onward.service.clone(), |onward, words| onward.service = words);
    let urgency = bound(desk, |onward| onward.urgency.clone(), |onward, words| onward.urgency = words);
    let name = bound(desk, |onward| onward.name.clone(), |onward, words| onward.name = words);
    let phone = bound(desk, |onward| onward.phone.clone(), |onward, words| onward.phone = words);
    let address = bound(desk, |onward| onward.address.clone(), |onward, words| onward.address = words);
    let ods = bound(
        desk,
        |onward| onward.ods.clone(),
        |onward, words| {
            onward.ods = words.trim().to_ascii_uppercase();
        },
    );
    let email = bound(
        desk,
        |onward| onward.email.clone(),
        |onward, words| words.trim().clone_into(&mut onward.email),
    );
    let reason = bound(desk, |onward| onward.reason.clone(), |onward, words| onward.reason = words);
    let consent = bound(desk, |onward| onward.consent.clone(), |onward, words| onward.consent = words);
    let agreed_with = bound(
        desk,
        |onward| onward.agreed_with.clone(),
        |onward, words| {
            if !words.trim().is_empty() && onward.agreed_at.is_empty() {
                onward.agreed_at = time::stored(clock::now());
            }
            onward.agreed_with = words;
        },
    );
    let agreed_at = bound(
        desk,
        |onward| wall(&onward.agreed_at),
        |onward, words| {
            onward.agreed_at = time::from_the_wall(&words).map(time::stored).unwrap_or_default();
        },
    );
    let postcode = RwSignal::new(desk.read(|open| open.record.patient.postcode.clone()).unwrap_or_default());
    let book = RwSignal::new(Vec::<AddressView>::new());
    spawn_local(async move {
        // The last known serves as well: what is sent is decided where the address book is.
        let known = match kept_places::fetch_address_book(desk.satchel).await {
            Ok(entries) => Ok(entries),
            Err(_) => kept_places::address_book(desk.satchel).await,
        };
        if let Ok(entries) = known {
            let _ = book.try_set(entries);
        }
    });
    let choose = Callback::new(move |place: Place| {
        desk.edit(move |record| chosen(record, desk.pathway, &place));
    });
    let suggestion = Memo::new(move |_| desk.read(|open| suggested(&open.record)).flatten());
    let take_over = Callback::new(move |()| {
        if let Some((kind, how)) = suggestion.get_untracked() {
            service.set(kind.as_str().to_owned());
            urgency.set(how.to_owned());
        }
    });
    let practice = Memo::new(move |_| desk.read(|open| own_practice(&open.record)).flatten());
    let take_practice = Callback::new(move |()| {
        if let Some(place) = practice.get_untracked() {
            choose.run(place);
        }
    });
    let waits_for = Memo::new(move |_| desk.read(|open| open.record.onward_waits_for()).flatten());
    let phoned_first =
        Memo::new(move |_| desk.read(|open| open.record.onward.is_phoned_first()).unwrap_or_default());
    let goes = Memo::new(move |_| {
        desk.read(|open| book.with(|book| how_it_goes(&open.record.onward, book))).unwrap_or_default()
    });
    let mut kinds = vec![(String::new(), "Nobody".to_owned())];
    kinds.extend(Service::ALL.map(|one| (one.as_str().to_owned(), one.words().to_owned())));
    let pairs = |known: &[(&str, &str)]| {
        known.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>()
    };
    let urgencies = pairs(&[("", "Choose"), ("routine", "Routine"), ("urgent", "Urgent")]);
    let consents = pairs(&[
        ("", "Not asked yet"),
        ("yes", "Yes, the record may go there"),
        ("no", "No, the patient does not want that"),
    ]);
    view! {
        <div>
            <Choice id="onward-service" label="Where is the patient sent?" options=kinds value=service/>
            <Show when=move || suggestion.get().is_some() && service.with(String::is_empty)>
                {link_button("Take over what the answers say", "", take_over)}
            </Show>
            <Show when=move || service.with(|service| !service.is_empty())>
                <Choice id="onward-urgency" label="How urgent is it?" options=urgencies.clone() value=urgency/>
                <Show when=move || service.get() == "gp" && practice.get().is_some()>
                    {link_button("The patient’s own practice", "", take_practice)}
                </Show>
                <Disclosure words="Find it in the directory">
                    <Finder service postcode choose/>
                </Disclosure>
                <TextBox id="onward-place-name" label="Name of the service" value=name/>
                <TextBox id="onward-place-phone" label="Telephone" kind=TextKind::Phone value=phone/>
                <Disclosure words="Address, code and e-mail">
                    <TextBox id="onward-place-address" label="Address" value=address/>
                    <TextBox id="onward-place-ods" label="ODS code" value=ods/>
                    <TextBox
                        id="onward-place-email"
                        label="E-mail address"
                        hint="Only an address that is confirmed in the address book is written to."
                        value=email
                    />
                </Disclosure>
                <TextBox
                    id="onward-place-reason"
                    label="Why is the patient sent there?"
                    hint="Empty: the reason given in the answers."
                    kind=TextKind::Lines
                    value=reason
                />
                <Show when=move || phoned_first.get()>
                    <p class="panel panel--notice">"Phone them before you sign. Nothing is sent before they have agreed."</p>
                </Show>
                <TextBox id="onward-agreed-with" label="Agreed with (name and role)" value=agreed_with/>
                <TextBox id="onward-agreed-at" label="Agreed when" kind=TextKind::DateTime value=agreed_at/>
                <Choice
                    id="onward-consent"
                    label="Does the patient agree that the record goes there?"
                    options=consents.clone()
                    value=consent
                />
                <p>
                    <A href=format!("/consultations/{}/referral", desk.id)>"See the letter"</A>
                </p>
                <p role="status">
                    {move || match waits_for.get() {
                        Some(words) => words.to_owned(),
                        None => goes.get(),
                    }}
                </p>
            </Show>
        </div>
    }
    .into_any()
}
