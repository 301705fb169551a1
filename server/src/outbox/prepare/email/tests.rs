//! Promises of the e-mail to the practice: only to a confirmed address, the patient named in the PDF alone.

use super::super::tests::{Bench, NOW, ods, row};
use super::*;
use crate::mail::sink::Mood;
use crate::outbox::carrier::{self, Carrier as _, MailCarrier};
use crate::outbox::{self, Worker};
use crate::store::{Append, DeliveryState, DocumentWrite, Route};
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use shared::consultation::{Author, Document, Writer};
use uuid::Uuid;

fn read(frozen: &FrozenMessage) -> Message<'_> {
    MessageParser::default().parse(&frozen.payload).expect("an e-mail")
}

fn next_way(answer: Result<FrozenMessage, NotPrepared>) -> String {
    match answer {
        Err(NotPrepared::NextWay(words)) => words,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_practice_gets_the_letter_as_a_pdf_by_the_mail_server() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    let frozen = bench.prepared().await.expect("an e-mail");
    assert_eq!(frozen.target, "elm.road@nhs.net");
    assert_eq!(frozen.header_id, format!("{}@nhs.net", bench.row.id));
    MailCarrier::new(bench.app.mail.clone()).send(&bench.row, &frozen).await.expect("taken");
    let taken = bench.sink.taken();
    assert_eq!(taken[0].to, ["elm.road@nhs.net"]);
    let message = MessageParser::default().parse(&taken[0].message).expect("an e-mail");
    let pdf = message.attachment(0).expect("an attachment");
    let reference = shared::letter::reference(&bench.row.consultation);
    assert_eq!(pdf.attachment_name(), Some(format!("notice-{reference}-1.pdf").as_str()));
    assert!(pdf.contents().starts_with(b"%PDF-"));
    assert_eq!(message.attachments().count(), 1);
}

#[tokio::test]
async fn neither_subject_nor_text_says_who_it_is_about() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    let frozen = bench.prepared().await.expect("an e-mail");
    let message = read(&frozen);
    let said = format!("{:?} {:?} {}", message.subject(), message.body_text(0), frozen.subject);
    for secret in ["Sample", "Siân", "999", "1952", "ZZ99", "Cough", "07700", "SECRET"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    assert!(said.contains("Larch Pharmacy") && said.contains("reference"), "{said}");
}

#[tokio::test]
async fn an_unconfirmed_address_is_not_an_address() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", false).await;
    assert!(next_way(bench.prepared().await).contains("is confirmed"));
}

#[tokio::test]
async fn whoever_hands_in_an_unconfirmed_entry_is_refused_too() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", false).await;
    let summary = shared::consultation::summarise(
        &bench.signed,
        shared::pathway::find(&bench.signed.pathway).expect("a pathway"),
    );
    let preparing = Preparing {
        app: &bench.app,
        sender: &bench.sender,
        row: &bench.row,
        signed: &bench.signed,
        signature: &bench.signature,
        summary: &summary,
        others: &[],
        now: 0,
    };
    let entries = bench.app.store.addresses(&bench.row.pharmacy).await.expect("a list");
    let covering = Covering {
        letter: &Letter::default(),
        to: &entries[0],
        subject: "Notice",
        text: &[],
        name: "notice",
        in_reply_to: "",
        also: Vec::new(),
    };
    assert!(next_way(with_letter(&preparing, covering).await).contains("not confirmed"));
}

#[tokio::test]
async fn an_unverified_number_is_held_and_an_objection_too() {
    let mut bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    bench.signed.patient.nhs_number_status = "unverified".to_owned();
    assert!(
        matches!(bench.prepared().await, Err(NotPrepared::Held(words)) if words.contains("needs tracing"))
    );
    bench.signed.patient.nhs_number_status = "verified".to_owned();
    bench.signed.answers.insert("gp-objection".to_owned(), shared::consultation::Answer::YesNo(true));
    assert!(
        matches!(bench.prepared().await, Err(NotPrepared::Held(words)) if words.contains("does not want"))
    );
}

#[tokio::test]
async fn a_second_way_says_that_it_may_repeat_and_a_refused_first_way_does_not() {
    let mut bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    let mut first = row(Route::UpdateRecord);
    first.id = Uuid::from_u128(1);
    first.attempts = 1;
    first.header_id = Some("1".to_owned());
    first.state = DeliveryState::Sent;
    bench.others = vec![first];
    let text = |frozen: &FrozenMessage| read(frozen).body_text(0).expect("a text").into_owned();
    assert!(text(&bench.prepared().await.expect("an e-mail")).contains("may repeat an electronic message"));
    bench.others[0].state = DeliveryState::Refused;
    assert!(!text(&bench.prepared().await.expect("an e-mail")).contains("may repeat"));
}

#[tokio::test]
async fn an_amendment_says_which_version_it_replaces_under_the_same_reference() {
    let mut bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    let first = bench.prepared().await.expect("an e-mail");
    let mut sent = row(Route::Email);
    sent.id = Uuid::from_u128(1);
    sent.attempts = 1;
    sent.header_id = Some("1".to_owned());
    sent.state = DeliveryState::Sent;
    bench.others = vec![sent];
    bench.row.amendment = 1;
    bench.row.id = Uuid::from_u128(2);
    bench.signature.amendment = 1;
    let second = bench.prepared().await.expect("an e-mail");
    assert_eq!(first.subject, second.subject);
    assert_ne!(first.header_id, second.header_id);
    let text = read(&second).body_text(0).expect("a text").into_owned();
    assert!(text.contains("This replaces version 1") && text.contains(", version 2."), "{text}");
    assert!(!text.contains("may repeat"), "{text}");
}

#[tokio::test]
async fn the_same_delivery_makes_the_same_bytes_before_it_is_frozen() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    assert_eq!(bench.prepared().await.expect("an e-mail"), bench.prepared().await.expect("an e-mail"));
}

/// Signed, planned and stored as a push does it, for a practice that is told by e-mail.
async fn told_by_email(bench: &Bench) -> Worker {
    let (pharmacy, practice) = (ods("FZ999"), ods("A99999"));
    let order = ["email".to_owned()];
    outbox::set_practice_routes(&bench.app, &pharmacy, &practice, &order).await.expect("an order");
    let by = |actor: u8, person: &str, role: &str| Writer {
        actor: [actor; 16],
        author: Author {
            person: person.to_owned(),
            name: "Asha Patel".to_owned(),
            role: role.to_owned(),
            unlocked_by: "passkey".to_owned(),
        },
    };
    let mut document = Document::create(NOW, &by(9, "", "server"), &bench.signed).expect("a document");
    let asha = by(1, "11111111-1111-4111-8111-111111111111", "pharmacist");
    document.sign(NOW + 1, &asha, "2074123", false).expect("a signature");
    let id = bench.row.consultation;
    let sender = outbox::sender(&bench.app, &pharmacy).await.expect("read").expect("a sender");
    let vouched = crate::patients::vouched(&bench.app, &id).await.expect("read");
    let write = DocumentWrite {
        id,
        based_on: 0,
        base: Some(document.save()),
        changes: Vec::new(),
        heads: document.heads().iter().map(ToString::to_string).collect(),
        row: document.row().expect("a row"),
        intake: Vec::new(),
        deliveries: outbox::plan(&mut document, &sender, &vouched, NOW).expect("a plan"),
        supplies: None,
    };
    let append = Append { documents: vec![write], ..Append::default() };
    bench.app.store.append(&pharmacy, append).await.expect("stored");
    Worker::new(bench.app.clone(), carrier::all(&bench.app), bench.app.mesh.clone())
}

/// What the record says of the notice: state and way.
async fn shown(bench: &Bench) -> (String, String) {
    let stored = bench.app.store.document(&ods("FZ999"), &bench.row.consultation).await;
    let stored = stored.expect("read").expect("the record");
    let record = crate::intake::opened(&stored).expect("a document").read().expect("a record");
    let told = record.gp_notice().expect("a notice");
    (told.state.clone(), told.route.clone())
}

async fn rounds(bench: &Bench, worker: &Worker) {
    for _ in 0..3 {
        outbox::round(&bench.app, worker, false).await.expect("a round");
    }
}

#[tokio::test]
async fn a_practice_without_mesh_gets_one_e_mail_and_the_record_says_so() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    let worker = told_by_email(&bench).await;
    rounds(&bench, &worker).await;
    assert_eq!(bench.sink.taken().len(), 1);
    assert_eq!(shown(&bench).await, ("sent".to_owned(), "email".to_owned()));
}

#[tokio::test]
async fn an_e_mail_that_may_have_arrived_waits_for_a_person_and_one_that_was_refused_for_paper() {
    for (mood, arrived, state) in
        [(Mood::TakesAndHangsUp, 1, "needs-attention"), (Mood::RefusesRecipient, 0, "needs-attention")]
    {
        let bench = Bench::new().await;
        bench.knows_address("elm.road@nhs.net", true).await;
        bench.sink.be(mood);
        let worker = told_by_email(&bench).await;
        rounds(&bench, &worker).await;
        bench.sink.be(Mood::Takes);
        bench.app.clock.advance(2 * 24 * 3_600_000);
        rounds(&bench, &worker).await;
        assert_eq!(bench.sink.taken().len(), arrived, "{mood:?}");
        assert_eq!(shown(&bench).await.0, state, "{mood:?}");
    }
}

#[tokio::test]
async fn a_mail_server_that_was_busy_gets_it_when_it_recovers() {
    let bench = Bench::new().await;
    bench.knows_address("elm.road@nhs.net", true).await;
    bench.sink.be(Mood::Busy);
    let worker = told_by_email(&bench).await;
    rounds(&bench, &worker).await;
    assert_eq!(bench.sink.taken().len(), 0);
    bench.sink.be(Mood::Takes);
    bench.app.clock.advance(2 * 3_600_000);
    rounds(&bench, &worker).await;
    assert_eq!(bench.sink.taken().len(), 1);
    assert_eq!(shown(&bench).await, ("sent".to_owned(), "email".to_owned()));
}

#[tokio::test]
async fn without_a_confirmed_address_a_person_prints_it() {
    let bench = Bench::new().await;
    let worker = told_by_email(&bench).await;
    rounds(&bench, &worker).await;
    assert_eq!(bench.sink.taken(), []);
    assert_eq!(shown(&bench).await, ("needs-attention".to_owned(), "print".to_owned()));
}
