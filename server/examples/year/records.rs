//! The seeded generator: the same numbers make the same year.

use crate::Failure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::ToSpan as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use satchel::app::App;
use satchel::store::{Append, DeliveryKind, DeliveryState, DocumentWrite, NewDelivery, Pharmacy, Route};
use satchel::supplies;
use shared::consultation::{Answer, Author, Consultation, Document, Medicine, Patient, Referral, Writer};
use shared::ids::{ConsultationId, OdsCode};
use shared::pathway::{self, Given, Pathway};
use shared::time::{self, Millis};
use uuid::Uuid;

/// Records stored at once.
const BATCH: usize = 100;
const SEED: u64 = 20_261_122;
const MINUTE: Millis = 60_000;
/// What the year consists of, the frequent ones several times.
const PATHWAYS: [&str; 8] = [
    "minor-illness@1",
    "minor-illness@1",
    "sore-throat@1",
    "sore-throat@1",
    "uncomplicated-uti@1",
    "infected-insect-bite@1",
    "impetigo@1",
    "acute-sinusitis@1",
];
const FAMILIES: [&str; 8] =
    ["Sampleton", "Testerby", "Mockridge", "Fauxley", "Trialsworth", "Dummond", "Exampler", "Proofwell"];
const GIVEN: [&str; 8] = ["Ada", "Bram", "Cleo", "Dev", "Esme", "Finn", "Gita", "Hal"];
const STAFF: [&str; 4] = ["Asha Rao", "Ben Ade", "Carys Pugh", "Dara Malik"];
const MEDICINES: [&str; 6] = [
    "Paracetamol 500mg tablets",
    "Ibuprofen 400mg tablets",
    "Sodium chloride 0.9% nasal drops",
    "Clotrimazole 1% cream",
    "Benzydamine 0.15% spray",
    "Cetirizine 10mg tablets",
];

#[derive(Clone)]
pub struct Year {
    pub pharmacies: Vec<OdsCode>,
    days: i64,
    now: Millis,
}

impl Year {
    pub fn new(pharmacies: usize, days: i64, now: Millis) -> Self {
        let pharmacies = (0..pharmacies)
            .map(|number| if number == 0 { "FA123".to_owned() } else { format!("FY{number:03}") });
        Self { pharmacies: pharmacies.map(|code| code.parse().expect("an ODS code")).collect(), days, now }
    }

    /// First and last day.
    pub fn days(&self) -> (String, String) {
        let last = time::day(self.now);
        (last.saturating_sub(self.days.days()).to_string(), last.to_string())
    }

    pub async fn load(&self, app: &App, consultations: usize) -> Result<(), Failure> {
        for code in &self.pharmacies {
            if app.store.pharmacy(code).await?.is_none() {
                let pharmacy = Pharmacy {
                    ods: code.clone(),
                    name: format!("Pharmacy {code}"),
                    dos_ids: Vec::new(),
                    mailbox: String::new(),
                    phone: String::new(),
                    address: String::new(),
                };
                app.store.put_pharmacy(&pharmacy).await?;
            }
        }
        let at_once = std::thread::available_parallelism()?.get();
        let each = consultations / self.pharmacies.len();
        let all = stream::iter(self.pharmacies.iter().enumerate().map(|(number, pharmacy)| {
            let rest = if number == 0 { consultations % self.pharmacies.len() } else { 0 };
            self.load_one(app, pharmacy, SEED + number as u64, each + rest)
        }));
        all.buffer_unordered(at_once).try_collect().await
    }

    async fn load_one(&self, app: &App, pharmacy: &OdsCode, seed: u64, many: usize) -> Result<(), Failure> {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut left = many;
        while left > 0 {
            let now = left.min(BATCH);
            left -= now;
            let (year, of) = (self.clone(), pharmacy.clone());
            let made = tokio::task::spawn_blocking(move || {
                let documents: Result<Vec<_>, String> =
                    (0..now).map(|_| year.one(&of, &mut dice).map_err(|why| why.to_string())).collect();
                documents.map(|documents| (documents, dice))
            });
            let (documents, back) = made.await??;
            dice = back;
            app.store.append(pharmacy, Append { documents, ..Append::default() }).await?;
        }
        Ok(())
    }

    fn one(&self, pharmacy: &OdsCode, dice: &mut StdRng) -> Result<DocumentWrite, Failure> {
        let pathway =
            pathway::find(PATHWAYS[dice.random_range(0..PATHWAYS.len())]).ok_or("no such pathway")?;
        let back = dice.random_range(MINUTE..self.days * 24 * 60 * MINUTE);
        let started = self.now - back;
        let id = ConsultationId::from_bytes(dice.random());
        let record = record(id, pharmacy, pathway, started, dice);
        let signer = STAFF[dice.random_range(0..STAFF.len())];
        let mut document = Document::create(started, &writer(dice.random(), signer), &record)?;
        let signed = started + dice.random_range(5..40) * MINUTE;
        // Nobody answers the questions about a supply here; a visit that an emergency cut short is signed without.
        let emergency = record.medicines.values().any(|line| line.decision == "supplied");
        document.sign(signed.min(self.now), &writer(dice.random(), signer), "2012345", emergency)?;
        Ok(DocumentWrite {
            id,
            based_on: 0,
            base: Some(document.save()),
            changes: Vec::new(),
            heads: document.heads().iter().map(ToString::to_string).collect(),
            row: document.row()?,
            intake: Vec::new(),
            deliveries: deliveries(id, pharmacy, signed, dice),
            supplies: supplies::of(&mut document)?,
        })
    }
}

fn one_of(words: &[&str], dice: &mut StdRng) -> String {
    words[dice.random_range(0..words.len())].to_owned()
}

fn record(
    id: ConsultationId,
    pharmacy: &OdsCode,
    pathway: &Pathway,
    started: Millis,
    dice: &mut StdRng,
) -> Consultation {
    let named = format!("{}@{}", pathway.id, pathway.version);
    let mut record = Consultation::new(id, pharmacy, &named, started);
    // A worked case answers as its author says that somebody does.
    if !pathway.cases.is_empty() {
        let case = &pathway.cases[dice.random_range(0..pathway.cases.len())];
        let given = Given::of(pathway, case);
        (record.answers, record.observations) = (given.answers, given.observations);
        record.outcome.code = pathway::assess_record(pathway, &record)
            .verdict
            .outcome()
            .map(|outcome| outcome.id.clone())
            .unwrap_or_default();
    }
    record.answers.insert("setting".to_owned(), Answer::text("premises"));
    record.answers.insert("method".to_owned(), Answer::text("FTF"));
    record.visit.started_at = time::stored(started);
    record.referral = Referral {
        channel: one_of(&["itk111", "bars", "walkin", "phone"], dice),
        referrer_type: "NHS111".to_owned(),
        received_at: time::stored(started - dice.random_range(1..600) * MINUTE),
        complaint: "Feels unwell".to_owned(),
        ..Referral::default()
    };
    let (year, month, day) =
        (dice.random_range(1935..2020), dice.random_range(1..13), dice.random_range(1..29));
    record.patient = Patient {
        family_name: one_of(&FAMILIES, dice),
        given_name: one_of(&GIVEN, dice),
        birth_date: format!("{year}-{month:02}-{day:02}"),
        sex: one_of(&["female", "male"], dice),
        postcode: format!("ZZ{} 9ZZ", dice.random_range(1..30)),
        address: format!("{} Elm Road\nZettington", dice.random_range(1..200)),
        ..Patient::default()
    };
    if dice.random_range(0..10) < 4 {
        let supplied = dice.random_range(0..4) == 0;
        let line = Medicine {
            name: MEDICINES[dice.random_range(0..MEDICINES.len())].to_owned(),
            decision: if supplied { "supplied" } else { "recommended" }.to_owned(),
            supply_type: "over-the-counter".to_owned(),
            supplied_at: time::stored(started + MINUTE),
            recorded_at: time::stored(started + MINUTE),
            quantity: "16".to_owned(),
            unit: "tablet".to_owned(),
            ..Medicine::default()
        };
        record.medicines.insert(Uuid::from_bytes(dice.random()).to_string(), line);
    }
    record
}

fn writer(actor: [u8; 16], name: &str) -> Writer {
    Writer {
        actor,
        author: Author {
            person: "11111111-1111-4111-8111-111111111111".to_owned(),
            name: name.to_owned(),
            role: "pharmacist".to_owned(),
            unlocked_by: "passkey".to_owned(),
        },
    }
}

/// The notice and the claim as they are found when all is over.
fn deliveries(id: ConsultationId, pharmacy: &OdsCode, signed: Millis, dice: &mut StdRng) -> Vec<NewDelivery> {
    let row = |kind, route, state| NewDelivery {
        id: Uuid::new_v4(),
        consultation: id,
        pharmacy: pharmacy.clone(),
        kind,
        amendment: 0,
        route,
        position: 0,
        state,
        addressee: "Elm Road Surgery".to_owned(),
        detail: String::new(),
        message: None,
        answer_by: None,
        created_at: signed + MINUTE,
    };
    let claim = match dice.random_range(0..20) {
        0 => DeliveryState::Refused,
        1 => DeliveryState::Held,
        _ => DeliveryState::Accepted,
    };
    vec![
        row(DeliveryKind::GpNotice, Route::UpdateRecord, DeliveryState::Accepted),
        row(DeliveryKind::Claim, Route::Mys, claim),
    ]
}
