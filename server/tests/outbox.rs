//! Promises about telling the practice: once, from what was signed, and never said to be done before it is.

#[path = "support/databases.rs"]
mod databases;

use databases::TestDatabase;
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::intake::new_consultation;
use satchel::nhs::gp_connect::{ACK_WORKFLOW, WORKFLOW, answers};
use satchel::nhs::http;
use satchel::nhs::mesh::simulator::{Answers, Reply};
use satchel::nhs::mesh::{Client, Incoming, Outgoing, Simulator, Stamp};
use satchel::outbox::{self, CannotRetry, RetryError, Worker, plan};
use satchel::patients::Vouched;
use satchel::store::{Append, DeliveryKind, DeliveryRow, DeliveryState, DocumentWrite, Pharmacy, SeenNumber};
use shared::consultation::{
    Answer, Author, Consultation, Document, Medicine, Patient, Referral, Writer, summarise,
};
use shared::ids::{ConsultationId, OdsCode};
use shared::pathway;
use shared::time::{Millis, read};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A Sunday afternoon in November.
const NOW: Millis = 1_795_355_100_000;
const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const OURS: &str = "FZ999OT001";
const PRACTICE: &str = "Y99991OT001";
const SECRET: &str = "secret";
const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

struct Bench {
    app: App,
    mesh: Simulator,
    client: Client,
    /// Where this MESH is served.
    base: String,
    worker: Worker,
    _database: TestDatabase,
}

fn ods() -> OdsCode {
    "FZ999".parse().expect("an ODS code")
}

fn with_practice(answers: Answers) -> Simulator {
    Simulator::new(SECRET).with_mailbox(OURS, SECRET).with_practice(PRACTICE, SECRET, answers)
}

fn silent(_: &Incoming) -> Vec<Reply> {
    Vec::new()
}

/// The practice's system does not know the patient.
fn refusing(message: &Incoming) -> Vec<Reply> {
    let text = String::from_utf8(message.body.clone()).expect("text");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let header =
        document.descendants().find(|node| node.has_tag_name(("http://hl7.org/fhir", "MessageHeader")));
    let id = header
        .and_then(|header| header.children().find(|node| node.tag_name().name() == "id")?.attribute("value"))
        .expect("a header id");
    let body = format!(
        r#"<Bundle xmlns="http://hl7.org/fhir"><entry><resource><MessageHeader><response><identifier value="{id}"/><code value="fatal-error"/></response></MessageHeader></resource></entry><entry><resource><OperationOutcome><issue><details><coding><system value="https://fhir.nhs.uk/STU3/CodeSystem/ITK-ResponseCodes-1"/><code value="30002"/></coding></details></issue></OperationOutcome></resource></entry></Bundle>"#
    );
    vec![Reply { workflow: ACK_WORKFLOW.to_owned(), body: body.into_bytes() }]
}

impl Bench {
    async fn start(mesh: Simulator, database: TestDatabase) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = mesh.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let base = format!("http://{address}");
        let client = client(&mesh, &base);
        let settings = BTreeMap::from([("secret_key".to_owned(), SECRET_KEY.to_owned())]);
        let config = Config::read(settings, false).expect("settings");
        let store = database.open().await;
        let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
        let pharmacy = Pharmacy {
            ods: ods(),
            name: "Larch Pharmacy".into(),
            dos_ids: Vec::new(),
            mailbox: OURS.into(),
            phone: String::new(),
            address: String::new(),
        };
        app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
        let worker = Worker::new(app.store.clone(), app.clock.clone(), Some(client.clone()));
        Self { app, mesh, client, base, worker, _database: database }
    }

    fn another_worker(&self) -> Worker {
        Worker::new(self.app.store.clone(), self.app.clock.clone(), Some(self.client.clone()))
    }

    /// Stores the record as a push does: its deliveries in the same transaction.
    async fn store(&self, document: &mut Document) {
        let id: ConsultationId = document.read().expect("a record").id.parse().expect("an id");
        let sender = outbox::sender(&self.app, &ods()).await.expect("the store").expect("our pharmacy");
        let based_on =
            self.app.store.standing(&id).await.expect("the store").map_or(0, |standing| standing.seq);
        let deliveries =
            plan(document, &sender, &self.vouched().await, self.app.clock.now()).expect("a plan");
        let write = DocumentWrite {
            id,
            based_on,
            base: Some(document.save()),
            changes: Vec::new(),
            heads: document.heads().iter().map(ToString::to_string).collect(),
            row: document.row().expect("a row"),
            intake: Vec::new(),
            deliveries,
        };
        let append = Append { documents: vec![write], ..Append::default() };
        self.app.store.append(&ods(), append).await.expect("stored");
    }

    async fn pds_said(&self, number: &str, stands: bool) {
        self.pds_said_for(&id(), number, stands).await;
    }

    /// As a look-up leaves it behind.
    async fn pds_said_for(&self, consultation: &ConsultationId, number: &str, stands: bool) {
        let number = self.app.server_keys.traces.number(consultation, number);
        let seen = SeenNumber { consultation: *consultation, number, stands, mode: "worker", at: NOW };
        self.app.store.saw_numbers(&[seen]).await.expect("the store");
    }

    /// What PDS said through this server, as a push finds it out.
    async fn vouched(&self) -> Vouched {
        satchel::patients::vouched(&self.app, &id()).await.expect("the store")
    }

    async fn round(&self) {
        outbox::round(&self.app, &self.worker, true).await.expect("a round");
    }

    async fn rows(&self) -> Vec<DeliveryRow> {
        self.app.store.deliveries_of(&id()).await.expect("deliveries")
    }

    async fn row(&self) -> DeliveryRow {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1, "one delivery");
        rows.remove(0)
    }

    fn at_practice(&self) -> usize {
        self.mesh.delivered(PRACTICE, WORKFLOW)
    }

    /// What the record itself says about the notice.
    async fn record(&self) -> Consultation {
        let stored = self.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
        satchel::intake::opened(&stored).expect("a document").read().expect("a record")
    }
}

fn client(mesh: &Simulator, base: &str) -> Client {
    Client::new(http::client(None).expect("a client"), mesh.settings(base, OURS))
}

fn stamp() -> Stamp {
    Stamp { at: NOW, nonce: Uuid::new_v4() }
}

fn id() -> ConsultationId {
    ConsultationId::from_bytes([7; 16])
}

fn asha() -> Writer {
    let author = Author {
        person: "11111111-1111-4111-8111-111111111111".into(),
        name: "Asha Example".into(),
        role: "pharmacist".into(),
        unlocked_by: "passkey".into(),
    };
    Writer { actor: [1; 16], author }
}

/// The server itself, as it files what NHS 111 sent.
fn intake() -> Writer {
    let author = Author {
        person: String::new(),
        name: "Satchel server".into(),
        role: "server".into(),
        unlocked_by: "server".into(),
    };
    Writer { actor: [9; 16], author }
}

/// A visit with something to tell, not yet signed.
fn visit(change: impl FnOnce(&mut Consultation)) -> Document {
    let patient = Patient {
        nhs_number: "9990412073".into(),
        nhs_number_status: "verified".into(),
        family_name: "Brambleworth".into(),
        given_name: "Odile".into(),
        birth_date: "1987-06-14".into(),
        sex: "female".into(),
        gp_ods: "Y99991".into(),
        gp_name: "Meadow Lane Surgery".into(),
        ..Patient::default()
    };
    let referral = Referral { channel: "itk111".into(), strand: "MI".into(), ..Referral::default() };
    let record = new_consultation(id(), &ods(), NOW, "minor-illness@1", referral, patient, Vec::new());
    let mut document = Document::create(NOW, &intake(), &record).expect("a document");
    document
        .edit(NOW + MINUTE, &asha(), |record| {
            record.visit.started_at = shared::time::stored(NOW + MINUTE);
            record.answers.insert("setting".into(), Answer::text("patients-home"));
            record.answers.insert("consent-service".into(), Answer::YesNo(true));
            change(record);
        })
        .expect("an edit");
    document
}

fn signed(change: impl FnOnce(&mut Consultation)) -> Document {
    let mut document = visit(change);
    document.sign(NOW + 2 * MINUTE, &asha(), "2074123", false).expect("a signature");
    document
}

fn amended(document: &mut Document, at: Millis) {
    document.amend(at, &asha(), "A wrong answer").expect("an amendment");
    document
        .edit(at, &asha(), |record| {
            record.answers.insert("setting".into(), Answer::text("premises"));
        })
        .expect("an edit");
    document.sign(at + MINUTE, &asha(), "2074123", false).expect("a second signature");
}

async fn a_signed_visit_reaches_the_practice_once_and_the_record_says_so_only_then(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|_| {})).await;
    assert_eq!(bench.row().await.state, DeliveryState::Queued);
    assert!(bench.record().await.deliveries.is_empty(), "nothing is claimed before anything is known");

    bench.worker.send_due().await.expect("sent");
    let sent = bench.row().await;
    assert_eq!((sent.state, sent.attempts), (DeliveryState::Sent, 1));

    bench.round().await;
    let row = bench.row().await;
    assert_eq!(row.state, DeliveryState::Accepted);
    assert_eq!((row.inf_status.as_str(), row.bus_status.as_str()), ("20013", "30001"));
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.to.as_str()), ("accepted", "Meadow Lane Surgery"));

    let stored = bench.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
    bench.store(&mut satchel::intake::opened(&stored).expect("a document")).await;
    bench.round().await;
    assert_eq!(bench.at_practice(), 1, "storing the same signature again sends nothing");
    assert_eq!(bench.app.store.rows(None).await.expect("rows")[0].notice, "accepted");
}

async fn the_message_is_what_was_signed_and_not_what_was_written_since(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    let mut document = signed(|_| {});
    let mut elsewhere = asha();
    elsewhere.actor = [2; 16];
    document
        .edit(NOW + 3 * MINUTE, &elsewhere, |record| {
            record.patient.given_name = "Somebody else".into();
        })
        .expect("an edit");
    bench.store(&mut document).await;
    let message =
        bench.app.store.frozen_message(bench.row().await.id).await.expect("the store").expect("a message");
    let text = String::from_utf8(message.payload).expect("text");
    assert!(text.contains("Odile") && !text.contains("Somebody else"));
    assert!(message.subject.contains("Odile"));
}

/// What was said on the visit: something under every heading, with a code for each kind of measurement.
fn told(record: &mut Consultation) {
    for field in minor_illness().fields.iter().filter(|field| field.red_flag.is_some()) {
        record.answers.insert(field.id.clone(), Answer::YesNo(false));
    }
    let said = [
        ("symptom-group", "cough"),
        ("complaint", "Coughing at night,\nworse since Friday"),
        ("history", "Chest sounds < clear > & no wheeze"),
        ("pregnancy", "not-pregnant"),
        ("advice-given", "Honey and rest"),
        ("safety-net", "Breathless: 999"),
        ("decision", "self-care"),
        ("gp-action", "None"),
        ("safeguarding-details", "Bruises on both arms"),
    ];
    record.answers.extend(said.map(|(field, words)| (field.to_owned(), Answer::text(words))));
    let yes = ["medicine-recommended", "safety-net-understood", "safeguarding-concern"];
    record.answers.extend(yes.map(|field| (field.to_owned(), Answer::YesNo(true))));
    let measured = [
        ("temperature", 37.4),
        ("pulse", 82.0),
        ("systolic", 128.0),
        ("diastolic", 76.0),
        ("oxygen-saturation", 97.0),
    ];
    record.observations.extend(measured.map(|(field, value)| (field.to_owned(), Answer::Number(value))));
    let medicine = Medicine {
        name: "Simple linctus, 200 ml".into(),
        decision: "recommended".into(),
        supplied_from: "delivered".into(),
        ..Medicine::default()
    };
    record.medicines.insert("1".into(), medicine);
}

fn minor_illness() -> &'static pathway::Pathway {
    pathway::find("minor-illness@1").expect("a file of this build")
}

async fn the_practice_reads_the_very_words_that_the_pharmacist_read_before_signing(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    let mut document = visit(told);
    let preview = summarise(&document.read().expect("a record"), minor_illness());
    document.sign(NOW + 2 * MINUTE, &asha(), "2074123", false).expect("a signature");
    bench.store(&mut document).await;
    let row = bench.row().await;
    let message = bench.app.store.frozen_message(row.id).await.expect("the store").expect("a message");
    let text = String::from_utf8(message.payload).expect("text");
    let xml = roxmltree::Document::parse(&text).expect("XML");
    let first = |node: roxmltree::Node<'_, '_>, name: &str| {
        let named = node.descendants().find(|inner| inner.tag_name().name() == name);
        named.and_then(|inner| inner.attribute("value")).expect(name).to_owned()
    };
    let named = |name: &'static str| {
        xml.descendants().filter(move |node| node.has_tag_name(("http://hl7.org/fhir", name)))
    };
    let sent: Vec<(String, String)> = named("ClinicalImpression")
        .filter(|node| node.first_element_child().is_some())
        .map(|node| (first(node, "code"), first(node, "summary")))
        .collect();
    let read: Vec<(String, String)> =
        preview.headings.iter().map(|words| (words.code.to_owned(), words.text.clone())).collect();
    assert_eq!(sent, read);
    assert!(read.len() >= 5 && !text.contains("Bruises"), "{read:?}");
    assert_eq!(preview.complaints.len(), named("Condition").count());
    let values: Vec<String> = named("valueQuantity").map(|node| first(node, "value")).collect();
    let written: Vec<String> = preview.observations.iter().map(|one| one.written.clone()).collect();
    assert_eq!(values, written, "the measurements are those of the preview, decimals and all");
}

async fn two_workers_never_send_the_same_delivery(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store(&mut signed(|_| {})).await;
    let (one, two, three) = (bench.another_worker(), bench.another_worker(), bench.another_worker());
    let sent = tokio::join!(one.send_due(), two.send_due(), three.send_due());
    assert_eq!(sent.0.expect("one") + sent.1.expect("two") + sent.2.expect("three"), 1);
    assert_eq!(bench.at_practice(), 1);
}

/// A worker that was killed between sending and writing it down: leased, sent, and nothing recorded.
async fn killed_after_sending(bench: &Bench) {
    let until = NOW + 5 * MINUTE;
    let leased = bench.app.store.lease_deliveries("killed", NOW, until, 1).await.expect("a lease");
    let message = bench.app.store.frozen_message(leased[0].id).await.expect("the store").expect("a message");
    let outgoing = Outgoing {
        to: &message.target,
        workflow: &message.workflow,
        local_id: &message.local_id,
        subject: &message.subject,
        content_type: &message.content_type,
        body: &message.payload,
    };
    bench.client.send(stamp(), &outgoing).await.expect("sent");
}

async fn a_worker_killed_between_sending_and_writing_it_down_leaves_one_message_at_the_practice(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|_| {})).await;
    killed_after_sending(&bench).await;

    assert_eq!(bench.worker.send_due().await.expect("nothing"), 0, "the lease still holds");
    bench.app.clock.advance(6 * MINUTE);
    bench.round().await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!(bench.at_practice(), 1);
}

async fn where_no_answer_tells_the_same_bytes_are_sent_again_so_that_the_practice_sees_one(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store(&mut signed(|_| {})).await;
    let first = bench.app.store.frozen_message(bench.row().await.id).await.expect("the store");
    killed_after_sending(&bench).await;
    bench.app.clock.advance(6 * MINUTE);
    bench.round().await;
    let row = bench.row().await;
    assert_eq!((row.state, row.attempts), (DeliveryState::Sent, 2));
    assert_eq!(bench.app.store.frozen_message(row.id).await.expect("the store"), first);
}

async fn an_objection_sends_nothing_and_says_why(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let objects = |record: &mut Consultation| {
        record.answers.insert("gp-objection".into(), Answer::YesNo(true));
    };
    bench.store(&mut signed(objects)).await;
    bench.round().await;
    assert_eq!(bench.at_practice(), 0);
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!(shown.state, "not-required");
    assert!(shown.detail.contains("does not want"), "{}", shown.detail);
}

async fn an_unverified_number_is_held_for_tracing_and_an_amendment_after_tracing_is_sent(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|record| "unverified".clone_into(&mut record.patient.nhs_number_status));
    bench.store(&mut document).await;
    bench.round().await;
    let held = bench.row().await;
    assert_eq!((held.state, bench.at_practice()), (DeliveryState::Held, 0));
    assert!(held.detail.contains("needs tracing"), "{}", held.detail);
    let refused = outbox::retry(&bench.app, held.id, None).await.expect_err("nothing to send");
    assert!(matches!(refused, RetryError::Cannot(CannotRetry::NoMessage)));

    bench.pds_said("9990412073", true).await;
    let mut document = traced(&bench, document).await;
    bench.store(&mut document).await;
    bench.round().await;
    let states: Vec<_> = bench.rows().await.into_iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::NotRequired, DeliveryState::Accepted]);
    assert_eq!(bench.at_practice(), 1);
}

async fn a_number_that_a_device_alone_calls_verified_is_held_for_tracing(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench
        .store(&mut signed(|record| {
            "9990523185".clone_into(&mut record.patient.nhs_number);
            record.patient.traced_at = shared::time::stored(NOW);
        }))
        .await;
    bench.round().await;
    let held = bench.row().await;
    assert_eq!((held.state, bench.at_practice()), (DeliveryState::Held, 0));
    assert!(held.detail.contains("needs tracing"), "{}", held.detail);
}

async fn a_number_that_pds_gave_for_this_consultation_is_sent_and_for_another_one_not(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|record| "9990523185".clone_into(&mut record.patient.nhs_number));
    let sender = outbox::sender(&bench.app, &ods()).await.expect("the store").expect("our pharmacy");
    let other = ConsultationId::from_bytes([8; 16]);
    bench.pds_said_for(&other, "9990523185", true).await;
    let planned = plan(&mut document, &sender, &bench.vouched().await, NOW).expect("a plan");
    assert_eq!(planned[0].state, DeliveryState::Held);

    bench.pds_said("9990523185", true).await;
    bench.store(&mut document).await;
    bench.round().await;
    assert_eq!((bench.row().await.state, bench.at_practice()), (DeliveryState::Accepted, 1));
}

async fn a_number_that_pds_has_replaced_is_held_even_where_111_had_verified_it(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.pds_said("9990412073", false).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    assert_eq!((bench.row().await.state, bench.at_practice()), (DeliveryState::Held, 0));
}

/// The stored record (the server has written into it) with the number verified by an amendment.
async fn traced(bench: &Bench, mut local: Document) -> Document {
    let stored = bench.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
    let mut document = satchel::intake::opened(&stored).expect("a document");
    document.apply(local.changes_since(&[])).expect("the same history");
    let mut later = asha();
    later.actor = [3; 16];
    document.amend(NOW + 10 * MINUTE, &later, "Traced").expect("an amendment");
    document
        .edit(NOW + 10 * MINUTE, &later, |record| {
            "verified".clone_into(&mut record.patient.nhs_number_status);
        })
        .expect("an edit");
    document.sign(NOW + 11 * MINUTE, &later, "2074123", false).expect("a signature");
    document
}

async fn a_visit_closed_without_a_consultation_tells_nobody(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|record| record.outcome.closure_reason = "no_contact".into())).await;
    bench.round().await;
    assert!(bench.rows().await.is_empty());
}

async fn urgent_supply_is_held_for_a_person_to_tell_the_practice(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|record| record.pathway = "urgent-medicine-supply@1".into());
    bench.store(&mut document).await;
    bench.round().await;
    let row = bench.row().await;
    assert!(row.state.needs_a_person(), "{:?}: {}", row.state, row.detail);
    assert_eq!(bench.at_practice(), 0);
}

async fn an_emergency_exit_tells_the_practice_when_the_record_is_completed(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = visit(|_| {});
    document.sign(NOW + 2 * MINUTE, &asha(), "2074123", true).expect("a signature");
    bench.store(&mut document).await;
    bench.worker.send_due().await.expect("nothing to send");
    assert_eq!((bench.row().await.state, bench.at_practice()), (DeliveryState::Held, 0));

    amended(&mut document, NOW + HOUR);
    bench.store(&mut document).await;
    bench.round().await;
    let rows = bench.rows().await;
    assert_eq!((rows[0].state, rows[1].state), (DeliveryState::NotRequired, DeliveryState::Accepted));
    let first = bench.app.store.frozen_message(rows[1].id).await.expect("the store").expect("a message");
    assert!(!String::from_utf8_lossy(&first.payload).contains("relatesTo"), "there is nothing it replaces");
}

async fn an_amendment_replaces_the_notice_and_waits_for_it(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|_| {});
    amended(&mut document, NOW + HOUR);
    bench.store(&mut document).await;
    let leased = bench.app.store.lease_deliveries("one", NOW, NOW + MINUTE, 10).await.expect("a lease");
    assert_eq!(leased.iter().map(|row| row.amendment).collect::<Vec<_>>(), [0], "in their order");

    bench.app.clock.advance(2 * MINUTE);
    bench.round().await;
    bench.round().await;
    let rows = bench.rows().await;
    assert_eq!((rows[0].state, rows[1].state), (DeliveryState::Accepted, DeliveryState::Accepted));
    assert_eq!(bench.at_practice(), 2);
    let second = bench.app.store.frozen_message(rows[1].id).await.expect("the store").expect("a message");
    assert!(String::from_utf8_lossy(&second.payload).contains("relatesTo"));
}

async fn two_who_signed_apart_make_one_notice(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut here = visit(|_| {});
    let mut there = here.clone();
    let mut ben = asha();
    (ben.actor, ben.author.person, ben.author.name) =
        ([4; 16], "22222222-2222-4222-8222-222222222222".into(), "Ben Example".into());
    here.sign(NOW + 3 * MINUTE, &asha(), "2074123", false).expect("a signature");
    there.sign(NOW + 2 * MINUTE, &ben, "2074124", false).expect("a signature");
    here.apply(there.changes_since(&[])).expect("a merge");
    bench.store(&mut here).await;
    bench.round().await;
    assert_eq!(bench.at_practice(), 1);
    let message =
        bench.app.store.frozen_message(bench.row().await.id).await.expect("the store").expect("a message");
    assert!(String::from_utf8_lossy(&message.payload).contains("2074124"), "in the name of who was first");
}

async fn a_refusal_waits_for_a_person_who_may_try_again(database: TestDatabase) {
    let bench = Bench::start(with_practice(refusing), database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    let row = bench.row().await;
    assert_eq!((row.state, row.state.needs_a_person()), (DeliveryState::Refused, true));
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert!(shown.detail.contains("Trace the patient"), "{}", shown.detail);
    bench.app.clock.advance(HOUR);
    bench.round().await;
    assert_eq!(bench.at_practice(), 1, "nothing is repeated by itself");
    outbox::retry(&bench.app, row.id, Some(&ods())).await.expect("a retry");
    bench.round().await;
    assert_eq!(bench.at_practice(), 2);
}

async fn a_practice_that_mesh_cannot_find_is_reported_and_needs_attention(database: TestDatabase) {
    let bench = Bench::start(Simulator::new(SECRET).with_mailbox(OURS, SECRET), database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    let row = bench.row().await;
    assert_eq!((row.state, row.next_at), (DeliveryState::NeedsAttention, None));
    assert!(row.last_error.contains("EPL-151"), "{}", row.last_error);
    bench.round().await;
    assert_eq!(bench.row().await, row, "hearing of it again changes nothing");
}

async fn a_mesh_that_is_away_delays_the_notice_and_loses_nothing(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let away = client(&bench.mesh, "http://127.0.0.1:9");
    let worker = Worker::new(bench.app.store.clone(), bench.app.clock.clone(), Some(away));
    bench.store(&mut signed(|_| {})).await;
    assert_eq!(worker.send_due().await.expect("tried"), 0);
    let waiting = bench.row().await;
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert!(waiting.next_at.is_some_and(|next| next > NOW) && !waiting.last_error.is_empty());
    assert_eq!(bench.worker.send_due().await.expect("not yet"), 0, "it waits before the next try");
    bench.app.clock.advance(10_000);
    bench.round().await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
}

async fn without_an_answer_by_the_next_working_afternoon_a_person_is_told(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    let monday = read("2026-11-23T15:59:00Z").expect("a time");
    bench.app.clock.advance(monday - bench.app.clock.now());
    bench.round().await;
    assert_eq!(bench.row().await.state, DeliveryState::Sent);
    bench.app.clock.advance(2 * MINUTE);
    bench.round().await;
    let row = bench.row().await;
    assert_eq!(row.state, DeliveryState::NeedsAttention);
    assert!(row.detail.contains("may repeat an electronic message"), "{}", row.detail);
}

async fn a_message_that_is_not_ours_is_left_in_the_mailbox(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let settings = bench.mesh.settings(&bench.base, PRACTICE);
    let practice = Client::new(http::client(None).expect("a client"), settings);
    let other = Outgoing {
        to: OURS,
        workflow: "SOMETHING_ELSE",
        local_id: "1",
        subject: "",
        content_type: "text/plain",
        body: b"for another program",
    };
    practice.send(stamp(), &other).await.expect("sent");
    bench.round().await;
    bench.round().await;
    assert_eq!(bench.client.inbox(stamp(), None).await.expect("a listing").len(), 1);
}

async fn a_delivery_has_the_same_identity_wherever_it_is_planned(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    let sender = outbox::sender(&bench.app, &ods()).await.expect("the store").expect("our pharmacy");
    let mut document = signed(|_| {});
    let once = plan(&mut document, &sender, &bench.vouched().await, NOW).expect("a plan");
    let again = plan(&mut document, &sender, &bench.vouched().await, NOW).expect("a plan");
    assert_eq!(once, again);
    assert_eq!(once[0].kind, DeliveryKind::GpNotice);
}

/// Each is called with a database of its own, on SQLite and on PostgreSQL.
macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(crate::databases::sqlite()).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $promise() {
                let Some(database) = crate::databases::postgres().await else { return };
                super::$promise(database).await;
            })+
        }
    };
}

promises!(
    a_signed_visit_reaches_the_practice_once_and_the_record_says_so_only_then,
    the_message_is_what_was_signed_and_not_what_was_written_since,
    the_practice_reads_the_very_words_that_the_pharmacist_read_before_signing,
    two_workers_never_send_the_same_delivery,
    a_worker_killed_between_sending_and_writing_it_down_leaves_one_message_at_the_practice,
    where_no_answer_tells_the_same_bytes_are_sent_again_so_that_the_practice_sees_one,
    an_objection_sends_nothing_and_says_why,
    an_unverified_number_is_held_for_tracing_and_an_amendment_after_tracing_is_sent,
    a_number_that_a_device_alone_calls_verified_is_held_for_tracing,
    a_number_that_pds_gave_for_this_consultation_is_sent_and_for_another_one_not,
    a_number_that_pds_has_replaced_is_held_even_where_111_had_verified_it,
    a_visit_closed_without_a_consultation_tells_nobody,
    urgent_supply_is_held_for_a_person_to_tell_the_practice,
    an_emergency_exit_tells_the_practice_when_the_record_is_completed,
    an_amendment_replaces_the_notice_and_waits_for_it,
    two_who_signed_apart_make_one_notice,
    a_refusal_waits_for_a_person_who_may_try_again,
    a_practice_that_mesh_cannot_find_is_reported_and_needs_attention,
    a_mesh_that_is_away_delays_the_notice_and_loses_nothing,
    without_an_answer_by_the_next_working_afternoon_a_person_is_told,
    a_message_that_is_not_ours_is_left_in_the_mailbox,
    a_delivery_has_the_same_identity_wherever_it_is_planned,
);
