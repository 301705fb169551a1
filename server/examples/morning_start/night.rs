//! What is in the database in the morning: yesterday's consultations, and what was written to each of them overnight.

use crate::Failure;
use crate::headless::Headless;
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::session::invite;
use satchel::store::{self, Append, DocumentWrite, Pharmacy, StoredChange, StoredDocument};
use shared::api::{PushAnswer, Verdict};
use shared::consultation::{Answer, Consultation, Document};
use shared::ids::{ConsultationId, OdsCode};
use shared::people::Role;
use shared::sync::frame::{PushFrame, PushedDocument};
use shared::time::Millis;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The same for this program and the server it measures.
pub const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// Answers of each consultation yesterday, and changes overnight.
const ANSWERS: usize = 20;
const OVERNIGHT: usize = 2;
/// Pharmacies that are filled at the same time.
const AT_ONCE: usize = 8;
const WORDS: [&str; 40] = [
    "about",
    "advised",
    "afternoon",
    "again",
    "ankle",
    "antibiotic",
    "arm",
    "asked",
    "better",
    "breathing",
    "calm",
    "chest",
    "clear",
    "cough",
    "cream",
    "daily",
    "denies",
    "dizzy",
    "ear",
    "eating",
    "evening",
    "fever",
    "fluids",
    "forehead",
    "glands",
    "headache",
    "hoarse",
    "ibuprofen",
    "improving",
    "itching",
    "knee",
    "mild",
    "morning",
    "nausea",
    "no",
    "pain",
    "paracetamol",
    "rash",
    "swallowing",
    "throat",
];

pub struct Night {
    app: App,
    pharmacies: Vec<OdsCode>,
}

/// One consultation of the first pharmacy, as it was stored in the evening and in the morning.
struct Stored {
    evening: StoredDocument,
    morning: StoredDocument,
    overnight: Vec<StoredChange>,
}

impl Night {
    /// So many pharmacies with nothing in them.
    pub async fn begin(database: &str, origin: &str, pharmacies: usize) -> Result<Self, Failure> {
        let settings = [("database_url", database), ("origin", origin), ("secret_key", SECRET_KEY)];
        let settings: BTreeMap<String, String> =
            settings.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let config = Config::read(settings, false)?;
        let store = store::open(&config.database_url, 4).await?;
        let app = App::new(config, Clock::Real, store).await?;
        let mut codes = Vec::with_capacity(pharmacies);
        for number in 0..pharmacies {
            let ods: OdsCode = format!("FX{number:04}").parse()?;
            let pharmacy = Pharmacy {
                ods: ods.clone(),
                name: format!("Pharmacy {number}"),
                dos_ids: Vec::new(),
                mailbox: String::new(),
                phone: String::new(),
                address: String::new(),
            };
            app.store.put_pharmacy(&pharmacy).await?;
            codes.push(ods);
        }
        Ok(Self { app, pharmacies: codes })
    }

    /// An enrolment link for each pharmacy.
    pub async fn links(&self) -> Result<Vec<String>, Failure> {
        let mut links = Vec::with_capacity(self.pharmacies.len());
        for pharmacy in &self.pharmacies {
            links.push(invite(&self.app, pharmacy, Role::Pharmacist, None).await?.link);
        }
        Ok(links)
    }

    /// The first device pushes its consultations as the app does; the other pharmacies get the same bytes under ids of
    /// their own, put straight into the log, since nothing on the way down opens them. Answers the number that
    /// yesterday ended with.
    pub async fn pass(&self, devices: &[Headless], documents: usize) -> Result<u64, Failure> {
        let first = devices.first().ok_or("there is no device")?;
        let stored = Arc::new(self.push(first, documents).await?);
        let mut filling = JoinSet::new();
        for pharmacy in self.pharmacies.iter().filter(|pharmacy| **pharmacy != first.pharmacy) {
            if filling.len() >= AT_ONCE
                && let Some(filled) = filling.join_next().await
            {
                filled??;
            }
            filling.spawn(copy(self.app.clone(), pharmacy.clone(), Arc::clone(&stored)));
        }
        while let Some(filled) = filling.join_next().await {
            filled??;
        }
        Ok(documents as u64)
    }

    async fn push(&self, device: &Headless, documents: usize) -> Result<Vec<Stored>, Failure> {
        let at = self.app.clock.now();
        let unlocked = device.unlock(&device.session.server_nonce, 1, at)?;
        let (writer, actor) = (&unlocked.writer, unlocked.writer.actor);
        let mut evening = PushFrame {
            receipts: vec![unlocked.receipt.clone()],
            actors: vec![unlocked.claim.clone()],
            ..PushFrame::default()
        };
        let mut night = PushFrame::default();
        for index in 0..documents {
            let id = ConsultationId(Uuid::new_v4());
            let mut document = Document::create(at, writer, &blank(id, index, &device.pharmacy, at))?;
            for answer in 0..ANSWERS {
                document.edit_visit(at, writer, |record| {
                    record.answers.insert(format!("question-{answer}"), Answer::Text(words(index, answer)));
                })?;
            }
            evening.documents.push(PushedDocument {
                id,
                whole: document.save_for_frame(),
                changes: Vec::new(),
                signatures: vec![device.vouch(&id, actor, &document.heads()[0].0)],
            });
            let mut overnight = Vec::with_capacity(OVERNIGHT);
            for change in 0..OVERNIGHT {
                let changed = document.edit(at, writer, |record| {
                    record.observations.insert(format!("measured-{change}"), Answer::Number(index as f64));
                })?;
                overnight.extend(changed);
            }
            night.documents.push(PushedDocument {
                id,
                whole: Vec::new(),
                changes: overnight,
                signatures: vec![device.vouch(&id, actor, &document.heads()[0].0)],
            });
        }
        send(device, &evening).await?;
        let mut before = Vec::with_capacity(documents);
        for one in &evening.documents {
            before.push(self.stored(device, &one.id).await?);
        }
        send(device, &night).await?;
        let mut stored = Vec::with_capacity(documents);
        for (evening, one) in before.into_iter().zip(&night.documents) {
            let morning = self.stored(device, &one.id).await?;
            stored.push(Stored { evening, morning, overnight: changes(&one.changes)? });
        }
        Ok(stored)
    }

    async fn stored(&self, device: &Headless, id: &ConsultationId) -> Result<StoredDocument, Failure> {
        Ok(self.app.store.document(&device.pharmacy, id).await?.ok_or("it was pushed")?)
    }
}

async fn send(device: &Headless, frame: &PushFrame) -> Result<(), Failure> {
    let answer = device.push(frame.to_bytes()).send().await?.error_for_status()?;
    let answer: PushAnswer = answer.json().await?;
    let refused = answer.documents.iter().find(|one| !matches!(one.verdict, Verdict::Stored { .. }));
    refused.map_or(Ok(()), |refused| Err(format!("not stored: {refused:?}").into()))
}

/// The same consultations for another pharmacy, under ids of their own.
async fn copy(app: App, pharmacy: OdsCode, stored: Arc<Vec<Stored>>) -> Result<(), Failure> {
    let ids: Vec<ConsultationId> = stored.iter().map(|_| ConsultationId(Uuid::new_v4())).collect();
    let evening = stored.iter().zip(&ids).map(|(one, id)| DocumentWrite {
        base: Some(one.evening.base.clone()),
        ..write(*id, 0, &one.evening)
    });
    let evening = Append { documents: evening.collect(), ..Append::default() };
    let numbers = app.store.append(&pharmacy, evening).await?;
    let night = stored.iter().zip(ids.iter().zip(numbers)).map(|(one, (id, seq))| DocumentWrite {
        changes: one.overnight.clone(),
        ..write(*id, seq, &one.morning)
    });
    let night = Append { documents: night.collect(), ..Append::default() };
    app.store.append(&pharmacy, night).await?;
    Ok(())
}

fn changes(bytes: &[Vec<u8>]) -> Result<Vec<StoredChange>, Failure> {
    let changes = bytes.iter().map(|bytes| {
        let change = automerge::Change::from_bytes(bytes.clone())?;
        Ok(StoredChange {
            hash: change.hash().0,
            actor: change.actor_id().to_bytes().to_vec(),
            bytes: bytes.clone(),
        })
    });
    changes.collect()
}

/// One write under another id; what the log needs to know of it is as it was.
fn write(id: ConsultationId, based_on: u64, like: &StoredDocument) -> DocumentWrite {
    let mut row = like.row.clone();
    row.id = id.to_string();
    DocumentWrite {
        id,
        based_on,
        base: None,
        changes: Vec::new(),
        // One head is 64 characters of hex, whichever it is.
        heads: vec!["0".repeat(64)],
        row,
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: None,
    }
}

fn blank(id: ConsultationId, index: usize, pharmacy: &OdsCode, at: Millis) -> Consultation {
    let mut record = Consultation::new(id, pharmacy, "minor-illness@1", at);
    "phone".clone_into(&mut record.referral.channel);
    record.referral.received_at.clone_from(&record.created_at);
    record.referral.complaint = words(index, ANSWERS);
    record.patient.family_name = format!("Winters{index}");
    words(index, 97).split(' ').next().unwrap_or_default().clone_into(&mut record.patient.given_name);
    record.patient.birth_date = format!("19{}-0{}-1{}", 20 + index % 80, 1 + index % 9, index % 10);
    record.patient.address = format!("{index} Larch Street\nZettington");
    "ZZ99 3CZ".clone_into(&mut record.patient.postcode);
    record.patient.phone = format!("07700 900{:03}", index % 1000);
    record
}

/// Some words, the same each time.
fn words(index: usize, answer: usize) -> String {
    let mut mixed = (index * 131 + answer * 17 + 1) as u64;
    let count = if answer % 5 == 4 { 25 } else { 2 + answer % 3 };
    let chosen = (0..count).map(|_| {
        mixed = mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS[(mixed >> 33) as usize % WORDS.len()]
    });
    chosen.collect::<Vec<_>>().join(" ")
}
