//! Quantities and reasons as people read them.

use super::maximum::{parse_amount, parse_days};
use super::rules::{Rules, no_supply_reason};
use super::{is_under_direction, pgd};
use crate::consultation::Medicine;
use crate::time;

/// `28 tablet, 7 days`; empty while there is no quantity.
pub fn amount(line: &Medicine) -> String {
    let quantity = format!("{} {}", line.quantity.trim(), line.unit.trim());
    let days = line.days.trim();
    let days = match days {
        "" => String::new(),
        "1" => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let parts = [quantity.trim(), &days];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `4 tablet a day`, from quantity and days, so that a slip in either is seen; `None` where one is missing.
pub fn a_day(line: &Medicine) -> Option<String> {
    let quantity = parse_amount(&line.quantity).ok()?;
    let days = parse_days(&line.days).ok()?;
    let each = (quantity / f64::from(days) * 100.0).round() / 100.0;
    Some(format!("{each} {} a day", line.unit.trim()))
}

/// Why nothing was supplied: the coded reason's label, and the words beside it.
pub fn no_supply_words(line: &Medicine) -> String {
    let coded = no_supply_reason(&line.no_supply_reason).map_or("", |reason| reason.label.as_str());
    let parts = [coded, line.reason.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// What a rule says, with its source, by the id that `record::Medicine::broken_rules` holds; the id itself where the rules
/// of the supply's day know no such id.
pub fn rule_words(line: &Medicine, id: &str) -> String {
    if is_under_direction(line)
        && let Some(direction) = pgd::find(line.legal_document.trim())
    {
        return direction.rule_words(id);
    }
    let day = time::read(&line.supplied_at).map(time::day);
    let Some(rules) = day.and_then(Rules::on) else { return id.to_owned() };
    if let Some(rule) = rules.refusals.iter().find(|rule| rule.id == id) {
        return format!("{} ({})", rule.words, rule.source);
    }
    if let Some(rule) = rules.warnings.iter().find(|rule| rule.id == id) {
        return format!("No reason given: {} ({})", rule.words, rule.source);
    }
    let questions = rules.product_questions.iter().chain(&rules.questions);
    let question = questions.into_iter().find(|question| question.id == id);
    let circumstance = rules.circumstances.iter().find(|circumstance| circumstance.id == id);
    let asked =
        question.map(|question| &question.label).or(circumstance.map(|circumstance| &circumstance.open));
    asked
        .map_or_else(|| format!("Not known: {}", id.replace('-', " ")), |label| format!("Not known: {label}"))
}
