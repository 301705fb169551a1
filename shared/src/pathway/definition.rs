//! The format of a pathway file: what a service asks, what the answers mean, and the cases that prove it.

use super::cases::Case;
use super::condition::Condition;
use super::heading::Heading;
use super::offers::{Gateway, Link, Treatment};
use crate::supply::pgd::Direction;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One service at one version. A released version is never edited; a change of meaning is a new one (design 2.11).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pathway {
    /// Lower case with hyphens, for example `minor-illness`.
    pub id: String,
    pub version: u32,
    /// What the pharmacist reads, for example `Minor illness`.
    pub title: String,
    pub strand: Strand,
    /// SNOMED code of the service, as the GP message names it.
    pub service: Code,
    /// SNOMED code of what a clinical pathway is about.
    #[serde(default)]
    pub condition: Option<Code>,
    pub clinical: Clinical,
    /// What may be recorded about a medicine.
    pub medicines: MedicinesPolicy,
    /// Parts of the form, in the order in which they are asked; red flags first (ui.md 3).
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
    #[serde(rename = "field", default)]
    pub fields: Vec<Field>,
    #[serde(rename = "score", default)]
    pub scores: Vec<Score>,
    /// What makes a consultation of this pathway payable, by date (referrals.md 5).
    #[serde(rename = "gateway", default)]
    pub gateways: Vec<Gateway>,
    /// Medicines that may be considered, in the order of preference.
    #[serde(rename = "treatment", default)]
    pub treatments: Vec<Treatment>,
    /// Patient group directions of this pathway, beside those of `rules/patient-group-directions.toml`.
    #[serde(rename = "direction", default)]
    pub directions: Vec<Direction>,
    /// Pages to open: guidance on this very condition, leaflets.
    #[serde(rename = "link", default)]
    pub links: Vec<Link>,
    /// Things to keep in mind, shown while their condition holds. They decide nothing.
    #[serde(rename = "warning", default)]
    pub warnings: Vec<Warning>,
    /// Most urgent first: an open one blocks those below it.
    #[serde(rename = "outcome")]
    pub outcomes: Vec<Outcome>,
    /// Worked cases, run as tests.
    #[serde(rename = "case", default)]
    pub cases: Vec<Case>,
}

/// The strands of the service (referrals.md 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strand {
    /// Minor illness; needs a referral.
    #[serde(rename = "MI")]
    MinorIllness,
    /// Urgent medicine supply; needs a referral.
    #[serde(rename = "UMS")]
    UrgentMedicineSupply,
    /// Clinical pathway; open to walk-ins.
    #[serde(rename = "CP")]
    ClinicalPathway,
}

/// A code of a published list with the words that belong to it. SNOMED CT unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: String,
    pub display: String,
}

/// Who stands behind the clinical content, and when it may be used (practice 35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clinical {
    pub status: ClinicalStatus,
    /// Name and role of the approver; empty while a draft.
    pub approver: String,
    /// Where the content comes from, for a reader to look up.
    pub sources: Vec<String>,
    /// First and last day of use.
    pub valid_from: Date,
    pub valid_to: Date,
    /// Shows who approved it; whoever runs a server checks it (`satchel check --live`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

/// A signature over what a file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// RFC 3339.
    pub at: String,
    /// SHA-256 in hex of what was approved.
    pub digest: String,
    /// Public key (P-256, compressed point) and signature, base64.
    pub key: String,
    pub signature: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClinicalStatus {
    /// Shown plainly; refused by `satchel check --live`.
    Draft,
    Approved,
}

/// What may be recorded about a medicine. There is no word for *supplied*: a file names the rules that may allow it, and
/// they decide each supply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MedicinesPolicy {
    pub decisions: Vec<Decision>,
    /// What the pharmacist reads beside the list of medicines.
    pub note: String,
    /// How the patient gets a recommended one. Handing over away from the pharmacy is a choice here only where the
    /// service has a dated rule that allows it (practice 1).
    #[serde(default)]
    pub supplied_from: Vec<Choice>,
    /// By which rules a medicine may be supplied; none when absent.
    #[serde(default)]
    pub rules: Option<SupplyRules>,
    /// The section behind which the medicines stand, because what is decided on them depends on it; behind all sections
    /// when empty.
    #[serde(default)]
    pub after: String,
}

/// Rules of `crate::supply` that a pathway opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupplyRules {
    /// `rules/emergency-supply.toml`.
    EmergencySupply,
    /// `rules/patient-group-directions.toml`.
    PatientGroupDirections,
}

impl MedicinesPolicy {
    /// The words for `record::Medicine::supplied_from`; the record's own word where this file knows none.
    pub fn place_in_words<'a>(&'a self, id: &'a str) -> &'a str {
        self.supplied_from.iter().find(|place| place.id == id).map_or(id, |place| place.label.as_str())
    }
}

/// `record::Medicine::decision`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Recommended,
    Refused,
    Referred,
}

/// One part of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Section {
    pub id: String,
    pub title: String,
    /// Groups of `common.toml`, as `consent@1`; their fields come before the section's own.
    #[serde(default)]
    pub include: Vec<String>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Field {
    /// The key of the answer, for ever.
    pub id: String,
    /// Named by a pathway's own fields; a group's fields stand in the section that includes the group.
    #[serde(default)]
    pub section: String,
    /// The question, in the pharmacist's words.
    pub label: String,
    /// A line of help under the question.
    #[serde(default)]
    pub hint: String,
    /// How the record words it; the label when empty.
    #[serde(default)]
    pub short: String,
    pub kind: Kind,
    /// For `choice` and `several`.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// For `number`.
    #[serde(default)]
    pub number: Option<Number>,
    /// For `several`: how many must be ticked before it counts as answered; 1 when not given.
    #[serde(default = "one")]
    pub ticks: u8,
    /// Kept in `Consultation::observations`, not in the answers.
    #[serde(default)]
    pub observation: bool,
    /// Whether the question is put at all.
    #[serde(default = "Condition::always")]
    pub shown: Condition,
    /// Whether signing waits for it.
    #[serde(default = "Condition::never")]
    pub required: Condition,
    /// A *yes* is an emergency (practice 12).
    #[serde(default)]
    pub red_flag: Option<RedFlagAction>,
    /// Stays in sight from the first minute, also while not asked (practice 9).
    #[serde(default)]
    pub pinned: bool,
    /// Where a first answer may come from; the pharmacist sees the origin and confirms.
    #[serde(default)]
    pub prefill: Option<Prefill>,
    /// What the field measures or names; an observation without one travels as words (practice 17).
    #[serde(default)]
    pub snomed: Option<Code>,
    /// The code under which two measurements travel as one, for example a blood pressure.
    #[serde(default)]
    pub panel: Option<Code>,
    /// Where it stands in what the GP reads; without one it stays in the pharmacy's record.
    #[serde(default)]
    pub heading: Option<Heading>,
    /// Never in the preview, the print, the list or the GP notice (practice 10).
    #[serde(default)]
    pub private: bool,
    /// A *yes* means that the GP is not told (practice 7).
    #[serde(default)]
    pub stops_gp_notice: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    YesNo,
    /// One of the options; stored as the option's id.
    Choice,
    /// Any of the options; one yes/no answer each, keyed `field.option`.
    Several,
    Number,
    /// `2026-11-22`.
    Date,
    /// `14:05`, in England.
    Time,
    /// One line.
    Text,
    /// Several lines.
    Words,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choice {
    pub id: String,
    pub label: String,
    /// SNOMED code, where one says the same.
    #[serde(default)]
    pub snomed: Option<Code>,
    /// Whether the option is offered.
    #[serde(default = "Condition::always")]
    pub shown: Condition,
}

/// A measurement's unit and plausible range; outside it the number is taken for a slip of the finger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Number {
    /// As read: `°C`.
    pub unit: String,
    /// As sent: `Cel`; empty for what is never sent as a code.
    #[serde(default)]
    pub ucum: String,
    pub min: f64,
    pub max: f64,
    #[serde(default)]
    pub decimals: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RedFlagAction {
    /// What to do, now, in words.
    pub action: String,
}

/// What can be filled in from the record, the clock or the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefill {
    /// Where the patient is now, or else the home address.
    PatientAddress,
    /// What the sender said is wrong.
    ReferralComplaint,
    /// The time of day.
    Now,
    /// Name of whoever is signed in.
    Me,
}

/// Points added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Score {
    pub id: String,
    pub label: String,
    /// Whether it means anything for this patient; elsewhere it is neither shown nor sent.
    #[serde(default = "Condition::always")]
    pub shown: Condition,
    /// Where it stands in what the GP reads, in words; without one it stays in the pharmacy's record.
    #[serde(default)]
    pub heading: Option<Heading>,
    pub points: Vec<Points>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Points {
    pub when: Condition,
    pub add: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Warning {
    pub id: String,
    /// As of a field.
    #[serde(default)]
    pub section: String,
    pub when: Condition,
    pub text: String,
}

/// One way in which a consultation can end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outcome {
    pub id: String,
    pub label: String,
    /// Supplier and claim code of the outcome (referrals.md 4.5), where there is one.
    #[serde(default)]
    pub code: String,
    /// When the patient comes back, or seeks help, if it is no better: `48 hours`.
    #[serde(default)]
    pub come_back: String,
    pub when: Condition,
    /// May be signed at once, the rest completed later (practice 12).
    #[serde(default)]
    pub emergency: bool,
    /// Ends a referral that never became a consultation; asks no red flags, and yields to any that is present.
    #[serde(default)]
    pub closing: Option<Closing>,
    /// Fields without which it cannot be signed; every required field when not given.
    #[serde(default)]
    pub needs: Option<Vec<String>>,
}

/// Where the closure's reason and attempts come from (referrals.md 4.5 `closure_reason`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Closing {
    /// Field whose option id is the reason.
    #[serde(default)]
    pub reason: String,
    /// The reason itself, where the outcome has only one.
    #[serde(default)]
    pub because: String,
    /// Field that tells the attempts made.
    #[serde(default)]
    pub attempts: String,
}

/// What several pathways ask, count, warn of and end in alike, by name and version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    pub id: String,
    pub version: u32,
    #[serde(rename = "field", default)]
    pub fields: Vec<Field>,
    #[serde(rename = "score", default)]
    pub scores: Vec<Score>,
    #[serde(rename = "warning", default)]
    pub warnings: Vec<Warning>,
    /// They come before the pathway's own.
    #[serde(rename = "outcome", default)]
    pub outcomes: Vec<Outcome>,
}

/// The file of common questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Common {
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
}

fn one() -> u8 {
    1
}

impl Pathway {
    /// `minor-illness@1`, as the record names it.
    pub fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    pub fn outcome(&self, id: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.id == id)
    }

    /// Puts what the named groups hold before the pathway's own, and returns the names that stand for no group.
    pub fn include(&mut self, common: &Common) -> Vec<String> {
        let mut merged = Group::default();
        let mut unknown = Vec::new();
        for section in &self.sections {
            for name in &section.include {
                let Some(group) = common.groups.iter().find(|group| group.key() == *name) else {
                    unknown.push(name.clone());
                    continue;
                };
                let group = group.clone();
                let here = || section.id.clone();
                merged
                    .fields
                    .extend(group.fields.into_iter().map(|field| Field { section: here(), ..field }));
                let warnings = group.warnings.into_iter().map(|one| Warning { section: here(), ..one });
                merged.warnings.extend(warnings);
                merged.scores.extend(group.scores);
                merged.outcomes.extend(group.outcomes);
            }
        }
        merged.fields.append(&mut self.fields);
        merged.scores.append(&mut self.scores);
        merged.warnings.append(&mut self.warnings);
        merged.outcomes.append(&mut self.outcomes);
        // Whatever a section includes first, emergencies stand above everything.
        merged.outcomes.sort_by_key(|outcome| !outcome.emergency);
        (self.fields, self.scores) = (merged.fields, merged.scores);
        (self.warnings, self.outcomes) = (merged.warnings, merged.outcomes);
        unknown
    }
}

impl Group {
    /// `consent@1`, as a section includes it.
    pub fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

impl Strand {
    /// `MI`, `UMS` or `CP`, as a referral writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::MinorIllness => "MI",
            Self::UrgentMedicineSupply => "UMS",
            Self::ClinicalPathway => "CP",
        }
    }
}

impl Clinical {
    /// May it be used with patients on that day? (practice 35)
    pub fn is_live(&self, today: Date) -> bool {
        self.status == ClinicalStatus::Approved && self.valid_from <= today && today <= self.valid_to
    }
}

impl Field {
    /// How the record words the question.
    pub fn short(&self) -> &str {
        if self.short.is_empty() { &self.label } else { &self.short }
    }

    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.id == id)
    }

    /// The number as it is read, without its unit: `38.5`.
    pub fn written_number(&self, value: f64) -> String {
        let decimals = self.number.as_ref().map_or(0, |number| usize::from(number.decimals));
        format!("{value:.decimals$}")
    }
}
