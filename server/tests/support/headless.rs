//! A device without a screen: enrols with its own key, unlocks, vouches for what it wrote, and asks the server.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::{Method, RequestBuilder};
use shared::api::{DeviceKeyEnrolment, DeviceRegistration, SessionView};
use shared::authorship::{
    AUTHOR_SIGNATURE_LENGTH, Actor, Receipt, Unlock, actor, author_statement, challenge,
    device_enrolment_statement,
};
use shared::consultation::{Author, Writer};
use shared::ids::{ConsultationId, DeviceId, OdsCode};
use shared::sync::frame::ActorClaim;
use shared::time::Millis;
use uuid::Uuid;

#[path = "sealing.rs"]
mod sealing;
use sealing::sealed_to;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const GPHC: &str = "2099999";

/// One person's key on one device, signed in at one pharmacy.
#[derive(Clone)]
pub struct Headless {
    http: reqwest::Client,
    /// Where the server is reached, which is also the origin it knows itself by.
    pub origin: String,
    /// As the browser would send it.
    pub cookie: String,
    key: SigningKey,
    device: DeviceId,
    pub pharmacy: OdsCode,
    pub session: SessionView,
}

/// What one unlock leaves behind for as long as the tab lives.
#[derive(Clone)]
pub struct Unlocked {
    pub receipt: Vec<u8>,
    pub claim: ActorClaim,
    pub writer: Writer,
}

impl Headless {
    /// Joins the pharmacy of an enrolment link and makes the device known. `visitor` is the address that a server
    /// behind a proxy counts tries by.
    pub async fn enrol(origin: &str, link: &str, name: &str, visitor: &str) -> Result<Self, Failure> {
        let token = link.rsplit(['/', '#', '=']).next().ok_or("the link holds no token")?.to_owned();
        let http = satchel::nhs::http::client(None)?;
        let key = SigningKey::from_slice(&rand::random::<[u8; 32]>())?;
        let device = DeviceId(Uuid::new_v4());
        let signature: Signature = key.sign(&device_enrolment_statement(&token, &device, &point(&key)));
        let enrolment = DeviceKeyEnrolment {
            token,
            name: name.to_owned(),
            gphc: GPHC.to_owned(),
            device,
            signing_key: point(&key),
            signature: URL_SAFE_NO_PAD.encode(signature.to_bytes()),
        };
        let asked = http.post(format!("{origin}/api/enrolment/device-key"));
        let asked = asked.header("origin", origin).header("x-forwarded-for", visitor);
        let answer = asked.json(&enrolment).send().await?.error_for_status()?;
        let cookie = answer.headers().get("set-cookie").ok_or("no session")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let session: SessionView = answer.json().await?;
        let pharmacy = session.pharmacies.first().ok_or("no pharmacy")?.ods.clone();
        let enrolled = Self { http, origin: origin.to_owned(), cookie, key, device, pharmacy, session };
        enrolled.register().await?;
        Ok(enrolled)
    }

    async fn register(&self) -> Result<(), Failure> {
        let registration = DeviceRegistration {
            label: "headless".to_owned(),
            signing_key: point(&self.key),
            vault: "headless".to_owned(),
            key_version: 1,
            sealed: sealed_to(&self.session.server_key, &rand::random()).ok_or("the server has no key")?,
        };
        let asked = self.ask(Method::PUT, &format!("/api/devices/{}", self.device));
        asked.json(&registration).send().await?.error_for_status()?;
        Ok(())
    }

    /// A request as this device's browser sends it.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.origin));
        asked.header("origin", &self.origin).header("cookie", &self.cookie)
    }

    /// A push frame on its way.
    pub fn push(&self, frame: Vec<u8>) -> RequestBuilder {
        self.ask(Method::POST, "/api/sync/push")
            .header("content-type", "application/octet-stream")
            .body(frame)
    }

    /// A pull of everything after a cursor.
    pub fn pull(&self, after: u64) -> RequestBuilder {
        self.ask(Method::GET, &format!("/api/sync/pull?after={after}"))
    }

    /// Opens the vault with a passphrase: a receipt, and a new actor for the tab.
    pub fn unlock(&self, server_nonce: &str, counter: u64, at: Millis) -> Result<Unlocked, Failure> {
        let person = self.session.person.as_ref().ok_or("nobody is signed in")?;
        let asked = challenge(&person.id, &self.device, server_nonce, counter, at, &point(&self.key));
        let proof: Signature = self.key.sign(&asked);
        let receipt = Receipt {
            v: 1,
            unlock: Unlock::Passphrase,
            pharmacy: self.pharmacy.clone(),
            person: person.id,
            device: self.device,
            server_nonce: server_nonce.to_owned(),
            counter,
            at,
            signing_key: point(&self.key),
            assertion: None,
            proof: URL_SAFE_NO_PAD.encode(proof.to_bytes()),
        }
        .to_bytes();
        let claim = ActorClaim { receipt_hash: Receipt::hash(&receipt), tab_nonce: rand::random() };
        let author = Author {
            person: person.id.to_string(),
            name: person.name.clone(),
            role: person.role.name().to_owned(),
            unlocked_by: Unlock::Passphrase.name().to_owned(),
        };
        let writer = Writer { actor: actor(&claim.receipt_hash, &claim.tab_nonce), author };
        Ok(Unlocked { receipt, claim, writer })
    }

    /// The author's signature over the newest change that one of this person's actors made to a document.
    pub fn vouch(
        &self,
        document: &ConsultationId,
        actor: Actor,
        newest: &[u8; 32],
    ) -> (Actor, [u8; AUTHOR_SIGNATURE_LENGTH]) {
        let signature: Signature = self.key.sign(&author_statement(document, &actor, newest));
        (actor, signature.to_bytes().into())
    }
}

fn point(key: &SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(key.verifying_key().to_sec1_point(false).as_bytes())
}
