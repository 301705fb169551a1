//! Promises about claims: one for each payable consultation, changed when the record is, taken back when it is not payable.

use crate::bench::{Bench, HOUR, MINUTE, NOW, asha, id, signed, silent, with_practice};
use crate::databases::TestDatabase;
use satchel::activity;
use satchel::clock::Clock;
use satchel::nhs::claims::Simulator;
use satchel::outbox::carrier::{Carrier, ClaimCarrier};
use satchel::outbox::{self, Worker};
use satchel::store::{DeliveryKind, DeliveryRow, DeliveryState};
use shared::consultation::{Answer, Consultation, Document};
use shared::time::Millis;
use std::sync::Arc;

struct Claiming {
    bench: Bench,
    mys: Simulator,
}

impl Claiming {
    async fn start(database: TestDatabase) -> Self {
        Self::settled(database, "").await
    }

    /// `places`: what the contractor has settled.
    async fn settled(database: TestDatabase, places: &str) -> Self {
        let mys = Simulator::new(Clock::set_to(NOW));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = mys.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let settings = [("claims_url", base.as_str()), ("claim_places", places)];
        Self { bench: Bench::start_with(with_practice(silent), &settings, database).await, mys }
    }

    async fn round(&self) {
        let app = &self.bench.app;
        let carriers: Vec<Arc<dyn Carrier>> = vec![Arc::new(ClaimCarrier::new(app))];
        let worker = Worker::new(app.clone(), carriers, app.mesh.clone());
        outbox::round(app, &worker, false).await.expect("a round");
    }

    async fn stored(&self, document: &mut Document) {
        self.bench.store(document).await;
        self.round().await;
    }

    async fn claims(&self) -> Vec<DeliveryRow> {
        let mut rows = self.bench.ways().await;
        rows.retain(|row| row.kind == DeliveryKind::Claim);
        rows.sort_by_key(|row| row.amendment);
        rows
    }

    async fn states(&self) -> Vec<DeliveryState> {
        self.claims().await.iter().map(|row| row.state).collect()
    }

    async fn reopened(&self) -> Document {
        let ods = crate::bench::ods();
        let stored =
            self.bench.app.store.document(&ods, &id()).await.expect("the store").expect("the record");
        satchel::intake::opened(&stored).expect("a document")
    }
}

/// Seen in the pharmacy, face to face, with a referral of NHS 111.
fn payable(record: &mut Consultation) {
    record.answers.insert("setting".into(), Answer::text("premises"));
    record.answers.insert("method".into(), Answer::text("FTF"));
    record.answers.insert("complaint".into(), Answer::text("Itching eyes"));
    record.referral.referrer_type = "NHS111".into();
}

fn amended(document: &mut Document, at: Millis, change: impl FnOnce(&mut Consultation)) {
    document.amend(at, &asha(), "A wrong answer").expect("an amendment");
    document.edit(at, &asha(), change).expect("an edit");
    document.sign(at + MINUTE, &asha(), "2074123", false).expect("a signature");
}

pub async fn a_payable_visit_is_claimed_once_and_the_record_says_so(database: TestDatabase) {
    let claiming = Claiming::start(database).await;
    let mut document = signed(payable);
    claiming.stored(&mut document).await;
    claiming.bench.store(&mut claiming.reopened().await).await;
    claiming.round().await;
    let kept = claiming.mys.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(
        (kept[0].reference.as_str(), kept[0].month.as_str()),
        (&*format!("SATCHEL.{}", id()), "2026-11")
    );
    assert_eq!(kept[0].claim["type"]["coding"][0]["code"], "MIN_ILL_UEC");
    let record = claiming.bench.record().await;
    let said = record.claim().expect("in the record");
    assert_eq!(said.state, "accepted", "{}", said.detail);
    assert!(said.detail.contains("MYS-000001"), "{}", said.detail);
    assert_eq!(record.other_deliveries(), "", "a claim that went well is nobody's business");
    let month = activity::month(&claiming.bench.app, &crate::bench::ods(), "2026-11").await.expect("a month");
    let service = &month.services[0];
    assert_eq!((service.done, service.accepted, service.expected), (1, 1, 1700));
    assert!(month.is_complete() && month.mend.is_empty());
}

pub async fn an_amended_visit_changes_its_claim_once_and_only_if_the_claim_differs(database: TestDatabase) {
    let claiming = Claiming::start(database).await;
    claiming.stored(&mut signed(payable)).await;
    let mut document = claiming.reopened().await;
    amended(&mut document, NOW + HOUR, |record| {
        record.answers.insert("complaint".into(), Answer::text("Sticky eyes"));
    });
    claiming.stored(&mut document).await;
    claiming.round().await;
    let kept = claiming.mys.kept();
    assert_eq!((kept.len(), kept[0].amended), (1, 1));
    assert!(kept[0].claim.to_string().contains("Sticky eyes"));
    let mut document = claiming.reopened().await;
    amended(&mut document, NOW + 2 * HOUR, |record| record.notes.splice(0, 0, "Brought his own drops."));
    claiming.stored(&mut document).await;
    assert_eq!(claiming.mys.kept()[0].amended, 1, "what is claimed has not changed");
    let states = claiming.states().await;
    assert_eq!(states, [DeliveryState::Accepted, DeliveryState::Accepted, DeliveryState::NotRequired]);
    let month = activity::month(&claiming.bench.app, &crate::bench::ods(), "2026-11").await.expect("a month");
    assert_eq!(month.services[0].accepted, 1, "it stands as it was claimed");
    let last = claiming.claims().await.pop().expect("a row");
    assert!(last.detail.contains("stays as it is"), "{}", last.detail);
}

pub async fn a_claim_is_taken_back_when_the_visit_is_not_payable_and_made_again_when_it_is(
    database: TestDatabase,
) {
    let claiming = Claiming::start(database).await;
    claiming.stored(&mut signed(payable)).await;
    let mut document = claiming.reopened().await;
    amended(&mut document, NOW + HOUR, |record| record.referral.channel = "walkin".into());
    claiming.stored(&mut document).await;
    assert!(claiming.mys.kept()[0].deleted);
    let mut document = claiming.reopened().await;
    amended(&mut document, NOW + 2 * HOUR, |record| record.referral.channel = "itk111".into());
    claiming.stored(&mut document).await;
    let kept = claiming.mys.kept();
    assert_eq!(kept.len(), 1, "under the same reference");
    assert!(!kept[0].deleted);
}

fn at_home(record: &mut Consultation) {
    payable(record);
    record.answers.insert("setting".into(), Answer::text("patients-home"));
}

pub async fn a_home_visit_is_held_and_the_contractor_is_to_be_asked(database: TestDatabase) {
    let claiming = Claiming::start(database).await;
    claiming.stored(&mut signed(at_home)).await;
    let row = claiming.claims().await.remove(0);
    assert_eq!(row.state, DeliveryState::Held);
    assert!(row.detail.contains("ask the contractor") && !row.needs_a_person(), "{}", row.detail);
    outbox::retry(&claiming.bench.app, row.id, None).await.expect("tried again");
    claiming.round().await;
    assert_eq!(claiming.states().await, [DeliveryState::Held], "still nobody knows");
    assert!(claiming.mys.kept().is_empty());
}

pub async fn a_home_visit_is_claimed_where_the_contractor_has_settled_it(database: TestDatabase) {
    let claiming = Claiming::settled(database, "minor-illness:patients-home").await;
    claiming.stored(&mut signed(at_home)).await;
    assert_eq!((claiming.mys.kept().len(), claiming.states().await), (1, vec![DeliveryState::Accepted]));
}

pub async fn what_is_not_payable_is_not_claimed_and_why_is_in_the_record(database: TestDatabase) {
    let claiming = Claiming::start(database).await;
    let mut document = signed(|record| {
        payable(record);
        record.referral.channel = "walkin".into();
    });
    claiming.stored(&mut document).await;
    assert!(claiming.mys.kept().is_empty());
    let record = claiming.bench.record().await;
    let said = record.claim().expect("in the record");
    assert!(said.state == "not-required" && said.detail.contains("no referral"), "{}", said.detail);
}

pub async fn a_refusal_comes_back_to_the_record_with_what_to_mend(database: TestDatabase) {
    let claiming = Claiming::start(database).await;
    let mut document = signed(|record| {
        payable(record);
        record.patient.family_name.clear();
    });
    claiming.stored(&mut document).await;
    let record = claiming.bench.record().await;
    let said = record.claim().expect("in the record");
    assert_eq!(said.state, "needs-attention");
    assert!(
        said.detail.contains("Name or birth date") && said.detail.contains("patient-incomplete"),
        "{}",
        said.detail
    );
    assert_eq!(record.other_deliveries(), "needs-attention", "the work list says that somebody must act");
    let mut document = claiming.reopened().await;
    amended(&mut document, NOW + HOUR, |record| record.patient.family_name = "Brambleworth".into());
    claiming.stored(&mut document).await;
    assert_eq!((claiming.mys.kept().len(), claiming.mys.kept()[0].amended), (1, 0), "made, and not changed");
}

pub async fn an_answer_that_was_lost_makes_no_second_claim(database: TestDatabase) {
    let claiming = Claiming::start(database).await;
    claiming.mys.answer_with(Some(503));
    let mut document = signed(payable);
    claiming.stored(&mut document).await;
    assert_eq!(claiming.states().await, [DeliveryState::Queued]);
    claiming.mys.answer_with(None);
    let message = {
        let row = claiming.claims().await.remove(0);
        claiming.bench.app.store.frozen_message(row.id).await.expect("the store").expect("frozen")
    };
    // An earlier try arrived, and nobody here heard of it.
    let client = claiming.bench.app.claims.client.clone().expect("a client");
    let act = satchel::nhs::claims::Act::Create;
    client.send(act, "", uuid::Uuid::new_v4(), &message.payload, NOW).await.expect("taken");
    let row = claiming.claims().await.remove(0);
    outbox::retry(&claiming.bench.app, row.id, None).await.expect("tried again");
    claiming.round().await;
    assert_eq!((claiming.mys.kept().len(), claiming.states().await), (1, vec![DeliveryState::Accepted]));
    assert!(claiming.claims().await[0].detail.contains("earlier try"));
}

pub async fn after_the_window_nothing_is_sent_and_it_is_said_until_when_evidence_helps(
    database: TestDatabase,
) {
    let claiming = Claiming::start(database).await;
    let mut document = signed(|record| {
        payable(record);
        record.visit.started_at = "2026-09-10T10:00:00Z".into();
    });
    claiming.stored(&mut document).await;
    let row = claiming.claims().await.remove(0);
    assert_eq!(row.state, DeliveryState::Held);
    assert!(row.detail.contains("31 Oct 2026") && row.detail.contains("30 Sep 2027"), "{}", row.detail);
}
