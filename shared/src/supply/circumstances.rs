//! What the rules know besides the line: the day, the place, the patient, the interview.

use super::{EMERGENCY_SUPPLY, SUPPLIED};
use crate::consultation::{Answer, Consultation, Medicine};
use crate::ids::PersonId;
use crate::pathway::Facts;
use crate::people::{PgdAuthorisation, Role};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Everything a review reads that is not of the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The day that is judged: today, or for a supply that was made the day of it, in England.
    pub today: Date,
    /// `premises`, `patients-home`, `care-home`, `remote`; empty: not said.
    pub setting: String,
    /// In whole years, on the day the visit began.
    pub age: Option<u16>,
    /// `male`, `female`; empty: not known.
    pub sex: String,
    /// Answers of the consultation by the pathway's ids, `yes` and `no` for yes-no.
    pub answers: BTreeMap<String, String>,
    /// Who supplies. `None` when a record is read again later: then nothing is said against the person.
    pub professional: Option<Professional>,
    /// Earlier emergency supplies to this patient, so far as they are known here.
    pub earlier: Vec<Earlier>,
    /// Emergency supplies of this record itself, exceptions too; the line that is looked at may be one of them.
    pub in_this_record: Vec<InThisRecord>,
}

/// An emergency supply that this record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InThisRecord {
    pub supply: Earlier,
    /// As `record::Medicine::recorded_at`: by it a line knows itself.
    pub recorded_at: String,
}

/// Who supplies, with the authorisations that this device holds of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Professional {
    pub person: PersonId,
    pub role: Role,
    pub authorisations: Vec<PgdAuthorisation>,
}

/// An emergency supply that was made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub day: Date,
    pub name: String,
    /// dm+d code; empty when it was typed in words.
    pub code: String,
    /// As `record::Medicine::ingredients`.
    pub ingredients: String,
}

impl Circumstances {
    /// As the record has them, for a supply on that day.
    pub fn of(record: &Consultation, today: Date) -> Self {
        let facts = Facts::of_patient(record);
        let answers: BTreeMap<String, String> =
            record.answers.iter().map(|(id, answer)| (id.clone(), flat(answer))).collect();
        let mut circumstances = Self {
            today,
            setting: answers.get("setting").cloned().unwrap_or_default(),
            age: facts.age_years,
            sex: if facts.sex == "unknown" { String::new() } else { facts.sex },
            answers,
            professional: None,
            earlier: Vec::new(),
            in_this_record: in_this_record(record, today),
        };
        // What a look-up found counts whether or not somebody also ticked it.
        if record.lookups.values().any(|look| look.kind == "prescription" && look.result == "found") {
            circumstances.answers.insert("prescription-found".to_owned(), "found".to_owned());
        }
        circumstances
    }

    /// The same, supplied by this professional.
    #[must_use]
    pub fn supplied_by(mut self, professional: Professional) -> Self {
        self.professional = Some(professional);
        self
    }

    /// The same, with what is known of earlier supplies.
    #[must_use]
    pub fn after(mut self, earlier: Vec<Earlier>) -> Self {
        self.earlier = earlier;
        self
    }
}

fn in_this_record(record: &Consultation, today: Date) -> Vec<InThisRecord> {
    let urgent = |line: &&Medicine| {
        line.decision == SUPPLIED && ["", EMERGENCY_SUPPLY].contains(&line.supply_type.trim())
    };
    let supplied = record.medicines.values().filter(urgent).map(|line| InThisRecord {
        supply: Earlier {
            day: today,
            name: line.name.clone(),
            code: line.code.clone(),
            ingredients: line.ingredients.clone(),
        },
        recorded_at: line.recorded_at.clone(),
    });
    supplied.collect()
}

fn flat(answer: &Answer) -> String {
    match answer {
        Answer::YesNo(true) => "yes".to_owned(),
        Answer::YesNo(false) => "no".to_owned(),
        Answer::Number(number) => number.to_string(),
        Answer::Text(text) => text.trim().to_owned(),
    }
}
