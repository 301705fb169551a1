//! Signing in with CIS2: there and back, its end, and what CIS2 itself asks of this server.

use crate::app::App;
use crate::cis2::{self, Answer, Failed, LogoutRefused, ReturnPath};
use crate::problem::Problem;
use crate::session::{self, Staff};
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::json;
use shared::api::Cis2Failure;
use shared::ids::PersonId;
use tower_sessions::Session;

/// What browsers say about who asks.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A new key is published at least an hour before it is used, so an hour may be remembered.
const KEYS_KEPT: &str = "public, max-age=3600";

/// Where to return to, and whose sign-in it must be.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    r#return: String,
    person: Option<PersonId>,
}

/// Goes to CIS2. A browser comes back to `return`, with `#cis2=REASON` where signing in failed.
#[utoipa::path(get, path = "/api/cis2/start", tag = "cis2", security(()),
    params(
        ("return" = String, Query, description = "A path of the app; anything else means the first screen"),
        ("person" = Option<String>, Query, description = "Only this person counts: a step-up of who is signed in")),
    responses((status = 303, description = "To CIS2, or back with the reason")))]
pub async fn start(app: App, session: Session, Query(asked): Query<Asked>) -> Redirect {
    let back = ReturnPath::read(&asked.r#return);
    let begun = match &app.cis2 {
        Some(cis2) => cis2::start(&app, cis2, &session, back.clone(), asked.person).await,
        None => Err(Failed { told: Cis2Failure::Unavailable, cause: "CIS2 is not configured".to_owned() }),
    };
    match begun {
        Ok(address) => Redirect::to(&address),
        Err(failed) => back_with(&back, &failed),
    }
}

/// Where CIS2 sends the browser back to. Everything it says is checked before anybody is signed in.
#[utoipa::path(get, path = "/api/cis2/callback", tag = "cis2", security(()),
    responses((status = 303, description = "Back to the app, with the reason where it failed")))]
pub async fn callback(
    app: App,
    session: Session,
    staff: Option<Staff>,
    Query(answer): Query<Answer>,
) -> Result<Redirect, Problem> {
    let Some(cis2) = &app.cis2 else { return Ok(Redirect::to("/")) };
    let outcome = cis2::finish(&app, cis2, &session, staff, answer).await;
    let Some(failed) = outcome.failed else { return Ok(Redirect::to(outcome.back.as_str())) };
    // Who it was is not known; whoever turned back has tried nothing.
    if failed.told != Cis2Failure::Cancelled {
        app.audit(None, None, "sign-in-refused", &format!("cis2 {}", failed.told.name())).await?;
    }
    Ok(back_with(&outcome.back, &failed))
}

fn back_with(back: &ReturnPath, failed: &Failed) -> Redirect {
    tracing::warn!(reason = failed.told.name(), cause = %failed.cause, "a sign-in with CIS2 failed");
    Redirect::to(&back.failed(failed.told))
}

/// Signs out here and at CIS2. Another website's link does neither.
#[utoipa::path(get, path = "/api/cis2/end", tag = "cis2", security(()),
    responses((status = 303, description = "To the end of the session at CIS2, or to the first screen")))]
pub async fn end(
    app: App,
    session: Session,
    staff: Option<Staff>,
    headers: HeaderMap,
) -> Result<Redirect, Problem> {
    if headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site" || site == "same-site") {
        return Ok(Redirect::to("/"));
    }
    let address = match &app.cis2 {
        Some(cis2) => cis2::end_address(&app, cis2, &session).await?,
        None => None,
    };
    cis2::forget(&app, &session).await?;
    session::sign_out(&session).await?;
    if let Some(staff) = staff {
        app.audit_by(&staff, "signed-out", "", "").await?;
        // No listener is no failure: nobody had a live connection.
        let _ = app.ended.send(staff.person.id);
    }
    Ok(Redirect::to(address.as_deref().unwrap_or("/")))
}

/// What CIS2 posts when a session there has ended.
#[derive(Deserialize)]
pub struct Logout {
    logout_token: String,
}

/// Ends the sessions that a CIS2 session began (OpenID Connect Back-Channel Logout).
#[utoipa::path(post, path = "/api/cis2/backchannel-logout", tag = "cis2", security(()),
    request_body(description = "`logout_token=…`", content_type = "application/x-www-form-urlencoded", content = Object),
    responses(
        (status = 200, description = "Ended, or had ended already"),
        (status = 400, description = "The token was not accepted")))]
pub async fn backchannel_logout(app: App, Form(logout): Form<Logout>) -> Response {
    let Some(cis2) = &app.cis2 else { return Problem::NotFound("CIS2").into_response() };
    let answer = match cis2::take_logout(&app, cis2, &logout.logout_token).await {
        Ok(()) => (StatusCode::OK, Json(json!({}))).into_response(),
        Err(LogoutRefused::Store(error)) => Problem::from(error).into_response(),
        Err(refused) => {
            tracing::warn!(cause = %refused, "a logout from CIS2 was refused");
            let body = json!({ "error": "invalid_request", "error_description": refused.to_string() });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    };
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}

/// The public keys by which CIS2 and the API platform know that it is this server.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "cis2", security(()),
    responses((status = 200, description = "A JSON Web Key Set")))]
pub async fn keys(app: App) -> Response {
    let mut keys = app.cis2.as_ref().map(|cis2| cis2.public_keys().keys).unwrap_or_default();
    let platform = app.platform.as_ref().map(|platform| platform.public_key().clone());
    keys.extend(platform.into_iter().filter(|key| !keys.contains(key)).collect::<Vec<_>>());
    ([(header::CACHE_CONTROL, KEYS_KEPT)], Json(json!({ "keys": keys }))).into_response()
}
