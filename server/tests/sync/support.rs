//! A server on a real socket, and devices of people who enrolled on it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::{Client, Response, StatusCode, header};
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::store::{Pharmacy, SqliteStore};
use serde_json::{Value, json};
use shared::api::{HeadsAnswer, PushAnswer, SessionView, Verdict};
use shared::authorship::{Actor, PasskeyAssertion, Receipt, Unlock, author_statement, challenge};
use shared::consultation::{Author, Consultation, Document, Writer};
use shared::ids::{ConsultationId, DeviceId, OdsCode};
use shared::people::Role;
use shared::sync::frame::{ActorClaim, PullFrame, PushFrame, PushedDocument, split_stream};
use shared::vault::SealedToServer;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

#[path = "../support/sealing.rs"]
mod sealing;
pub use sealing::sealed_to;

/// 22 Nov 2026, 14:13 UTC.
pub const NOW: i64 = 1_795_356_800_000;
pub const ORIGIN: &str = "http://localhost:8080";

/// A server with pharmacies FA123 and FB456, in a folder of its own.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    url: String,
    _folder: Option<TempDir>,
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
        let server = Self::on(url, Some(folder)).await;
        for ods in ["FA123", "FB456"] {
            server.app.store.put_pharmacy(&pharmacy(ods)).await.expect("a pharmacy");
        }
        server
    }

    /// One more server on the same database.
    pub async fn beside(&self) -> Self {
        Self::on(self.url.clone(), None).await
    }

    async fn on(url: String, folder: Option<TempDir>) -> Self {
        let settings = BTreeMap::from([("database_url".to_owned(), url.clone())]);
        let config = Config::read(settings, false).expect("settings");
        let store = Arc::new(SqliteStore::open(&url).await.expect("a store"));
        let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = satchel::api::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { app, address, url, _folder: folder }
    }

    pub async fn asha(&self) -> Device {
        self.enrol("Asha Patel", Role::Pharmacist, "2074123", "FA123").await
    }

    pub async fn tom(&self) -> Device {
        self.enrol("Tom Reid", Role::Technician, "5001234", "FA123").await
    }

    /// Goes through enrolment, registers a device and unlocks it with the passkey.
    pub async fn enrol(&self, name: &str, role: Role, gphc: &str, ods: &str) -> Device {
        let ods: OdsCode = ods.parse().expect("an ODS code");
        let link = satchel::session::invite(&self.app, &ods, role, None).await.expect("a link").link;
        let token = link.rsplit(['/', '#', '=']).next().expect("a token").to_owned();
        let mut http = Http {
            client: satchel::nhs::http::client(None).expect("a client"),
            server: self.address,
            cookie: String::new(),
        };
        let asked: Value = http
            .post("/api/enrolment/start", &json!({ "token": token, "name": name, "gphc": gphc }))
            .await
            .json()
            .await
            .expect("a ceremony");
        let mut options = asked["options"].clone();
        // The software passkey cannot promise to be found without a name; the server asks all the same.
        options["publicKey"]["authenticatorSelection"]["requireResidentKey"] = json!(false);
        options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("discouraged");
        let mut passkey = SoftPasskey::new(true);
        let origin = ORIGIN.parse().expect("an origin");
        let options = serde_json::from_value(options).expect("options");
        let credential = passkey.do_registration(origin, options).expect("a passkey");
        let credential_id = credential.id.clone();
        let answered = http.post("/api/enrolment/finish", &json!({ "credential": credential })).await;
        assert_eq!(answered.status(), StatusCode::OK);
        let view: SessionView = answered.json().await.expect("a session");

        let id = DeviceId(Uuid::new_v4());
        let key = SigningKey::from_slice(&rand::random::<[u8; 32]>()).expect("a key");
        let public = URL_SAFE_NO_PAD.encode(key.verifying_key().to_sec1_point(false).as_bytes());
        let registration = json!({
            "label": "Test", "signing_key": public, "vault": "v1", "key_version": 1,
            "sealed": sealed_to(&view.server_key, &rand::random()),
        });
        let registered = http.put(&format!("/api/devices/{id}"), &registration).await;
        assert_eq!(registered.status(), StatusCode::NO_CONTENT);
        let person = view.person.clone().expect("somebody");
        let mut device = Device {
            http,
            view,
            author: Author {
                person: person.id.to_string(),
                name: person.name,
                role: role.name().to_owned(),
                unlocked_by: "passkey".to_owned(),
            },
            gphc: gphc.to_owned(),
            ods,
            id,
            key,
            passkey,
            credential_id,
            tab: rand::random(),
            receipt: Vec::new(),
        };
        device.receipt = device.unlock(Unlock::Passkey).to_bytes();
        device
    }
}

fn pharmacy(ods: &str) -> Pharmacy {
    Pharmacy {
        ods: ods.parse().expect("an ODS code"),
        name: format!("Pharmacy {ods}"),
        dos_ids: Vec::new(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    }
}

/// One browser's way to the server.
pub struct Http {
    client: Client,
    server: SocketAddr,
    pub cookie: String,
}

impl Http {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let answer = request.header(header::COOKIE, &self.cookie).send().await.expect("an answer");
        if let Some(set) = answer.headers().get(header::SET_COOKIE) {
            let cookie = set.to_str().expect("text").split(';').next().expect("a cookie");
            cookie.clone_into(&mut self.cookie);
        }
        answer
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server)
    }

    pub async fn get(&mut self, path: &str) -> Response {
        self.send(self.client.get(self.url(path))).await
    }

    pub async fn delete(&mut self, path: &str) -> Response {
        self.send(self.client.delete(self.url(path))).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Response {
        self.send(self.client.post(self.url(path)).json(body)).await
    }

    pub async fn put(&mut self, path: &str, body: &Value) -> Response {
        self.send(self.client.put(self.url(path)).json(body)).await
    }

    pub async fn post_bytes(&mut self, path: &str, body: Vec<u8>) -> Response {
        let kind = "application/octet-stream";
        self.send(self.client.post(self.url(path)).header(header::CONTENT_TYPE, kind).body(body)).await
    }
}

/// A person at a device, unlocked.
pub struct Device {
    pub http: Http,
    pub view: SessionView,
    pub author: Author,
    pub gphc: String,
    pub ods: OdsCode,
    pub id: DeviceId,
    key: SigningKey,
    passkey: SoftPasskey,
    credential_id: String,
    tab: [u8; 16],
    pub receipt: Vec<u8>,
}

impl Device {
    /// A receipt as the device makes it, with the real passkey's answer.
    pub fn unlock(&mut self, unlock: Unlock) -> Receipt {
        let person = self.view.person.as_ref().expect("somebody").id;
        let public = URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_sec1_point(false).as_bytes());
        let nonce = self.view.server_nonce.clone();
        let asked = challenge(&person, &self.id, &nonce, 1, NOW, &public);
        let assertion = (unlock != Unlock::Passphrase).then(|| self.assertion(&asked));
        let proof: Signature = self.key.sign(&asked);
        Receipt {
            v: 1,
            unlock,
            pharmacy: self.ods.clone(),
            person,
            device: self.id,
            server_nonce: nonce,
            counter: 1,
            at: NOW,
            signing_key: public,
            assertion,
            proof: URL_SAFE_NO_PAD.encode(proof.to_bytes()),
        }
    }

    fn assertion(&mut self, asked: &[u8]) -> PasskeyAssertion {
        let options = json!({ "publicKey": {
            "challenge": URL_SAFE_NO_PAD.encode(asked),
            "timeout": 60000,
            "rpId": "localhost",
            "allowCredentials": [{ "type": "public-key", "id": self.credential_id }],
            "userVerification": "required",
        }});
        let options = serde_json::from_value(options).expect("options");
        let said = self.passkey.do_authentication(ORIGIN.parse().expect("an origin"), options);
        let said = serde_json::to_value(said.expect("an assertion")).expect("JSON");
        let part = |name: &str| said["response"][name].as_str().expect("text").to_owned();
        PasskeyAssertion {
            credential_id: self.credential_id.clone(),
            authenticator_data: part("authenticatorData"),
            client_data_json: part("clientDataJSON"),
            signature: part("signature"),
        }
    }

    /// The same person on a second device, opened with a passphrase there.
    pub async fn on_another_device(&mut self) -> Self {
        let mut http = Http {
            client: satchel::nhs::http::client(None).expect("a client"),
            server: self.http.server,
            cookie: String::new(),
        };
        let asked: Value =
            http.post("/api/session/passkey/start", &json!({})).await.json().await.expect("a ceremony");
        let challenge = asked["options"]["publicKey"]["challenge"].as_str().expect("text");
        let challenge = URL_SAFE_NO_PAD.decode(challenge).expect("base64");
        let said = self.assertion(&challenge);
        let answer = json!({ "credential": {
            "id": said.credential_id, "rawId": said.credential_id, "type": "public-key",
            "response": {
                "authenticatorData": said.authenticator_data,
                "clientDataJSON": said.client_data_json,
                "signature": said.signature,
                "userHandle": null,
            },
        }});
        let answered = http.post("/api/session/passkey/finish", &answer).await;
        assert_eq!(answered.status(), StatusCode::OK);
        let view: SessionView = answered.json().await.expect("a session");
        let id = DeviceId(Uuid::new_v4());
        let key = SigningKey::from_slice(&rand::random::<[u8; 32]>()).expect("a key");
        let mut device = Self {
            http,
            author: Author { unlocked_by: "passphrase".to_owned(), ..self.author.clone() },
            gphc: self.gphc.clone(),
            ods: self.ods.clone(),
            id,
            key,
            passkey: SoftPasskey::new(true),
            credential_id: String::new(),
            tab: rand::random(),
            receipt: Vec::new(),
            view,
        };
        let sealed = sealed_to(&device.view.server_key, &rand::random()).expect("sealed");
        device.register("v1", 1, &sealed).await;
        device.receipt = device.unlock(Unlock::Passphrase).to_bytes();
        device
    }

    /// Makes the device known, with a vault key sealed to the server.
    pub async fn register(&mut self, vault: &str, key_version: u32, sealed: &SealedToServer) {
        let registration = json!({
            "label": "Test", "signing_key": self.public(), "vault": vault, "key_version": key_version,
            "sealed": sealed,
        });
        let registered = self.http.put(&format!("/api/devices/{}", self.id), &registration).await;
        assert_eq!(registered.status(), StatusCode::NO_CONTENT);
    }

    fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_sec1_point(false).as_bytes())
    }

    /// Signs a receipt's claims anew, with this device's key.
    pub fn sign_again(&self, receipt: &mut Receipt) {
        receipt.signing_key = self.public();
        let proof: Signature = self.key.sign(&receipt.challenge());
        receipt.proof = URL_SAFE_NO_PAD.encode(proof.to_bytes());
    }

    /// A nonce as the session is given it now.
    pub async fn fresh_nonce(&mut self) {
        self.view = self.http.get("/api/session").await.json().await.expect("a session");
    }

    /// Which tab this device's changes come from.
    pub fn claim(&self) -> ActorClaim {
        ActorClaim { receipt_hash: Receipt::hash(&self.receipt), tab_nonce: self.tab }
    }

    pub fn actor(&self) -> Actor {
        shared::authorship::actor(&Receipt::hash(&self.receipt), &self.tab)
    }

    pub fn writer(&self) -> Writer {
        Writer { actor: self.actor(), author: self.author.clone() }
    }

    /// A walk-in, made here.
    pub fn walk_in(&self) -> (ConsultationId, Document) {
        let id = ConsultationId(Uuid::new_v4());
        let record = record(id, self.ods.as_str());
        (id, Document::create(NOW, &self.writer(), &record).expect("a document"))
    }

    /// Goes on at another server of the same database.
    pub fn goes_to(&mut self, server: &Server) {
        self.http.server = server.address;
    }

    pub fn signature(&self, id: ConsultationId, newest: [u8; 32]) -> (Actor, [u8; 64]) {
        self.signature_as(id, &self.actor(), newest)
    }

    /// This device's key over what only that actor's author should sign.
    pub fn signature_as(&self, id: ConsultationId, actor: &Actor, newest: [u8; 32]) -> (Actor, [u8; 64]) {
        let signature: Signature = self.key.sign(&author_statement(&id, actor, &newest));
        (*actor, signature.to_bytes().into())
    }

    /// Everything of a document, as one save.
    pub fn whole(&self, id: ConsultationId, document: &mut Document) -> PushedDocument {
        let newest = self.newest(document);
        PushedDocument {
            id,
            whole: document.save_for_frame(),
            changes: Vec::new(),
            signatures: vec![self.signature(id, newest)],
        }
    }

    /// The last change this device made to a document.
    pub fn latest(&self, id: ConsultationId, document: &mut Document) -> PushedDocument {
        let newest = self.newest(document);
        let changes = document.changes_since(&[]);
        let change = changes.iter().find(|change| change.hash().0 == newest).expect("it is there");
        PushedDocument {
            id,
            whole: Vec::new(),
            changes: vec![change.raw_bytes().to_vec()],
            signatures: vec![self.signature(id, newest)],
        }
    }

    fn newest(&self, document: &mut Document) -> [u8; 32] {
        let changes = document.changes_since(&[]);
        let own = changes.iter().filter(|change| change.actor_id().to_bytes() == self.actor());
        own.max_by_key(|change| change.seq()).expect("this device wrote to it").hash().0
    }

    pub fn frame(&self, documents: Vec<PushedDocument>) -> PushFrame {
        PushFrame {
            receipts: vec![self.receipt.clone()],
            actors: vec![ActorClaim { receipt_hash: Receipt::hash(&self.receipt), tab_nonce: self.tab }],
            documents,
        }
    }

    /// What a restored server wants back, everybody's, each with the proof that came with it.
    pub fn give_back(
        &self,
        wanted: &HeadsAnswer,
        held: &[(ConsultationId, &Document)],
        pulled: &[PullFrame],
    ) -> PushFrame {
        let mut frame = self.frame(Vec::new());
        for page in pulled {
            frame.receipts.extend(page.receipts.iter().filter(|receipt| **receipt != self.receipt).cloned());
            frame.actors.extend(page.actors.iter().cloned());
        }
        for (id, document) in held {
            let Some(heads) = wanted.wanted.get(id) else { continue };
            let pages = pulled.iter().flat_map(|page| &page.documents).filter(|page| page.id == *id);
            let signatures: BTreeMap<Actor, [u8; 64]> =
                pages.flat_map(|page| page.signatures.clone()).collect();
            let mut document = Document::clone(document);
            frame.documents.push(PushedDocument {
                id: *id,
                whole: if heads.is_empty() { document.save_for_frame() } else { Vec::new() },
                changes: if heads.is_empty() { Vec::new() } else { document.changes_for(heads) },
                signatures: signatures.into_iter().collect(),
            });
        }
        frame
    }

    pub async fn push(&mut self, documents: Vec<PushedDocument>) -> Vec<Verdict> {
        let frame = self.frame(documents);
        self.push_frame(&frame).await
    }

    pub async fn push_frame(&mut self, frame: &PushFrame) -> Vec<Verdict> {
        let answer = self.http.post_bytes("/api/sync/push", frame.to_bytes()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: PushAnswer = answer.json().await.expect("an answer");
        answer.documents.into_iter().map(|document| document.verdict).collect()
    }

    /// The bytes of a whole pull.
    pub async fn pull_bytes(&mut self, after: u64) -> Vec<u8> {
        let answer = self.http.get(&format!("/api/sync/pull?after={after}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.bytes().await.expect("a body").to_vec()
    }

    pub async fn pull(&mut self, after: u64) -> Vec<PullFrame> {
        let mut bytes = self.pull_bytes(after).await;
        let frames = split_stream(&mut bytes).expect("frames");
        assert!(bytes.is_empty(), "a pull ends with a whole frame");
        frames
    }
}

/// A record with nothing in it but whose it is.
pub fn record(id: ConsultationId, ods: &str) -> Consultation {
    let pharmacy = ods.parse().expect("an ODS code");
    Consultation {
        referral: shared::consultation::Referral { channel: "walkin".to_owned(), ..Default::default() },
        patient: shared::consultation::Patient { family_name: "Winters".to_owned(), ..Default::default() },
        ..Consultation::new(id, &pharmacy, "minor-illness@1", NOW)
    }
}

/// A document rebuilt from what was pulled.
pub fn rebuilt(frames: &[PullFrame], id: ConsultationId) -> Document {
    let mut document: Option<Document> = None;
    for pulled in frames.iter().flat_map(|frame| &frame.documents).filter(|pulled| pulled.id == id) {
        if !pulled.base.is_empty() {
            document = Some(Document::load(&pulled.base).expect("a base"));
        }
        let changes: Vec<_> = pulled
            .changes
            .iter()
            .map(|bytes| automerge::Change::from_bytes(bytes.clone()).expect("a change"))
            .collect();
        if !changes.is_empty() {
            document.as_mut().expect("a base comes first").apply(changes).expect("they fit");
        }
    }
    document.expect("it was pulled")
}
