//! Supply under a patient group direction: the gate of practice 15, from data.

mod gate;

pub use gate::authorise;
pub(super) use gate::review;

use super::rules::Question;
use crate::pathway;
use crate::people::Role;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static FILE: LazyLock<File> = LazyLock::new(|| {
    let json = include_str!(concat!(env!("OUT_DIR"), "/patient-group-directions.json"));
    serde_json::from_str(json).expect("the tests read every embedded file")
});

#[derive(Debug, Deserialize)]
struct File {
    /// Asked where a dose band wants it.
    #[serde(rename = "question")]
    questions: Vec<Question>,
    #[serde(rename = "direction")]
    directions: Vec<Direction>,
}

/// One direction at one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Direction {
    pub id: String,
    pub version: String,
    pub title: String,
    /// `draft` or `approved`; a draft is shown as one.
    pub status: String,
    /// First and last day of use.
    pub from: Date,
    pub to: Date,
    pub source: String,
    /// Who may supply, once named for this version.
    pub professions: Vec<Role>,
    /// Names of which one is among the ingredients.
    pub substances: Vec<String>,
    /// `male`, `female`; empty: anybody.
    #[serde(default)]
    pub sex: String,
    /// In whole years, both included.
    pub age_from: u16,
    #[serde(default)]
    pub age_to: Option<u16>,
    /// Batch and expiry are recorded.
    #[serde(default)]
    pub batch: bool,
    /// Each must be answered yes.
    #[serde(rename = "inclusion")]
    pub inclusions: Vec<Question>,
    /// Each must be answered no.
    #[serde(rename = "exclusion")]
    pub exclusions: Vec<Question>,
    #[serde(rename = "dose")]
    pub doses: Vec<Dose>,
    /// Hand-overs away from the premises that are allowed.
    #[serde(default)]
    pub off_site: Vec<OffSite>,
}

/// The dose of an age band. Nothing is calculated (practice 17).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dose {
    pub id: String,
    pub from_years: u16,
    #[serde(default)]
    pub to_years: Option<u16>,
    pub words: String,
    /// At most so many days; `None` where it is given once.
    #[serde(default)]
    pub days: Option<u16>,
    /// At most so many of the unit.
    pub quantity: f64,
    pub unit: String,
    /// The weight is recorded.
    #[serde(default)]
    pub weight: bool,
}

/// A dated rule that allows a hand-over in a setting (practice 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OffSite {
    /// As `record::Medicine::supplied_from`.
    pub place: String,
    pub setting: String,
    pub label: String,
    pub from: Date,
    pub source: String,
}

impl Direction {
    /// `uti-nitrofurantoin@2.0`, as `record::Medicine::legal_document` has it.
    pub fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    pub fn is_draft(&self) -> bool {
        self.status != "approved"
    }

    pub fn is_in_date(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// What a rule says, with its source, by the id that `record::Medicine::broken_rules` holds.
    pub fn rule_words(&self, id: &str) -> String {
        let by_id =
            |questions: &[Question]| questions.iter().find(|one| one.id == id).map(|one| one.label.clone());
        let words = if let Some(label) = by_id(&self.inclusions) {
            format!("Not within the direction: {label}")
        } else if let Some(label) = by_id(&self.exclusions) {
            format!("Excluded by the direction: {label}")
        } else {
            match id {
                "direction-not-in-date" => "The direction was not in date.",
                "not-authorised" => "No signed authorisation of this professional counted.",
                "profession" => "The direction does not name this profession.",
                "other-medicine" => "The direction is for another medicine.",
                "not-a-product" => "No product was chosen.",
                "sex" => "The patient's sex is not within the direction, or not known.",
                "age" => "The patient's age is not within the direction, or not known.",
                "place" => "It was handed over where no rule of the direction allows it.",
                "over-maximum" => "More than the direction allows.",
                "expired" => "The pack had expired.",
                _ => return format!("Not known: {}", id.replace('-', " ")),
            }
            .to_owned()
        };
        format!("{words} ({})", self.source)
    }

    /// The dose for an age in whole years.
    pub fn dose(&self, age: u16) -> Option<&Dose> {
        self.doses.iter().find(|dose| dose.from_years <= age && dose.to_years.is_none_or(|to| age <= to))
    }
}

/// Every direction that is held: those of the rules, then those of each pathway.
pub fn all() -> impl Iterator<Item = &'static Direction> {
    let of_pathways = pathway::all().iter().flat_map(|pathway| &pathway.directions);
    FILE.directions.iter().chain(of_pathways)
}

/// The direction that a record names, for example `uti-nitrofurantoin@2.0`.
pub fn find(key: &str) -> Option<&'static Direction> {
    all().find(|direction| direction.key() == key)
}

/// The direction of that id that counts on a day; where none does, the one that ended last, so that it can be said.
pub fn of_day(id: &str, day: Date) -> Option<&'static Direction> {
    all().filter(|direction| direction.id == id).max_by_key(|one| (one.is_in_date(day), one.to))
}

fn question(id: &str) -> Option<&'static Question> {
    FILE.questions.iter().find(|question| question.id == id)
}
