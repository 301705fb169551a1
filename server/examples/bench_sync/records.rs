//! The invented consultations: the same ones each time, so that runs and peers compare.

use crate::Failure;
use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{ActorId, AutoCommit, ROOT, ReadDoc as _, ScalarValue};
use serde_json::json;
use shared::consultation::{Answer, Consultation, Document, Writer};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use uuid::Uuid;

/// Edits of each consultation after the change that made it, as design 10 counts them.
const EDITS: usize = 20;
/// When the first consultation was made; the rest follow a minute apart.
pub const BEGAN: Millis = 1_795_000_000_000;

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
pub fn print_records(count: usize) -> Result<(), Failure> {
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
pub struct Made {
    pub id: ConsultationId,
    pub document: Document,
}

pub fn consultations(count: usize, pharmacy: &OdsCode, writer: &Writer) -> Result<Vec<Made>, Failure> {
    let mut made = Vec::with_capacity(count);
    for index in 0..count {
        let mut dice = Dice::for_consultation(index);
        let id = ConsultationId(Uuid::new_v4());
        let at = BEGAN + index as Millis * 60_000;
        let blank = blank(id, index, pharmacy, &mut dice);
        let document = answered(&Document::create(at, writer, &blank)?.save(), at, writer, &mut dice)?;
        made.push(Made { id, document });
    }
    Ok(made)
}

/// Twenty answers, one change each. They are the changes that the record's own door makes, without its reading the
/// whole record twenty times, which takes longer than all that is measured.
fn answered(made: &[u8], at: Millis, writer: &Writer, dice: &mut Dice) -> Result<Document, Failure> {
    let mut document = AutoCommit::load(made)?;
    document.set_actor(ActorId::from(writer.actor.as_slice()));
    let (_, answers) = document.get(ROOT, "answers")?.ok_or("a record has answers")?;
    for edit in 0..EDITS {
        let (question, answer) = answer(edit, dice);
        let value = match answer {
            Answer::YesNo(yes) => ScalarValue::Boolean(yes),
            Answer::Number(number) => ScalarValue::F64(number),
            Answer::Text(words) => ScalarValue::Str(words.into()),
        };
        document.put(&answers, question, value)?;
        document.commit_with(CommitOptions::default().with_time(at + edit as Millis * 5_000));
    }
    Ok(Document::load(&document.save_nocompress())?)
}
