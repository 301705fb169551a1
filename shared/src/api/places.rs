//! Looking for services near a postcode.

use crate::places::Place;
use serde::{Deserialize, Serialize};

/// `POST /api/places`: the postcode stands in the body, because addresses end up in logs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacesAsked {
    /// [`crate::places::Service`] as its word.
    pub service: String,
    pub postcode: String,
}

/// What is near, as a directory told it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacesView {
    pub service: String,
    pub postcode: String,
    /// The directory, as people call it.
    pub source: String,
    /// RFC 3339: when it said so.
    pub fetched_at: String,
    /// No directory answered now: this is what one said at `fetched_at`.
    pub from_before: bool,
    pub places: Vec<Place>,
    /// Bank holidays of the coming weeks, `2026-12-25`, so that opening times are right with no network too.
    pub bank_holidays: Vec<String>,
}
