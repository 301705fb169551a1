//! Every NHS system as a simulator under one router, for `serve --demo` and for tests; never beside a live one.

use super::bars;
use super::claims;
use super::dos_fhir;
use super::dos_rest::{self, DosRestSettings};
use super::exemption_check::{self, ExemptionCheckSettings};
use super::gp_connect;
use super::mesh::{self, MeshSettings};
use super::ods;
use super::pds;
use super::platform::{self, PlatformSettings};
use super::prescription_tracker;
use super::service_search::{self, ServiceSearchSettings};
use crate::cis2::{self, Cis2Settings};
use crate::clock::Clock;
use crate::config::callback;
use crate::keys::{AssertionKey, AssertionKeyError};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::put;
use jsonwebtoken::jwk::JwkSet;
use secrecy::SecretString;
use std::sync::{Arc, Mutex, PoisonError};
use webauthn_rs::prelude::Url;

/// The mailbox of the demonstration's pharmacy.
pub const PHARMACY_MAILBOX: &str = "FA123OT001";
/// The demonstration pharmacy’s id at the Directory of Services, which no real service has.
pub const PHARMACY_SERVICE: &str = "2000099999";
/// The mailbox in which the demonstration's notices to practices arrive.
pub const PRACTICE_MAILBOX: &str = "A82648OT001";
/// Key and password of the pretend MESH. It guards nothing: only made-up patients are ever in there.
pub const MESH_SECRET: &str = "demonstration";

/// API key and secret of the demonstration at the pretend API platform.
const PLATFORM_NAME: &str = "demonstration";

/// Every simulator, each below `/simulator`: MESH at `/simulator/mesh`, tokens at `/simulator/platform`, signing in at
/// `/simulator/cis2`, PDS at `/simulator/pds`, ODS at `/simulator/ods`, a practice that refers by BaRS at
/// `/simulator/bars`, prescriptions at `/simulator/tracker`, exemptions at `/simulator/exemptions`,
/// Manage Your Service at `/simulator/claims`. Each call begins with empty mailboxes. `simulators` is where they are served.
pub fn router(
    platform: &platform::Simulator,
    cis2: &cis2::Simulator,
    simulators: &str,
    clock: &Clock,
) -> Router {
    let tokens = platform.clone();
    let believed = move |token: &str| Some(tokens.access(token)? == platform::simulator::Access::Application);
    let mood = Mood::default();
    let tokens = platform.clone();
    let applications =
        move |token: &str| tokens.access(token) == Some(platform::simulator::Access::Application);
    let tokens = platform.clone();
    let workers =
        move |token: &str| matches!(tokens.access(token), Some(platform::simulator::Access::Worker { .. }));
    let receiver = format!("{}/bars/FHIR/R4", simulators.trim_end_matches("/simulator"));
    let practice =
        bars::Simulator::sending(Arc::new(applications), clock.clone(), &receiver, PHARMACY_SERVICE);
    Router::new()
        .nest("/simulator/mesh", mesh(&mood).router())
        .route("/simulator/practice", put(move |code: String| async move { mood.becomes(&code) }))
        .nest("/simulator/platform", platform.router())
        .nest("/simulator/cis2", cis2.router())
        .nest("/simulator/pds", pds::Simulator::believing(Arc::new(believed)).router())
        .nest("/simulator/ods", ods::Simulator::new().router())
        .nest("/simulator/dos-rest", dos_rest::Simulator::new().router())
        .nest("/simulator/dos-search", dos_fhir::Simulator::new().router())
        .nest("/simulator/service-search", service_search::Simulator::new().router())
        .nest("/simulator/bars", practice.router())
        .nest("/simulator/tracker", prescription_tracker::Simulator::believing(Arc::new(workers)).router())
        .nest("/simulator/claims", claims::Simulator::new(clock.clone()).router())
        .nest("/simulator/exemptions", exemption_check::Simulator::new().router())
}

/// With which code of ITK-ResponseCodes-1 the pretend practice refuses every notice; empty: it takes them. `PUT
/// /simulator/practice` sets it, so that a refusal can be seen, mended and sent again.
#[derive(Debug, Clone, Default)]
struct Mood(Arc<Mutex<String>>);

impl Mood {
    fn becomes(&self, code: &str) -> StatusCode {
        code.trim().clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        StatusCode::NO_CONTENT
    }

    fn answers(&self, message: &mesh::Incoming) -> Vec<mesh::simulator::Reply> {
        let code = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if code.is_empty() { gp_connect::answers(message) } else { gp_connect::refuses(message, &code) }
    }
}

/// The pretend CIS2, and the way in for the server that is registered there with `key`.
pub fn cis2(
    simulators: &str,
    origin: &Url,
    clock: &Clock,
    key: &AssertionKey,
) -> Result<(cis2::Simulator, Cis2Settings), AssertionKeyError> {
    let here = origin.origin().ascii_serialization();
    let host = origin.host_str().unwrap_or_default();
    let port = origin.port_or_known_default().unwrap_or_default();
    let for_servers = format!("{simulators}/cis2");
    let registration = cis2::simulator::Registration {
        // The port stands there always, as `:443` does in the issuer of the real one.
        issuer: format!("{}://{host}:{port}/simulator/cis2", origin.scheme()),
        for_browsers: format!("{here}/simulator/cis2"),
        for_servers: for_servers.clone(),
        client_id: "demonstration.apps.simulator".to_owned(),
        redirect_uri: callback(&here),
        keys: JwkSet { keys: vec![key.public().clone()] },
    };
    let settings = Cis2Settings {
        issuer: registration.issuer.clone(),
        discovery: format!("{for_servers}/.well-known/openid-configuration"),
        client_id: registration.client_id.clone(),
        acr: "AAL2_OR_AAL3_ANY".to_owned(),
        redirect_uri: registration.redirect_uri.clone(),
        patience: cis2::PATIENCE,
    };
    Ok((cis2::Simulator::new(clock.clone(), registration)?, settings))
}

/// The pretend API platform, and the way in for the server that is registered there with `key`.
pub fn platform(
    simulators: &str,
    clock: &Clock,
    key: &AssertionKey,
) -> (platform::Simulator, PlatformSettings) {
    let base_url = format!("{simulators}/platform");
    let keys = JwkSet { keys: vec![key.public().clone()] };
    let simulator = platform::Simulator::new(clock.clone(), &base_url, PLATFORM_NAME, PLATFORM_NAME, keys);
    let secret = Some(SecretString::from(PLATFORM_NAME));
    (simulator, PlatformSettings { base_url, api_key: PLATFORM_NAME.to_owned(), secret })
}

/// How the server reaches its own pretend MESH. `simulators` is where they are served, without a slash at the end:
/// `http://127.0.0.1:8080/simulator`.
pub fn mesh_settings(simulators: &str) -> MeshSettings {
    mesh(&Mood::default()).settings(&format!("{simulators}/mesh"), PHARMACY_MAILBOX)
}

/// How the server reaches its own pretend directories of services: DoS REST, dos-search, Service Search.
pub fn services(simulators: &str) -> (DosRestSettings, String, ServiceSearchSettings) {
    (
        dos_rest::Simulator::settings(&format!("{simulators}/dos-rest")),
        format!("{simulators}/dos-search"),
        service_search::Simulator::settings(&format!("{simulators}/service-search/api")),
    )
}

/// Where the server reaches its own pretend Manage Your Service.
pub fn claims(simulators: &str) -> String {
    format!("{simulators}/claims")
}

/// How the server reaches its own pretend prescription tracker and exemption check. `origin`: its own address.
pub fn prescriptions(simulators: &str, origin: &str) -> (String, ExemptionCheckSettings) {
    let check = ExemptionCheckSettings {
        base_url: format!("{simulators}/exemptions"),
        asid: "999900000001".to_owned(),
        issuer: origin.to_owned(),
    };
    (format!("{simulators}/tracker"), check)
}

/// One pharmacy, and a practice whose system answers every notice at once.
fn mesh(mood: &Mood) -> mesh::Simulator {
    let mood = mood.clone();
    mesh::Simulator::new(MESH_SECRET).with_mailbox(PHARMACY_MAILBOX, MESH_SECRET).with_practice(
        PRACTICE_MAILBOX,
        MESH_SECRET,
        move |message: &mesh::Incoming| mood.answers(message),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nhs::gp_connect::{ACK_WORKFLOW, Outcome};
    use crate::nhs::http;
    use crate::nhs::mesh::{Client, Stamp};
    use uuid::Uuid;

    fn now() -> Stamp {
        Stamp { at: 1_795_000_000_000, nonce: Uuid::new_v4() }
    }

    #[tokio::test]
    async fn a_notice_to_the_registered_practice_is_answered_and_stays_readable_there() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}/simulator", listener.local_addr().expect("an address"));
        let key = AssertionKey::invented(jsonwebtoken::Algorithm::RS512).expect("a key");
        let (platform, _) = platform(&origin, &Clock::Real, &key);
        let here = origin.parse().expect("an address");
        let (cis2, _) = cis2(&origin, &here, &Clock::Real, &key).expect("a pretend CIS2");
        let routes = router(&platform, &cis2, &origin, &Clock::Real);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let client = |settings| Client::new(http::client(None).expect("a client"), settings);
        let pharmacy = client(mesh_settings(&origin));
        let practice = client(mesh(&Mood::default()).settings(&format!("{origin}/mesh"), PRACTICE_MAILBOX));

        let notice = gp_connect::tests::first();
        let id = pharmacy.send(now(), &notice.outgoing()).await.expect("sent");

        assert_eq!(practice.inbox(now(), None).await.expect("a listing"), [id]);
        let mut answers = Vec::new();
        for id in pharmacy.inbox(now(), Some(ACK_WORKFLOW)).await.expect("a listing") {
            let message = pharmacy.message(now(), &id).await.expect("an answer").expect("a message");
            answers.push(gp_connect::read(&message.body).expect("an acknowledgement"));
        }
        let told: Vec<_> = answers.iter().map(|ack| (ack.answers, ack.outcome)).collect();
        assert_eq!(told, [(Some(notice.header_id), Outcome::Done), (Some(notice.header_id), Outcome::Done)]);
    }
}
