//! Messages that need a person: what happened, what to do, and the ways out.

mod list;
pub mod model;

pub use list::{AttentionNote, AttentionPage};
