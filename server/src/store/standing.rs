//! What lets a person do something, as the store keeps it: evidence, authorisations, who is responsible.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{GphcNumber, OdsCode, PersonId};
use shared::people::{Evidence, PgdAuthorisation};
use shared::time::Millis;
use uuid::Uuid;

/// Of whom something is filed, where, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    pub person: PersonId,
    pub pharmacy: OdsCode,
    pub by: PersonId,
    pub at: Millis,
    pub certificate: Option<StoredCertificate>,
}

/// A file that shows something, sealed with the server's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCertificate {
    pub name: String,
    /// `application/pdf`, `image/jpeg`, `image/png`.
    pub kind: String,
    pub sealed: Vec<u8>,
}

/// What is filed about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    Evidence,
    Authorisation,
}

/// Somebody who is or was the responsible pharmacist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsible {
    pub name: String,
    pub gphc: GphcNumber,
    pub since: Millis,
    /// `None` until now.
    pub until: Option<Millis>,
    pub named_by: PersonId,
}

/// Evidence and authorisations of each pharmacy. What is withdrawn is kept, with who and when, and no longer listed.
#[async_trait]
pub trait StandingStore {
    async fn file_evidence(&self, filing: &Filing, evidence: &Evidence) -> Result<(), StoreError>;

    async fn file_authorisation(
        &self,
        filing: &Filing,
        authorisation: &PgdAuthorisation,
    ) -> Result<(), StoreError>;

    /// A person's evidence at one pharmacy, newest first.
    async fn evidence(&self, pharmacy: &OdsCode, person: &PersonId) -> Result<Vec<Evidence>, StoreError>;

    /// A person's authorisations at one pharmacy, newest first.
    async fn authorisations(
        &self,
        pharmacy: &OdsCode,
        person: &PersonId,
    ) -> Result<Vec<PgdAuthorisation>, StoreError>;

    /// Whose a paper is and its file, withdrawn or not; `None` where this pharmacy has none such.
    async fn certificate(
        &self,
        paper: Paper,
        pharmacy: &OdsCode,
        id: &Uuid,
    ) -> Result<Option<(PersonId, Option<StoredCertificate>)>, StoreError>;

    /// From now on it counts for nothing. `false` where this pharmacy has none such, or no longer.
    async fn withdraw(
        &self,
        paper: Paper,
        pharmacy: &OdsCode,
        id: &Uuid,
        by: &PersonId,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// Whoever was responsible before is so no longer.
    async fn name_responsible(&self, pharmacy: &OdsCode, named: &Responsible) -> Result<(), StoreError>;

    /// Everybody who is or was responsible, newest first; the first of them is so now.
    async fn responsible(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<Responsible>, StoreError>;
}
