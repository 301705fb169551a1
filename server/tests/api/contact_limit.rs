//! How long devices may be without contact.

use crate::support::TestApp;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::people::Role;

const ROUTE: &str = "/api/pharmacy/contact-limit";

#[tokio::test]
async fn an_administrator_sets_the_limit_and_every_device_hears_of_it() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    assert_eq!(asha.session().await.contact_limit_hours, 72);
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    for hours in [240, 720] {
        let set = ines.ask(Method::PUT, ROUTE, Some(json!({ "hours": hours }))).await;
        assert_eq!(set.status(), StatusCode::NO_CONTENT);
        assert_eq!(asha.session().await.contact_limit_hours, hours);
    }
}

#[tokio::test]
async fn nobody_sets_more_than_thirty_days_nor_without_leave() {
    let app = TestApp::start().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    for hours in [0, 721] {
        let set = ines.ask(Method::PUT, ROUTE, Some(json!({ "hours": hours }))).await;
        assert_eq!(set.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let tess = app.enrolled(Role::Technician, "Tess Bell", "5001234").await;
    let set = tess.ask(Method::PUT, ROUTE, Some(json!({ "hours": 100 }))).await;
    assert_eq!(set.status(), StatusCode::FORBIDDEN);
    assert_eq!(tess.session().await.contact_limit_hours, 72);
}
