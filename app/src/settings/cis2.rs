//! By what the person is here: the local unlock, which is no assurance level, and what CIS2 has proved beside it.

use crate::platform::{api, api_people, page};
use crate::state::{Satchel, Who};
use crate::ui::{Action, Attempt, Card, Clock, words};
use leptos::prelude::*;
use shared::api::{CIS2_START, Cis2Standing};
use shared::authorship::Unlock;
use shared::time::{self, Millis};

/// Only where this server is a relying party of CIS2.
#[component]
pub fn NhsSignIn(who: Who) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let attempt = Attempt::default();
    let (person, by) = (who.person, who.unlocked_by);
    let sign_in =
        Callback::new(move |()| page::leave_for(&format!("{CIS2_START}?return=/settings&person={person}")));
    let end = Callback::new(move |()| {
        attempt.run(async move {
            api_people::end_cis2(satchel).await?;
            satchel.cis2.set(api::session(satchel).await?.cis2);
            Ok(())
        });
    });
    let offered = Memo::new(move |_| satchel.cis2.with(|cis2| cis2.offered));
    let is_good = Memo::new(move |_| satchel.cis2.with(|cis2| good(cis2, clock.now())));
    let card = move || {
        offered.get().then(|| {
            view! {
                <Card id="nhs-sign-in-title" title="NHS sign-in (CIS2)">
                    <p role="status">{move || satchel.cis2.with(|cis2| standing_words(by, cis2, clock.now()))}</p>
                    {attempt.said()}
                    {move || {
                        if is_good.get() {
                            view! {
                                <Action
                                    words="End the NHS sign-in"
                                    class="nhsuk-button--secondary"
                                    attempt
                                    on_click=end
                                />
                            }
                        } else {
                            view! {
                                <Action
                                    words="Sign in with CIS2"
                                    class="nhsuk-button--secondary"
                                    attempt
                                    on_click=sign_in
                                />
                            }
                        }
                    }}
                </Card>
            }
        })
    };
    card.into_any()
}

/// Does what CIS2 proved still count?
fn good(cis2: &Cis2Standing, now: Millis) -> bool {
    cis2.present.as_ref().is_some_and(|view| time::read(&view.until).is_some_and(|until| now < until))
}

/// `Unlocked on this device with a passkey. NHS sign-in (CIS2): level 3 until 22:10, as Pharmacist at FA123.`
fn standing_words(by: Unlock, cis2: &Cis2Standing, now: Millis) -> String {
    let by = match by {
        Unlock::Passkey => "a passkey",
        Unlock::PasskeyAndPin => "a passkey and a PIN",
        Unlock::Passphrase => "a passphrase",
    };
    let proved = match cis2.present.as_ref().filter(|_| good(cis2, now)) {
        Some(view) => format!(
            "level {} until {}, as {} at {}",
            view.level,
            words::when(&view.until, now),
            view.role,
            view.organisation,
        ),
        None => "not signed in".to_owned(),
    };
    format!("Unlocked on this device with {by}. NHS sign-in (CIS2): {proved}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::Cis2View;

    fn at(text: &str) -> Millis {
        time::read(text).expect("an instant")
    }

    fn signed_in() -> Cis2Standing {
        let view = Cis2View {
            level: 3,
            until: "2026-11-22T22:10:00Z".to_owned(),
            role: "Pharmacist".to_owned(),
            organisation: "FA123".to_owned(),
        };
        Cis2Standing { offered: true, present: Some(view) }
    }

    #[test]
    fn a_local_unlock_is_never_called_a_level() {
        let words = standing_words(Unlock::Passkey, &Cis2Standing::default(), 0);
        assert_eq!(words, "Unlocked on this device with a passkey. NHS sign-in (CIS2): not signed in.");
        assert!(!words.contains("level"));
    }

    #[test]
    fn what_cis2_proved_stands_beside_the_unlock_until_it_ends() {
        assert_eq!(
            standing_words(Unlock::Passkey, &signed_in(), at("2026-11-22T14:00:00Z")),
            "Unlocked on this device with a passkey. \
             NHS sign-in (CIS2): level 3 until 22:10, as Pharmacist at FA123."
        );
        let after = at("2026-11-22T22:10:00Z");
        assert!(standing_words(Unlock::Passphrase, &signed_in(), after).ends_with("(CIS2): not signed in."));
    }
}
