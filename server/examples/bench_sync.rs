//! A device without a screen, for `script/bench`: pushes many consultations, pulls them, and records single edits.
//!
//! `push ORIGIN LINK COUNT` only fills the server; `all ORIGIN LINK COUNT` measures, one JSON object a line;
//! `records COUNT` prints the same consultations as plain JSON, for peers that keep no changes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use satchel::clock::Stopwatch;
use serde_json::json;
use shared::api::{DeviceKeyEnrolment, DeviceRegistration, PushAnswer, SessionView, Verdict};
use shared::authorship::{Receipt, Unlock, actor, author_statement, challenge, device_enrolment_statement};
use shared::consultation::{Answer, Author, Consultation, Document, Writer};
use shared::ids::{ConsultationId, DeviceId, OdsCode};
use shared::sync::device::PUSH_DOCUMENTS;
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument, split_stream};
use shared::time::Millis;
use shared::vault::SealedToServer;
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Edits of each consultation after the change that made it, as design 10 counts them.
const EDITS: usize = 20;
/// Single edits whose way to the disk is timed one after another.
const SINGLE_EDITS: usize = 500;
/// Devices that record at the same time, and what each records.
const DEVICES: usize = 250;
const EDITS_OF_EACH: usize = 10;
/// When the first consultation was made; the rest follow a minute apart.
const BEGAN: Millis = 1_795_000_000_000;
const NAME: &str = "Bench Device";

/// What pharmacists write, to choose from; so many different words that compressing them is honest work.
const WORDS: &str = "about advised afternoon again allergy alone amlodipine ankle antibiotic appetite arm asked aware \
    back because before better bite blister breakfast breathing bruise burning called calm carer chest child clear \
    cold comfortable confirmed cough cream daily damp daughter denies diarrhoea dizzy doctor dose drinking dry ear \
    eating elbow evening eyes face fatigue fever fluids foot forehead friday general gland gradual hand headache \
    heart heat hip hoarse home hot hours hydrated ibuprofen improving infection inhaler itching jaw kettle knee left \
    leg light lips liquid loose lotion lunch lying medicine metformin mild moderate monday morning mouth mucus \
    nausea neck night none normal nose nurse often ointment oral pain pale palpitations paracetamol patch patient \
    pharmacy pollen posture pregnant previous pulse pus rash recent red relief rest returning right runny saline \
    same saturday scalp severe shin shoulder sinus skin sleep slight smoker sneezing son sore spray spreading stairs \
    steady stiff stomach sudden sunday swallowing sweating swelling swollen tablet tender therapy thigh throat \
    thursday tight tired tongue toothache tuesday twice understood unwell urine usual visit vomiting walking warm \
    water watery weak wednesday week weight wheeze worse wound wrist yellow yesterday";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["records", count] => print_records(count.parse()?),
        ["push", origin, link, count] => fill(origin, link, count.parse()?).await,
        ["all", origin, link, count] => measure(origin, link, count.parse()?).await,
        _ => Err("arguments: records COUNT, or push|all ORIGIN LINK COUNT".into()),
    }
}

async fn fill(origin: &str, link: &str, count: usize) -> Result<(), Failure> {
    let device = Device::enrol(origin, link).await?;
    let made = consultations(count, &device)?;
    for body in device.frames(&made) {
        device.push(body).await?;
    }
    Ok(())
}

async fn measure(origin: &str, link: &str, count: usize) -> Result<(), Failure> {
    let device = Arc::new(Device::enrol(origin, link).await?);
    let made = consultations(count, &device)?;

    // The peer, too, has its records in its own store before the clock starts; packing for the wire is timed.
    let watch = Stopwatch::start();
    let mut bytes = 0;
    for body in device.frames(&made) {
        bytes += body.len();
        device.push(body).await?;
    }
    report("push", milliseconds(watch), "ms", count);
    report("push-wire", bytes as f64, "bytes", count);

    let watch = Stopwatch::start();
    let mut stream = device.pull(0).await?;
    let bytes = stream.len();
    let pulled: usize = split_stream(&mut stream)?.iter().map(|frame| frame.documents.len()).sum();
    if pulled < count {
        return Err(format!("pulled {pulled} of {count} consultations").into());
    }
    report("pull", milliseconds(watch), "ms", pulled);
    report("pull-wire", bytes as f64, "bytes", pulled);

    single_edits(&device, &made[0]).await?;
    edits_of_many(&device, &made).await
}

/// One edit at a time: until it is durable, and until a second device that was nudged has it.
async fn single_edits(device: &Device, made: &Made) -> Result<(), Failure> {
    let mut durable = Vec::with_capacity(SINGLE_EDITS);
    let mut seen = Vec::with_capacity(SINGLE_EDITS);
    let mut sizes = Vec::with_capacity(SINGLE_EDITS);
    for body in device.edit_frames(made, SINGLE_EDITS)? {
        sizes.push(body.len() as f64);
        let watch = Stopwatch::start();
        let seq = device.push(body).await?;
        durable.push(milliseconds(watch));
        let mut stream = device.pull(seq - 1).await?;
        if !split_stream(&mut stream)?.iter().any(|frame| frame.documents.iter().any(|d| d.id == made.id)) {
            return Err("an edit that was stored did not reach the next pull".into());
        }
        seen.push(milliseconds(watch));
    }
    report("edit-durable-median", quantile(&mut durable, 0.5), "ms", SINGLE_EDITS);
    report("edit-durable-p99", quantile(&mut durable, 0.99), "ms", SINGLE_EDITS);
    report("edit-to-second-device-p99", quantile(&mut seen, 0.99), "ms", SINGLE_EDITS);
    report("edit-frame", quantile(&mut sizes, 0.5), "bytes", SINGLE_EDITS);
    Ok(())
}

/// Many at once, each on a consultation of its own, one edit a request.
async fn edits_of_many(device: &Arc<Device>, made: &[Made]) -> Result<(), Failure> {
    let mut prepared = Vec::new();
    for one in made.iter().skip(1).take(DEVICES) {
        prepared.push(device.edit_frames(one, EDITS_OF_EACH)?);
    }
    let total = prepared.len() * EDITS_OF_EACH;
    let mut devices = JoinSet::new();
    let watch = Stopwatch::start();
    for frames in prepared {
        let device = Arc::clone(device);
        devices.spawn(async move {
            let mut took = Vec::with_capacity(frames.len());
            for body in frames {
                let watch = Stopwatch::start();
                device.push(body).await?;
                took.push(milliseconds(watch));
            }
            Ok::<_, Failure>(took)
        });
    }
    let mut took = Vec::with_capacity(total);
    while let Some(one) = devices.join_next().await {
        took.extend(one??);
    }
    report("edits", total as f64 / watch.seconds(), "per second", total);
    report("edits-p99", quantile(&mut took, 0.99), "ms", total);
    Ok(())
}

fn report(bench: &str, value: f64, unit: &str, n: usize) {
    println!("{}", json!({"bench": bench, "value": (value * 100.0).round() / 100.0, "unit": unit, "n": n}));
}

fn milliseconds(watch: Stopwatch) -> f64 {
    watch.seconds() * 1e3
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// The same numbers for the same consultation each time (xorshift64), so that runs and peers compare.
struct Dice(u64);

impl Dice {
    fn for_consultation(index: usize) -> Self {
        Self((index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }

    fn words(&mut self, count: usize) -> String {
        let all: Vec<&str> = WORDS.split_whitespace().collect();
        let chosen: Vec<&str> = (0..count).map(|_| all[self.roll(all.len())]).collect();
        chosen.join(" ")
    }
}

/// A phoned-in consultation as it stands before anything is answered.
fn blank(id: ConsultationId, index: usize, pharmacy: &OdsCode, dice: &mut Dice) -> Consultation {
    let mut record = Consultation::new(id, pharmacy, "minor-illness@1", BEGAN + index as Millis * 60_000);
    "phone".clone_into(&mut record.referral.channel);
    record.referral.received_at.clone_from(&record.created_at);
    record.referral.complaint = dice.words(12);
    let patient = &mut record.patient;
    patient.nhs_number = format!("999{:07}", dice.roll(10_000_000));
    "unverified".clone_into(&mut patient.nhs_number_status);
    patient.family_name = format!("Bench{index}");
    patient.given_name = dice.words(1);
    patient.birth_date =
        format!("19{}-{:02}-{:02}", 20 + dice.roll(80), 1 + dice.roll(12), 1 + dice.roll(28));
    ["male", "female"][dice.roll(2)].clone_into(&mut patient.sex);
    patient.address = format!("{} {} Street\nZettington", 1 + dice.roll(200), dice.words(1));
    "ZZ99 3CZ".clone_into(&mut patient.postcode);
    patient.phone = format!("07700 900{:03}", dice.roll(1000));
    patient.gp_ods = format!("Y{:05}", dice.roll(100_000));
    patient.gp_name = format!("{} Surgery", dice.words(2));
    record
}

/// The edit of that number: two long notes, measurements, ticks and short words, as on a home visit.
fn answer(edit: usize, dice: &mut Dice) -> (String, Answer) {
    let answer = match edit % 5 {
        0 | 1 => Answer::YesNo(dice.roll(2) == 1),
        2 => Answer::Number(dice.roll(2000) as f64 / 10.0),
        3 => Answer::Text(dice.words(3)),
        _ if edit % 10 == 9 => Answer::Text(dice.words(40)),
        _ => Answer::Text(dice.words(12)),
    };
    (format!("question-{edit}"), answer)
}

/// One object a line: the record without answers, and the answers in the order they were given.
fn print_records(count: usize) -> Result<(), Failure> {
    let pharmacy: OdsCode = "FA123".parse()?;
    for index in 0..count {
        let mut dice = Dice::for_consultation(index);
        let id = ConsultationId(Uuid::new_v4());
        let record = blank(id, index, &pharmacy, &mut dice);
        let edits: Vec<_> = (0..EDITS).map(|edit| answer(edit, &mut dice)).collect();
        let plain = json!({
            "_id": record.id, "schema": record.schema, "pharmacy": record.pharmacy, "pathway": record.pathway,
            "created_at": record.created_at, "referral": record.referral, "patient": record.patient,
            "visit": record.visit, "answers": {}, "outcome": record.outcome,
        });
        println!("{}", json!({"record": plain, "edits": edits}));
    }
    Ok(())
}

/// A consultation with its whole history, as the device's vault would hold it.
struct Made {
    id: ConsultationId,
    document: Document,
}

fn consultations(count: usize, device: &Device) -> Result<Vec<Made>, Failure> {
    let mut made = Vec::with_capacity(count);
    for index in 0..count {
        let mut dice = Dice::for_consultation(index);
        let id = ConsultationId(Uuid::new_v4());
        let at = BEGAN + index as Millis * 60_000;
        let blank = blank(id, index, &device.pharmacy, &mut dice);
        let mut document = Document::create(at, &device.writer, &blank)?;
        for edit in 0..EDITS {
            let (question, answer) = answer(edit, &mut dice);
            document.edit(at + edit as Millis * 5_000, &device.writer, |record| {
                record.answers.insert(question, answer);
            })?;
        }
        made.push(Made { id, document });
    }
    Ok(made)
}

struct Device {
    http: reqwest::Client,
    origin: String,
    cookie: String,
    key: SigningKey,
    pharmacy: OdsCode,
    writer: Writer,
    receipt: Vec<u8>,
    claim: ActorClaim,
}

impl Device {
    /// Joins the pharmacy with the device's own key, makes the device known, and unlocks.
    async fn enrol(origin: &str, link: &str) -> Result<Self, Failure> {
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
            sealed: SealedToServer {
                key_id: session.server_key.id.clone(),
                ephemeral: "bench".to_owned(),
                sealed: "bench".to_owned(),
            },
        };
        let asked = http.put(format!("{origin}/api/devices/{device}")).header("origin", origin);
        asked.header("cookie", &cookie).json(&registration).send().await?.error_for_status()?;

        let (writer, receipt, claim) = unlock(&key, point, device, pharmacy.clone(), &session)?;
        Ok(Self { http, origin: origin.to_owned(), cookie, key, pharmacy, writer, receipt, claim })
    }

    /// Signed frames of whole documents, made one at a time as the app makes them.
    fn frames<'a>(&'a self, made: &'a [Made]) -> impl Iterator<Item = Vec<u8>> + 'a {
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
    fn edit_frames(&self, made: &Made, count: usize) -> Result<Vec<Vec<u8>>, Failure> {
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
    async fn push(&self, body: Vec<u8>) -> Result<u64, Failure> {
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

    async fn pull(&self, after: u64) -> Result<Vec<u8>, Failure> {
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
