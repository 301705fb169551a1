//! The auditor's screen: who did what and when, at this pharmacy.

pub mod model;
mod page;

pub use page::AuditPage;
