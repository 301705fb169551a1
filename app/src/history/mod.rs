//! History: who recorded what, when, and what it replaced, read as sentences.

pub mod model;
mod page;

pub use page::HistoryPage;
