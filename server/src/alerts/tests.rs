//! Promises about alerts: in time, once, to the right address, and with nothing about anybody in them.

use super::{Post, round};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{itk111, take};
use crate::mail::{MailError, Outgoing};
use crate::store::{AlertAddresses, Pharmacy, SqliteStore, Store};
use crate::sync::server_edit;
use shared::ids::ConsultationId;
use shared::time::Millis;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const REPORT: &str = include_str!("../intake/itk111/fixtures/minor-illness-dx28.xml");
const NOW: Millis = 1_795_356_800_000;
const MINUTE: Millis = 60_000;

/// A post that keeps what it was given, or does not take it.
#[derive(Default)]
struct Pigeonhole {
    sent: Mutex<Vec<Outgoing>>,
    away: Mutex<bool>,
}

#[async_trait::async_trait]
impl Post for Pigeonhole {
    async fn send(&self, mail: &Outgoing) -> Result<(), MailError> {
        if *self.away.lock().expect("free") {
            return Err(MailError::Refused("not now".to_owned()));
        }
        self.sent.lock().expect("free").push(mail.clone());
        Ok(())
    }
}

impl Pigeonhole {
    fn to(&self) -> Vec<String> {
        self.sent.lock().expect("free").iter().map(|mail| mail.to.clone()).collect()
    }
}

async fn server(store: &Arc<dyn Store>, clock: &Clock) -> App {
    let config = Config::read(BTreeMap::new(), false).expect("settings");
    App::new(config, clock.clone(), store.clone()).await.expect("an app")
}

fn pharmacy() -> Pharmacy {
    Pharmacy {
        ods: "FA123".parse().expect("a code"),
        name: "Larch Pharmacy".to_owned(),
        dos_ids: vec!["2099000001".to_owned()],
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    }
}

struct Scene {
    app: App,
    clock: Clock,
    store: Arc<dyn Store>,
    post: Pigeonhole,
    referral: ConsultationId,
    _folder: tempfile::TempDir,
}

async fn scene() -> Scene {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&url).await.expect("a store"));
    let clock = Clock::set_to(NOW);
    let app = server(&store, &clock).await;
    store.put_pharmacy(&pharmacy()).await.expect("stored");
    let addresses = AlertAddresses {
        first: "counter@example.nhs.net".to_owned(),
        second: "manager@example.nhs.net".to_owned(),
    };
    store.set_alert_addresses(&pharmacy().ods, &addresses).await.expect("stored");
    let report = itk111::read(REPORT.as_bytes(), &itk111::Accepting::anything(NOW)).expect("a report");
    let filed = take(&app, &pharmacy(), &report.arrived, &[]).await.expect("stored");
    let referral = filed[0].consultation().expect("one");
    Scene { app, clock, store, post: Pigeonhole::default(), referral, _folder: folder }
}

impl Scene {
    async fn at(&self, minutes: Millis) -> Vec<String> {
        let to = NOW + minutes * MINUTE;
        self.clock.advance(to - self.clock.now());
        round(&self.app, &self.post).await.expect("looked");
        self.post.to()
    }
}

#[tokio::test]
async fn an_unopened_referral_is_alerted_after_five_minutes_and_escalated_after_thirty_once_each() {
    let scene = scene().await;
    assert!(scene.at(4).await.is_empty());
    assert_eq!(scene.at(5).await, ["counter@example.nhs.net"]);
    assert_eq!(scene.at(20).await.len(), 1);
    assert_eq!(scene.at(30).await, ["counter@example.nhs.net", "manager@example.nhs.net"]);
    assert_eq!(scene.at(300).await.len(), 2);
}

#[tokio::test]
async fn two_servers_send_one_alert() {
    let scene = scene().await;
    let other = server(&scene.store, &scene.clock).await;
    scene.clock.advance(6 * MINUTE);
    let (one, two) = tokio::join!(round(&scene.app, &scene.post), round(&other, &scene.post));
    one.expect("looked");
    two.expect("looked");
    assert_eq!(scene.post.to().len(), 1);
}

#[tokio::test]
async fn nothing_about_the_patient_or_the_referral_is_in_an_alert() {
    let scene = scene().await;
    scene.at(40).await;
    let stored = scene.store.document(&pharmacy().ods, &scene.referral).await.expect("read").expect("there");
    let record = crate::intake::opened(&stored).expect("opens").read().expect("reads");
    let known = [
        &record.patient.family_name,
        &record.patient.given_name,
        &record.patient.nhs_number,
        &record.patient.birth_date,
        &record.patient.postcode,
        &record.patient.phone,
        &record.referral.complaint,
        &record.referral.disposition,
        &record.id,
    ];
    for mail in scene.post.sent.lock().expect("free").iter() {
        for word in known.iter().filter(|word| !word.is_empty()) {
            assert!(!mail.text.contains(*word) && !mail.subject.contains(*word), "{word}");
        }
    }
}

#[tokio::test]
async fn what_somebody_is_going_to_needs_no_alert() {
    let scene = scene().await;
    server_edit(&scene.app, &pharmacy().ods, &scene.referral, |record| {
        "Asha Rao".clone_into(&mut record.visit.taken_by);
    })
    .await
    .expect("edited");
    assert!(scene.at(60).await.is_empty());
}

#[tokio::test]
async fn what_somebody_has_opened_needs_no_alert() {
    let scene = scene().await;
    let pharmacy = pharmacy().ods;
    let id = scene.referral.to_string();
    scene.app.audit(None, Some(&pharmacy), "opened-consultation", &id).await.expect("noted");
    assert!(scene.at(60).await.is_empty());
}

#[tokio::test]
async fn an_alert_that_was_refused_goes_out_when_the_mail_server_takes_it() {
    let scene = scene().await;
    *scene.post.away.lock().expect("free") = true;
    assert!(scene.at(6).await.is_empty());
    *scene.post.away.lock().expect("free") = false;
    assert_eq!(scene.at(7).await.len(), 1);
}

#[tokio::test]
async fn a_pharmacy_without_an_address_and_an_old_referral_are_left_in_peace() {
    let scene = scene().await;
    assert!(scene.at(25 * 60).await.is_empty(), "a day later");
    scene.store.set_alert_addresses(&pharmacy().ods, &AlertAddresses::default()).await.expect("stored");
    assert!(scene.at(10).await.is_empty());
}

#[tokio::test]
async fn a_message_that_waits_is_alerted_and_escalated_without_a_word_of_it_until_somebody_decides() {
    let scene = scene().await;
    server_edit(&scene.app, &pharmacy().ods, &scene.referral, |record| {
        "Asha Rao".clone_into(&mut record.visit.taken_by);
    })
    .await
    .expect("edited");
    let mail = b"From: elm@example\r\nTo: pharmacy.FA123@nhs.net\r\nSubject: Referral of Winters\r\n\r\nHettie Winters";
    let id = crate::intake::mail::take_in(&scene.app, mail).await.expect("taken in");
    assert!(scene.at(4).await.is_empty());
    assert_eq!(scene.at(5).await, ["counter@example.nhs.net"]);
    assert_eq!(scene.at(30).await, ["counter@example.nhs.net", "manager@example.nhs.net"]);
    assert_eq!(scene.at(60).await.len(), 2);
    for mail in scene.post.sent.lock().expect("free").iter() {
        assert!(mail.subject.contains("A message, which may be a referral, waits"), "{}", mail.subject);
        for word in ["Winters", "Hettie", "elm@example"] {
            assert!(!mail.text.contains(word) && !mail.subject.contains(word), "{word}");
        }
    }
    let second = crate::intake::mail::take_in(&scene.app, &mail.repeat(2)).await.expect("taken in");
    assert_ne!(second, id);
    let none = crate::store::Decided {
        what: crate::store::SettledAs::NotAReferral,
        at: NOW,
        by: "Asha Rao".to_owned(),
        consultation: None,
    };
    assert!(scene.store.settle_waiting(&pharmacy().ods, &second, &none).await.expect("settled"));
    assert_eq!(scene.at(120).await.len(), 2, "somebody has decided about the second");
}
