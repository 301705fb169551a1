//! How much at most (regulation 225 condition B), and whether the line keeps to it.

use super::facts::Facts;
use super::rules::{MaximumRule, Rules};
use crate::consultation::Medicine;
use serde::Deserialize;

/// What limits the quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// So many days of use.
    Days(u16),
    /// What is in the smallest pack that the pharmacy has.
    SmallestPack,
    /// One cycle of a contraceptive.
    OneCycle,
    /// The smallest quantity that makes a full course.
    FullCourse,
}

impl Limit {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Days(_) => "days",
            Self::SmallestPack => "smallest-pack",
            Self::OneCycle => "one-cycle",
            Self::FullCourse => "full-course",
        }
    }
}

/// The most that may be supplied of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maximum {
    pub id: &'static str,
    pub limit: Limit,
    /// `At most 5 days: a controlled drug of Schedule 4 or 5`.
    pub words: &'static str,
    pub source: &'static str,
    /// Read in two sources or more; otherwise a pharmacist still has to check the rule itself.
    pub verified: bool,
}

/// Text that is no quantity or number of days, in words that say what to type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    #[error("Enter how much is supplied.")]
    NoQuantity,
    #[error("“{0}” is not a quantity. Enter a number, for example 28 or 0.5.")]
    Quantity(String),
    #[error("Enter for how many days it is.")]
    NoDays,
    #[error("“{0}” is not a number of days. Enter a whole number, for example 5.")]
    Days(String),
}

/// A decimal above 0, as dm+d writes quantities: `28`, `0.5`.
///
/// # Errors
/// [`NotAnAmount`] when there is nothing, or something else.
pub fn parse_amount(text: &str) -> Result<f64, NotAnAmount> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NotAnAmount::NoQuantity);
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    // Longer is no quantity of anything, and a float would round it.
    let number = if plain && text.len() <= 9 { text.parse::<f64>().ok() } else { None };
    number.filter(|number| *number > 0.0).ok_or_else(|| NotAnAmount::Quantity(text.to_owned()))
}

/// A whole number of days, 1 or more.
///
/// # Errors
/// [`NotAnAmount`] when there is nothing, or something else.
pub fn parse_days(text: &str) -> Result<u16, NotAnAmount> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NotAnAmount::NoDays);
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let days = if plain { text.parse::<u16>().ok() } else { None };
    days.filter(|days| *days > 0).ok_or_else(|| NotAnAmount::Days(text.to_owned()))
}

/// The maximum of a line: the first of the rules that fits. `None` while one before it is open, or where none fits.
pub(super) fn of(rules: &'static Rules, facts: &Facts<'_>) -> Option<Maximum> {
    for rule in &rules.maxima {
        match facts.holds(&rule.when) {
            Some(true) => return Some(Maximum::from(rule)),
            Some(false) => {}
            None => return None,
        }
    }
    None
}

impl From<&'static MaximumRule> for Maximum {
    fn from(rule: &'static MaximumRule) -> Self {
        Self {
            id: &rule.id,
            limit: rule.limit,
            words: &rule.words,
            source: &rule.source,
            verified: rule.verified,
        }
    }
}

/// How a line keeps to its maximum.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Within,
    /// In words, how much it is.
    Over(String),
    /// Something needed to tell is missing or unreadable. What, by id and in words.
    NotYet(Vec<(&'static str, String)>),
}

/// Whether what the line says is within its maximum.
pub(super) fn kept(maximum: Option<&Maximum>, line: &Medicine, facts: &Facts<'_>) -> Kept {
    let quantity = parse_amount(&line.quantity);
    let days = parse_days(&line.days);
    let mut open: Vec<(&'static str, String)> = Vec::new();
    if let Err(why) = &quantity {
        open.push(("quantity", why.to_string()));
    }
    let needs_days = matches!(maximum, Some(Maximum { limit: Limit::Days(_), .. }));
    if let Err(why) = &days
        && (needs_days || *why != NotAnAmount::NoDays)
    {
        open.push(("days", why.to_string()));
    }
    let Some(maximum) = maximum else {
        return Kept::NotYet(open);
    };
    let most = |id: &str| facts.value(id).and_then(|text| parse_amount(text).ok());
    let over = match maximum.limit {
        Limit::Days(most) => days.ok().map(|days| (days > most).then(|| format!("{days} days"))),
        Limit::SmallestPack => quantity.ok().zip(most("smallest-pack")).map(|(quantity, most)| {
            (quantity > most)
                .then(|| format!("{} where the smallest pack holds {most}", line.quantity.trim()))
        }),
        Limit::OneCycle => quantity.ok().zip(most("one-cycle")).map(|(quantity, most)| {
            (quantity > most).then(|| format!("{} where one cycle is {most}", line.quantity.trim()))
        }),
        Limit::FullCourse => facts
            .value("full-course")
            .map(|smallest| (smallest != "yes").then(|| "more than the smallest full course".to_owned())),
    };
    match over {
        Some(Some(words)) => Kept::Over(words),
        Some(None) if open.is_empty() => Kept::Within,
        Some(None) | None => Kept::NotYet(open),
    }
}
