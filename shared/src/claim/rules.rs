//! `rules/claims.toml`, read once.

use jiff::civil::Date;
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Rules {
    pub source: String,
    #[serde(rename = "service")]
    pub services: Vec<Service>,
    pub urgent_care: Vec<String>,
    #[serde(rename = "fee")]
    pub fees: Vec<FeeRule>,
    pub fees_known_until: Date,
    #[serde(rename = "threshold")]
    pub thresholds: Vec<Threshold>,
    #[serde(rename = "window")]
    pub windows: Vec<WindowRule>,
    #[serde(rename = "place")]
    pub places: Vec<Place>,
}

/// A service that NHS England pays for by the consultation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// `minor-illness`, `urgent-supply`, `clinical-pathway`.
    pub id: String,
    pub label: String,
    /// SNOMED codes of the pathway files that are this service.
    pub codes: Vec<String>,
    /// CpcsType of the claim (medicines.md 6.1).
    #[serde(rename = "type")]
    pub claim_type: String,
    /// The same where urgent and emergency care referred; empty: no difference.
    #[serde(default)]
    pub type_from_urgent_care: String,
    #[serde(default)]
    pub needs_referral: bool,
    /// Referrers who cannot refer to it.
    #[serde(default)]
    pub not_from: Vec<String>,
    #[serde(default)]
    pub needs_gateway: bool,
    /// As which service a patient with a referral completes whom the pathway excludes; empty: none.
    #[serde(default)]
    pub excluded_becomes: String,
    #[serde(default)]
    pub counts_to_threshold: bool,
}

impl Service {
    /// The type of a claim with that referrer (referrals.md 4.1 `referrer_type`).
    pub fn claim_type_from(&self, referrer: &str) -> &str {
        let urgent = RULES.urgent_care.iter().any(|kind| kind == referrer);
        if urgent && !self.type_from_urgent_care.is_empty() {
            &self.type_from_urgent_care
        } else {
            &self.claim_type
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FeeRule {
    pub service: String,
    pub from: Date,
    pub pence: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Threshold {
    /// First month: `2025-06`.
    pub from: String,
    pub reached: u32,
    pub pence: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WindowRule {
    pub from: Date,
    pub by_day: i8,
    pub late_months: i32,
    pub it_failure_months: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Place {
    pub services: Vec<String>,
    pub setting: String,
    pub methods: Vec<String>,
    #[serde(default)]
    pub condition: String,
    pub from: Date,
    #[serde(default)]
    pub to: Option<Date>,
    pub allowed: bool,
}

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/claims.json")))
        .expect("the tests read every embedded file")
});

/// Where the rules were read; stands under every month.
pub fn source() -> &'static str {
    &RULES.source
}

/// Every service that is paid by the consultation, in the order of the file.
pub fn services() -> &'static [Service] {
    &RULES.services
}

/// A service by its id.
pub fn service(id: &str) -> Option<&'static Service> {
    RULES.services.iter().find(|service| service.id == id)
}
