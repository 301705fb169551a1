//! Figures, months of claims, and exports, as they travel.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What somebody read in Manage Your Service: `PUT /api/claims/month/{month}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToldOfMonth {
    /// Accepted claims by service id.
    pub figures: BTreeMap<String, u32>,
    /// The month was declared there: nothing in it can be changed any more.
    pub declared: bool,
}

/// `GET /api/exports`: what an export of some days consists of. Each part is fetched by itself, so that one that broke off
/// is fetched again and the others are not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportView {
    pub from: String,
    pub to: String,
    /// Consultations in it.
    pub consultations: u64,
    pub parts: Vec<ExportPart>,
}

/// One file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportPart {
    /// `2026-11-consultations.csv`.
    pub name: String,
    /// Where it is fetched.
    pub path: String,
    /// Consultations that it is made of.
    pub consultations: u64,
}
