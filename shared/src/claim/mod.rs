//! What the NHS pays for: whether a signed consultation is payable and why, until when it is claimed, and what it brings.
//!
//! Decided from the record alone, on every device and on the server alike. Nothing of it was read in a primary source; all
//! of it is dated data in `rules/claims.toml` (practice 2, 3, 14).

mod income;
mod month;
mod payable;
mod rules;
mod window;

#[cfg(test)]
mod tests;

pub use income::{Fee, fee, fees_known_until, threshold};
pub use month::{ClaimStanding, Mend, Month, ServiceMonth, claimed_on, days_of, first_of, month, pounds};
pub use payable::{Allowed, Payable, Verdict, assess};
pub use rules::{Service, service, services, source};
pub use window::{Standing, Window, month_of, window};
