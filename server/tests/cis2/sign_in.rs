//! Signing in, stepping up, and leaving.

use crate::support::{HOUR, MARIGOLD, MINUTE, NOW, OTTOLINE, PERCIVAL, TOBIAS, World, location, read};
use satchel::cis2::simulator::Faults;
use serde_json::{Value, json};
use shared::people::Role;
use std::time::Duration;

#[tokio::test]
async fn somebody_whom_nobody_knows_signs_in_and_is_known_from_then_on() {
    let world = World::start().await;
    let browser = world.browser();
    assert!(browser.session().await.cis2.offered);
    assert_eq!(
        browser.sign_in(MARIGOLD, "/consultations/1?a=b#patient").await,
        "/consultations/1?a=b#patient"
    );
    let session = browser.session().await;
    let person = session.person.expect("signed in");
    assert_eq!((person.name.as_str(), person.gphc.as_str()), ("Marigold Ashgrove", "2999901"));
    assert!(person.gphc_checked, "CIS2 vouches for the number");
    assert_eq!(person.role, Role::Pharmacist);
    assert!(!session.has_passkey, "so that one is offered at once");
    let present = session.cis2.present.expect("CIS2 counts");
    assert_eq!((present.level, present.organisation.as_str()), (3, "FA123"));
    assert_eq!(present.role, "Health Professional Access Role");
    assert_eq!(present.until, shared::time::stored(NOW + 12 * HOUR));

    let elsewhere = world.browser();
    elsewhere.sign_in(MARIGOLD, "/").await;
    assert_eq!(elsewhere.session().await.person.expect("signed in").id, person.id);
}

#[tokio::test]
async fn a_technician_and_an_administrator_become_what_they_are() {
    let world = World::start().await;
    let (tobias, ottoline) = (world.browser(), world.browser());
    tobias.sign_in(TOBIAS, "/").await;
    let session = tobias.session().await;
    let person = session.person.expect("signed in");
    assert_eq!((person.role, person.gphc.as_str()), (Role::Technician, "5999902"));
    assert_eq!(session.cis2.present.expect("levels as text are read").level, 2);
    ottoline.sign_in(OTTOLINE, "/").await;
    let person = ottoline.session().await.person.expect("signed in");
    assert_eq!((person.role, person.gphc.as_str(), person.gphc_checked), (Role::Administrator, "", false));
}

#[tokio::test]
async fn each_reason_of_a_refusal_is_its_own() {
    let world = World::start().await;
    let browser = world.browser();
    assert_eq!(browser.refused(PERCIVAL).await, "no-role");
    let there = browser.start("/settings#people", None).await;
    let callback = browser.choose(&there, None).await;
    assert_eq!(location(&browser.get(&callback).await), "/settings#people&cis2=cancelled");
    let there = browser.start("/", None).await;
    let callback = browser.choose(&there, Some(MARIGOLD)).await;
    world.app.clock.advance(10 * MINUTE);
    assert_eq!(location(&browser.get(&callback).await), "/#cis2=expired");
}

#[tokio::test]
async fn while_cis2_is_down_it_is_said_and_nothing_else_stops() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Pharmacist, "Asha Patel", "2074123").await;
    world.fault(Faults { down: true, ..Faults::default() });
    assert_eq!(asha.start("/", None).await, "/#cis2=unavailable");
    assert!(asha.session().await.person.is_some(), "who is signed in stays so");
    world.fault(Faults::default());
    assert_eq!(world.browser().sign_in(MARIGOLD, "/").await, "/", "and it is over when it is over");
}

#[tokio::test]
async fn a_cis2_that_never_answers_is_given_up() {
    let world = World::with(|config| {
        config.cis2.as_mut().expect("set").settings.patience = Duration::from_millis(300);
    })
    .await;
    world.fault(Faults { silent: true, ..Faults::default() });
    assert_eq!(world.browser().refused(MARIGOLD).await, "unavailable");
}

#[tokio::test]
async fn an_answer_that_breaks_off_half_way_leaves_nobody_signed_in() {
    let world = World::start().await;
    let browser = world.browser();
    let there = browser.start("/", None).await;
    let callback = browser.choose(&there, Some(MARIGOLD)).await;
    world.fault(Faults { down: true, ..Faults::default() });
    assert_eq!(location(&browser.get(&callback).await), "/#cis2=unavailable");
    assert_eq!(browser.session().await.person, None);
}

#[tokio::test]
async fn a_provider_without_pkce_or_with_signed_userinfo_is_as_good() {
    let world = World::start().await;
    world.fault(Faults { without_pkce: true, signed_userinfo: true, ..Faults::default() });
    let browser = world.browser();
    let there = browser.start("/", None).await;
    assert!(!there.contains("code_challenge"), "{there}");
    assert_eq!(browser.sign_in(MARIGOLD, "/").await, "/");
    world.app.clock.advance(HOUR);
    world.fault(Faults::default());
    assert!(world.browser().start("/", None).await.contains("code_challenge_method=S256"));
}

#[tokio::test]
async fn rotated_keys_are_found_and_a_stranger_cannot_make_us_ask_for_ever() {
    let world = World::start().await;
    world.browser().sign_in(MARIGOLD, "/").await;
    assert_eq!(world.cis2.asked_for_keys(), 1);
    world.cis2.rotate().expect("a key");
    assert_eq!(world.browser().sign_in(MARIGOLD, "/").await, "/");
    assert_eq!(world.cis2.asked_for_keys(), 2);
    world.cis2.rotate().expect("a key");
    assert_eq!(world.browser().refused(MARIGOLD).await, "not-trusted", "not again within five minutes");
    assert_eq!(world.cis2.asked_for_keys(), 2);
    world.app.clock.advance(5 * MINUTE);
    assert_eq!(world.browser().sign_in(MARIGOLD, "/").await, "/");
}

#[tokio::test]
async fn what_cis2_proved_ends_after_twelve_hours_and_at_another_pharmacy() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    world.app.clock.advance(11 * HOUR + 59 * MINUTE);
    assert!(browser.session().await.cis2.present.is_some());
    world.app.clock.advance(MINUTE);
    assert!(browser.session().await.cis2.present.is_none());
}

#[tokio::test]
async fn whoever_is_signed_in_steps_up_and_keeps_their_session() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Pharmacist, "Asha Patel", "2999901").await;
    let before = asha.session().await;
    assert!(before.cis2.present.is_none(), "a passkey is no assurance level of the NHS’s");
    let there = asha.start("/", Some(&before.person.as_ref().expect("signed in").id.to_string())).await;
    assert!(there.contains("prompt=login"), "{there}");
    assert_eq!(asha.step_up(MARIGOLD, "/consultations/1#patient").await, "/consultations/1#patient");
    let after = asha.session().await;
    let person = after.person.expect("signed in");
    assert_eq!(person.id, before.person.expect("signed in").id);
    assert_eq!((person.name.as_str(), person.gphc.as_str()), ("Asha Patel", "2999901"));
    assert!(person.gphc_checked && after.cis2.present.is_some());
    // From then on the card alone knows her.
    let elsewhere = world.browser();
    elsewhere.sign_in(MARIGOLD, "/").await;
    assert_eq!(elsewhere.session().await.person.expect("signed in").id, person.id);
}

#[tokio::test]
async fn the_card_of_another_does_not_step_up() {
    let world = World::start().await;
    world.browser().sign_in(TOBIAS, "/").await;
    let asha = world.enrolled(Role::Pharmacist, "Asha Patel", "2999901").await;
    assert_eq!(asha.step_up(TOBIAS, "/").await, "/#cis2=another-person");
    assert!(asha.session().await.cis2.present.is_none());
    let person = asha.session().await.person.expect("still signed in").id.to_string();
    // Signed out, a card that is not linked to the person asked for begins nothing.
    let stranger = world.browser();
    let there = stranger.start("/", Some(&person)).await;
    let callback = stranger.choose(&there, Some(MARIGOLD)).await;
    assert_eq!(location(&stranger.get(&callback).await), "/#cis2=another-person");
    assert_eq!(stranger.session().await.person, None);
}

#[tokio::test]
async fn leaving_ends_the_session_here_and_at_cis2_and_nobody_elses_link_does() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    let here = world.origin.replace("localhost", "127.0.0.1");
    let cookie = browser.cookie().expect("a cookie");
    let from_elsewhere = browser
        .http
        .get(format!("{here}/api/cis2/end"))
        .header("cookie", cookie)
        .header("sec-fetch-site", "cross-site");
    assert_eq!(location(&from_elsewhere.send().await.expect("an answer")), "/");
    assert!(browser.session().await.person.is_some());
    let end = location(&browser.get("/api/cis2/end").await);
    assert!(end.contains("/connect/endSession?id_token_hint=eyJ"), "{end}");
    assert_eq!(browser.session().await.person, None);
    let back = browser.http.get(end).send().await.expect("an answer");
    assert_eq!(location(&back), format!("{}/", world.origin));
    assert_eq!(location(&browser.get("/api/cis2/end").await), "/", "with nothing to end");
}

#[tokio::test]
async fn every_public_key_is_published_and_no_private_one() {
    let world = World::start().await;
    let keys: Value = read(world.browser().get("/.well-known/jwks.json").await).await;
    let listed = keys["keys"].as_array().expect("a list");
    assert_eq!(listed.len(), 2, "one of the two is the API platform’s too");
    for key in listed {
        assert_eq!((&key["use"], &key["alg"]), (&json!("sig"), &json!("RS512")));
        assert!(key["kid"].is_string() && key["n"].is_string() && key.get("d").is_none(), "{key}");
    }
}
