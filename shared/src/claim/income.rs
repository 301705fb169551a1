//! What a consultation and a month bring, in pence.

use super::rules::RULES;
use jiff::civil::Date;

/// What one consultation brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    pub pence: u32,
    /// The list ends before that day: it may have changed since.
    pub may_be_old: bool,
}

/// The fee of a service on a day; `None` where it was not paid then.
pub fn fee(service: &str, day: Date) -> Option<Fee> {
    let rules = RULES.fees.iter().filter(|fee| fee.service == service && fee.from <= day);
    let rule = rules.max_by_key(|fee| fee.from)?;
    Some(Fee { pence: rule.pence, may_be_old: day > RULES.fees_known_until })
}

/// The last day for which the fees were read.
pub fn fees_known_until() -> Date {
    RULES.fees_known_until
}

/// What a month (`2026-11`) pays on top for so many clinical pathways, and what the next step needs and pays.
/// `(pence, Some((needed, pence)))`.
pub fn threshold(month: &str, completed: u32) -> (u32, Option<(u32, u32)>) {
    let newest = RULES.thresholds.iter().map(|step| step.from.as_str()).filter(|from| *from <= month).max();
    let steps = || RULES.thresholds.iter().filter(|step| Some(step.from.as_str()) == newest);
    let reached = steps().filter(|step| step.reached <= completed).map(|step| step.pence).max().unwrap_or(0);
    let next = steps().filter(|step| step.reached > completed).min_by_key(|step| step.reached);
    (reached, next.map(|step| (step.reached, step.pence)))
}
