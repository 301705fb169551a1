//! What came from people (e-mails, letters over MESH) and waits until a person has said what it is.

use super::{KeptMessage, StoreError};
use async_trait::async_trait;
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// One message on the waiting list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    /// That of the [`KeptMessage`].
    pub id: Uuid,
    pub pharmacy: OdsCode,
    /// `email` or `itk3`.
    pub source: String,
    pub arrived_at: Millis,
    /// What was read of it, sealed with the server's secret; the place is `waiting/` and the id.
    pub sealed: Vec<u8>,
    /// `None` while nobody has decided.
    pub settled: Option<Decided>,
}

/// What was decided about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub what: SettledAs,
    pub at: Millis,
    /// Name of who decided; empty for the server.
    pub by: String,
    /// Which consultation it became or joined.
    pub consultation: Option<ConsultationId>,
}

/// What a message turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledAs {
    /// A person made a consultation of it.
    Consultation,
    /// It belongs to a consultation that was there already.
    Joined,
    /// It is kept, and nothing is to be done.
    NotAReferral,
}

impl SettledAs {
    /// As the store and the API write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consultation => "consultation",
            Self::Joined => "joined",
            Self::NotAReferral => "not-a-referral",
        }
    }
}

impl fmt::Display for SettledAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is none of [`SettledAs`].
#[derive(Debug, thiserror::Error)]
#[error("not something that a waiting message can be settled as")]
pub struct UnknownSettlement;

impl FromStr for SettledAs {
    type Err = UnknownSettlement;
    fn from_str(text: &str) -> Result<Self, UnknownSettlement> {
        [Self::Consultation, Self::Joined, Self::NotAReferral]
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or(UnknownSettlement)
    }
}

/// The waiting list.
#[async_trait]
pub trait WaitingStore {
    /// Puts a message on the list and keeps it as it came, both or neither. The same message again changes nothing.
    async fn put_waiting(&self, row: &WaitingRow, message: &KeptMessage) -> Result<(), StoreError>;

    /// A pharmacy's list: what nobody has decided about, longest waiting first; and after it, where asked for, the rest,
    /// newest first.
    async fn waiting(
        &self,
        pharmacy: &OdsCode,
        settled_too: bool,
        most: u32,
    ) -> Result<Vec<WaitingRow>, StoreError>;

    /// How many messages nobody has decided about.
    async fn waiting_count(&self, pharmacy: &OdsCode) -> Result<u64, StoreError>;

    async fn waiting_row(&self, pharmacy: &OdsCode, id: &Uuid) -> Result<Option<WaitingRow>, StoreError>;

    /// Decides about a message. `false` where somebody has decided otherwise, or there is none such; the same again is
    /// `true`. What was no referral may still become one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the consultation is not stored here.
    async fn settle_waiting(
        &self,
        pharmacy: &OdsCode,
        id: &Uuid,
        settled: &Decided,
    ) -> Result<bool, StoreError>;
}
