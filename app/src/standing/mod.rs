//! What the person who is here may do today, as the server last said: evidence, authorisations, until when, under whom.
//! Kept sealed, so that it holds with no network.

mod banner;
pub mod keeping;
pub mod model;
mod warning;

pub use banner::PlaceBanner;
pub use warning::EvidenceWarning;
