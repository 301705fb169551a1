//! The register of prescription-only medicines, everyone who was given a batch, and the tokens of a month: what follows
//! from the lines of a consultation that say something was handed over. Rules and their source: `rules/pom-register.toml`.

mod entry;
mod recall;
mod rules;
mod supplied;
mod token;

pub use entry::{Entry, Need, entries, late, need, to_be_entered_by};
pub use recall::{Given, batch_key, is_product};
pub use rules::source;
pub use supplied::{Supplied, asked_nature, of_person, supplied};
pub use token::{ITEMS_A_FORM, TokenRow, mark, token};

#[cfg(test)]
mod tests;
