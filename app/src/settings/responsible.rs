//! Who is the responsible pharmacist today: shown to everybody, named by those who may.

use crate::platform::api_people;
use crate::standing::model::responsible_words;
use crate::state::{Satchel, Who};
use crate::ui::{Action, Attempt, Card, Clock, Disclosure, TextBox, TextKind, words};
use leptos::prelude::*;
use shared::api::ResponsiblePharmacist;
use shared::ids::GphcNumber;
use shared::people::{Permission, Role};
use shared::time::Millis;

#[component]
pub fn Responsible(who: Who) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let attempt = Attempt::default();
    let now_named = move || {
        satchel.standing.with(|kept| {
            named_words(kept.as_ref().and_then(|kept| kept.view.responsible.as_ref()), clock.now())
        })
    };
    let set = move |name: String, gphc: String| match checked(&name, &gphc) {
        Err(words) => attempt.problem.set(words.to_owned()),
        Ok(()) => attempt.run(async move {
            api_people::name_responsible(satchel, name.trim().to_owned(), gphc.trim().to_owned()).await?;
            satchel.renew_standing().await
        }),
    };
    let (name, gphc) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let set_typed = Callback::new(move |()| set(name.get_untracked(), gphc.get_untracked()));
    let may = who.role.may(Permission::NameResponsiblePharmacist);
    let me = (who.role == Role::Pharmacist).then(|| {
        let set_me = Callback::new(move |()| set(who.name.clone(), who.gphc.clone()));
        view! { <Action words="I am responsible" class="nhsuk-button--secondary" attempt on_click=set_me/> }
    });
    view! {
        <Card id="responsible-title" title="Responsible pharmacist">
            <p role="status">{now_named}</p>
            {may
                .then(|| {
                    view! {
                        {attempt.said()}
                        <p>{me}</p>
                        <Disclosure words="Name a colleague">
                            <TextBox id="responsible-name" label="Name" value=name/>
                            <TextBox
                                id="responsible-gphc"
                                label="GPhC registration number"
                                kind=TextKind::Digits
                                value=gphc
                            />
                            <Action
                                words="Name as responsible"
                                class="nhsuk-button--secondary"
                                attempt
                                on_click=set_typed
                            />
                        </Disclosure>
                    }
                })}
        </Card>
    }
    .into_any()
}

/// `Asha Rao (GPhC 2074123), since 09:00.`
fn named_words(responsible: Option<&ResponsiblePharmacist>, now: Millis) -> String {
    match responsible {
        Some(one) => format!("{}, since {}.", responsible_words(one), words::when(&one.since, now)),
        None => "Nobody is named, as far as this device has heard.".to_owned(),
    }
}

/// What is wrong with who is named, if anything is.
fn checked(name: &str, gphc: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() {
        return Err("Enter the pharmacist's name.");
    }
    match gphc.parse::<GphcNumber>() {
        Ok(number) if number.is_pharmacist() => Ok(()),
        _ => Err("Enter a pharmacist's GPhC number: 7 digits, beginning with 2."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pharmacist_with_a_number_can_be_responsible() {
        assert!(checked("Asha Rao", "2074123").is_ok());
        assert!(checked("Tom Hale", "5001234").is_err());
        assert!(checked(" ", "2074123").is_err());
        assert!(checked("Asha Rao", "").is_err());
    }

    #[test]
    fn nobody_named_is_said_as_it_is_known_here() {
        assert!(named_words(None, 0).contains("as far as this device has heard"));
    }
}
