//! The form of one entry: new, or one that is there.

use super::model::caution;
use crate::platform::api_places;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Choice, TextBox, TextKind, link_button};
use leptos::prelude::*;
use shared::api::{AddressChange, AddressView};
use uuid::Uuid;

/// What the form is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Editing {
    New,
    Known(Box<AddressView>),
}

#[component]
pub fn EntryForm(editing: Editing, changed: RwSignal<u32>, done: Callback<()>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let said = RwSignal::new(String::new());
    let (id, before) = match &editing {
        Editing::New => (None, AddressChange { kind: "practice".to_owned(), ..AddressChange::default() }),
        Editing::Known(entry) => (Some(entry.id.clone()), entry.address.clone()),
    };
    let was = before.clone();
    let [ods, kind, name, email, phone, note] =
        [before.ods, before.kind, before.name, before.email, before.phone, before.note].map(RwSignal::new);
    let written = move || AddressChange {
        ods: ods.get_untracked(),
        kind: kind.get_untracked(),
        name: name.get_untracked(),
        email: email.get_untracked(),
        phone: phone.get_untracked(),
        note: note.get_untracked(),
    };
    // The same id again after a lost answer is the same entry.
    let new_id = StoredValue::new(Uuid::new_v4().to_string());
    let is_new = id.is_none();
    let save = Callback::new(move |()| {
        let change = written().tidied();
        if let Some(problem) = change.problem() {
            attempt.problem.set(problem);
            return;
        }
        let id = id.clone().unwrap_or_else(|| new_id.get_value());
        let was = was.clone();
        attempt.run(async move {
            api_places::put_address(satchel, &id, &change).await?;
            let again = was.needs_confirming_again(&change);
            said.try_set(if again || is_new {
                "Saved. Confirm the address before anything is sent there.".to_owned()
            } else {
                "Saved.".to_owned()
            });
            if is_new {
                new_id.set_value(Uuid::new_v4().to_string());
                for one in [ods, name, email, phone, note] {
                    one.try_set(String::new());
                }
            }
            changed.update(|changed| *changed += 1);
            done.run(());
            Ok(())
        });
    });
    let learn = Callback::new(move |()| {
        let code = ods.get_untracked();
        attempt.run(async move {
            let found = api_places::propose_address(satchel, code).await?;
            let words = if found.known_already {
                "This organisation is in the address book already.".to_owned()
            } else if found.email.is_empty() {
                "The directory names no mailbox for this code.".to_owned()
            } else {
                changed.update(|changed| *changed += 1);
                format!("Added {} from the directory. Confirm it before anything is sent there.", found.email)
            };
            said.try_set(words);
            Ok(())
        });
    });
    let kinds = AddressChange::KINDS.map(|(kind, words)| (kind.to_owned(), words.to_owned())).to_vec();
    view! {
        <div>
            <Choice id="address-kind" label="What it is" options=kinds value=kind/>
            <TextBox id="address-ods" label="ODS code" hint="Empty where there is none." value=ods/>
            {is_new.then(|| link_button("Ask the Directory of Services for the mailbox of this code", "", learn))}
            <TextBox id="address-name" label="Name" value=name/>
            <TextBox
                id="address-email"
                label="E-mail address for messages about patients"
                hint="A changed address has to be confirmed again."
                value=email
            />
            <p class="nhsuk-hint" role="status">
                {move || if email.with(|email| email.contains('@')) { caution(&email.get()) } else { "" }}
            </p>
            <TextBox
                id="address-phone"
                label="Telephone"
                hint="From another source than an e-mail, so that a false address shows."
                kind=TextKind::Phone
                value=phone
            />
            <TextBox id="address-note" label="Note" value=note/>
            {attempt.said()}
            <p role="status">{move || said.get()}</p>
            <Action words="Save" class="nhsuk-button--secondary" attempt on_click=save/>
            {(!is_new).then(|| link_button("Close", "", done))}
        </div>
    }
    .into_any()
}
