//! A server with an outbox, a pretend MESH with a practice, and an e-mail carrier that does as it is told.

use crate::databases::TestDatabase;
use crate::post::Post;
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::intake::new_consultation;
use satchel::nhs::gp_connect::{ACK_WORKFLOW, WORKFLOW};
use satchel::nhs::http;
use satchel::nhs::mesh::simulator::{Answers, Reply};
use satchel::nhs::mesh::{Client, Incoming, Mailboxes, Simulator, Stamp};
use satchel::outbox::carrier::{Carrier, Mesh};
use satchel::outbox::{self, Worker, plan};
use satchel::patients::Vouched;
use satchel::store::{
    Append, DeliveryRow, DocumentWrite, FrozenMessage, NewDelivery, Pharmacy, Route, SeenNumber,
};
use shared::consultation::{Answer, Author, Consultation, Document, Patient, Referral, Writer};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A Sunday afternoon in November.
pub const NOW: Millis = 1_795_355_100_000;
pub const MINUTE: Millis = 60_000;
pub const HOUR: Millis = 60 * MINUTE;
pub const OURS: &str = "FZ999OT001";
pub const PRACTICE: &str = "Y99991OT001";
pub const SECRET: &str = "secret";
const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub struct Bench {
    pub app: App,
    pub mesh: Simulator,
    pub client: Client,
    /// Where this MESH is served.
    pub base: String,
    pub worker: Worker,
    /// An e-mail carrier that does as it is told.
    pub post: Arc<Post>,
    _database: TestDatabase,
}

pub fn ods() -> OdsCode {
    "FZ999".parse().expect("an ODS code")
}

pub fn with_practice(answers: Answers) -> Simulator {
    Simulator::new(SECRET).with_mailbox(OURS, SECRET).with_practice(PRACTICE, SECRET, answers)
}

pub fn silent(_: &Incoming) -> Vec<Reply> {
    Vec::new()
}

/// The practice's system does not know the patient.
pub fn refusing(message: &Incoming) -> Vec<Reply> {
    vec![answer(message, "30002")]
}

/// Its system does not take notices this way.
pub fn not_enabled(message: &Incoming) -> Vec<Reply> {
    vec![answer(message, "20010")]
}

/// Its system finds our message wrong.
pub fn finds_fault(message: &Incoming) -> Vec<Reply> {
    vec![answer(message, "20009")]
}

/// A refusal with this code, as terse as systems get away with.
pub fn answer(message: &Incoming, code: &str) -> Reply {
    let text = String::from_utf8(message.body.clone()).expect("text");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let header =
        document.descendants().find(|node| node.has_tag_name(("http://hl7.org/fhir", "MessageHeader")));
    let id = header
        .and_then(|header| header.children().find(|node| node.tag_name().name() == "id")?.attribute("value"))
        .expect("a header id");
    let body = format!(
        r#"<Bundle xmlns="http://hl7.org/fhir"><entry><resource><MessageHeader><response><identifier value="{id}"/><code value="fatal-error"/></response></MessageHeader></resource></entry><entry><resource><OperationOutcome><issue><details><coding><system value="https://fhir.nhs.uk/STU3/CodeSystem/ITK-ResponseCodes-1"/><code value="{code}"/></coding></details></issue></OperationOutcome></resource></entry></Bundle>"#
    );
    Reply { workflow: ACK_WORKFLOW.to_owned(), body: body.into_bytes() }
}

impl Bench {
    pub async fn start(mesh: Simulator, database: TestDatabase) -> Self {
        Self::start_with(mesh, &[], database).await
    }

    /// With these settings beside its own.
    pub async fn start_with(mesh: Simulator, settings: &[(&str, &str)], database: TestDatabase) -> Self {
        let base = serve(&mesh).await;
        let client = client(&mesh, &base);
        let own = [("secret_key", SECRET_KEY)];
        let settings =
            own.iter().chain(settings).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let settings: BTreeMap<String, String> = settings.collect();
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
        let post = Arc::new(Post::default());
        let worker = worker(&app, &client, &post);
        Self { app, mesh, client, base, worker, post, _database: database }
    }

    pub fn another_worker(&self) -> Worker {
        worker(&self.app, &self.client, &self.post)
    }

    /// Stores the record as a push does: its deliveries in the same transaction.
    pub async fn store(&self, document: &mut Document) {
        self.store_with(document, |_| {}).await;
    }

    /// The same, with something changed about what was planned.
    pub async fn store_with(&self, document: &mut Document, change: impl FnOnce(&mut [NewDelivery])) {
        let id: ConsultationId = document.read().expect("a record").id.parse().expect("an id");
        let sender = outbox::sender(&self.app, &ods()).await.expect("the store").expect("our pharmacy");
        let based_on =
            self.app.store.standing(&id).await.expect("the store").map_or(0, |standing| standing.seq);
        let mut deliveries =
            plan(document, &sender, &self.vouched().await, self.app.clock.now()).expect("a plan");
        change(&mut deliveries);
        let write = DocumentWrite {
            id,
            based_on,
            base: Some(document.save()),
            changes: Vec::new(),
            heads: document.heads().iter().map(ToString::to_string).collect(),
            row: document.row().expect("a row"),
            intake: Vec::new(),
            deliveries,
            supplies: None,
        };
        let append = Append { documents: vec![write], ..Append::default() };
        self.app.store.append(&ods(), append).await.expect("stored");
    }

    pub async fn pds_said(&self, number: &str, stands: bool) {
        self.pds_said_for(&id(), number, stands).await;
    }

    /// As a look-up leaves it behind.
    pub async fn pds_said_for(&self, consultation: &ConsultationId, number: &str, stands: bool) {
        let number = self.app.server_keys.traces.number(consultation, number);
        let seen = SeenNumber { consultation: *consultation, number, stands, mode: "worker", at: NOW };
        self.app.store.saw_numbers(&[seen]).await.expect("the store");
    }

    /// What PDS said through this server, as a push finds it out.
    pub async fn vouched(&self) -> Vouched {
        satchel::patients::vouched(&self.app, &id()).await.expect("the store")
    }

    pub async fn round(&self) {
        outbox::round(&self.app, &self.worker, true).await.expect("a round");
    }

    /// Every way of every delivery, by amendment and position.
    pub async fn ways(&self) -> Vec<DeliveryRow> {
        self.app.store.deliveries_of(&id()).await.expect("deliveries")
    }

    /// The ways that are tried first, one for each amendment.
    pub async fn rows(&self) -> Vec<DeliveryRow> {
        self.ways().await.into_iter().filter(|row| row.position == 0).collect()
    }

    pub async fn row(&self) -> DeliveryRow {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1, "one delivery");
        rows.remove(0)
    }

    /// The way of the first notice that goes by this route.
    pub async fn by(&self, route: Route) -> DeliveryRow {
        let ways = self.ways().await;
        ways.into_iter().find(|row| row.route == route && row.amendment == 0).expect("such a way")
    }

    pub fn at_practice(&self) -> usize {
        self.mesh.delivered(PRACTICE, WORKFLOW)
    }

    /// What the record itself says about the notice.
    pub async fn record(&self) -> Consultation {
        let stored = self.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
        satchel::intake::opened(&stored).expect("a document").read().expect("a record")
    }
}

pub fn worker(app: &App, client: &Client, post: &Arc<Post>) -> Worker {
    worker_with(app, &client.clone().into(), post)
}

pub fn worker_with(app: &App, mailboxes: &Mailboxes, post: &Arc<Post>) -> Worker {
    let mesh = Mesh { mailboxes: mailboxes.clone(), clock: app.clock.clone() };
    let carriers: Vec<Arc<dyn Carrier>> = vec![Arc::new(mesh), Arc::<Post>::clone(post)];
    Worker::new(app.clone(), carriers, mailboxes.clone())
}

/// Serves a pretend MESH and says where.
pub async fn serve(mesh: &Simulator) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = mesh.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

pub fn client_of(mesh: &Simulator, base: &str, mailbox: &str) -> Client {
    Client::new(http::client(None).expect("a client"), mesh.settings(base, mailbox))
}

pub fn client(mesh: &Simulator, base: &str) -> Client {
    client_of(mesh, base, OURS)
}

pub fn stamp() -> Stamp {
    Stamp { at: NOW, nonce: Uuid::new_v4() }
}

pub fn id() -> ConsultationId {
    ConsultationId::from_bytes([7; 16])
}

pub fn asha() -> Writer {
    let author = Author {
        person: "11111111-1111-4111-8111-111111111111".into(),
        name: "Asha Example".into(),
        role: "pharmacist".into(),
        unlocked_by: "passkey".into(),
    };
    Writer { actor: [1; 16], author }
}

/// The server itself, as it files what NHS 111 sent.
pub fn intake() -> Writer {
    let author = Author {
        person: String::new(),
        name: "Satchel server".into(),
        role: "server".into(),
        unlocked_by: "server".into(),
    };
    Writer { actor: [9; 16], author }
}

/// A visit with something to tell, not yet signed.
pub fn visit(change: impl FnOnce(&mut Consultation)) -> Document {
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

pub fn signed(change: impl FnOnce(&mut Consultation)) -> Document {
    let mut document = visit(change);
    document.sign(NOW + 2 * MINUTE, &asha(), "2074123", false).expect("a signature");
    document
}

pub fn amended(document: &mut Document, at: Millis) {
    document.amend(at, &asha(), "A wrong answer").expect("an amendment");
    document
        .edit(at, &asha(), |record| {
            record.answers.insert("setting".into(), Answer::text("premises"));
        })
        .expect("an edit");
    document.sign(at + MINUTE, &asha(), "2074123", false).expect("a second signature");
}

/// Makes the e-mail of each planned notice ready, as if an address were known and confirmed.
pub fn with_emails(deliveries: &mut [NewDelivery]) {
    for delivery in deliveries.iter_mut().filter(|delivery| delivery.route == Route::Email) {
        let id = format!("{}@satchel.test", delivery.id);
        delivery.message = Some(FrozenMessage {
            target: "practice@example.nhs.test".into(),
            workflow: String::new(),
            subject: "Pharmacy First: a notice".into(),
            local_id: id.clone(),
            content_type: "message/rfc822".into(),
            payload: b"The notice".to_vec(),
            header_id: id,
        });
    }
}
