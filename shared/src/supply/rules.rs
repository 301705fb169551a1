//! The file `rules/emergency-supply.toml`, as the engine reads it.

use super::maximum::Limit;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static FILE: LazyLock<File> = LazyLock::new(|| {
    let json = include_str!(concat!(env!("OUT_DIR"), "/emergency-supply.json"));
    serde_json::from_str(json).expect("the tests read every embedded file")
});

/// Everything the file says, worked cases aside.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    #[serde(rename = "version")]
    versions: Vec<Rules>,
    #[serde(rename = "no-supply-reason")]
    no_supply_reasons: Vec<NoSupplyReason>,
}

/// The rules as they stand from a day on, until the next version begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rules {
    #[serde(rename = "id")]
    pub _id: String,
    pub from: Date,
    #[serde(rename = "basis")]
    pub bases: Vec<BasisRule>,
    pub earlier: Days,
    pub register: Days,
    /// CONTROL_DRUG_CATEGORY to `none`, `1` to `5`.
    pub schedules: BTreeMap<String, String>,
    #[serde(rename = "place")]
    pub places: Vec<Place>,
    #[serde(rename = "circumstance")]
    pub circumstances: Vec<Circumstance>,
    #[serde(rename = "list")]
    pub lists: Vec<List>,
    /// Asked where the dictionary does not say.
    #[serde(rename = "product-question")]
    pub product_questions: Vec<Question>,
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    /// The first that fits counts.
    #[serde(rename = "maximum")]
    pub maxima: Vec<MaximumRule>,
    #[serde(rename = "refusal")]
    pub refusals: Vec<RefusalRule>,
    #[serde(rename = "warning")]
    pub warnings: Vec<WarningRule>,
}

/// A right to supply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BasisRule {
    pub id: String,
    pub title: String,
    pub supply_type: String,
    pub when: When,
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub register: bool,
    #[serde(rename = "source")]
    pub _source: String,
    #[serde(rename = "verified")]
    pub _verified: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Days {
    pub within_days: u16,
    #[serde(rename = "source")]
    pub _source: String,
    #[serde(rename = "verified")]
    pub _verified: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Place {
    pub id: String,
    pub label: String,
    pub settings: Vec<String>,
}

/// An answer of the whole consultation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Circumstance {
    pub id: String,
    pub options: Vec<String>,
    /// What to do while it is not known.
    pub open: String,
}

/// Names that are looked for, in lower case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct List {
    pub id: String,
    #[serde(rename = "source")]
    pub _source: String,
    #[serde(rename = "verified")]
    pub _verified: bool,
    pub names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct MaximumRule {
    pub id: String,
    pub when: When,
    pub limit: Limit,
    pub words: String,
    pub source: String,
    pub verified: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RefusalRule {
    pub id: String,
    /// Bases it is about; all of them when empty.
    #[serde(default, rename = "for")]
    pub bases: Vec<String>,
    pub when: When,
    pub words: String,
    /// What to find out while the rule cannot answer.
    #[serde(default)]
    pub open: String,
    pub source: String,
    #[serde(rename = "verified")]
    pub _verified: bool,
    /// The medicine alone decides it.
    #[serde(default)]
    pub product: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WarningRule {
    pub id: String,
    #[serde(default, rename = "for")]
    pub bases: Vec<String>,
    pub when: When,
    pub words: String,
    pub source: String,
    pub reason: bool,
}

/// One question about a line. The answer is kept under the id in `record::Medicine::asked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    pub id: String,
    pub label: String,
    #[serde(default)]
    pub hint: String,
    pub kind: QuestionKind,
    /// For a choice.
    #[serde(default)]
    pub options: Vec<QuestionOption>,
    /// For a number: the highest that is believed.
    #[serde(default)]
    pub most: Option<u16>,
    #[serde(default = "When::always")]
    pub(super) shown: When,
}

/// How a question is answered, and what `asked` then holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// `yes` or `no`.
    YesNo,
    /// The option's id.
    Choice,
    /// A decimal above 0: `28`, `0.5`.
    Number,
    /// One line, not blank.
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionOption {
    pub id: String,
    pub label: String,
}

/// A coded reason for supplying nothing (`record::Medicine::no_supply_reason`).
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSupplyReason {
    pub id: String,
    pub label: String,
    /// It needs words besides, in `record::Medicine::reason`.
    #[serde(default)]
    pub words: bool,
}

/// What a rule may ask. It answers yes, no, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum When {
    Always,
    /// An earlier supply of the same substance is known, within the days of the rules.
    EarlierSupplyKnown,
    /// The fact is this. A question that is not put is not this.
    Is(String, String),
    OneOf(String, Vec<String>),
    /// There is such a fact. Never *not yet*.
    Known(String),
    Group(String),
    /// An ingredient is on the list; where ingredients are not known, or the line was typed, the name is searched.
    Contains(String),
    /// The name is on the list.
    Named(String),
    AgeAtLeast(u16),
    AgeBelow(u16),
    Not(Box<When>),
    All(Vec<When>),
    Any(Vec<When>),
}

impl When {
    pub(super) fn always() -> Self {
        Self::Always
    }

    /// Ids of the facts it asks for.
    pub(super) fn reads(&self) -> Vec<&str> {
        match self {
            Self::Is(id, _) | Self::OneOf(id, _) | Self::Known(id) => vec![id],
            Self::Group(_) => vec!["typed-group"],
            Self::Not(inner) => inner.reads(),
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::reads).collect(),
            _ => Vec::new(),
        }
    }
}

impl Question {
    pub fn option(&self, id: &str) -> Option<&QuestionOption> {
        self.options.iter().find(|option| option.id == id)
    }

    /// An answer as a person reads it.
    pub fn answer_in_words<'a>(&'a self, answer: &'a str) -> &'a str {
        match answer {
            "yes" if self.kind == QuestionKind::YesNo => "Yes",
            "no" if self.kind == QuestionKind::YesNo => "No",
            id => self.option(id).map_or(id, |option| option.label.as_str()),
        }
    }
}

impl Rules {
    pub fn all() -> &'static [Self] {
        &FILE.versions
    }

    /// The rules in force on that day; `None` before the first.
    pub fn on(day: Date) -> Option<&'static Self> {
        FILE.versions.iter().filter(|rules| rules.from <= day).max_by_key(|rules| rules.from)
    }

    pub fn place(&self, id: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.id == id)
    }
}

/// The coded reasons, in the order in which they are offered.
pub fn no_supply_reasons() -> &'static [NoSupplyReason] {
    &FILE.no_supply_reasons
}

pub fn no_supply_reason(id: &str) -> Option<&'static NoSupplyReason> {
    FILE.no_supply_reasons.iter().find(|reason| reason.id == id)
}

/// Days after a supply by which the entry in the prescription-only register is due (HMR 2012 regulation 253); 0 on a day
/// for which no rules are held.
pub fn register_within_days(supplied: Date) -> u16 {
    Rules::on(supplied).map_or(0, |rules| rules.register.within_days)
}

/// From where a medicine may be had in a setting on a day, as id and label (practice 1).
pub fn places_offered(setting: &str, day: Date) -> Vec<(&'static str, &'static str)> {
    let places = Rules::on(day).map_or(&[] as &[Place], |rules| &rules.places);
    let here = places.iter().filter(|place| place.settings.iter().any(|one| one == setting));
    here.map(|place| (place.id.as_str(), place.label.as_str())).collect()
}

/// Every place that has a word on a day, for a supply that has happened whatever is allowed (practice 14).
pub fn places_known(day: Date) -> Vec<(&'static str, &'static str)> {
    let places = Rules::on(day).map_or(&[] as &[Place], |rules| &rules.places);
    places.iter().map(|place| (place.id.as_str(), place.label.as_str())).collect()
}
