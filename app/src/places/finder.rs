//! The search and its list, for a page of its own and inside a consultation.

use super::model::{Row, rows, source_words};
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Choice, Clock, TextBox, link_button};
use crate::vault::kept_places;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{PlacesAsked, PlacesView};
use shared::places::{Order, Place};

/// Searches for `service` (its word) near `postcode`; the last answer is there at once, with no network too. `choose` is
/// called with what is chosen from the list.
#[component]
pub fn Finder(
    service: RwSignal<String>,
    postcode: RwSignal<String>,
    #[prop(optional)] choose: Option<Callback<Place>>,
) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let attempt = Attempt::default();
    let shown = RwSignal::new(None::<PlacesView>);
    let said = RwSignal::new("");
    let order = RwSignal::new("nearest".to_owned());
    // The kind of service decides what is shown before anybody searches.
    Effect::new(move |_| {
        let kind = service.get();
        spawn_local(async move {
            if let Ok(known) = kept_places::places(satchel).await {
                let found = known.near(&kind, &postcode.get_untracked()).cloned();
                let _ = shown.try_set(found);
                let _ = said.try_set("");
            }
        });
    });
    let search = Callback::new(move |()| {
        let asked = PlacesAsked {
            service: service.get_untracked(),
            postcode: postcode.get_untracked().trim().to_owned(),
        };
        attempt.run(async move {
            match kept_places::fetch_places(satchel, &asked).await {
                Ok(found) => {
                    shown.try_set(Some(found));
                    said.try_set("");
                    Ok(())
                }
                Err(Trouble::Unreachable) => {
                    let known = kept_places::places(satchel).await?;
                    let found = known.near(&asked.service, &asked.postcode).cloned();
                    said.try_set(if found.is_some() {
                        "No signal. These are the last results on this device; opening times may have changed."
                    } else {
                        "No signal, and nothing of this kind was looked for on this device before."
                    });
                    shown.try_set(found);
                    Ok(())
                }
                Err(trouble) => Err(trouble),
            }
        });
    });
    let orders = [("nearest", "Nearest first"), ("open", "Open now first")];
    let orders = orders.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let drawn = move || {
        let order = if order.get() == "open" { Order::OpenNow } else { Order::Nearest };
        shown.with(|shown| shown.as_ref().map(|view| rows(view, order, clock.now())).unwrap_or_default())
    };
    let source = move || {
        shown.with(|shown| shown.as_ref().map(|view| source_words(view, clock.now())).unwrap_or_default())
    };
    let none = move || shown.with(|shown| shown.as_ref().is_some_and(|view| view.places.is_empty()));
    view! {
        <div class="places">
            <TextBox id="places-postcode" label="Near which postcode?" value=postcode/>
            {attempt.said()}
            <Action words="Search" class="nhsuk-button--secondary" attempt on_click=search/>
            <p role="status">{move || said.get()}</p>
            <Show when=move || shown.with(Option::is_some)>
                <p class="nhsuk-hint">{source}</p>
                <Choice id="places-order" label="Order" options=orders.clone() value=order/>
            </Show>
            <Show when=none>
                <p class="empty">"The directory knows of none there."</p>
            </Show>
            <ul class="places__list">
                {move || drawn().into_iter().map(|row| line(row, choose)).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

fn line(row: Row, choose: Option<Callback<Place>>) -> AnyView {
    let Row { place, far, open, is_open, today } = row;
    let tag = if is_open { "nhsuk-tag nhsuk-tag--green" } else { "nhsuk-tag nhsuk-tag--grey" };
    let address: Vec<&str> =
        [place.address.as_str(), &place.postcode].into_iter().filter(|part| !part.is_empty()).collect();
    let address = address.join(", ");
    let call = |label: &'static str, number: &str| {
        let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        (!digits.is_empty()).then(|| {
            view! {
                <p>
                    {label}
                    <a href=format!("tel:{digits}") rel="external">{number.to_owned()}</a>
                </p>
            }
        })
    };
    let phone = call("Phone: ", &place.phone);
    let clinicians = call("For clinicians only, not for patients: ", &place.clinician_phone);
    let name = place.name.clone();
    let button = choose.map(|choose| {
        let about = place.name.clone();
        link_button("Choose", &about, Callback::new(move |()| choose.run(place.clone())))
    });
    view! {
        <li class="places__place">
            <p class="places__top">
                <strong>{name}</strong>
                <span class="places__far">{far}</span>
            </p>
            <p>{address}</p>
            {phone}
            {clinicians}
            <p>
                <strong class=tag>{open}</strong>
                " "
                {today}
            </p>
            {button}
        </li>
    }
    .into_any()
}
