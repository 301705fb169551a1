//! The response, and sending it to the pretend referrer.

use super::simulator::PRACTICE_SERVICE;
use super::{BarsError, Client, Ended, Response, Sending, Simulator, Taken, compose};
use crate::nhs::fhir::{Element, Format, to_be_judged};
use crate::nhs::http;
use secrecy::SecretString;
use shared::consultation::{Consultation, Patient, Referral};
use shared::ids::ConsultationId;
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_800_000;

fn signed(closure: &str) -> Consultation {
    let id = ConsultationId(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_abcd));
    let mut record = Consultation::new(id, &"FZ999".parse().expect("a code"), "minor-illness@1", NOW);
    record.referral = Referral {
        channel: "bars".to_owned(),
        message_id: "5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417".to_owned(),
        case_ids: "case-reference|LC20417 service-request|0b5e0000-0000-4000-8000-000000000002".to_owned(),
        received_at: "2026-11-22T13:41:00Z".to_owned(),
        referred_at: "2026-11-22T13:40:00Z".to_owned(),
        valid_until: "2026-11-23T13:40:00Z".to_owned(),
        referrer_ods: "A99998".to_owned(),
        referrer_name: "Larch Court Health Centre".to_owned(),
        dos_service_id: "2099000001".to_owned(),
        reply_to: format!("https://fhir.nhs.uk/Id/dos-service-id|{PRACTICE_SERVICE}"),
        ..Referral::default()
    };
    record.patient = Patient {
        nhs_number: "9997001028".to_owned(),
        family_name: "Larkspurton".to_owned(),
        given_name: "Odile Fay".to_owned(),
        birth_date: "1948-03-17".to_owned(),
        sex: "female".to_owned(),
        address: "4 Dovecote Row\nZettington".to_owned(),
        postcode: "ZZ99 3CZ".to_owned(),
        ..Patient::default()
    };
    record.visit.started_at = "2026-11-22T13:55:00Z".to_owned();
    closure.clone_into(&mut record.outcome.closure_reason);
    record
}

fn response(closure: &str) -> Element {
    let signed = signed(closure);
    let consultation: ConsultationId = signed.id.parse().expect("an id");
    let made = compose(&Response {
        consultation: &consultation,
        signed: &signed,
        pharmacy: ("FZ999", "Larch Pharmacy", "01632 960123"),
        pharmacist: ("Asha Patel", "2012345"),
        ended: Ended::of_closure(closure),
        because: if closure.is_empty() { "" } else { "The patient could not be reached." },
        reference: "7K2M-94QX",
        at: NOW,
    });
    made.bundle
}

fn of_kind<'a>(bundle: &'a Element, kind: &str) -> &'a Element {
    bundle.all("entry.resource").into_iter().find(|resource| resource.kind == kind).expect("there")
}

#[test]
fn a_response_names_what_it_answers_and_how_it_ended() {
    let completed = response("");
    let header = of_kind(&completed, "MessageHeader");
    assert_eq!(header.text("response.identifier"), "5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417");
    assert_eq!(header.text("focus.reference"), "urn:uuid:0b5e0000-0000-4000-8000-000000000002");
    assert_eq!(of_kind(&completed, "ServiceRequest").text("status"), "completed");
    assert_eq!(of_kind(&completed, "Encounter").text("status"), "finished");
    for (closure, code) in [
        ("no_contact", "FC"),
        ("unable_to_contact", "FC"),
        ("did_not_attend", "FC"),
        ("rejected_by_pharmacy", "RRNA"),
        ("declined_by_patient", "OTH"),
        ("a reason of next year", "OTH"),
    ] {
        let closed = response(closure);
        assert_eq!(of_kind(&closed, "ServiceRequest").text("status"), "revoked");
        assert_eq!(of_kind(&closed, "Encounter").text("reasonCode.coding.code"), code, "{closure}");
    }
}

#[test]
fn a_response_made_again_is_the_same_message() {
    assert_eq!(response("no_contact"), response("no_contact"));
}

#[test]
fn every_response_is_written_whole_in_both_formats() {
    for (name, closure) in
        [("completed", ""), ("not-reached", "unable_to_contact"), ("declined", "declined_by_patient")]
    {
        to_be_judged(&format!("bars-response-{name}"), &response(closure));
    }
}

/// The pretend referrer over real HTTP, and a client for it.
async fn referrer() -> (Simulator, Client) {
    let simulator = Simulator::believing(Arc::new(|token| token == "good"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}/FHIR/R4", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (simulator, Client::new(http::client(None).expect("a client"), &base))
}

async fn sent(client: &Client, token: &str, target: &str, id: u128, body: &[u8]) -> Result<Taken, BarsError> {
    let sending = Sending {
        target,
        request_id: Uuid::from_u128(id),
        correlation_id: Uuid::from_u128(2),
        at: NOW,
        organisation: ("FZ999", "Larch Pharmacy"),
        body,
    };
    client.send(&SecretString::from(token.to_owned()), &sending).await
}

#[tokio::test]
async fn a_response_that_is_sent_again_is_taken_once() {
    let (simulator, client) = referrer().await;
    let body = Format::Json.write(&response(""));
    assert_eq!(sent(&client, "good", PRACTICE_SERVICE, 1, &body).await.expect("taken"), Taken::Now);
    assert_eq!(sent(&client, "good", PRACTICE_SERVICE, 1, &body).await.expect("known"), Taken::Before);
    assert_eq!(simulator.responses().len(), 1);
    let other = Format::Json.write(&response("no_contact"));
    let refused = sent(&client, "good", PRACTICE_SERVICE, 1, &other).await;
    assert!(
        matches!(refused, Err(BarsError::Refused { ref code, .. }) if code == "REC_CONFLICT"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_a_receiver_refuses_is_refused_and_says_nothing_of_the_patient() {
    let (_, client) = referrer().await;
    let body = Format::Json.write(&response(""));
    let wrong_token = sent(&client, "bad", PRACTICE_SERVICE, 1, &body).await;
    assert!(matches!(wrong_token, Err(BarsError::NotAllowed { .. })), "{wrong_token:?}");
    let elsewhere = sent(&client, "good", "2099000778", 1, &body).await;
    assert!(
        matches!(elsewhere, Err(BarsError::Refused { ref code, .. }) if code == "REC_NOT_FOUND"),
        "{elsewhere:?}"
    );
    let unanswered =
        String::from_utf8(body).expect("text").replace("5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417", "");
    let refused =
        sent(&client, "good", PRACTICE_SERVICE, 2, unanswered.as_bytes()).await.expect_err("refused");
    assert!(
        matches!(refused, BarsError::Refused { ref code, .. } if code == "REC_BAD_REQUEST"),
        "{refused:?}"
    );
    assert!(!refused.to_string().contains("Larkspurton"));
}

#[tokio::test]
async fn trouble_at_the_other_end_is_told_apart() {
    let (simulator, client) = referrer().await;
    let body = Format::Json.write(&response(""));
    let html = b"<html>Larkspurton</html>".to_vec();
    for (status, kind) in
        [(500, "text/html"), (502, "text/html"), (408, "application/fhir+json"), (200, "text/html")]
    {
        simulator.answer_with(Some((status, kind, html.clone())));
        let unknown = sent(&client, "good", PRACTICE_SERVICE, 1, &body).await;
        assert!(matches!(unknown, Err(BarsError::Unknown(_))), "{status}: {unknown:?}");
    }
    for status in [429, 503] {
        simulator.answer_with(Some((status, "text/html", html.clone())));
        let busy = sent(&client, "good", PRACTICE_SERVICE, 1, &body).await;
        assert!(matches!(busy, Err(BarsError::Busy { after: Some(7000) })), "{busy:?}");
    }
    simulator.answer_with(Some((501, "text/html", html)));
    let refused = sent(&client, "good", PRACTICE_SERVICE, 1, &body).await;
    assert!(matches!(refused, Err(BarsError::Refused { ref code, .. }) if code == "501"), "{refused:?}");
    simulator.answer_with(None);
    assert_eq!(sent(&client, "good", PRACTICE_SERVICE, 1, &body).await.expect("taken"), Taken::Now);
    let nobody = Client::new(http::client(None).expect("a client"), "http://127.0.0.1:9/FHIR/R4");
    let away = sent(&nobody, "good", PRACTICE_SERVICE, 1, &body).await;
    assert!(matches!(away, Err(BarsError::Unreachable(_))), "{away:?}");
}
