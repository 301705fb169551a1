//! What PDS sends, as narrow as it is used. Everything may be missing: a valid record may hold nothing but its number.

use serde::Deserialize;

/// The three kinds of answer; told apart by what they say they are and never by the HTTP status.
#[derive(Debug, Deserialize)]
#[serde(tag = "resourceType")]
pub(super) enum Resource {
    Patient(Box<Patient>),
    Bundle(Bundle),
    OperationOutcome(OperationOutcome),
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Bundle {
    pub entry: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    // The score beside it is not read: users choose by what is known of the patient (PDS technical conformance).
    pub resource: Option<Resource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OperationOutcome {
    pub issue: Vec<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Issue {
    pub details: Concept,
}

impl OperationOutcome {
    /// The Spine error code of the first issue, or nothing. The diagnostics beside it may quote a patient and are
    /// not read.
    pub(super) fn code(&self) -> &str {
        self.issue.first().map_or("", |issue| issue.details.code())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Concept {
    pub coding: Vec<Coding>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding {
    pub code: String,
    pub display: String,
}

impl Concept {
    pub(super) fn code(&self) -> &str {
        self.coding.first().map_or("", |coding| &coding.code)
    }

    pub(super) fn display(&self) -> &str {
        self.coding.first().map_or("", |coding| &coding.display)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Patient {
    pub id: String,
    pub meta: Meta,
    pub name: Vec<HumanName>,
    pub gender: String,
    pub birth_date: String,
    pub deceased_date_time: String,
    pub deceased_boolean: bool,
    pub address: Vec<Address>,
    pub telecom: Vec<ContactPoint>,
    pub general_practitioner: Vec<Reference>,
    pub extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Meta {
    pub version_id: String,
    pub security: Vec<Coding>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Period {
    pub start: String,
    pub end: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename = "HumanName")]
pub(super) struct HumanName {
    pub r#use: String,
    pub period: Period,
    pub given: Vec<String>,
    pub family: String,
    pub prefix: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address {
    pub r#use: String,
    pub period: Period,
    pub line: Vec<String>,
    pub postal_code: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContactPoint {
    pub system: String,
    pub r#use: String,
    pub value: String,
    pub period: Period,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub identifier: Identifier,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identifier {
    pub value: String,
    pub period: Period,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Extension {
    pub url: String,
    pub extension: Vec<Extension>,
    pub value_reference: Reference,
    pub value_codeable_concept: Concept,
    pub value_boolean: bool,
    pub value_string: String,
    pub value_period: Period,
}

/// The extension whose address ends so; PDS writes whole addresses, of two hosts.
pub(super) fn find<'a>(extensions: &'a [Extension], ending: &str) -> Option<&'a Extension> {
    extensions.iter().find(|extension| extension.url.rsplit('/').next() == Some(ending))
}
