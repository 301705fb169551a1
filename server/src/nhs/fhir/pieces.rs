//! The pieces of FHIR R4 that more than one NHS API sends, as narrow as they are used. Anything in them may be missing.

use serde::Deserialize;

/// A list of resources, where the client says which kinds it reads.
#[derive(Debug, Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
pub struct Bundle<R> {
    #[serde(default = "Vec::new")]
    pub entry: Vec<Entry<R>>,
    /// Pages beside this one.
    #[serde(default)]
    pub link: Vec<Link>,
}

#[derive(Debug, Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
pub struct Entry<R> {
    // The score of a search is not read: users choose by what is known of the patient (PDS technical conformance).
    #[serde(default = "Option::default")]
    pub resource: Option<R>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    pub relation: String,
}

/// Why something was refused.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OperationOutcome {
    pub issue: Vec<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Issue {
    /// FHIR's own kind: `not-found`, `invalid`.
    pub code: String,
    pub details: Concept,
    /// May quote a patient: never shown, never logged.
    pub diagnostics: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Concept {
    pub coding: Vec<Coding>,
}

impl Concept {
    /// The first code, or nothing.
    pub fn code(&self) -> &str {
        self.coding.first().map_or("", |coding| &coding.code)
    }

    /// What the first code means, or nothing.
    pub fn display(&self) -> &str {
        self.coding.first().map_or("", |coding| &coding.display)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Coding {
    pub code: String,
    pub display: String,
}

/// Days or instants, as FHIR writes them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Period {
    pub start: String,
    pub end: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Identifier {
    pub system: String,
    pub value: String,
    pub period: Period,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    pub identifier: Identifier,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HumanName {
    pub r#use: String,
    pub period: Period,
    pub given: Vec<String>,
    pub family: String,
    pub prefix: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Address {
    pub r#use: String,
    pub period: Period,
    pub line: Vec<String>,
    pub city: String,
    pub district: String,
    pub postal_code: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContactPoint {
    /// `phone`, `email`.
    pub system: String,
    pub r#use: String,
    pub value: String,
    pub period: Period,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Extension {
    pub url: String,
    pub extension: Vec<Extension>,
    pub value_reference: Reference,
    pub value_codeable_concept: Concept,
    pub value_boolean: Option<bool>,
    pub value_string: String,
    pub value_period: Period,
}

/// The extension whose address ends so: the NHS writes whole addresses, of more than one host.
pub fn find<'a>(extensions: &'a [Extension], ending: &str) -> Option<&'a Extension> {
    extensions.iter().find(|extension| extension.url.rsplit('/').next() == Some(ending))
}
