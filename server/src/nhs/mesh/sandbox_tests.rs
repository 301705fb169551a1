//! The MESH client against NHS England's own sandbox, where `SATCHEL_TEST_MESH_SANDBOX` says it is served.
//!
//! Its mailboxes X26ABC1 to X26ABC3 are made with the package; key `TestKey`, password `password`.

use super::{ANSWER_WITHIN, Client, DEFAULT_CHUNK_BYTES, MeshError, MeshSettings, Outgoing, Stamp};
use crate::clock::Clock;
use crate::nhs::{gp_connect, http};
use secrecy::SecretString;
use uuid::Uuid;

fn now() -> Stamp {
    Stamp { at: Clock::Real.now(), nonce: Uuid::new_v4() }
}

/// A mailbox of the sandbox; none, said aloud, on a machine without one, and a failure where one is promised.
#[expect(clippy::disallowed_methods, reason = "only a test is told where the sandbox is")]
fn mailbox(name: &str, chunk_bytes: usize) -> Option<Client> {
    let Ok(base_url) = std::env::var("SATCHEL_TEST_MESH_SANDBOX") else {
        let required =
            ["CI", "SATCHEL_TEST_REQUIRE_PEERS"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(
            !required,
            "SATCHEL_TEST_MESH_SANDBOX is not set: start the MESH sandbox and name its address"
        );
        println!(
            "SKIPPED: SATCHEL_TEST_MESH_SANDBOX is not set, so nothing was tried against NHS England's MESH"
        );
        return None;
    };
    let settings = MeshSettings {
        base_url,
        mailbox: name.to_owned(),
        password: SecretString::from("password"),
        shared_key: SecretString::from("TestKey"),
        chunk_bytes,
        answer_within: ANSWER_WITHIN,
    };
    Some(Client::new(http::client(None).expect("a client"), settings))
}

/// A message unlike any other, so that tests beside one another find their own.
fn letter<'a>(subject: &'a str, body: &'a [u8]) -> Outgoing<'a> {
    Outgoing {
        to: "X26ABC2",
        workflow: "TEST_WORKFLOW",
        local_id: "X26",
        subject,
        content_type: "application/fhir+xml",
        body,
    }
}

#[tokio::test]
async fn the_nhs_sandbox_takes_a_message_through_its_whole_life() {
    let (Some(sender), Some(receiver)) =
        (mailbox("X26ABC1", DEFAULT_CHUNK_BYTES), mailbox("X26ABC2", DEFAULT_CHUNK_BYTES))
    else {
        return;
    };
    sender.handshake(now()).await.expect("a handshake");
    let id = sender.send(now(), &letter("Whole", b"<Bundle/>")).await.expect("sent");
    assert!(receiver.inbox(now(), Some("TEST_WORKFLOW")).await.expect("a listing").contains(&id));
    let message = receiver.message(now(), &id).await.expect("an answer").expect("a message");
    assert_eq!((message.from.as_str(), message.body.as_slice()), ("X26ABC1", b"<Bundle/>".as_slice()));
    assert_eq!((message.subject.as_str(), message.local_id.as_str()), ("Whole", "X26"));
    receiver.acknowledge(now(), &id).await.expect("acknowledged");
    receiver.acknowledge(now(), &id).await.expect("again does no harm");
    assert!(!receiver.inbox(now(), None).await.expect("a listing").contains(&id));
    let tracked = sender.tracking(now(), &id).await.expect("an answer").expect("tracked");
    assert_eq!(tracked.status, "acknowledged");
}

#[tokio::test]
async fn a_notice_and_its_answers_cross_the_nhs_sandbox_unchanged() {
    let (Some(pharmacy), Some(practice)) =
        (mailbox("X26ABC1", DEFAULT_CHUNK_BYTES), mailbox("X26ABC2", DEFAULT_CHUNK_BYTES))
    else {
        return;
    };
    let notice = gp_connect::tests::first();
    // The sandbox cannot find practices, so the practice's mailbox is named.
    let id = pharmacy.send(now(), &Outgoing { to: "X26ABC2", ..notice.outgoing() }).await.expect("sent");
    let arrived = practice.message(now(), &id).await.expect("an answer").expect("a message");
    assert!(arrived.body == notice.body);
    for reply in gp_connect::answers(&arrived) {
        let answer = Outgoing {
            to: "X26ABC1",
            workflow: &reply.workflow,
            local_id: "",
            subject: "",
            content_type: gp_connect::CONTENT_TYPE,
            body: &reply.body,
        };
        let id = practice.send(now(), &answer).await.expect("sent");
        assert!(
            pharmacy.inbox(now(), Some(gp_connect::ACK_WORKFLOW)).await.expect("a listing").contains(&id)
        );
        let message = pharmacy.message(now(), &id).await.expect("an answer").expect("a message");
        let ack = gp_connect::read(&message.body).expect("an acknowledgement");
        assert_eq!((ack.answers, ack.outcome), (Some(notice.header_id), gp_connect::Outcome::Done));
    }
}

#[tokio::test]
async fn the_nhs_sandbox_puts_compressed_parts_together() {
    let (Some(sender), Some(receiver)) = (mailbox("X26ABC1", 1000), mailbox("X26ABC2", 1000)) else { return };
    let long: Vec<u8> = (0..4321_u32).map(|n| (n % 251) as u8).collect();
    let id = sender.send(now(), &letter("In parts", &long)).await.expect("sent");
    let message = receiver.message(now(), &id).await.expect("an answer").expect("a message");
    assert!(message.body == long);
}

#[tokio::test]
async fn every_page_of_the_nhs_sandbox_is_read() {
    // A mailbox of its own: pages are counted off, so a message that somebody else takes out shifts them.
    let (Some(sender), Some(receiver)) =
        (mailbox("X26ABC2", DEFAULT_CHUNK_BYTES), mailbox("X26ABC3", DEFAULT_CHUNK_BYTES))
    else {
        return;
    };
    let mut sent = Vec::new();
    for _ in 0..12 {
        let letter = Outgoing { to: "X26ABC3", ..letter("Page", b"x") };
        sent.push(sender.send(now(), &letter).await.expect("sent"));
    }
    let listed = receiver.inbox_by(now(), None, 10).await.expect("a listing");
    assert!(sent.iter().all(|id| listed.contains(id)));
}

#[tokio::test]
async fn the_nhs_sandbox_refuses_what_we_call_refused() {
    let Some(sender) = mailbox("X26ABC1", DEFAULT_CHUNK_BYTES) else { return };
    let letter = Outgoing { to: "GPPROVIDER_9990548609_19520304_ARCHER", ..letter("Nowhere", b"x") };
    let Err(MeshError::Refused { code, .. }) = sender.send(now(), &letter).await else { panic!("accepted") };
    assert_eq!(code, "12");
    assert_eq!(sender.message(now(), "DOESNOTEXIST").await.expect("an answer"), None);
}

#[tokio::test]
async fn the_nhs_sandbox_knows_a_wrong_password() {
    let Some(client) = mailbox("X26ABC1", DEFAULT_CHUNK_BYTES) else { return };
    let mut settings = client.settings().clone();
    settings.password = SecretString::from("wrong");
    let stranger = Client::new(http::client(None).expect("a client"), settings);
    assert!(matches!(stranger.handshake(now()).await, Err(MeshError::Unauthorised)));
}

#[tokio::test]
async fn the_nhs_sandbox_finds_the_mailbox_that_takes_a_workflow() {
    let Some(client) = mailbox("X26ABC1", DEFAULT_CHUNK_BYTES) else { return };
    let organisation = "X27".parse().expect("a code");
    let found = client.look_up(now(), &organisation, "TEST_WORKFLOW2").await.expect("an answer");
    assert!(found.iter().any(|endpoint| endpoint.mailbox_id == "X26ABC3"), "{found:?}");
    assert!(client.look_up(now(), &organisation, "NO_SUCH_WORKFLOW").await.expect("an answer").is_empty());
}

#[tokio::test]
async fn the_nhs_sandbox_gives_back_a_compressed_message_as_it_was() {
    let (Some(sender), Some(receiver)) =
        (mailbox("X26ABC1", DEFAULT_CHUNK_BYTES), mailbox("X26ABC2", DEFAULT_CHUNK_BYTES))
    else {
        return;
    };
    let long = b"<Bundle/>".repeat(200_000);
    let id = sender.send(now(), &letter("Compressed", &long)).await.expect("sent");
    let message = receiver.message(now(), &id).await.expect("an answer").expect("a message");
    assert!(message.body == long);
}
