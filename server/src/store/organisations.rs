//! Practices and pharmacies of the Organisation Data Service, as the store keeps them.

use super::StoreError;
use async_trait::async_trait;
use shared::api::OrganisationKind;
use shared::ids::OdsCode;
use shared::time::Millis;

/// One organisation as ODS told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub ods: OdsCode,
    pub name: String,
    pub kind: OrganisationKind,
    /// `false`: closed.
    pub active: bool,
    /// ODS code of what followed; empty where there is none or ODS does not say.
    pub successor: String,
    /// On one line, commas between, without the postcode.
    pub address: String,
    /// Upper case, one space.
    pub postcode: String,
    pub phone: String,
    /// When ODS said so.
    pub fetched_at: Millis,
}

/// What is known of organisations when ODS cannot be asked.
#[async_trait]
pub trait OrganisationStore {
    /// Keeps them over what was known of them.
    async fn put_organisations(&self, organisations: &[Organisation]) -> Result<(), StoreError>;
    async fn organisation(&self, ods: &OdsCode) -> Result<Option<Organisation>, StoreError>;
    /// All of that kind, by name; of every kind without one.
    async fn organisations(&self, kind: Option<OrganisationKind>) -> Result<Vec<Organisation>, StoreError>;
}
