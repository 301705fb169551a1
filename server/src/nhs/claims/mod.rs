//! NHSBSA's Manage Your Service: a claim for each payable consultation, made, amended and taken back over its FHIR R4 API.
//!
//! No published specification was found: paths, codes and cardinalities are those of a third-party supplier's code against
//! a staging system (medicines.md 6.1), *unverified* as a whole. Everything that would change is in `mapping.rs`.

mod client;
pub mod mapping;
pub mod simulator;
#[cfg(test)]
mod tests;

pub use client::{ClaimError, Client, Taken};
pub use mapping::{Claim, compose, reference};
pub use simulator::Simulator;

/// What is done about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Create,
    Amend,
    Delete,
}

impl Act {
    pub const ALL: [Self; 3] = [Self::Create, Self::Amend, Self::Delete];

    /// As a frozen message holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Amend => "amend",
            Self::Delete => "delete",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}
