//! Pathways: the questions a service asks and what their answers mean, read from data files (design 4).

mod catalogue;
mod check;
mod condition;
mod definition;
mod engine;
mod prefill;
#[cfg(test)]
mod tests;

pub use catalogue::{all, current, find};
pub use check::{Problem, check};
pub use condition::{Condition, Fact, Facts, Gap, LINES};
pub use definition::*;
pub use engine::*;
pub use prefill::Suggestion;
