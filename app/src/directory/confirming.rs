//! Confirming an address: by the code of a test message, or by telephone.

use crate::platform::api_places;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, TextBox, link_button};
use leptos::prelude::*;
use shared::api::{AddressConfirmation, AddressView};

#[component]
pub fn Confirming(entry: AddressView, changed: RwSignal<u32>, done: Callback<()>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let said = RwSignal::new("");
    let code = RwSignal::new(String::new());
    let spoken_to = RwSignal::new(String::new());
    let id = StoredValue::new(entry.id);
    let send = Callback::new(move |()| {
        attempt.run(async move {
            api_places::test_address(satchel, &id.get_value()).await?;
            said.try_set("Sent. Phone them, and enter the code that they read to you.");
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    let confirm = move |told: AddressConfirmation| {
        attempt.run(async move {
            api_places::confirm_address(satchel, &id.get_value(), &told).await?;
            changed.update(|changed| *changed += 1);
            done.run(());
            Ok(())
        });
    };
    let typed = move |one: RwSignal<String>| one.get_untracked().trim().to_owned();
    let by_code = Callback::new(move |()| {
        if typed(code).is_empty() {
            attempt.problem.set("Enter the code of the test message.".to_owned());
            return;
        }
        confirm(AddressConfirmation { code: typed(code), spoken_to: typed(spoken_to) });
    });
    let by_phone = Callback::new(move |()| {
        if typed(spoken_to).is_empty() {
            attempt.problem.set("Enter the name and role of who confirmed the address.".to_owned());
            return;
        }
        confirm(AddressConfirmation { code: String::new(), spoken_to: typed(spoken_to) });
    });
    let phone = if entry.address.phone.is_empty() {
        "No number is recorded: take one from the organisation’s own website or the NHS directory.".to_owned()
    } else {
        format!("Phone {}, a number that you know from elsewhere than an e-mail.", entry.address.phone)
    };
    view! {
        <div>
            <p>
                <strong>{entry.address.name}</strong>
                ": "
                {entry.address.email}
            </p>
            <p>{phone}</p>
            {attempt.said()}
            <p role="status">{move || said.get()}</p>
            <Action words="Send a test message" class="nhsuk-button--secondary" attempt on_click=send/>
            <TextBox
                id="confirm-code"
                label="Code that was read back"
                hint="Of the last test message; good for 14 days."
                value=code
            />
            <TextBox id="confirm-spoken-to" label="Name and role of who you spoke to" value=spoken_to/>
            <Action words="Confirm by the code" attempt on_click=by_code/>
            " "
            <Action
                words="They confirmed the address by telephone"
                class="nhsuk-button--secondary"
                attempt
                on_click=by_phone
            />
            {link_button("Close", "", done)}
        </div>
    }
    .into_any()
}
