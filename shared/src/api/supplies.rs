//! What was supplied here: earlier supplies of a patient, the register, everyone who was given a batch, a month's tokens.

use crate::register::{Entry, Given, TokenRow};
use serde::{Deserialize, Serialize};

/// `POST /api/supplies/earlier`: whose supplies are asked about. Patient data stand in the body, because addresses end up
/// in logs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EarlierAsked {
    /// The consultation that is going on, by its id: its own supplies are left out, and its patient is asked about where
    /// nothing else says who that is.
    pub consultation: String,
    /// Ten digits; may be empty.
    pub nhs_number: String,
    /// For who has no NHS number: `FAMILY, Given` (`Patient::list_name`), and the birth date.
    pub name: String,
    pub birth_date: String,
}

/// Answer of `POST /api/supplies/earlier`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EarlierView {
    /// Emergency supplies, newest first. Only of this pharmacy, and only what has reached the server signed: none here is
    /// never *none at all*.
    pub supplies: Vec<EarlierSupply>,
    /// There are more, older ones.
    pub more: bool,
    /// Neither a number nor a name with a birth date is known, so nobody was looked for.
    pub unknown_patient: bool,
}

/// One earlier emergency supply.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EarlierSupply {
    pub consultation: String,
    /// RFC 3339.
    pub at: String,
    pub name: String,
    pub form: String,
    pub strength: String,
    /// `28 capsule`.
    pub amount: String,
    pub days: String,
    /// Nature of the emergency, in words.
    pub nature: String,
    pub prescribed_by: String,
    /// It happened although the rules do not allow it: why.
    pub exception: String,
    /// How much was still wanted then.
    pub owed: String,
    pub signed_by: String,
    /// dm+d code; empty when typed in words.
    pub code: String,
    /// As `record::Medicine::ingredients`: the same substance under another name is an earlier supply too.
    pub ingredients: String,
    /// Found by name and birth date, not by NHS number: it may be somebody else.
    pub by_name_only: bool,
}

/// Answer of `GET /api/supplies/register`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterView {
    /// Days, both of them in it: `2026-11-01`.
    pub from: String,
    pub to: String,
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Where the rules of the register were read.
    pub source: String,
    /// Signed records that could not be opened: what they hold is not in `entries`.
    pub unreadable: u32,
}

/// `POST /api/supplies/recall`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RecallAsked {
    pub batch: String,
    /// dm+d code or words of the name; may be empty.
    pub product: String,
}

/// Answer of `POST /api/supplies/recall`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RecallView {
    /// Who was given that batch, newest first.
    pub given: Vec<Given>,
    /// Who was given that product when nobody recorded a batch: it may have been this one. Only where a product is named.
    pub batch_unknown: Vec<Given>,
    /// Signed records that could not be opened: whoever they are about is in neither list.
    pub unreadable: u32,
}

/// Answer of `GET /api/supplies/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokensView {
    /// `2026-11`.
    pub month: String,
    /// In the order of their days.
    pub tokens: Vec<TokenRow>,
}
