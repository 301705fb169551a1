//! What a patient said and what PDS holds, side by side; a person settles it field by field, and nothing is replaced
//! silently.

mod difference;
mod likeness;
mod notices;
mod settle;
#[cfg(test)]
mod tests;

pub use difference::{Difference, TracedField, differences};
pub use likeness::Likeness;
pub use notices::{
    DECEASED, PDS_NOTICE, RESTRICTED, RESTRICTED_WORDS, SUPERSEDED, SUPERSEDED_WORDS, death_words, note,
};
pub use settle::{Number, NumberKept, forget_trace, settle};
