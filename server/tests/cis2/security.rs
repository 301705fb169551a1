//! Attacks by name.

use crate::support::{MARIGOLD, TOBIAS, World, location};
use satchel::cis2::simulator::{Faults, Signed};
use serde_json::{Value, json};
use shared::people::Role;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;

#[tokio::test]
async fn session_fixation_a_cookie_from_before_is_worth_nothing_after() {
    let world = World::start().await;
    let browser = world.browser();
    let there = browser.start("/", None).await;
    let before = browser.cookie().expect("a cookie");
    let callback = browser.choose(&there, Some(MARIGOLD)).await;
    browser.get(&callback).await;
    assert_ne!(browser.cookie(), Some(before.clone()));
    assert!(browser.session().await.person.is_some());
    browser.set_cookie(Some(before));
    assert_eq!(browser.session().await.person, None);

    let asha = world.enrolled(Role::Technician, "Asha Patel", "5999902").await;
    let before = asha.cookie().expect("a cookie");
    assert_eq!(asha.step_up(TOBIAS, "/").await, "/");
    assert_ne!(asha.cookie(), Some(before), "a step-up changes it too");
}

#[tokio::test]
async fn csrf_the_answer_for_one_browser_signs_no_other_in() {
    let world = World::start().await;
    let (attacker, victim) = (world.browser(), world.browser());
    let there = attacker.start("/", None).await;
    let callback = attacker.choose(&there, Some(MARIGOLD)).await;
    assert_eq!(location(&victim.get(&callback).await), "/#cis2=expired");
    assert_eq!(victim.session().await.person, None);
    // Nor where the victim has begun a sign-in of their own.
    victim.start("/", None).await;
    assert_eq!(location(&victim.get(&callback).await), "/#cis2=expired");
    assert_eq!(victim.session().await.person, None);
}

#[tokio::test]
async fn replay_an_answer_counts_once() {
    let world = World::start().await;
    let browser = world.browser();
    let there = browser.start("/", None).await;
    let callback = browser.choose(&there, Some(MARIGOLD)).await;
    assert_eq!(location(&browser.get(&callback).await), "/");
    assert_eq!(location(&browser.get(&callback).await), "/#cis2=expired");
    // A code that was used, with the state of another sign-in.
    let code = callback.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code");
    let other = world.browser();
    let there = other.start("/", None).await;
    let state = there.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let forged = format!("/api/cis2/callback?code={code}&state={state}");
    assert_eq!(location(&other.get(&forged).await), "/#cis2=expired");
}

#[tokio::test]
async fn open_redirect_nobody_is_sent_elsewhere() {
    let world = World::start().await;
    for evil in
        ["//evil.example", "/\\evil.example", "https://evil.example", "/%2f/evil.example", "/\t/evil.example"]
    {
        let browser = world.browser();
        assert_eq!(browser.sign_in(MARIGOLD, evil).await, "/", "{evil}");
        let there = browser.start(evil, None).await;
        let callback = browser.choose(&there, None).await;
        assert_eq!(location(&browser.get(&callback).await), "/#cis2=cancelled", "{evil}");
    }
}

#[tokio::test]
async fn mix_up_another_issuers_answer_is_not_taken() {
    let world = World::start().await;
    let browser = world.browser();
    world.fault(Faults { answers_as: Some("https://evil.example:443/cis2".to_owned()), ..Faults::default() });
    assert_eq!(browser.refused(MARIGOLD).await, "not-trusted");
    world.claim(json!({ "iss": "https://evil.example:443/cis2" }));
    assert_eq!(browser.refused(MARIGOLD).await, "not-trusted");
    // The same address written otherwise is another issuer.
    let issuer = world.cis2.registration().issuer.clone();
    world.claim(json!({ "iss": format!("{issuer}/") }));
    assert_eq!(browser.refused(MARIGOLD).await, "not-trusted");
    let world = World::start().await;
    world.fault(Faults { discovery: json!({ "issuer": "https://evil.example" }), ..Faults::default() });
    assert_eq!(world.browser().start("/", None).await, "/#cis2=not-trusted");
}

#[tokio::test]
async fn alg_downgrade_only_signatures_of_the_provider_count() {
    let world = World::start().await;
    for signed in [Signed::NotAtAll, Signed::WithThePublicKey, Signed::BySomebodyElse] {
        world.fault(Faults { signed: signed.clone(), ..Faults::default() });
        assert_eq!(world.browser().refused(MARIGOLD).await, "not-trusted", "{signed:?}");
    }
}

#[tokio::test]
async fn every_claim_that_does_not_hold_is_refused() {
    let world = World::start().await;
    let now = world.app.clock.now() / 1000;
    let wrong: &[(&str, Value)] = &[
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another.apps.national")),
        ("aud", json!(["123456789012.apps.national", "another.apps.national"])),
        ("azp", json!("another.apps.national")),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("acr", Value::Null),
        ("acr", json!("AAL1_USERPASS")),
        ("authentication_assurance_level", json!(1)),
        ("authentication_assurance_level", json!("high")),
        ("authentication_assurance_level", Value::Null),
        ("id_assurance_level", json!("2")),
        ("id_assurance_level", Value::Null),
        ("auth_time", Value::Null),
        ("auth_time", json!(now - 13 * 3600)),
        ("auth_time", json!(now + 60)),
        ("selected_roleid", json!("999100000099")),
        ("sub", json!("999000000022")),
    ];
    for (claim, value) in wrong {
        world.claim(json!({ *claim: value }));
        assert_eq!(world.browser().refused(MARIGOLD).await, "not-trusted", "{claim} {value}");
    }
    world.fault(Faults { userinfo: json!({ "sub": TOBIAS }), ..Faults::default() });
    assert_eq!(world.browser().refused(MARIGOLD).await, "not-trusted", "userinfo of another");
    world.claim(json!({ "authentication_assurance_level": "3", "id_assurance_level": "3" }));
    assert_eq!(world.browser().sign_in(MARIGOLD, "/").await, "/");
}

#[tokio::test]
async fn a_step_up_takes_no_authentication_from_before() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Pharmacist, "Asha Patel", "2999901").await;
    let now = world.app.clock.now() / 1000;
    world.claim(json!({ "auth_time": now - 310 }));
    assert_eq!(asha.step_up(MARIGOLD, "/").await, "/#cis2=not-trusted");
    world.claim(json!({ "auth_time": now - 290 }));
    assert_eq!(asha.step_up(MARIGOLD, "/").await, "/");
}

#[tokio::test]
async fn clock_skew_of_five_seconds_is_forgiven_and_no_more() {
    let world = World::start().await;
    let now = world.app.clock.now() / 1000;
    for (claim, seconds, right) in
        [("exp", -4, true), ("exp", -6, false), ("iat", 4, true), ("iat", 6, false), ("auth_time", 4, true)]
    {
        world.claim(json!({ claim: now + seconds }));
        let browser = world.browser();
        let end = browser.sign_in(MARIGOLD, "/").await;
        assert_eq!(end, if right { "/" } else { "/#cis2=not-trusted" }, "{claim} {seconds}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn token_in_a_log_there_is_none_of_a_whole_sign_in() {
    let log = Log::default();
    let writer = log.clone();
    // With one subscriber only, whichever thread comes first at a line decides for all whether it is written.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("satchel=trace,tower_http=trace,tower_sessions=debug,info"))
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::start().await;
    let browser = world.browser();
    let there = browser.start("/", None).await;
    let callback = browser.choose(&there, Some(MARIGOLD)).await;
    browser.get(&callback).await;
    browser.get(&callback).await;
    world.fault(Faults { signed: Signed::NotAtAll, ..Faults::default() });
    world.browser().refused(MARIGOLD).await;
    let end = location(&browser.get("/api/cis2/end").await);
    let written = String::from_utf8(log.0.lock().expect("one thread").clone()).expect("text");
    assert!(written.contains("a sign-in with CIS2 failed"), "the log is looked at: {written}");
    let part = |address: &str, name: &str| {
        address
            .split(&format!("{name}="))
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .expect(name)
            .to_owned()
    };
    for secret in [
        part(&callback, "code"),
        part(&callback, "state"),
        part(&there, "nonce"),
        part(&end, "id_token_hint"),
        "eyJ".to_owned(),
        "Marigold".to_owned(),
        MARIGOLD.to_owned(),
    ] {
        assert!(!written.contains(&secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_stolen_database_gives_nobody_a_token() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(world.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("satchel.db"))
            && path.is_file()
        {
            bytes.extend(std::fs::read(path).expect("read"));
        }
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("cis2_identity"), "the database is looked at");
    assert!(!holds("eyJ"), "an ID token stands in the database");
}

#[tokio::test]
async fn ten_thousand_wrong_sign_ins_are_few_tries_and_lock_nobody_else_out() {
    let world = World::start().await;
    let here = world.origin.replace("localhost", "127.0.0.1");
    let http = satchel::nhs::http::client(None).expect("a client");
    let mut attackers = Vec::new();
    for _ in 0..20 {
        let (http, here) = (http.clone(), here.clone());
        attackers.push(tokio::spawn(async move {
            let mut tried = 0;
            for number in 0..500 {
                let address = format!("{here}/api/cis2/callback?code=c{number}&state=s{number}");
                let request = http.get(address).header("x-forwarded-for", "203.0.113.9");
                let answer = request.send().await.expect("an answer");
                if answer.status() != 429 {
                    assert_eq!(location(&answer), "/#cis2=expired");
                    tried += 1;
                }
            }
            tried
        }));
    }
    let mut tried = 0;
    for attacker in attackers {
        tried += attacker.await.expect("no panic");
    }
    assert!(tried < 500, "{tried} of 10,000 were tried");
    assert_eq!(world.browser().sign_in(MARIGOLD, "/").await, "/");
}
