//! What is handed on of signed consultations: to NHSBSA's data warehouse, to the contractor, to the next supplier. Files by
//! month, read page by page, so that no export is larger in memory than another.

mod csv;
mod fhir;
mod marked;
mod parts;
#[cfg(test)]
mod tests;

pub use csv::dictionary;
pub use marked::FEWEST;
pub use parts::{File, Part, parts, stream};

use shared::ids::OdsCode;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub pharmacy: OdsCode,
    /// Both included: `2026-11-01`.
    pub from: String,
    pub to: String,
    /// Who receives it, where nobody may be recognised; `None`: as recorded.
    pub marked_for: Option<String>,
}
