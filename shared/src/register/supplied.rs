//! One line that says something was handed over, with all that a register, a recall or an inspector asks about it.

use super::rules::RULES;
use crate::consultation::{Consultation, Medicine, Patient, Signature};
use crate::pathway;
use crate::supply::{self, Circumstances, Review};
use crate::time;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was handed over, to whom, why, and who signed for it. Copied out of the record, so that it is read without it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Supplied {
    /// Consultation and line by their ids.
    pub consultation: String,
    pub line: String,
    /// RFC 3339; when it was recorded, where nobody said when it was handed over, or not so that it can be read.
    pub supplied_at: String,
    pub name: String,
    /// dm+d code and level; empty when typed in words.
    pub code: String,
    pub level: String,
    pub form: String,
    pub strength: String,
    /// As written: `20`, `capsule`.
    pub quantity: String,
    pub unit: String,
    pub days: String,
    pub directions: String,
    /// By which right: `emergency-supply`, `patient-group-direction`, …
    pub supply_type: String,
    /// `PGD id@version`.
    pub legal_document: String,
    /// `POM`, `P`, `GSL`, `none`; empty: unknown.
    pub legal_class: String,
    /// Control category of dm+d; empty: unknown.
    pub schedule: String,
    /// `medicines::Group` words, a space between.
    pub groups: String,
    /// Ingredients as `code|name`, one a line; empty: unknown.
    pub ingredients: String,
    /// Nature of the emergency, in words.
    pub nature: String,
    pub prescribed_by: String,
    /// It happened although the rules do not allow it: why. Empty: it was lawful so far as the rules tell.
    pub exception: String,
    /// An emergency supply that the rules do not carry, or whose line was changed, and that nobody has recorded as an
    /// exception.
    pub unsound: bool,
    /// How much is still wanted, where less than asked for was supplied.
    pub owed: String,
    pub batch: String,
    /// `2027-03` or `2027-03-31`.
    pub expiry: String,
    pub gtin: String,
    pub collected_by: String,
    /// `TESTERTON, Wilhelmina`.
    pub patient: String,
    pub birth_date: String,
    /// Ten digits or empty.
    pub nhs_number: String,
    /// Lines with a line break between, the postcode last.
    pub address: String,
    pub phone: String,
    /// When it came into a signed record, RFC 3339; empty: nobody has signed it yet.
    pub entered_at: String,
    /// Name and GPhC number of who signed it as it stands; empty: nobody.
    pub signed_by: String,
}

impl Supplied {
    /// The day of the supply, in England; `None` where no time was recorded.
    pub fn day(&self) -> Option<Date> {
        time::read(&self.supplied_at).map(time::day)
    }

    /// `20 capsule`; the unit as dm+d has it, which knows no plural.
    pub fn amount(&self) -> String {
        format!("{} {}", self.quantity.trim(), self.unit.trim()).trim().to_owned()
    }

    pub fn is_exception(&self) -> bool {
        !self.exception.trim().is_empty()
    }
}

/// What a record says was handed over, oldest first. `record` is read as it was signed, `signatures` are those that stand
/// in it now: what is signed cannot hold its own signature. With no signature it is what would be entered.
pub fn supplied(record: &Consultation, signatures: &BTreeMap<String, Signature>) -> Vec<Supplied> {
    let standing = standing(signatures);
    let lines = record.medicines.iter().filter(|(_, line)| line.decision == "supplied");
    let mut found: Vec<Supplied> = lines
        .map(|(id, line)| {
            let entered_at = entered_at(line, signatures);
            Supplied {
                consultation: record.id.clone(),
                line: id.clone(),
                entered_at,
                signed_by: standing.map(signer).unwrap_or_default(),
                nature: joined(
                    nature(record, line).iter().map(String::as_str).chain([line.reason.trim()]),
                    "; ",
                ),
                unsound: line.supply_type == supply::EMERGENCY_SUPPLY
                    && supply::standing(record, line) == supply::Standing::Unsound,
                ..of_line(line, &record.patient)
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.supplied_at, &a.name, &a.line).cmp(&(&b.supplied_at, &b.name, &b.line)));
    found
}

fn of_line(line: &Medicine, patient: &Patient) -> Supplied {
    // Without a day that can be read it would be in no register.
    let at = if time::read(&line.supplied_at).is_some() { &line.supplied_at } else { &line.recorded_at };
    Supplied {
        supplied_at: at.clone(),
        name: line.name.trim().to_owned(),
        code: line.code.clone(),
        level: line.level.clone(),
        form: line.form.clone(),
        strength: line.strength.clone(),
        quantity: line.quantity.clone(),
        unit: line.unit.clone(),
        days: line.days.clone(),
        directions: line.directions.clone(),
        supply_type: line.supply_type.clone(),
        legal_document: line.legal_document.clone(),
        legal_class: line.legal_class.clone(),
        schedule: line.schedule.clone(),
        groups: line.groups.clone(),
        ingredients: line.ingredients.clone(),
        prescribed_by: line.prescribed_by.clone(),
        exception: line.exception.clone(),
        owed: line.owed.clone(),
        batch: line.batch.clone(),
        expiry: line.expiry.clone(),
        gtin: line.gtin.clone(),
        collected_by: line.collected_by.clone(),
        patient: patient.list_name(),
        birth_date: patient.birth_date.clone(),
        nhs_number: patient.nhs_number.clone(),
        address: joined([patient.address.trim(), patient.postcode.trim()], "\n"),
        phone: patient.phone.clone(),
        ..Supplied::default()
    }
}

/// Known again without an NHS number: name and birth date, told apart by nothing else. Empty where either is missing.
pub fn of_person(list_name: &str, birth_date: &str) -> String {
    let (name, born) = (list_name.trim().to_lowercase(), birth_date.trim());
    if name.is_empty() || born.is_empty() { String::new() } else { format!("{name} {born}") }
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

/// The first signature after the line was recorded is what put it into the register.
fn entered_at(line: &Medicine, signatures: &BTreeMap<String, Signature>) -> String {
    let times = || signatures.values().map(|signature| &signature.at);
    let after = times().filter(|at| **at >= line.recorded_at).min();
    after.or_else(|| times().max()).cloned().unwrap_or_default()
}

fn standing(signatures: &BTreeMap<String, Signature>) -> Option<&Signature> {
    let latest = signatures.values().map(|signature| signature.amendment).max();
    let of_latest = signatures.values().filter(|signature| Some(signature.amendment) == latest);
    of_latest.min_by(|a, b| (&a.at, &a.person).cmp(&(&b.at, &b.person)))
}

fn signer(signature: &Signature) -> String {
    let gphc = signature.gphc.trim();
    let gphc = if gphc.is_empty() { String::new() } else { format!("GPhC {gphc}") };
    joined([signature.name.trim(), &gphc], ", ")
}

/// The nature of the emergency: what was answered about this medicine, else about the whole consultation.
fn nature(record: &Consultation, line: &Medicine) -> Vec<String> {
    let asked = Asked::of(record, line);
    let said = RULES
        .nature
        .iter()
        .filter_map(|nature| asked.words(&nature.answer).or_else(|| of_consultation(record, &nature.answer)));
    said.filter(|words| !words.trim().is_empty()).collect()
}

/// Why this medicine could not wait, as far as it was asked about this medicine alone; what was asked about the whole
/// consultation stands with its answers.
pub fn asked_nature(record: &Consultation, line: &Medicine) -> Vec<String> {
    let asked = Asked::of(record, line);
    let said = RULES.nature.iter().filter_map(|nature| asked.words(&nature.answer));
    said.filter(|words| !words.trim().is_empty()).collect()
}

/// A line with the questions that the rules of its day ask about it.
struct Asked<'a> {
    line: &'a Medicine,
    review: Option<Review>,
}

impl<'a> Asked<'a> {
    fn of(record: &Consultation, line: &'a Medicine) -> Self {
        let day = time::read(&line.supplied_at).map(time::day);
        Self { line, review: day.map(|day| supply::review(line, &Circumstances::of(record, day))) }
    }

    /// An answer in the words of its question.
    fn words(&self, id: &str) -> Option<String> {
        let answer = self.line.asked.get(id)?.as_str();
        let question = self.review.as_ref().and_then(|review| review.question(id));
        Some(question.map_or(answer, |question| question.answer_in_words(answer)).to_owned())
    }
}

fn of_consultation(record: &Consultation, id: &str) -> Option<String> {
    let answer = record.answers.get(id)?.as_text()?.trim();
    let field =
        pathway::find(&record.pathway).and_then(|pathway| pathway.fields.iter().find(|field| field.id == id));
    let option = field.and_then(|field| field.option(answer));
    Some(option.map_or(answer, |option| option.label.as_str()).to_owned())
}
