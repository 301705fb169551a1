//! What a clinical pathway adds to its questions: gateways, treatments and links.

use super::condition::Condition;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A point in the pathway beyond which the consultation is payable. Which points count depends on the day: the file of
/// 31 January 2024 had 8, that of September 2025 has 16 (referrals.md 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gateway {
    pub id: String,
    /// In words, for the record and for whoever asks why something is payable.
    pub label: String,
    pub when: Condition,
    /// First day on which it counts.
    pub from: Date,
    /// Last day; open when absent.
    #[serde(default)]
    pub to: Option<Date>,
    /// Where it is written that this point counts.
    pub source: String,
}

impl Gateway {
    pub fn counts_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// A gateway of that day and whether it is crossed; `None` while an answer is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GatewayState<'a> {
    pub gateway: &'a Gateway,
    pub crossed: Option<bool>,
}

/// Whether any gateway is crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossed {
    Yes,
    No,
    /// An answer is missing, or the day is not known.
    NotYet,
    /// The pathway has none: something else decides whether it is payable.
    None,
}

impl Crossed {
    pub fn of(gateways: &[GatewayState<'_>]) -> Self {
        match gateways {
            [] => Self::None,
            all if all.iter().any(|state| state.crossed == Some(true)) => Self::Yes,
            all if all.iter().any(|state| state.crossed.is_none()) => Self::NotYet,
            _ => Self::No,
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotYet => "not-yet",
            Self::None => "none",
        }
    }
}

/// A medicine that may be considered. What may be supplied is decided by the rules behind it, never here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Treatment {
    pub id: String,
    pub label: String,
    pub when: Condition,
    /// The patient group direction that allows it, by id; empty: sold, or supplied under a clinical protocol.
    #[serde(default)]
    pub direction: String,
    /// What to bear in mind.
    #[serde(default)]
    pub note: String,
}

/// A page to open when there is a network. What is needed without one stands in the file in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Link {
    pub id: String,
    pub label: String,
    /// `https://…`; it never holds anything about a patient.
    pub url: String,
    pub kind: LinkKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// NICE Clinical Knowledge Summaries, on this topic.
    Cks,
    /// The service's own page.
    Service,
    /// For the patient.
    Leaflet,
}
