//! The claims of a month: what was done, claimed, taken and refused, what it brings, and what is still to be mended.

pub mod model;
mod page;
mod papers;
mod told;

pub use page::ClaimsPage;
