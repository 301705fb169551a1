//! Supply under a patient group direction: the gate of practice 15, from data.

mod gate;

pub use gate::authorise;
pub(super) use gate::review;

use super::rules::Question;
use crate::people::Role;
use jiff::civil::Date;
use serde::Deserialize;
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
#[derive(Debug, Deserialize)]
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
#[derive(Debug, Deserialize)]
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
#[derive(Debug, Deserialize)]
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

    /// The dose for an age in whole years.
    pub fn dose(&self, age: u16) -> Option<&Dose> {
        self.doses.iter().find(|dose| dose.from_years <= age && dose.to_years.is_none_or(|to| age <= to))
    }
}

/// Every direction that is held, in the file's order.
pub fn all() -> &'static [Direction] {
    &FILE.directions
}

/// The direction that a record names, for example `uti-nitrofurantoin@2.0`.
pub fn find(key: &str) -> Option<&'static Direction> {
    FILE.directions.iter().find(|direction| direction.key() == key)
}

fn question(id: &str) -> Option<&'static Question> {
    FILE.questions.iter().find(|question| question.id == id)
}
