//! `rules/pom-register.toml`, read once.

use serde::Deserialize;
use std::sync::LazyLock;

/// Where the rules of the register were read; stands under every page of it.
pub fn source() -> &'static str {
    &RULES.source
}

/// What of the file a program needs; the rest of it is for whoever reads the file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Rules {
    pub source: String,
    /// Kinds of supply that are entered.
    pub entered: Vec<String>,
    pub not_entered: Vec<NotEntered>,
    pub nature: Vec<Nature>,
}

/// One reason for no entry: each list that names something must fit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct NotEntered {
    pub id: String,
    pub words: String,
    #[serde(default)]
    pub supply_types: Vec<String>,
    #[serde(default)]
    pub schedules: Vec<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub legal_classes: Vec<String>,
}

/// An answer that says the nature of the emergency, by its field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nature {
    pub answer: String,
}

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/pom-register.json")))
        .expect("the tests read every embedded file")
});
