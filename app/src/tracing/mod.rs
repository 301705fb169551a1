//! Who the patient is according to PDS: looked up, set beside what was said, settled by a person.

mod cis2;
pub mod model;
mod page;
mod results;
mod search;
mod settling;

pub use page::Tracing;
