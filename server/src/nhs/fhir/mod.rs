//! FHIR as the NHS writes it: pieces that more than one API sends, and a reader and a writer for whole messages in XML
//! or JSON.

mod build;
mod element;
mod format;
#[cfg(test)]
mod judged;
mod pieces;
mod shapes;
mod write;

pub use element::{Element, Unreadable};
pub use format::Format;
#[cfg(test)]
pub use judged::to_be_judged;
pub use pieces::*;
