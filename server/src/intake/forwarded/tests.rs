//! Promises about patients who are sent on to another pharmacy here.

use super::{HandedReferral, Handover, hand_over, reply_target};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{itk111, opened, take};
use crate::outbox::carrier::{Carrier as _, HandoverCarrier, SendError};
use crate::store::{DeliveryKind, DeliveryRow, DeliveryState, FrozenMessage, Pharmacy, Route, SqliteStore};
use shared::consultation::Consultation;
use shared::ids::OdsCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const REPORT: &str = include_str!("../itk111/fixtures/minor-illness-dx28.xml");
const NOW: i64 = 1_795_356_800_000;

fn ods(code: &str) -> OdsCode {
    code.parse().expect("a code")
}

fn pharmacy(code: &str, name: &str, dos_ids: &[&str]) -> Pharmacy {
    Pharmacy {
        ods: ods(code),
        name: name.to_owned(),
        dos_ids: dos_ids.iter().map(|id| (*id).to_owned()).collect(),
        mailbox: String::new(),
        phone: "01632 960123".to_owned(),
        address: String::new(),
    }
}

/// Two pharmacies on one server; the first has a referral from NHS 111.
async fn two_pharmacies() -> (App, Consultation, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store = Arc::new(SqliteStore::open(&url).await.expect("a store"));
    let config = Config::read(BTreeMap::new(), false).expect("settings");
    let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
    let first = pharmacy("FA123", "Larch Pharmacy", &["2099000001"]);
    app.store.put_pharmacy(&first).await.expect("stored");
    app.store.put_pharmacy(&pharmacy("FB456", "Sycamore Pharmacy", &[])).await.expect("stored");
    let report = itk111::read(REPORT.as_bytes(), &itk111::Accepting::anything(NOW)).expect("a report");
    take(&app, &first, &report.arrived, &[]).await.expect("stored");
    let record = only(&app, "FA123").await;
    (app, record, folder)
}

async fn only(app: &App, code: &str) -> Consultation {
    let rows = app.store.rows(Some(&ods(code))).await.expect("rows");
    assert_eq!(rows.len(), 1, "{code}");
    let id = rows[0].id.parse().expect("an id");
    let stored = app.store.document(&ods(code), &id).await.expect("read").expect("there");
    opened(&stored).expect("opens").read().expect("reads")
}

fn handed(record: &Consultation) -> HandedReferral {
    HandedReferral {
        consultation: record.id.clone(),
        from_ods: "FA123".to_owned(),
        from_name: "Larch Pharmacy".to_owned(),
        from_person: "Asha Rao".to_owned(),
        signed_at: "2026-11-22T15:00:00Z".to_owned(),
        referral: record.referral.clone(),
        patient: record.patient.clone(),
        agreed_with: "Ben Okafor".to_owned(),
        reason: "The medicine is out of stock.".to_owned(),
        done: vec!["22 Nov 2026, 14:40: Phoned, spoke to the patient (Asha Rao)".to_owned()],
        ..HandedReferral::default()
    }
}

#[tokio::test]
async fn the_second_pharmacy_reads_what_was_given_and_what_is_still_wanted() {
    let (app, record, _folder) = two_pharmacies().await;
    let words = "Salbutamol inhaler: 1 inhaler, handed over. Still wanted: 1 inhaler.".to_owned();
    let handed = HandedReferral { given: vec![words.clone()], ..handed(&record) };
    let handover = Handover::Referral(Box::new(handed));
    hand_over(&app, &ods("FB456"), Uuid::from_u128(7), b"{}", &handover).await.expect("arrived");
    let there = only(&app, "FB456").await;
    let titles: Vec<&str> = there.referral.sections.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles[1], "Medicines handed over by Larch Pharmacy", "{titles:?}");
    assert_eq!(there.referral.sections[1].text, words);
    assert!(there.medicines.is_empty(), "nothing counts as supplied here");
}

fn delivery(record: &Consultation) -> DeliveryRow {
    DeliveryRow {
        id: Uuid::from_u128(7),
        consultation: record.id.parse().expect("an id"),
        pharmacy: ods("FA123"),
        kind: DeliveryKind::OnwardReferral,
        route: Route::Handover,
        state: DeliveryState::Queued,
        gave_way: false,
        may_have_left: false,
        amendment: 0,
        position: 0,
        addressee: "Sycamore Pharmacy".to_owned(),
        detail: String::new(),
        target: "FB456".to_owned(),
        header_id: None,
        attempts: 1,
        next_at: None,
        answer_by: None,
        lease_owner: None,
        lease_until: None,
        mesh_message_id: None,
        inf_status: String::new(),
        bus_status: String::new(),
        last_error: String::new(),
        version: 0,
        created_at: NOW,
        changed_at: NOW,
    }
}

fn message(to: &str, handover: &Handover) -> FrozenMessage {
    FrozenMessage {
        target: to.to_owned(),
        workflow: "satchel-handover-1".to_owned(),
        subject: String::new(),
        local_id: String::new(),
        content_type: "application/json".to_owned(),
        payload: serde_json::to_vec(handover).expect("JSON"),
        header_id: String::new(),
    }
}

#[tokio::test]
async fn a_patient_sent_on_is_on_the_other_pharmacys_list_once_however_often_it_is_sent() {
    let (app, record, _folder) = two_pharmacies().await;
    let carrier = HandoverCarrier::new(app.clone());
    let handover = Handover::Referral(Box::new(handed(&record)));
    let first = carrier.send(&delivery(&record), &message("FB456", &handover)).await.expect("handed over");
    let again = carrier.send(&delivery(&record), &message("FB456", &handover)).await.expect("and again");
    assert_eq!(first, again);
    assert_eq!(first.words, "On the work list of Sycamore Pharmacy.");
    let theirs = only(&app, "FB456").await;
    assert_ne!(theirs.id, record.id, "a record of its own");
    assert_eq!((theirs.pharmacy.as_str(), theirs.referral.channel.as_str()), ("FB456", "forwarded"));
    assert_eq!(theirs.referral.referrer_name, "Larch Pharmacy");
    assert_eq!(theirs.patient.family_name, record.patient.family_name);
    assert_eq!(theirs.referral.due_at, record.referral.due_at, "the patient was promised no more than that");
    assert_eq!(theirs.referral.triage, record.referral.triage);
    assert_eq!(only(&app, "FA123").await.id, record.id, "the first pharmacy keeps its own");
}

#[tokio::test]
async fn the_receiver_reads_the_original_report_what_was_tried_and_who_agreed() {
    let (app, record, _folder) = two_pharmacies().await;
    let handover = Handover::Referral(Box::new(handed(&record)));
    hand_over(&app, &ods("FB456"), Uuid::from_u128(7), b"{}", &handover).await.expect("handed over");
    let theirs = only(&app, "FB456").await;
    let words = &theirs.referral.sections[0].text;
    for said in ["out of stock", "Ben Okafor", "spoke to the patient"] {
        assert!(words.contains(said), "{said}");
    }
    for section in &record.referral.sections {
        assert!(theirs.referral.sections.contains(section), "{}", section.title);
    }
    let kept = app.store.kept_messages_of(&theirs.id.parse().expect("an id")).await.expect("read");
    assert_eq!(kept.len(), 1, "kept as it came");
}

#[tokio::test]
async fn an_nhs_number_that_was_verified_at_the_first_pharmacy_is_not_at_the_second() {
    let (app, mut record, _folder) = two_pharmacies().await;
    record.patient.nhs_number_status = "verified".to_owned();
    record.patient.traced_at = "2026-11-22T14:00:00Z".to_owned();
    let handover = Handover::Referral(Box::new(handed(&record)));
    hand_over(&app, &ods("FB456"), Uuid::from_u128(7), b"{}", &handover).await.expect("handed over");
    let theirs = only(&app, "FB456").await.patient;
    assert_eq!((theirs.nhs_number_status.as_str(), theirs.traced_at.as_str()), ("unverified", ""));
}

#[tokio::test]
async fn an_amended_hand_over_is_a_newer_version_and_no_second_patient() {
    let (app, record, _folder) = two_pharmacies().await;
    let first = Handover::Referral(Box::new(handed(&record)));
    hand_over(&app, &ods("FB456"), Uuid::from_u128(7), b"1", &first).await.expect("handed over");
    let amended = HandedReferral {
        amendment: 1,
        signed_at: "2026-11-22T16:00:00Z".to_owned(),
        reason: "The medicine is discontinued.".to_owned(),
        ..handed(&record)
    };
    let second = Handover::Referral(Box::new(amended));
    hand_over(&app, &ods("FB456"), Uuid::from_u128(8), b"2", &second).await.expect("handed over");
    let theirs = only(&app, "FB456").await;
    assert!(theirs.referral.sections[0].text.contains("discontinued"));
    assert_eq!(theirs.earlier_reports.len(), 1, "the first stays readable");
}

#[tokio::test]
async fn what_came_of_it_is_told_beside_the_first_pharmacys_record_once() {
    let (app, record, _folder) = two_pharmacies().await;
    let handover = Handover::Referral(Box::new(handed(&record)));
    hand_over(&app, &ods("FB456"), Uuid::from_u128(7), b"{}", &handover).await.expect("handed over");
    let theirs = only(&app, "FB456").await;
    let (to, consultation) = reply_target(&theirs.referral.reply_to).expect("an address");
    let feedback = Handover::Feedback {
        consultation,
        from: "Sycamore Pharmacy".to_owned(),
        words: "Completed: medicine supplied.".to_owned(),
    };
    for _ in 0..2 {
        hand_over(&app, &to, Uuid::from_u128(9), b"{}", &feedback).await.expect("told");
    }
    let notices: Vec<_> = only(&app, "FA123").await.notices.into_values().collect();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].text, "Sycamore Pharmacy tells: Completed: medicine supplied.");
}

#[tokio::test]
async fn a_pharmacy_that_has_gone_and_a_message_that_cannot_be_read_go_another_way() {
    let (app, record, _folder) = two_pharmacies().await;
    let carrier = HandoverCarrier::new(app.clone());
    let handover = Handover::Referral(Box::new(handed(&record)));
    let gone = carrier.send(&delivery(&record), &message("FC789", &handover)).await;
    assert!(matches!(gone, Err(SendError::Refused { next: true, .. })), "{gone:?}");
    let broken =
        FrozenMessage { payload: b"{\"kind\":\"referral\",".to_vec(), ..message("FB456", &handover) };
    let broken = carrier.send(&delivery(&record), &broken).await;
    assert!(matches!(broken, Err(SendError::Refused { next: true, .. })), "{broken:?}");
}
