//! A server with a mail server, an address book and one signed consultation, for the tests of every way.

use super::*;
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::sink::Sink;
use crate::store::{self, AddressEntry, DeliveryState, SqliteStore};
use secrecy::ExposeSecret as _;
use shared::consultation::{Answer, Patient, summarise};
use shared::ids::{ConsultationId, OdsCode, PersonId};
use shared::pathway::{self, Pathway};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const NOW: Millis = 1_795_000_000_000;

/// Everything that a message is prepared from, to be changed by a test.
pub(crate) struct Bench {
    pub app: App,
    pub sink: Sink,
    pub sender: Sender,
    pub row: DeliveryRow,
    pub signed: Consultation,
    pub signature: Signature,
    pub others: Vec<DeliveryRow>,
    _folder: TempDir,
}

pub(crate) fn ods(code: &str) -> OdsCode {
    code.parse().expect("an ODS code")
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these settings beside those of the mail server.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sink = Sink::start().await.expect("a mail server");
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, sink.authority()).expect("written");
        let smtp = sink.settings();
        let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
        let mut given = BTreeMap::from([
            ("database_url".to_owned(), url.clone()),
            ("smtp_host".to_owned(), smtp.host),
            ("smtp_port".to_owned(), smtp.port.to_string()),
            ("smtp_user".to_owned(), smtp.user),
            ("smtp_password".to_owned(), smtp.password.expose_secret().to_owned()),
            ("smtp_from".to_owned(), smtp.from),
            ("smtp_ca".to_owned(), authority.display().to_string()),
        ]);
        given.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::read(given, false).expect("settings");
        let store = Arc::new(SqliteStore::open(&url).await.expect("a store"));
        let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
        let pharmacy = store::Pharmacy {
            ods: ods("FZ999"),
            name: "Larch Pharmacy".to_owned(),
            dos_ids: Vec::new(),
            mailbox: "FZ999OT001".to_owned(),
            phone: "01632 960123".to_owned(),
            address: "1 Elm Road, Zettington, ZZ99 3VZ".to_owned(),
        };
        app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
        let sender = crate::outbox::sender(&app, &pharmacy.ods).await.expect("read").expect("a sender");
        let signature = Signature {
            person: Uuid::from_u128(3).to_string(),
            name: "Asha Patel".to_owned(),
            gphc: "2074123".to_owned(),
            role: "pharmacist".to_owned(),
            at: "2026-11-18T15:00:00Z".to_owned(),
            ..Signature::default()
        };
        let signed = consultation("minor-illness@1");
        let row = row(Route::Email);
        Self { app, sink, sender, row, signed, signature, others: Vec::new(), _folder: folder }
    }

    fn pathway(&self) -> &'static Pathway {
        pathway::find(&self.signed.pathway).expect("a file of this build")
    }

    pub async fn prepared(&self) -> Result<FrozenMessage, NotPrepared> {
        let summary = summarise(&self.signed, self.pathway());
        prepare(&Preparing {
            app: &self.app,
            sender: &self.sender,
            row: &self.row,
            signed: &self.signed,
            signature: &self.signature,
            summary: &summary,
            others: &self.others,
            now: NOW,
        })
        .await
    }

    /// An address of the practice in the address book of the pharmacy.
    pub async fn knows_address(&self, email: &str, confirmed: bool) {
        let entry = AddressEntry {
            id: Uuid::new_v4(),
            pharmacy: ods("FZ999"),
            ods: Some(ods("A99999")),
            kind: "practice".to_owned(),
            name: "Elm Road Surgery".to_owned(),
            email: email.to_owned(),
            phone: String::new(),
            note: String::new(),
            source: "screen".to_owned(),
            code_hash: None,
            confirmed_at: confirmed.then_some(NOW),
            confirmed_by: confirmed.then_some(PersonId(Uuid::from_u128(3))),
            confirmed_with: String::new(),
            changed_at: NOW,
        };
        self.app.store.put_address(&entry).await.expect("stored");
    }
}

/// Signed, with something under every kind of heading and something that must stay here.
pub(crate) fn consultation(pathway: &str) -> Consultation {
    let id = ConsultationId::from_bytes([9; 16]);
    let mut record = Consultation::new(id, &ods("FZ999"), pathway, NOW);
    record.patient = Patient {
        nhs_number: "9990548609".to_owned(),
        nhs_number_status: "verified".to_owned(),
        family_name: "O’Sample".to_owned(),
        given_name: "Siân Mary".to_owned(),
        title: "Mrs".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        address: "3 Larch Court\nZettington".to_owned(),
        postcode: "ZZ99 3CZ".to_owned(),
        phone: "07700 900141".to_owned(),
        gp_ods: "A99999".to_owned(),
        gp_name: "Elm Road Surgery".to_owned(),
        ..Patient::default()
    };
    record.visit.started_at = "2026-11-18T14:30:00Z".to_owned();
    record.referral.channel = "itk111".to_owned();
    record.referral.warnings = "SECRET dog".to_owned();
    let said = [
        ("symptom-group", "cough"),
        ("complaint", "Coughing at night"),
        ("history", "Chest sounds clear"),
        ("advice-given", "Honey and rest"),
        ("safety-net", "Breathless: 999"),
        ("safeguarding-details", "SECRET bruises"),
    ];
    record.answers.extend(said.map(|(field, words)| (field.to_owned(), Answer::text(words))));
    record.answers.insert("safeguarding-concern".to_owned(), Answer::YesNo(true));
    record.observations.insert("temperature".to_owned(), Answer::Number(37.46));
    record
}

pub(crate) fn row(route: Route) -> DeliveryRow {
    DeliveryRow {
        id: Uuid::from_u128(0x1234),
        consultation: ConsultationId::from_bytes([9; 16]),
        pharmacy: ods("FZ999"),
        kind: DeliveryKind::GpNotice,
        amendment: 0,
        route,
        position: 1,
        state: DeliveryState::Queued,
        addressee: "Elm Road Surgery".to_owned(),
        detail: String::new(),
        target: String::new(),
        header_id: None,
        attempts: 0,
        next_at: None,
        answer_by: None,
        lease_owner: None,
        lease_until: None,
        mesh_message_id: None,
        inf_status: String::new(),
        bus_status: String::new(),
        last_error: String::new(),
        gave_way: false,
        may_have_left: false,
        version: 1,
        created_at: NOW,
        changed_at: NOW,
    }
}
