//! Whether a medicine may be supplied, by which right, and how much at most: rules as dated data, read by one engine.

mod circumstances;
mod confirm;
mod facts;
mod glance;
mod maximum;
pub mod pgd;
mod review;
mod rules;
mod signing;
#[cfg(test)]
mod tests;
mod words;

pub use circumstances::{Circumstances, Earlier, InThisRecord, Professional};
pub use confirm::{confirm, is_confirmed};
pub use glance::{Glance, Verdict, at_a_glance};
pub use maximum::{Limit, Maximum, NotAnAmount, parse_amount, parse_days};
pub use review::{Basis, LOOK_AGAIN, Open, Refusal, Review, Warning, review};
pub use rules::{
    NoSupplyReason, Question, QuestionKind, QuestionOption, no_supply_reason, no_supply_reasons,
    places_known, places_offered, register_within_days,
};
pub use signing::{
    Exception, Problem, Standing, before_signing, before_signing_by, exceptions, is_claimable, is_part,
    standing,
};
pub use words::{a_day, amount, no_supply_words, rule_words};

/// `record::Medicine::decision` while nothing is decided.
pub const OPEN: &str = "";
pub const RECOMMENDED: &str = "recommended";
pub const SUPPLIED: &str = "supplied";
pub const REFUSED: &str = "refused";
pub const REFERRED: &str = "referred";

/// `record::Medicine::supply_type` for urgent supplies, and for those under a patient group direction (referrals.md 4.4).
pub const EMERGENCY_SUPPLY: &str = "emergency-supply";
pub const PATIENT_GROUP_DIRECTION: &str = "patient-group-direction";

/// Is the line supplied, or to be supplied, under a patient group direction?
pub fn is_under_direction(line: &crate::consultation::Medicine) -> bool {
    line.supply_type.trim() == PATIENT_GROUP_DIRECTION
}
