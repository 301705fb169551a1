//! The address book: kept by whoever administers, and an address counts only once somebody there has confirmed it.

use crate::support::{Browser, HOUR, TestApp, ods, problem, read};
use reqwest::{Method, StatusCode, header};
use satchel::directory::{confirm, propose, test_message};
use serde_json::json;
use shared::api::{AddressChange, AddressConfirmation, AddressImport, AddressView, Problem};
use shared::people::Role;
use uuid::Uuid;

const ID: &str = "8b1f0a4e-52c8-4f7e-9f6a-2f8f5a0b7c11";

fn elm_road() -> AddressChange {
    AddressChange {
        ods: "a99999".into(),
        name: "Elm Road Surgery".into(),
        email: "elm.road@nhs.net".into(),
        phone: "01632 960801".into(),
        ..AddressChange::default()
    }
}

/// Bytes as a page of ours sends them.
async fn send_file(browser: &Browser, file: Vec<u8>) -> reqwest::Response {
    browser
        .bare(Method::POST, "/api/directory/import")
        .header(header::ORIGIN, "http://localhost:8080")
        .header(header::COOKIE, browser.cookie().expect("signed in"))
        .body(file)
        .send()
        .await
        .expect("an answer")
}

async fn put(browser: &Browser, id: &str, change: &AddressChange) -> reqwest::Response {
    browser.ask(Method::PUT, &format!("/api/directory/{id}"), Some(json!(change))).await
}

async fn book(browser: &Browser) -> Vec<AddressView> {
    read(browser.get("/api/directory").await).await
}

async fn confirm_by_phone(browser: &Browser, id: &str) -> StatusCode {
    let told = json!({ "spoken_to": "Jo Reed, reception" });
    browser.post(&format!("/api/directory/{id}/confirm"), told).await.status()
}

async fn address_of(server: &TestApp, organisation: &str) -> Option<String> {
    let found = server.app.store.confirmed_address(&ods("FA123"), &ods(organisation)).await.expect("read");
    found.map(|entry| entry.email)
}

#[tokio::test]
async fn an_address_is_used_once_confirmed_and_not_any_more_once_it_is_changed() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    assert_eq!(put(&asha, ID, &elm_road()).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(address_of(&server, "A99999").await, None, "typed is not confirmed");
    assert_eq!(confirm_by_phone(&asha, ID).await, StatusCode::NO_CONTENT);
    let view = book(&asha).await.remove(0);
    assert_eq!((view.address.kind.as_str(), view.confirmed_by.as_str()), ("practice", "Asha Patel"));
    assert_eq!(view.confirmed_with, "By telephone: Jo Reed, reception");
    assert_eq!(address_of(&server, "A99999").await.as_deref(), Some("elm.road@nhs.net"));

    let phone = AddressChange { phone: "01632 960802".into(), ..elm_road() };
    assert_eq!(put(&asha, ID, &phone).await.status(), StatusCode::NO_CONTENT);
    assert!(address_of(&server, "A99999").await.is_some(), "the address is the same");
    let moved = AddressChange { email: "elm.new@nhs.net".into(), ..phone };
    assert_eq!(put(&asha, ID, &moved).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(address_of(&server, "A99999").await, None);
    let view = book(&asha).await.remove(0);
    assert_eq!((view.confirmed_at, view.confirmed_by, view.confirmed_with), Default::default());
}

#[tokio::test]
async fn nobody_confirms_without_a_name_or_with_a_code_that_was_never_given() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    put(&asha, ID, &elm_road()).await;
    let path = format!("/api/directory/{ID}/confirm");
    for told in [json!({}), json!({ "spoken_to": "  " }), json!({ "code": "0000-0000", "spoken_to": "Jo" })] {
        let answer = asha.post(&path, told).await;
        assert_eq!(problem(answer).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".into()));
    }
    assert_eq!(address_of(&server, "A99999").await, None);
    let answer = asha.post(&format!("/api/directory/{ID}/test"), json!({})).await;
    assert_eq!(problem(answer).await.0, StatusCode::UNPROCESSABLE_ENTITY, "this server sends no e-mail");
}

#[tokio::test]
async fn the_code_of_the_last_test_message_confirms_for_a_fortnight_and_once_for_this_address() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    put(&asha, ID, &elm_road()).await;
    let (app, pharmacy, id) = (&server.app, ods("FA123"), ID.parse::<Uuid>().expect("an id"));
    let person = app.store.registered_people().await.expect("read")[0].id;
    let code = async || {
        let message = test_message(app, &pharmacy, id).await.expect("made");
        assert_eq!(message.to, "elm.road@nhs.net");
        assert!(message.text.contains("nothing about any patient") && message.text.contains("Elm Pharmacy"));
        let line = message.text.lines().map(str::trim).find(|line| line.len() == 9 && line.contains('-'));
        line.expect("a code on a line of its own").to_owned()
    };
    let tell = async |code: &str| {
        let told = AddressConfirmation { code: code.to_lowercase(), spoken_to: String::new() };
        confirm(app, &pharmacy, id, person, &told).await
    };
    let (first, last) = (code().await, code().await);
    assert!(tell(&first).await.is_err(), "an earlier message's code");
    assert!(book(&asha).await[0].waits_for_code);
    app.clock.advance(15 * 24 * HOUR);
    assert!(tell(&last).await.is_err(), "too old");
    let fresh = code().await;
    put(&server.asha().await, ID, &AddressChange { email: "other@nhs.net".into(), ..elm_road() }).await;
    assert!(tell(&fresh).await.is_err(), "the code of another address");
    put(&server.asha().await, ID, &elm_road()).await;
    let right = code().await;
    tell(&right).await.expect("confirmed");
    assert_eq!(address_of(&server, "A99999").await.as_deref(), Some("elm.road@nhs.net"));
    assert!(tell(&right).await.is_err(), "nothing waits any more");
}

#[tokio::test]
async fn what_is_wrong_with_an_entry_is_said_and_another_pharmacys_entries_are_none() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    for change in [
        AddressChange { email: "elm.road".into(), ..elm_road() },
        AddressChange { name: " ".into(), ..elm_road() },
        AddressChange { ods: "A9".into(), ..elm_road() },
        AddressChange { kind: "hospital".into(), ..elm_road() },
        AddressChange { email: "elm@nhs.net\r\nBcc: x@nhs.net".into(), ..elm_road() },
    ] {
        assert_eq!(problem(put(&asha, ID, &change).await).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    put(&asha, ID, &elm_road()).await;
    let twice = put(&asha, &Uuid::new_v4().to_string(), &elm_road()).await;
    assert_eq!(problem(twice).await, (StatusCode::CONFLICT, "conflict".into()));
    let mut theirs =
        server.app.store.address(&ID.parse().expect("an id")).await.expect("read").expect("there");
    let heron = satchel::store::Pharmacy { ods: ods("FB456"), ..crate::support::elm() };
    server.app.store.put_pharmacy(&heron).await.expect("a pharmacy");
    (theirs.id, theirs.pharmacy) = (Uuid::new_v4(), ods("FB456"));
    server.app.store.put_address(&theirs).await.expect("written");
    let id = theirs.id.to_string();
    let change = AddressChange { ods: String::new(), ..elm_road() };
    assert_eq!(problem(put(&asha, &id, &change).await).await.0, StatusCode::NOT_FOUND);
    assert_eq!(confirm_by_phone(&asha, &id).await, StatusCode::NOT_FOUND);
    assert_eq!(asha.delete(&format!("/api/directory/{id}")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.app.store.address(&theirs.id).await.expect("read"), Some(theirs), "untouched");
}

#[tokio::test]
async fn a_file_is_taken_whole_and_a_changed_address_is_confirmed_again() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    put(&asha, ID, &elm_road()).await;
    confirm_by_phone(&asha, ID).await;
    let import = async |text: &str| send_file(&asha, text.as_bytes().to_vec()).await;
    let broken =
        import("ods,name,email\r\nA99999,Elm,elm.moved@nhs.net\r\nA99998,Larch Court,larch\r\n").await;
    let broken: Problem = read(broken).await;
    assert_eq!(broken.status, 422);
    assert!(broken.detail.starts_with("Line 3: The e-mail address is not one."), "{}", broken.detail);
    assert_eq!(address_of(&server, "A99999").await.as_deref(), Some("elm.road@nhs.net"), "nothing was taken");

    let good = "ods,name,email,phone\nA99999,Elm Road Surgery,elm.road@nhs.net,01632 960801\n\
                A99998,Larch Court,larch@nhs.net,\n,Night dentist,dentist@nhs.net,\n";
    let done: AddressImport = read(import(good).await).await;
    assert_eq!((done.added, done.changed, done.unchanged), (2, 0, 1));
    let again: AddressImport = read(import(good).await).await;
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 3));
    assert_eq!(address_of(&server, "A99998").await, None, "imported is not confirmed");
    let moved = "ods,name,email\nA99999,Elm Road Surgery,elm.moved@nhs.net\n";
    let done: AddressImport = read(import(moved).await).await;
    assert_eq!((done.added, done.changed, done.to_confirm_again), (0, 1, 1));
    assert_eq!(address_of(&server, "A99999").await, None);
    assert_eq!(book(&asha).await.len(), 3, "what the file does not name stays");
}

#[tokio::test]
async fn ten_thousand_lines_are_imported_at_once() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    let line =
        |n: usize| format!("A{n:05},Practice {n},practice{n}@nhs.net,\"=HYPERLINK(\"\"http://x\"\")\"\n");
    let text: String =
        std::iter::once("ods,name,email,note\n".to_owned()).chain((0..10_000).map(line)).collect();
    let answer = send_file(&asha, text.into_bytes()).await;
    assert_eq!(read::<AddressImport>(answer).await.added, 10_000);
    let view = book(&asha).await;
    assert_eq!((view.len(), view[0].address.note.as_str()), (10_000, "=HYPERLINK(\"http://x\")"));
    let large = vec![b'a'; 9 * 1024 * 1024];
    let answer = send_file(&asha, large).await;
    assert_eq!(problem(answer).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_a_national_directory_names_is_a_proposal_and_nothing_known_gives_way_to_it() {
    let server = TestApp::start().await;
    let pharmacy = ods("FA123");
    assert!(propose(&server.app, &pharmacy, &elm_road()).await.expect("kept"));
    assert_eq!(address_of(&server, "A99999").await, None, "nobody there has confirmed it");
    let other = AddressChange { email: "told.later@nhs.net".into(), ..elm_road() };
    assert!(!propose(&server.app, &pharmacy, &other).await.expect("left out"));
    let book = book(&server.asha().await).await;
    assert_eq!((book.len(), book[0].source.as_str()), (1, "dos"));
}

#[tokio::test]
async fn whoever_administers_writes_and_whoever_treats_reads() {
    let server = TestApp::start().await;
    let technician = server.enrolled(Role::Technician, "Sam Example", "5001234").await;
    assert!(book(&technician).await.is_empty());
    assert_eq!(put(&technician, ID, &elm_road()).await.status(), StatusCode::FORBIDDEN);
    let administrator = server.enrolled(Role::Administrator, "Ada Example", "").await;
    assert_eq!(put(&administrator, ID, &elm_road()).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(book(&administrator).await.len(), 1);
    assert_eq!(server.browser().get("/api/directory").await.status(), StatusCode::UNAUTHORIZED);
}
