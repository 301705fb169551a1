//! A device without a screen, for `script/bench`: enrols, pushes many consultations, pulls them on another device.
//!
//! Arguments: the server's origin, an enrolment link, how many consultations. Prints one JSON object a line.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use shared::api::{DeviceKeyEnrolment, DeviceRegistration, PushAnswer, SessionView, Verdict};
use shared::authorship::{Receipt, Unlock, actor, author_statement, challenge, device_enrolment_statement};
use shared::consultation::{Answer, Author, Consultation, Document, Writer};
use shared::ids::{ConsultationId, DeviceId, OdsCode, PersonId};
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument, split_stream};
use shared::vault::SealedToServer;
use std::time::Instant;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error>;

/// Edits of each consultation, as in the workload that other sync engines were measured with.
const EDITS: u32 = 20;
/// Documents in one push, as the app sends them.
const BATCH: usize = 200;

struct Device {
    http: reqwest::Client,
    origin: String,
    cookie: String,
    key: SigningKey,
    person: PersonId,
    pharmacy: OdsCode,
    device: DeviceId,
    nonce: String,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, origin, link, count] = arguments.as_slice() else {
        return Err("arguments: ORIGIN LINK COUNT".into());
    };
    let count: usize = count.parse()?;
    let device = Device::enrol(origin, link).await?;
    let (writer, receipt, claim) = device.unlock()?;
    let documents = consultations(count, &device.pharmacy, &writer)?;

    let began = Instant::now();
    let mut bytes = 0;
    for (index, batch) in documents.chunks(BATCH).enumerate() {
        let mut frame = PushFrame::default();
        if index == 0 {
            frame.receipts.push(receipt.clone());
            frame.actors.push(claim.clone());
        }
        for (id, whole, newest) in batch {
            let signature: Signature = device.key.sign(&author_statement(id, &writer.actor, newest));
            frame.documents.push(PushedDocument {
                id: *id,
                whole: whole.clone(),
                changes: Vec::new(),
                signatures: vec![(writer.actor, signature.to_bytes().into())],
            });
        }
        let body = frame.to_bytes();
        bytes += body.len();
        device.push(body).await?;
    }
    report("push", began, count, bytes);

    let began = Instant::now();
    let answer = device.get("/api/sync/pull?after=0").await?;
    let mut stream = answer.bytes().await?.to_vec();
    let pulled_bytes = stream.len();
    let pulled: usize = split_stream(&mut stream)?.iter().map(|frame| frame.documents.len()).sum();
    if pulled < count {
        return Err(format!("pulled {pulled} of {count} consultations").into());
    }
    report("pull", began, pulled, pulled_bytes);

    let began = Instant::now();
    let mut slowest = Vec::new();
    let (id, whole, _) = &documents[0];
    let mut document = Document::load(whole)?;
    let mut edit_bytes = 0;
    for index in 0..200 {
        let change = document.edit(1_795_000_100_000 + i64::from(index), &writer, |record| {
            record.observations.insert("temperature".to_owned(), Answer::Number(36.0 + f64::from(index) / 100.0));
        })?;
        let newest = document.heads()[0].0;
        let signature: Signature = device.key.sign(&author_statement(id, &writer.actor, &newest));
        let frame = PushFrame {
            documents: vec![PushedDocument {
                id: *id,
                whole: Vec::new(),
                changes: change.into_iter().collect(),
                signatures: vec![(writer.actor, signature.to_bytes().into())],
            }],
            ..PushFrame::default()
        };
        let body = frame.to_bytes();
        edit_bytes = body.len();
        let one = Instant::now();
        device.push(body).await?;
        slowest.push(one.elapsed().as_secs_f64() * 1e3);
    }
    slowest.sort_by(f64::total_cmp);
    println!("{}", json!({"bench": "edit-durable-p99", "value": slowest[197], "unit": "ms", "n": 200}));
    println!("{}", json!({"bench": "edit-durable-median", "value": slowest[100], "unit": "ms", "n": 200}));
    println!("{}", json!({"bench": "edit-frame", "value": edit_bytes, "unit": "bytes"}));
    let rate = 200.0 / began.elapsed().as_secs_f64();
    println!("{}", json!({"bench": "edits-one-device", "value": rate, "unit": "per second", "n": 200}));
    Ok(())
}

fn report(name: &str, began: Instant, count: usize, bytes: usize) {
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    println!("{}", json!({"bench": name, "value": milliseconds, "unit": "ms", "n": count}));
    println!("{}", json!({"bench": format!("{name}-wire"), "value": bytes, "unit": "bytes", "n": count}));
}

fn consultations(
    count: usize,
    pharmacy: &OdsCode,
    writer: &Writer,
) -> Result<Vec<(ConsultationId, Vec<u8>, [u8; 32])>, Failure> {
    let words = ["sore", "throat", "since", "three", "days", "no", "fever", "fluids", "rest", "return", "if", "worse"];
    let mut made = Vec::with_capacity(count);
    for index in 0..count {
        let id = ConsultationId(Uuid::new_v4());
        let at = 1_795_000_000_000 + index as i64;
        let mut record = Consultation::new(id, pharmacy, "minor-illness@1", at);
        record.patient.family_name = format!("Bench{index}");
        record.patient.given_name = words[index % words.len()].to_owned();
        record.patient.birth_date = format!("19{:02}-0{}-1{}", index % 90 + 10, index % 9 + 1, index % 9);
        record.referral.channel = "phone".to_owned();
        let mut document = Document::create(at, writer, &record)?;
        for edit in 0..EDITS {
            let text: Vec<&str> = (0..20).map(|n| words[(index * 7 + n * 3 + edit as usize) % words.len()]).collect();
            document.edit(at + i64::from(edit), writer, |record| {
                record.answers.insert(format!("question-{}", edit % 10), Answer::Text(text.join(" ")));
                record.observations.insert("pulse".to_owned(), Answer::Number(60.0 + f64::from(edit)));
            })?;
        }
        let newest = document.heads()[0].0;
        made.push((id, document.save_for_frame(), newest));
    }
    Ok(made)
}

impl Device {
    async fn enrol(origin: &str, link: &str) -> Result<Self, Failure> {
        let token = link.split('#').nth(1).ok_or("the link holds no token")?.to_owned();
        let http = satchel::nhs::http::client(None)?;
        let key = SigningKey::try_generate()?;
        let point = URL_SAFE_NO_PAD.encode(key.verifying_key().to_sec1_point(false).as_bytes());
        let device = DeviceId(Uuid::new_v4());
        let statement = device_enrolment_statement(&token, &device, &point);
        let signature: Signature = key.sign(&statement);
        let enrolment = DeviceKeyEnrolment {
            token,
            name: "Bench Device".to_owned(),
            gphc: "2099999".to_owned(),
            device,
            signing_key: point.clone(),
            signature: URL_SAFE_NO_PAD.encode(signature.to_bytes()),
        };
        let answer = http
            .post(format!("{origin}/api/enrolment/device-key"))
            .header("origin", origin)
            .json(&enrolment)
            .send()
            .await?;
        let cookie = answer.headers().get("set-cookie").ok_or("no session")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let session: SessionView = answer.json().await?;
        let person = session.person.ok_or("not signed in")?.id;
        let pharmacy = session.pharmacies.first().ok_or("no pharmacy")?.ods.clone();
        let device = Self {
            http,
            origin: origin.to_owned(),
            cookie,
            key,
            person,
            pharmacy,
            device,
            nonce: session.server_nonce,
        };
        let registration = DeviceRegistration {
            label: "bench".to_owned(),
            signing_key: point,
            vault: "YmVuY2g".to_owned(),
            key_version: 1,
            sealed: SealedToServer {
                key_id: session.server_key.id,
                ephemeral: session.server_key.public,
                sealed: "YmVuY2g".to_owned(),
            },
        };
        device
            .http
            .put(format!("{origin}/api/devices/{}", device.device))
            .header("origin", origin)
            .header("cookie", &device.cookie)
            .json(&registration)
            .send()
            .await?
            .error_for_status()?;
        Ok(device)
    }

    fn unlock(&self) -> Result<(Writer, Vec<u8>, ActorClaim), Failure> {
        let point = URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_sec1_point(false).as_bytes());
        let at = 1_795_000_000_000;
        let claims = challenge(&self.person, &self.device, &self.nonce, 1, at, &point);
        let proof: Signature = self.key.sign(&claims);
        let receipt = Receipt {
            v: 1,
            unlock: Unlock::Passphrase,
            pharmacy: self.pharmacy.clone(),
            person: self.person,
            device: self.device,
            server_nonce: self.nonce.clone(),
            counter: 1,
            at,
            signing_key: point,
            assertion: None,
            proof: URL_SAFE_NO_PAD.encode(proof.to_bytes()),
        }
        .to_bytes();
        let claim = ActorClaim { receipt_hash: Receipt::hash(&receipt), tab_nonce: [1; 16] };
        let author = Author {
            person: self.person.to_string(),
            name: "Bench Device".to_owned(),
            role: "pharmacist".to_owned(),
            unlocked_by: "passphrase".to_owned(),
        };
        Ok((Writer { actor: actor(&claim.receipt_hash, &claim.tab_nonce), author }, receipt, claim))
    }

    async fn push(&self, body: Vec<u8>) -> Result<(), Failure> {
        let answer: PushAnswer = self
            .http
            .post(format!("{}/api/sync/push", self.origin))
            .header("origin", &self.origin)
            .header("cookie", &self.cookie)
            .header("content-type", "application/octet-stream")
            .body(body)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        match answer.documents.iter().find(|d| !matches!(d.verdict, Verdict::Stored { .. })) {
            None => Ok(()),
            Some(refused) => Err(format!("not stored: {refused:?}").into()),
        }
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response, Failure> {
        let request = self.http.get(format!("{}{path}", self.origin)).header("cookie", &self.cookie);
        Ok(request.send().await?.error_for_status()?)
    }
}
