//! Pathways: the questions a service asks and what their answers mean, read from data files (design 4).

mod cases;
mod catalogue;
mod check;
mod condition;
mod definition;
mod engine;
mod heading;
mod mutation;
mod offers;
mod prefill;
#[cfg(test)]
mod tests;

pub use cases::{Case, Given};
pub use catalogue::{all, common, current, find, of_condition, services};
#[cfg(not(target_arch = "wasm32"))]
pub use catalogue::{common_text, file_text};
pub use check::{Problem, check};
pub use condition::{Condition, Fact, Facts, Gap, LINES};
pub use definition::*;
pub use engine::*;
pub use heading::Heading;
pub use mutation::{Mutant, survivors};
pub use offers::{Crossed, Gateway, GatewayState, Link, LinkKind, Treatment};
pub use prefill::Suggestion;
