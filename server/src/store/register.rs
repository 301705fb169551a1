//! The registers as they were last imported, as the store keeps them.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::GphcNumber;
use std::fmt;
use std::str::FromStr;
use tokio::sync::mpsc;

/// Whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The General Pharmaceutical Council: who is registered.
    Gphc,
    /// The Centre for Pharmacy Postgraduate Education: who declared competence for a service.
    Cppe,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Gphc => "gphc",
            Self::Cppe => "cppe",
        }
    }
}

impl FromStr for Source {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Gphc, Self::Cppe]
            .into_iter()
            .find(|source| source.name() == text.trim().to_lowercase())
            .ok_or_else(|| format!("“{text}” is not a source. Use gphc or cppe."))
    }
}

/// How a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    Registered,
    Suspended,
    Removed,
}

impl Registration {
    pub const ALL: [Self; 3] = [Self::Registered, Self::Suspended, Self::Removed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Registration {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.name() == text.trim().to_lowercase()).ok_or(())
    }
}

/// One line of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterEntry {
    pub number: GphcNumber,
    /// As registered.
    pub name: String,
    pub status: Registration,
    /// Of the declaration, for CPPE; empty for GPhC.
    pub service: String,
    /// `2026-11-22`; empty where the list gives no day.
    pub dated: String,
}

/// Registers that were imported; neither has a public interface.
#[async_trait]
pub trait RegisterStore {
    /// Puts a list in the place of the one before, in one transaction. The lines end with a `None`; where they end without
    /// one, the old list stays. Answers how many lines the old list had.
    async fn replace_register(
        &self,
        source: Source,
        entries: mpsc::Receiver<Option<RegisterEntry>>,
    ) -> Result<u64, StoreError>;

    /// How many lines a list has.
    async fn register_size(&self, source: Source) -> Result<u64, StoreError>;

    /// What the lists hold about a number.
    async fn registered(&self, source: Source, number: &GphcNumber)
    -> Result<Vec<RegisterEntry>, StoreError>;
}
