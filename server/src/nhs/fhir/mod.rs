//! FHIR as the NHS writes it: pieces that more than one API sends, and a reader for whole messages in XML or JSON.

mod element;
mod pieces;

pub use element::{Element, Unreadable};
pub use pieces::*;
