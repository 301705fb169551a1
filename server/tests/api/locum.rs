//! Access that ends with the shift, links that are withdrawn, and the register at enrolment.

use crate::support::{Browser, HOUR, NOW, TestApp, problem, read};
use reqwest::{Method, StatusCode};
use satchel::register;
use satchel::store::Source;
use serde_json::json;
use shared::api::{InvitationLink, PendingInvitation, SessionView, StaffView, StandingView};
use shared::people::Role;
use shared::time::stored;

async fn invited(by: &Browser, access_ends: &str) -> String {
    let asked = json!({ "role": "pharmacist", "access_ends": access_ends });
    let link: InvitationLink = read(by.post("/api/invitations", asked).await).await;
    link.link.split_once('#').expect("a token").1.to_owned()
}

#[tokio::test]
async fn a_locums_access_ends_with_the_shift_and_an_administrator_extends_it() {
    let app = TestApp::start().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let token = invited(&ines, &stored(NOW + HOUR)).await;
    let mut locum = app.browser();
    let enrolled: SessionView = read(locum.enrol(&token, "Lena Okafor", "2074999").await).await;
    let person = enrolled.person.expect("signed in").id;
    let own: StandingView = read(locum.get("/api/standing").await).await;
    assert_eq!(own.access_ends, stored(NOW + HOUR));

    app.app.clock.advance(HOUR - 1);
    assert_eq!(locum.get("/api/sync/pull?after=0").await.status(), StatusCode::OK);
    app.app.clock.advance(1);
    assert_eq!(locum.get("/api/sync/pull?after=0").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(locum.session().await.person, None);
    let refused = locum.sign_in().await;
    assert_eq!(problem(refused).await, (StatusCode::UNAUTHORIZED, "passkey-refused".to_owned()));

    let listed: Vec<StaffView> = read(ines.get("/api/people").await).await;
    let view = listed.iter().find(|view| view.id == person).expect("still listed");
    assert_eq!(view.access_ends, stored(NOW + HOUR));
    let path = format!("/api/people/{person}/access");
    let past = ines.ask(Method::PUT, &path, Some(json!({ "access_ends": stored(NOW) }))).await;
    assert_eq!(past.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let longer = json!({ "access_ends": stored(NOW + 3 * HOUR) });
    assert_eq!(ines.ask(Method::PUT, &path, Some(longer)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(locum.sign_in().await.status(), StatusCode::OK);
    // Nobody lengthens their own.
    let own = format!("/api/people/{}/access", id(&ines).await);
    let oneself = ines.ask(Method::PUT, &own, Some(json!({ "access_ends": "" }))).await;
    assert_eq!(oneself.status(), StatusCode::CONFLICT);
}

async fn id(browser: &Browser) -> String {
    browser.session().await.person.expect("signed in").id.to_string()
}

#[tokio::test]
async fn a_link_that_is_withdrawn_enrols_nobody_and_its_name_in_the_list_is_no_key() {
    let app = TestApp::start().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let token = invited(&ines, "").await;
    let pending: Vec<PendingInvitation> = read(ines.get("/api/invitations").await).await;
    assert_eq!(
        (pending.len(), pending[0].invited_by.as_str(), pending[0].role),
        (1, "Ines Moreau", Role::Pharmacist)
    );
    let name = &pending[0].id;
    let with_the_name = app.browser().enrol(name, "Mallory", "2074123").await;
    assert_eq!(problem(with_the_name).await, (StatusCode::NOT_FOUND, "link-unknown".to_owned()));
    let path = format!("/api/invitations/{name}");
    assert_eq!(ines.delete(&path).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(ines.delete(&path).await.status(), StatusCode::NOT_FOUND);
    let late = app.browser().enrol(&token, "Asha Patel", "2074123").await;
    assert_eq!(problem(late).await, (StatusCode::NOT_FOUND, "link-unknown".to_owned()));
}

async fn register_of(app: &TestApp, lines: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("register.csv");
    std::fs::write(&path, format!("Registration number,Name,Status\n{lines}")).expect("written");
    register::import(&*app.app.store, Source::Gphc, &path, false).await.expect("imported");
}

#[tokio::test]
async fn a_number_on_the_register_under_that_name_is_checked_at_once() {
    let app = TestApp::start().await;
    register_of(&app, "2074123,\"PATEL, Asha Rani\",Registered\n2074124,Ravi Shah,Registered\n").await;
    for (name, number, checked) in
        [("Asha Patel", "2074123", true), ("Ravi Shar", "2074124", false), ("Tom Reid", "2099999", false)]
    {
        let mut browser = app.browser();
        let token = app.invite(Role::Pharmacist).await;
        let session: SessionView = read(browser.enrol(&token, name, number).await).await;
        assert_eq!(session.person.expect("signed in").gphc_checked, checked, "{name}");
    }
}

#[tokio::test]
async fn somebody_suspended_or_removed_from_the_register_does_not_enrol() {
    let app = TestApp::start().await;
    register_of(&app, "2074123,Asha Patel,Suspended\n2074124,Ravi Shah,Removed\n").await;
    for (name, number) in [("Asha Patel", "2074123"), ("Somebody Else", "2074124")] {
        let token = app.invite(Role::Pharmacist).await;
        let refused = app.browser().enrol(&token, name, number).await;
        assert_eq!(problem(refused).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
    }
}

#[tokio::test]
async fn a_list_with_bad_lines_names_each_and_changes_nothing() {
    let app = TestApp::start().await;
    register_of(&app, "2074123,Asha Patel,Registered\n").await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("register.csv");
    let lines = "name,status,registration number\nTom Reid,registered,5001234\nX,registered,123\n\
                 Y,gone,2074125\n,registered,2074126\nTom Again,registered,5001234\n";
    std::fs::write(&path, lines).expect("written");
    let store = &*app.app.store;
    let refused = register::import(store, Source::Gphc, &path, false).await.expect_err("refused").to_string();
    for line in ["Line 3:", "Line 4:", "Line 5:", "Line 6:"] {
        assert!(refused.contains(line), "{refused}");
    }
    assert!(!refused.contains("Line 2:"), "{refused}");
    let asha = "2074123".parse().expect("a number");
    assert_eq!(store.registered(Source::Gphc, &asha).await.expect("read").len(), 1, "the old list stands");
    let counts = register::import(store, Source::Gphc, &path, true).await.expect("imported");
    assert_eq!((counts.taken, counts.left_out, counts.before), (1, 4, 1));
    std::fs::write(&path, "number,name\n").expect("written");
    assert!(register::import(store, Source::Gphc, &path, true).await.is_err(), "a column is missing");
    std::fs::write(&path, "registration number,name,status\n").expect("written");
    assert!(
        register::import(store, Source::Gphc, &path, true).await.is_err(),
        "an empty list empties nothing"
    );
}
