//! What was handed over, line by line, as the signed records say it: read out of them, and read out again at any time.

use super::StoreError;
use async_trait::async_trait;
use shared::activity::{Extract, Facts};
use shared::ids::{ConsultationId, OdsCode};
use shared::register::{Supplied, TokenRow};

/// What the standing signed version of one record says was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supplies {
    /// Which program read it ([`crate::supplies::VERSION`]).
    pub version: i64,
    /// The heads that were signed, as the signature has them.
    pub heads: String,
    pub lines: Vec<Supplied>,
    pub token: Option<TokenRow>,
    /// What was done, for figures, claims and exports.
    pub done: Option<SignedDone>,
}

/// One signed consultation as it is counted and handed on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignedDone {
    /// `FAMILY, Given`.
    pub patient: String,
    /// Tells patients apart; empty where neither number nor name and birth date are known.
    pub person: String,
    pub facts: Facts,
    pub extract: Extract,
}

/// Whose supplies are asked about; empty is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SuppliedTo {
    /// Ten digits.
    pub nhs_number: String,
    /// As [`shared::register::of_person`] writes it.
    pub person: String,
}

/// Supplies of signed records. What a push brings is written with the push ([`super::DocumentWrite::supplies`]).
#[async_trait]
pub trait SupplyStore {
    /// Everything handed over on these days, both of them included (`2026-11-22`), oldest first.
    async fn supplied_between(
        &self,
        pharmacy: &OdsCode,
        from: &str,
        to: &str,
    ) -> Result<Vec<Supplied>, StoreError>;

    /// What one patient was given by that right, newest first: found by the number, and without one on either side by
    /// name and birth date.
    async fn supplied_to(
        &self,
        pharmacy: &OdsCode,
        patient: &SuppliedTo,
        supply_type: &str,
        most: u32,
    ) -> Result<Vec<Supplied>, StoreError>;

    /// Everything of one batch ([`shared::register::batch_key`]), newest first; empty: where nobody recorded one.
    async fn supplied_of_batch(&self, pharmacy: &OdsCode, batch: &str) -> Result<Vec<Supplied>, StoreError>;

    /// The tokens of one month (`2026-11`), in the order of their days.
    async fn tokens_of(&self, pharmacy: &OdsCode, month: &str) -> Result<Vec<TokenRow>, StoreError>;

    /// Signed records that a program of this version has not read, in the order of their ids after `after`.
    async fn supplies_unread(
        &self,
        pharmacy: &OdsCode,
        version: i64,
        after: Option<&ConsultationId>,
        most: u32,
    ) -> Result<Vec<ConsultationId>, StoreError>;

    /// Writes what was read of a record that stood at `seq`. `false`: it has moved on, or is not there.
    async fn put_supplies(
        &self,
        pharmacy: &OdsCode,
        id: &ConsultationId,
        seq: u64,
        supplies: &Supplies,
    ) -> Result<bool, StoreError>;
}
