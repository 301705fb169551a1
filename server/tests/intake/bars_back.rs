//! A referral by BaRS out and back: the pretend practice sends it, and takes what is told of it when it has ended.

use crate::weather::{Sky, Weather};
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::intake::opened;
use satchel::outbox::carrier::{BarsCarrier, Carrier as _, SendError};
use satchel::outbox::prepare::{NotPrepared, Preparing, prepare};
use satchel::outbox::{referrer_feedback, sender};
use satchel::store::{
    DeliveryKind, DeliveryRow, DeliveryState, FrozenMessage, NewDelivery, Pharmacy, Route, SqliteStore,
};
use serde_json::Value;
use shared::consultation::{Consultation, Signature, summarise};
use shared::pathway;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

const NOW: i64 = 1_795_356_800_000;

/// A demonstration over real HTTP, with the pharmacy that the practice refers to.
struct Demonstration {
    app: App,
    origin: String,
    _folder: tempfile::TempDir,
}

async fn demonstration() -> Demonstration {
    started(None).await
}

/// The same, and its way to the practice lies under an open sky.
async fn under_the_sky() -> (Demonstration, Weather) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (weather, here) = Weather::before(&format!("http://{address}")).await;
    (started(Some((listener, here))).await, weather)
}

async fn started(through: Option<(TcpListener, String)>) -> Demonstration {
    let folder = tempfile::tempdir().expect("a folder");
    let (listener, bars_url) = match through {
        Some((listener, here)) => (listener, Some(format!("{here}/simulator/bars/FHIR/R4"))),
        None => (TcpListener::bind("127.0.0.1:0").await.expect("a free port"), None),
    };
    let listen = listener.local_addr().expect("an address");
    let database = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store = Arc::new(SqliteStore::open(&database).await.expect("a store"));
    let settings =
        [("database_url", Some(database)), ("listen", Some(listen.to_string())), ("bars_url", bars_url)];
    let settings = settings.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let mut config = Config::read(settings.collect::<BTreeMap<_, _>>(), true).expect("settings");
    config.bars.patience = Duration::from_mins(5);
    let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
    let pharmacy = Pharmacy {
        ods: "FA123".parse().expect("a code"),
        name: "Elm Pharmacy".into(),
        dos_ids: vec!["2000099999".into()],
        mailbox: String::new(),
        phone: "01632 960123".into(),
        address: String::new(),
    };
    app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
    let router = satchel::api::router(app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Demonstration { app, origin: format!("http://{listen}"), _folder: folder }
}

impl Demonstration {
    /// The practice refers; answers its Bundle's id.
    async fn refer(&self) -> String {
        let client = satchel::nhs::http::client(None).expect("a client");
        let answer =
            client.post(format!("{}/simulator/bars/send", self.origin)).send().await.expect("an answer");
        let status = answer.status();
        let body: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        assert!(status.is_success(), "{body}");
        body["bundle"].as_str().expect("an id").to_owned()
    }

    async fn record(&self) -> Consultation {
        let rows = self.app.store.rows(None).await.expect("rows");
        let [row] = &rows[..] else { panic!("one consultation") };
        let (ods, id) = (row.pharmacy.parse().expect("a code"), row.id.parse().expect("an id"));
        let stored = self.app.store.document(&ods, &id).await.expect("the store").expect("stored");
        opened(&stored).expect("whole").read().expect("a record")
    }

    async fn prepared(&self, signed: &Consultation, row: &DeliveryRow) -> Result<FrozenMessage, NotPrepared> {
        let sender = sender(&self.app, &row.pharmacy).await.expect("the store").expect("our pharmacy");
        let pathway = pathway::find(&signed.pathway).expect("a pathway");
        let summary = summarise(signed, pathway);
        let (signature, now) = (signature(), NOW);
        let preparing = Preparing {
            app: &self.app,
            sender: &sender,
            row,
            signed,
            signature: &signature,
            summary: &summary,
            others: &[],
            now,
        };
        prepare(&preparing).await
    }

    async fn planned(&self, signed: &Consultation) -> NewDelivery {
        let ods = signed.pharmacy.parse().expect("a code");
        let sender = sender(&self.app, &ods).await.expect("the store").expect("our pharmacy");
        referrer_feedback(signed, &signature(), &sender, NOW).expect("feedback is due")
    }

    async fn responses(&self) -> Vec<Value> {
        let client = satchel::nhs::http::client(None).expect("a client");
        let answer =
            client.get(format!("{}/simulator/bars/responses", self.origin)).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }
}

fn signature() -> Signature {
    Signature {
        person: "p".to_owned(),
        name: "Asha Patel".to_owned(),
        gphc: "2012345".to_owned(),
        role: "pharmacist".to_owned(),
        at: "2026-11-22T15:00:00Z".to_owned(),
        heads: String::new(),
        amendment: 0,
        emergency: false,
    }
}

fn row(delivery: &NewDelivery) -> DeliveryRow {
    DeliveryRow {
        id: delivery.id,
        consultation: delivery.consultation,
        pharmacy: delivery.pharmacy.clone(),
        kind: delivery.kind,
        amendment: delivery.amendment,
        route: delivery.route,
        position: delivery.position,
        state: delivery.state,
        gave_way: false,
        may_have_left: false,
        addressee: delivery.addressee.clone(),
        detail: delivery.detail.clone(),
        target: String::new(),
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
        version: 1,
        created_at: NOW,
        changed_at: NOW,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_referral_goes_out_and_what_became_of_it_comes_back_once() {
    let demonstration = demonstration().await;
    let bundle = demonstration.refer().await;
    let signed = demonstration.record().await;
    let delivery = demonstration.planned(&signed).await;
    assert_eq!((delivery.state, delivery.route), (DeliveryState::Queued, Route::Bars));
    let row = row(&delivery);
    let message = demonstration.prepared(&signed, &row).await.expect("prepared");
    assert_eq!(
        message,
        demonstration.prepared(&signed, &row).await.expect("prepared"),
        "the same bytes again"
    );
    let carrier = BarsCarrier::new(&demonstration.app);
    for _ in 0..2 {
        let handed = carrier.send(&row, &message).await.expect("taken");
        assert!(!handed.answers && handed.words.contains("taken"), "{}", handed.words);
    }
    let responses = demonstration.responses().await;
    let [response] = &responses[..] else { panic!("one response: {responses:?}") };
    assert_eq!(response["entry"][0]["resource"]["response"]["identifier"], bundle);
    assert_eq!(response["entry"][1]["resource"]["status"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_it_goes_back_through_any_weather_and_counts_once() {
    let (demonstration, weather) = under_the_sky().await;
    demonstration.refer().await;
    let signed = demonstration.record().await;
    let row = row(&demonstration.planned(&signed).await);
    let message = demonstration.prepared(&signed, &row).await.expect("prepared");
    let carrier = BarsCarrier::new(&demonstration.app);
    assert!(carrier.may_repeat(), "what may have arrived is sent again");
    for sky in [Sky::Slow, Sky::Down, Sky::Failing, Sky::Busy(120), Sky::Half, Sky::WrongType] {
        weather.becomes(sky.clone());
        let failed = carrier.send(&row, &message).await.expect_err("it is not known to have arrived");
        let for_now =
            matches!(failed, SendError::Busy { .. } | SendError::Unreachable(_) | SendError::Unknown(_));
        assert!(for_now, "{sky:?} is never for good: {failed:?}");
        if sky == Sky::Busy(120) {
            assert!(matches!(failed, SendError::Busy { after: Some(120_000) }), "{failed:?}");
        }
    }
    weather.becomes(Sky::Clear);
    carrier.send(&row, &message).await.expect("taken");
    assert_eq!(demonstration.responses().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_who_was_not_reached_is_told_as_failed_contact() {
    let demonstration = demonstration().await;
    demonstration.refer().await;
    let mut signed = demonstration.record().await;
    signed.outcome.closure_reason = "unable_to_contact".to_owned();
    let row = row(&demonstration.planned(&signed).await);
    let message = demonstration.prepared(&signed, &row).await.expect("prepared");
    BarsCarrier::new(&demonstration.app).send(&row, &message).await.expect("taken");
    let responses = demonstration.responses().await;
    assert_eq!(responses[0]["entry"][2]["resource"]["reasonCode"][0]["coding"][0]["code"], "FC");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bars_carries_no_onward_referral_and_says_so() {
    let demonstration = demonstration().await;
    demonstration.refer().await;
    let signed = demonstration.record().await;
    let delivery = demonstration.planned(&signed).await;
    let onward = DeliveryRow { kind: DeliveryKind::OnwardReferral, ..row(&delivery) };
    let refused = demonstration.prepared(&signed, &onward).await.expect_err("no way");
    assert!(matches!(refused, NotPrepared::NextWay(words) if words.contains("BaRS has no way")));
}
