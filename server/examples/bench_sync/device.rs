//! The device: enrols, unlocks, signs, pushes and pulls as the app does, without a screen.

use crate::Failure;
use crate::records::{BEGAN, Made};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use shared::api::{DeviceKeyEnrolment, DeviceRegistration, PushAnswer, SessionView, Verdict};
use shared::authorship::{Receipt, Unlock, actor, author_statement, challenge, device_enrolment_statement};
use shared::consultation::{Answer, Author, Document, Writer};
use shared::ids::{ConsultationId, DeviceId, OdsCode};
use shared::sync::device::PUSH_DOCUMENTS;
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument};
use shared::time::Millis;
use uuid::Uuid;

#[path = "../../tests/support/sealing.rs"]
mod sealing;
use sealing::sealed_to;

const NAME: &str = "Bench Device";

pub struct Device {
    http: reqwest::Client,
    origin: String,
    cookie: String,
    key: SigningKey,
    pub pharmacy: OdsCode,
    pub writer: Writer,
    receipt: Vec<u8>,
    claim: ActorClaim,
}

impl Device {
    /// Joins the pharmacy with the device's own key, makes the device known, and unlocks.
    pub async fn enrol(origin: &str, link: &str) -> Result<Self, Failure> {
        let token = link.rsplit(['/', '#', '=']).next().ok_or("the link holds no token")?.to_owned();
        let http = satchel::nhs::http::client(None)?;
        let key = SigningKey::from_slice(&rand::random::<[u8; 32]>())?;
        let point = URL_SAFE_NO_PAD.encode(key.verifying_key().to_sec1_point(false).as_bytes());
        let device = DeviceId(Uuid::new_v4());
        let signature: Signature = key.sign(&device_enrolment_statement(&token, &device, &point));
        let enrolment = DeviceKeyEnrolment {
            token,
            name: NAME.to_owned(),
            gphc: "2099999".to_owned(),
            device,
            signing_key: point.clone(),
            signature: URL_SAFE_NO_PAD.encode(signature.to_bytes()),
        };
        let asked = http.post(format!("{origin}/api/enrolment/device-key")).header("origin", origin);
        let answer = asked.json(&enrolment).send().await?.error_for_status()?;
        let cookie = answer.headers().get("set-cookie").ok_or("no session")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let session: SessionView = answer.json().await?;
        let pharmacy = session.pharmacies.first().ok_or("no pharmacy")?.ods.clone();

        let registration = DeviceRegistration {
            label: "bench".to_owned(),
            signing_key: point.clone(),
            vault: "bench".to_owned(),
            key_version: 1,
            sealed: sealed_to(&session.server_key, &rand::random()).ok_or("the server has no key")?,
        };
        let asked = http.put(format!("{origin}/api/devices/{device}")).header("origin", origin);
        asked.header("cookie", &cookie).json(&registration).send().await?.error_for_status()?;

        let (writer, receipt, claim) = unlock(&key, point, device, pharmacy.clone(), &session)?;
        Ok(Self { http, origin: origin.to_owned(), cookie, key, pharmacy, writer, receipt, claim })
    }

    /// Signed frames of whole documents, made one at a time as the app makes them.
    pub fn frames<'a>(&'a self, made: &'a [Made]) -> impl Iterator<Item = Vec<u8>> + 'a {
        made.chunks(PUSH_DOCUMENTS).enumerate().map(|(index, batch)| {
            let mut frame = PushFrame::default();
            if index == 0 {
                frame.receipts.push(self.receipt.clone());
                frame.actors.push(self.claim.clone());
            }
            for one in batch {
                let mut document = one.document.clone();
                let newest = newest(&mut document);
                frame.documents.push(PushedDocument {
                    id: one.id,
                    whole: document.save_for_frame(),
                    changes: Vec::new(),
                    signatures: vec![self.vouch(&one.id, &newest)],
                });
            }
            frame.to_bytes()
        })
    }

    /// Signed frames of one edit each, one building on the other.
    pub fn edit_frames(&self, made: &Made, count: usize) -> Result<Vec<Vec<u8>>, Failure> {
        let mut document = made.document.clone();
        let mut frames = Vec::with_capacity(count);
        for index in 0..count {
            let at = BEGAN + 100_000_000_000 + index as Millis;
            let change = document.edit(at, &self.writer, |record| {
                let measured = Answer::Number(36.0 + index as f64 / 1000.0);
                record.observations.insert("temperature".to_owned(), measured);
            })?;
            let signatures = vec![self.vouch(&made.id, &newest(&mut document))];
            let edited = PushedDocument {
                id: made.id,
                whole: Vec::new(),
                changes: change.into_iter().collect(),
                signatures,
            };
            frames.push(PushFrame { documents: vec![edited], ..PushFrame::default() }.to_bytes());
        }
        Ok(frames)
    }

    fn vouch(&self, id: &ConsultationId, newest: &[u8; 32]) -> ([u8; 16], [u8; 64]) {
        let signature: Signature = self.key.sign(&author_statement(id, &self.writer.actor, newest));
        (self.writer.actor, signature.to_bytes().into())
    }

    /// Pushes one frame and answers with the number of what was stored last; anything not stored is a failure.
    pub async fn push(&self, body: Vec<u8>) -> Result<u64, Failure> {
        let request = self.http.post(format!("{}/api/sync/push", self.origin)).header("origin", &self.origin);
        let request =
            request.header("cookie", &self.cookie).header("content-type", "application/octet-stream");
        let answer: PushAnswer = request.body(body).send().await?.error_for_status()?.json().await?;
        let mut last = 0;
        for document in answer.documents {
            match document.verdict {
                Verdict::Stored { seq } => last = last.max(seq),
                other => return Err(format!("not stored: {other:?}").into()),
            }
        }
        Ok(last)
    }

    pub async fn pull(&self, after: u64) -> Result<Vec<u8>, Failure> {
        let request = self.http.get(format!("{}/api/sync/pull?after={after}", self.origin));
        let answer = request.header("cookie", &self.cookie).send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }
}

fn newest(document: &mut Document) -> [u8; 32] {
    document.heads().first().map(|head| head.0).unwrap_or_default()
}

/// The receipt of an unlock by passphrase, and whom it makes the writer.
fn unlock(
    key: &SigningKey,
    point: String,
    device: DeviceId,
    pharmacy: OdsCode,
    session: &SessionView,
) -> Result<(Writer, Vec<u8>, ActorClaim), Failure> {
    let person = session.person.as_ref().ok_or("not signed in")?;
    let claims = challenge(&person.id, &device, &session.server_nonce, 1, BEGAN, &point);
    let proof: Signature = key.sign(&claims);
    let receipt = Receipt {
        v: 1,
        unlock: Unlock::Passphrase,
        pharmacy,
        person: person.id,
        device,
        server_nonce: session.server_nonce.clone(),
        counter: 1,
        at: BEGAN,
        signing_key: point,
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
    Ok((Writer { actor: actor(&claim.receipt_hash, &claim.tab_nonce), author }, receipt, claim))
}
