//! The MESH client over real HTTP, against our own MESH.

use super::simulator::Reply;
use super::{Client, Incoming, Kind, MeshError, Outgoing, Simulator, Stamp};
use crate::nhs::http;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use secrecy::SecretString;
use serde_json::json;
use std::io::Write as _;
use uuid::Uuid;

const PHARMACY: &str = "FA123OT001";
const PRACTICE: &str = "A82648OT001";
const UPDATE: &str = "GPCONNECT_UPDATE_RECORD";

fn now() -> Stamp {
    Stamp { at: 1_795_000_000_000, nonce: Uuid::new_v4() }
}

fn echo(message: &Incoming) -> Vec<Reply> {
    vec![Reply { workflow: format!("{}_ACK", message.workflow), body: message.body.clone() }]
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A pharmacy, a practice that answers nothing, and their MESH.
async fn post_office() -> (Client, Client, Simulator) {
    let mesh = Simulator::new("TestKey")
        .with_mailbox(PHARMACY, "one")
        .with_practice(PRACTICE, "two", |_| Vec::new());
    let base = serve(mesh.router()).await;
    let client = |mailbox| Client::new(http::client(None).expect("a client"), mesh.settings(&base, mailbox));
    (client(PHARMACY), client(PRACTICE), mesh)
}

fn letter<'a>(to: &'a str, body: &'a [u8]) -> Outgoing<'a> {
    Outgoing {
        to,
        workflow: UPDATE,
        local_id: "FA123",
        subject: "Siân’s notice",
        content_type: "application/fhir+xml",
        body,
    }
}

#[tokio::test]
async fn a_mailbox_with_the_right_password_shakes_hands() {
    let (pharmacy, ..) = post_office().await;
    pharmacy.handshake(now()).await.expect("a handshake");
}

#[tokio::test]
async fn a_wrong_password_is_our_settings_fault_and_not_an_outage() {
    let (_, _, mesh) = post_office().await;
    let mut settings = mesh.settings(&serve(mesh.router()).await, PHARMACY);
    settings.password = SecretString::from("wrong");
    let client = Client::new(http::client(None).expect("a client"), settings);
    assert!(matches!(client.handshake(now()).await, Err(MeshError::Unauthorised)));
}

#[tokio::test]
async fn a_header_that_was_used_is_refused() {
    let (pharmacy, ..) = post_office().await;
    let stamp = now();
    pharmacy.handshake(stamp).await.expect("the first");
    assert!(matches!(pharmacy.handshake(stamp).await, Err(MeshError::Unauthorised)));
}

#[tokio::test]
async fn a_message_arrives_with_all_that_was_said_about_it() {
    let (pharmacy, practice, _) = post_office().await;
    pharmacy.send(now(), &letter(PRACTICE, b"<Bundle/>")).await.expect("sent");
    let waiting = practice.inbox(now(), Some(UPDATE)).await.expect("a listing");
    let message = practice.message(now(), &waiting[0]).await.expect("an answer").expect("a message");
    assert_eq!(
        message,
        Incoming {
            id: waiting[0].clone(),
            from: PHARMACY.to_owned(),
            workflow: UPDATE.to_owned(),
            local_id: "FA123".to_owned(),
            subject: "Sian's notice".to_owned(),
            kind: Kind::Data,
            body: b"<Bundle/>".to_vec(),
        }
    );
}

#[tokio::test]
async fn a_message_above_the_limit_travels_in_parts_and_arrives_whole() {
    let (_, practice, mesh) = post_office().await;
    let mut settings = mesh.settings(&serve(mesh.router()).await, PHARMACY);
    settings.chunk_bytes = 1000;
    let pharmacy = Client::new(http::client(None).expect("a client"), settings);
    let long: Vec<u8> = (0..4321_u32).map(|n| (n % 251) as u8).collect();
    pharmacy.send(now(), &letter(PRACTICE, &long)).await.expect("sent");
    let waiting = practice.inbox(now(), None).await.expect("a listing");
    let message = practice.message(now(), &waiting[0]).await.expect("an answer").expect("a message");
    assert_eq!(message.body, long);
}

#[tokio::test]
async fn half_a_message_is_not_in_the_inbox() {
    let (_, practice, mesh) = post_office().await;
    let base = serve(mesh.router()).await;
    let settings = mesh.settings(&base, PHARMACY);
    let signed = super::token::Signer {
        mailbox: PHARMACY,
        password: &settings.password,
        shared_key: &settings.shared_key,
        stamp: now(),
        count: 0,
    }
    .next();
    let sent = http::client(None)
        .expect("a client")
        .post(format!("{base}/messageexchange/{PHARMACY}/outbox"))
        .header("authorization", signed)
        .header("mex-to", PRACTICE)
        .header("mex-workflowid", UPDATE)
        .header("mex-chunk-range", "1:2")
        .body("half")
        .send()
        .await
        .expect("an answer");
    assert_eq!(sent.status(), StatusCode::ACCEPTED);
    assert!(practice.inbox(now(), None).await.expect("a listing").is_empty());
}

#[tokio::test]
async fn every_page_of_a_long_inbox_is_read() {
    let (pharmacy, practice, _) = post_office().await;
    let mut sent = Vec::new();
    for _ in 0..23 {
        sent.push(pharmacy.send(now(), &letter(PRACTICE, b"x")).await.expect("sent"));
    }
    assert_eq!(practice.inbox_by(now(), Some(UPDATE), 10).await.expect("a listing"), sent);
}

#[tokio::test]
async fn an_acknowledged_message_leaves_the_inbox_and_the_sender_can_see_it() {
    let (pharmacy, practice, _) = post_office().await;
    let id = pharmacy.send(now(), &letter(PRACTICE, b"x")).await.expect("sent");
    practice.acknowledge(now(), &id).await.expect("acknowledged");
    practice.acknowledge(now(), &id).await.expect("again does no harm");
    assert!(practice.inbox(now(), None).await.expect("a listing").is_empty());
    let tracked = pharmacy.tracking(now(), &id).await.expect("an answer").expect("tracked");
    assert_eq!(tracked.status, "acknowledged");
}

#[tokio::test]
async fn a_message_for_the_registered_practice_reaches_its_mailbox() {
    let (pharmacy, _, mesh) = post_office().await;
    pharmacy.send(now(), &letter("GPPROVIDER_9990548609_19520304_ARCHER", b"x")).await.expect("sent");
    assert_eq!(mesh.delivered(PRACTICE, UPDATE), 1);
}

#[tokio::test]
async fn a_practice_that_cannot_be_found_comes_back_as_a_report_about_our_message() {
    let (pharmacy, ..) = post_office().await;
    let id =
        pharmacy.send(now(), &letter("GPPROVIDER_9990548608_19520304_ARCHER", b"x")).await.expect("sent");
    let waiting = pharmacy.inbox(now(), None).await.expect("a listing");
    let message = pharmacy.message(now(), &waiting[0]).await.expect("an answer").expect("a report");
    let Kind::Report(report) = message.kind else { panic!("not a report") };
    assert_eq!((report.about, report.code.as_str()), (id, "EPL-152"));
}

#[tokio::test]
async fn an_address_nobody_has_is_refused_with_its_meaning() {
    let (pharmacy, ..) = post_office().await;
    let refused = pharmacy.send(now(), &letter("NOBODY", b"x")).await.expect_err("no such mailbox");
    assert!(refused.to_string().contains("no mailbox is registered under that address (code 12)"));
}

#[tokio::test]
async fn a_message_that_is_gone_is_not_an_error() {
    let (pharmacy, ..) = post_office().await;
    assert_eq!(pharmacy.message(now(), "0000").await.expect("an answer"), None);
    assert_eq!(pharmacy.tracking(now(), "0000").await.expect("an answer"), None);
}

#[tokio::test]
async fn a_message_name_cannot_lead_to_another_path() {
    let (pharmacy, ..) = post_office().await;
    assert!(matches!(pharmacy.message(now(), "../outbox").await, Err(MeshError::Unreadable(_))));
}

#[tokio::test]
async fn an_answering_practice_answers_into_the_senders_inbox() {
    let mesh = Simulator::new("k").with_mailbox(PHARMACY, "one").with_practice(PRACTICE, "two", echo);
    let settings = mesh.settings(&serve(mesh.router()).await, PHARMACY);
    let pharmacy = Client::new(http::client(None).expect("a client"), settings);
    pharmacy.send(now(), &letter(PRACTICE, b"hello")).await.expect("sent");
    let waiting = pharmacy.inbox(now(), Some("*_ACK")).await.expect("a listing");
    let answer = pharmacy.message(now(), &waiting[0]).await.expect("an answer").expect("a message");
    assert_eq!(answer.body, b"hello");
}

/// A MESH that gives every listing the same answer.
async fn answering(status: StatusCode, body: serde_json::Value) -> Client {
    let inbox = move || async move { (status, Json(body)) };
    let base = serve(Router::new().route("/messageexchange/{mailbox}/inbox", get(inbox))).await;
    let settings = Simulator::new("k").settings(&base, PHARMACY);
    Client::new(http::client(None).expect("a client"), settings)
}

#[tokio::test]
async fn a_throttled_or_failing_mesh_is_busy() {
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
        let client = answering(status, json!({})).await;
        assert!(matches!(client.inbox(now(), None).await, Err(MeshError::Busy { .. })));
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_is_unreadable() {
    let client = answering(StatusCode::OK, json!({ "letters": 3 })).await;
    assert!(matches!(client.inbox(now(), None).await, Err(MeshError::Unreadable(_))));
}

#[tokio::test]
async fn a_listing_that_never_ends_is_left_after_a_while() {
    let page = json!({ "messages": ["A"], "links": { "next": "/x?continue_from=A" } });
    let client = answering(StatusCode::OK, page).await;
    assert_eq!(client.inbox(now(), None).await.expect("a listing").len(), 100);
}

#[tokio::test]
async fn a_file_that_its_sender_compressed_is_read_as_what_it_was() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(b"<Bundle/>").expect("packed");
    let packed = packed.finish().expect("packed");
    let message = move || async move { ([("mex-content-compressed", "Y")], packed) };
    let base = serve(Router::new().route("/messageexchange/{mailbox}/inbox/{id}", get(message))).await;
    let settings = Simulator::new("k").settings(&base, PHARMACY);
    let client = Client::new(http::client(None).expect("a client"), settings);
    let message = client.message(now(), "A").await.expect("an answer").expect("a message");
    assert_eq!(message.body, b"<Bundle/>");
}

#[tokio::test]
async fn a_mesh_that_is_not_there_is_unreachable_and_its_address_is_not_told() {
    let settings = Simulator::new("k").settings("http://127.0.0.1:1", PHARMACY);
    let client = Client::new(http::client(None).expect("a client"), settings);
    let Err(MeshError::Unreachable(cause)) = client.inbox(now(), None).await else { panic!("reached") };
    assert!(!cause.to_string().contains(PHARMACY));
}

#[tokio::test]
async fn a_clock_that_is_off_is_said_and_not_called_a_wrong_password() {
    let mesh = Simulator::new("TestKey").with_mailbox(PHARMACY, "one").with_clock_ahead(180);
    let settings = mesh.settings(&serve(mesh.router()).await, PHARMACY);
    let client = Client::new(http::client(None).expect("a client"), settings);
    // A signature tells the minute alone.
    let stamp = Stamp { at: now().at / 60_000 * 60_000, ..now() };
    let said = client.handshake(stamp).await.expect_err("refused");
    assert!(matches!(said, MeshError::Clock { minutes: 180, fast: false }), "{said}");
    assert_eq!(
        said.to_string(),
        "This server’s clock is 180 minutes slow, and MESH refuses what it signs. Set the clock right."
    );
}

#[tokio::test]
async fn a_throttling_mesh_is_left_alone_for_as_long_as_it_asks() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]) };
    let base = serve(Router::new().route("/messageexchange/{mailbox}/inbox", get(busy))).await;
    let client =
        Client::new(http::client(None).expect("a client"), Simulator::new("k").settings(&base, PHARMACY));
    let said = client.inbox(now(), None).await;
    assert!(matches!(said, Err(MeshError::Busy { after: Some(90_000) })), "{said:?}");
}

#[tokio::test]
async fn a_large_message_of_one_part_travels_compressed_and_arrives_as_it_was() {
    let (pharmacy, practice, mesh) = post_office().await;
    let long = b"<Bundle/>".repeat(200_000);
    let id = pharmacy.send(now(), &letter(PRACTICE, &long)).await.expect("sent");
    let travelled = mesh.bodies(PRACTICE, UPDATE).remove(0);
    assert!(travelled.starts_with(&[0x1f, 0x8b]) && travelled.len() < long.len() / 10);
    let message = practice.message(now(), &id).await.expect("an answer").expect("a message");
    assert!(message.body == long);
}

#[tokio::test]
async fn a_message_in_more_parts_than_anybody_means_is_left_unread() {
    let part = || async { (StatusCode::PARTIAL_CONTENT, [("mex-chunk-range", "1:1000000")], "x") };
    let base = serve(Router::new().route("/messageexchange/{mailbox}/inbox/{id}", get(part))).await;
    let client =
        Client::new(http::client(None).expect("a client"), Simulator::new("k").settings(&base, PHARMACY));
    assert!(matches!(client.message(now(), "A").await, Err(MeshError::TooLarge)));
}

#[tokio::test]
async fn the_mailbox_of_an_organisation_is_found_by_what_it_takes() {
    let mesh =
        Simulator::new("TestKey").with_mailbox(PHARMACY, "one").with_endpoint("A82648", UPDATE, PRACTICE);
    let settings = mesh.settings(&serve(mesh.router()).await, PHARMACY);
    let client = Client::new(http::client(None).expect("a client"), settings);
    let practice = "A82648".parse().expect("a code");
    let found = client.look_up(now(), &practice, UPDATE).await.expect("an answer");
    assert_eq!(found[0].mailbox_id, PRACTICE);
    assert!(client.look_up(now(), &practice, "GPFED_CONSULT_REPORT").await.expect("an answer").is_empty());
    assert!(matches!(client.look_up(now(), &practice, "../inbox").await, Err(MeshError::Unreadable(_))));
}

#[tokio::test]
async fn an_answer_in_the_older_shape_of_the_look_up_is_read_as_well() {
    let older = json!({ "query_id": "1", "results": [
        { "endpoint_type": "MESH", "description": "A practice", "address": PRACTICE }] });
    let found = move || async move { Json(older) };
    let base =
        serve(Router::new().route("/messageexchange/endpointlookup/{ods}/{workflow}", get(found))).await;
    let client =
        Client::new(http::client(None).expect("a client"), Simulator::new("k").settings(&base, PHARMACY));
    let found = client.look_up(now(), &"A82648".parse().expect("a code"), UPDATE).await.expect("an answer");
    assert_eq!((found[0].mailbox_id.as_str(), found[0].mailbox_name.as_str()), (PRACTICE, "A practice"));
}
