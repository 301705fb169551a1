//! What a rule may ask. It answers yes, no, or *not yet*; unanswered is never "no" (design 2.7).

use super::definition::{Choice, Field, Kind, Pathway};
use crate::consultation::{Answer, Answers, Consultation};
use crate::supply;
use crate::time;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A rule of a pathway file. A misspelt one is refused by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    #[serde(alias = "otherwise")]
    Always,
    Never,
    /// A red flag that is asked has been answered yes.
    AnyRedFlag,
    /// The answer is exactly this.
    Is(String, Answer),
    /// The answer is one of these.
    OneOf(String, Vec<Answer>),
    /// The number is this or more.
    AtLeast(String, f64),
    /// The number is this or less.
    AtMost(String, f64),
    /// The score is this or more; *not yet* while answers could still lift it there.
    ScoreAtLeast(String, u16),
    /// There is an answer. The one condition that never says *not yet*.
    Answered(String),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// In whole years.
    AgeAtLeast(u16),
    AgeBelow(u16),
    /// `male` or `female`; *not yet* when the record does not say.
    Sex(String),
    /// `itk111`, `walkin`, …
    Channel(String),
    /// `MI`, `UMS`, `CP`: the strand that was asked for.
    Strand(String),
    /// The record says how old, or which sex. Never *not yet*.
    Known(Fact),
    /// A medicine stands so: one of [`LINES`]. Never *not yet*.
    Line(String),
}

/// How a medicine may stand (`crate::supply::Standing::code`); `owed` where the rest of a part supply is still wanted.
pub const LINES: [&str; 7] = ["open", "recommended", "refused", "referred", "supplied", "exception", "owed"];

/// Something about the patient that the record may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    Age,
    Sex,
}

/// What rules may know besides the answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub age_years: Option<u16>,
    /// `male`, `female`, `other`; empty or `unknown` when not known.
    pub sex: String,
    pub channel: String,
    pub strand: String,
    /// How the medicines stand: words of [`LINES`].
    pub lines: BTreeSet<String>,
    /// The day on which the visit began, in England: which gateways count.
    pub day: Option<Date>,
}

impl Facts {
    /// Reads them from the record; the age is that on the day the visit began, so that it never changes afterwards.
    pub fn of(record: &Consultation) -> Self {
        let mut facts = Self::of_patient(record);
        for line in record.medicines.values() {
            facts.lines.insert(supply::standing(record, line).code().to_owned());
            if supply::is_part(line) {
                facts.lines.insert("owed".to_owned());
            }
        }
        facts
    }

    /// All but how the medicines stand, which the rules read these for.
    pub(crate) fn of_patient(record: &Consultation) -> Self {
        let began =
            if record.visit.started_at.is_empty() { &record.created_at } else { &record.visit.started_at };
        let birth: Option<Date> = record.patient.birth_date.parse().ok();
        let day = time::read(began).map(time::day);
        let age_years = birth.zip(day).and_then(|(birth, day)| time::age(birth, day));
        Self {
            age_years,
            sex: record.patient.sex.clone(),
            channel: record.referral.channel.clone(),
            strand: record.referral.strand.clone(),
            lines: BTreeSet::new(),
            day,
        }
    }

    fn known_sex(&self) -> Option<&str> {
        Some(self.sex.as_str()).filter(|sex| !sex.is_empty() && *sex != "unknown")
    }
}

impl Condition {
    pub(super) fn always() -> Self {
        Self::Always
    }

    pub(super) fn never() -> Self {
        Self::Never
    }

    /// Calls `visit` for this condition and every one inside it.
    pub(super) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Condition)) {
        visit(self);
        match self {
            Self::Not(inner) => inner.walk(visit),
            Self::All(inner) | Self::Any(inner) => inner.iter().for_each(|condition| condition.walk(visit)),
            _ => {}
        }
    }

    /// Fields it reads, in the order of reading.
    pub(super) fn reads(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.walk(&mut |condition| match condition {
            Self::Is(field, _)
            | Self::OneOf(field, _)
            | Self::AtLeast(field, _)
            | Self::AtMost(field, _)
            | Self::Answered(field) => found.push(field.as_str()),
            _ => {}
        });
        found
    }

    /// Does it, anywhere, ask whether a red flag is present?
    pub(super) fn asks_red_flags(&self) -> bool {
        let mut asks = false;
        self.walk(&mut |condition| asks |= matches!(condition, Self::AnyRedFlag));
        asks
    }
}

/// Why a question that needs an answer has none that counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Gap {
    NotAnswered,
    /// The number is outside the plausible range.
    Implausible {
        min: f64,
        max: f64,
    },
    /// The answer is not, or no longer, one of those offered.
    NotOffered,
    /// The answer is of another kind than the question.
    Unfit,
}

/// One consultation's answers read with one pathway's eyes.
#[derive(Clone, Copy)]
pub(super) struct Reading<'p, 'r> {
    pub pathway: &'p Pathway,
    pub answers: &'r Answers,
    pub observations: &'r Answers,
    pub facts: &'r Facts,
}

enum Value<'a> {
    /// The question is not put, so it says nothing.
    NotAsked,
    NotYet,
    Given(&'a Answer),
}

/// Conditions may read fields whose visibility reads fields; a file that goes round in circles ends here.
const DEEPEST: u8 = 24;

impl<'p, 'r> Reading<'p, 'r> {
    pub fn holds(&self, condition: &Condition) -> Option<bool> {
        self.holds_at(condition, 0)
    }

    pub fn visible(&self, field: &Field) -> Option<bool> {
        self.visible_at(field, 0)
    }

    /// Options offered now, by id.
    pub fn offered(&self, field: &'p Field) -> Vec<&'p str> {
        self.choices(&field.options).into_iter().map(|option| option.id.as_str()).collect()
    }

    /// Those of `choices` that are offered now.
    pub fn choices(&self, choices: &'p [Choice]) -> Vec<&'p Choice> {
        choices.iter().filter(|choice| self.holds(&choice.shown) == Some(true)).collect()
    }

    /// The answer that counts, or why there is none.
    pub fn answer(&self, field: &Field) -> Result<Option<&'r Answer>, Gap> {
        self.answer_at(field, 0)
    }

    /// Ticked options of a `several`, in the file's order.
    pub fn ticked(&self, field: &'p Field) -> Vec<&'p str> {
        let ticked =
            |id: &str| self.store(field).get(&format!("{}.{id}", field.id)) == Some(&Answer::YesNo(true));
        field.options.iter().filter(|option| ticked(&option.id)).map(|option| option.id.as_str()).collect()
    }

    /// Lowest and highest sum that the answers so far allow.
    pub fn score(&self, id: &str) -> Option<(u16, u16)> {
        self.score_at(id, 0)
    }

    fn store(&self, field: &Field) -> &'r Answers {
        if field.observation { self.observations } else { self.answers }
    }

    fn visible_at(&self, field: &Field, depth: u8) -> Option<bool> {
        self.holds_at(&field.shown, depth + 1)
    }

    fn answer_at(&self, field: &Field, depth: u8) -> Result<Option<&'r Answer>, Gap> {
        if field.kind == Kind::Several {
            let enough = self.ticked(field).len() >= usize::from(field.ticks);
            return if enough { Ok(None) } else { Err(Gap::NotAnswered) };
        }
        let answer = self.store(field).get(&field.id).ok_or(Gap::NotAnswered)?;
        match (field.kind, answer) {
            (Kind::YesNo, Answer::YesNo(_)) => {}
            (Kind::Number, Answer::Number(value)) => {
                if let Some(range) = &field.number
                    && !(range.min..=range.max).contains(value)
                {
                    return Err(Gap::Implausible { min: range.min, max: range.max });
                }
            }
            (Kind::YesNo | Kind::Number, _) | (_, Answer::YesNo(_) | Answer::Number(_)) => {
                return Err(Gap::Unfit);
            }
            (_, Answer::Text(text)) if text.trim().is_empty() => return Err(Gap::NotAnswered),
            (Kind::Choice, Answer::Text(text)) => {
                let option = field.option(text).ok_or(Gap::NotOffered)?;
                if self.holds_at(&option.shown, depth + 1) != Some(true) {
                    return Err(Gap::NotOffered);
                }
            }
            (Kind::Date, Answer::Text(text)) => {
                text.parse::<Date>().map_err(|_| Gap::Unfit)?;
            }
            (Kind::Time, Answer::Text(text)) => {
                if !is_time_of_day(text) {
                    return Err(Gap::Unfit);
                }
            }
            (Kind::Text | Kind::Words | Kind::Several, Answer::Text(_)) => {}
        }
        Ok(Some(answer))
    }

    fn value(&self, id: &str, depth: u8) -> Value<'r> {
        let named = self.pathway.field(id).or_else(|| self.pathway.field(id.split_once('.')?.0));
        let Some(field) = named else { return Value::NotYet };
        match self.visible_at(field, depth) {
            Some(false) => Value::NotAsked,
            None => Value::NotYet,
            Some(true) if field.kind == Kind::Several => match self.store(field).get(id) {
                Some(tick) => Value::Given(tick),
                None => Value::NotYet,
            },
            Some(true) => match self.answer_at(field, depth) {
                Ok(Some(answer)) => Value::Given(answer),
                Ok(None) | Err(_) => Value::NotYet,
            },
        }
    }

    fn holds_at(&self, condition: &Condition, depth: u8) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        let number = |id: &str, test: &dyn Fn(f64) -> bool| match self.value(id, depth) {
            Value::NotAsked => Some(false),
            Value::NotYet => None,
            Value::Given(answer) => answer.as_number().map(test),
        };
        match condition {
            Condition::Always => Some(true),
            Condition::Never => Some(false),
            Condition::AnyRedFlag => {
                let flags = self.pathway.fields.iter().filter(|field| field.red_flag.is_some());
                any(flags.map(|field| match self.value(&field.id, depth) {
                    Value::NotAsked => Some(false),
                    Value::NotYet => None,
                    Value::Given(answer) => answer.as_yes(),
                }))
            }
            Condition::Is(id, wanted) => match self.value(id, depth) {
                Value::NotAsked => Some(false),
                Value::NotYet => None,
                Value::Given(answer) => Some(answer == wanted),
            },
            Condition::OneOf(id, wanted) => match self.value(id, depth) {
                Value::NotAsked => Some(false),
                Value::NotYet => None,
                Value::Given(answer) => Some(wanted.contains(answer)),
            },
            Condition::AtLeast(id, least) => number(id, &|value| value >= *least),
            Condition::AtMost(id, most) => number(id, &|value| value <= *most),
            Condition::ScoreAtLeast(id, least) => {
                let (low, high) = self.score_at(id, depth + 1)?;
                if low >= *least {
                    Some(true)
                } else if high < *least {
                    Some(false)
                } else {
                    None
                }
            }
            Condition::Answered(id) => {
                let several = self.pathway.field(id).filter(|field| field.kind == Kind::Several);
                Some(match several {
                    Some(field) => {
                        self.visible_at(field, depth) == Some(true) && self.answer_at(field, depth).is_ok()
                    }
                    None => matches!(self.value(id, depth), Value::Given(_)),
                })
            }
            Condition::Not(inner) => self.holds_at(inner, depth + 1).map(|holds| !holds),
            Condition::All(inner) => {
                let opposite = any(inner.iter().map(|one| self.holds_at(one, depth + 1).map(|holds| !holds)));
                opposite.map(|holds| !holds)
            }
            Condition::Any(inner) => any(inner.iter().map(|one| self.holds_at(one, depth + 1))),
            Condition::AgeAtLeast(years) => self.facts.age_years.map(|age| age >= *years),
            Condition::AgeBelow(years) => self.facts.age_years.map(|age| age < *years),
            Condition::Sex(sex) => self.facts.known_sex().map(|known| known == sex),
            Condition::Channel(channel) => Some(self.facts.channel == *channel),
            Condition::Strand(strand) => Some(self.facts.strand == *strand),
            Condition::Line(standing) => Some(self.facts.lines.contains(standing)),
            Condition::Known(Fact::Age) => Some(self.facts.age_years.is_some()),
            Condition::Known(Fact::Sex) => Some(self.facts.known_sex().is_some()),
        }
    }

    fn score_at(&self, id: &str, depth: u8) -> Option<(u16, u16)> {
        let score = self.pathway.scores.iter().find(|score| score.id == id)?;
        if self.holds_at(&score.shown, depth + 1) == Some(false) {
            return Some((0, 0));
        }
        let mut range = (0_u16, 0_u16);
        for points in &score.points {
            match self.holds_at(&points.when, depth + 1) {
                Some(true) => {
                    range.0 = range.0.saturating_add(points.add);
                    range.1 = range.1.saturating_add(points.add);
                }
                Some(false) => {}
                None => range.1 = range.1.saturating_add(points.add),
            }
        }
        Some(range)
    }
}

/// Yes as soon as one is yes; no only when all are no.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all_known = true;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all_known = false,
        }
    }
    all_known.then_some(false)
}

/// `14:05`: an hour and a minute of a day, two digits each.
fn is_time_of_day(text: &str) -> bool {
    let within = |digits: &str, end: u8| {
        digits.len() == 2
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && digits.parse().is_ok_and(|value: u8| value < end)
    };
    text.split_once(':').is_some_and(|(hour, minute)| within(hour, 24) && within(minute, 60))
}

#[cfg(test)]
mod tests {
    use super::is_time_of_day;

    #[test]
    fn a_time_of_day_has_two_digits_each_and_stays_within_the_day() {
        for time in ["00:00", "09:05", "23:59"] {
            assert!(is_time_of_day(time), "{time}");
        }
        for no_time in ["24:00", "12:60", "9:05", "12:5", "+1:00", "12:00:00", "1200", ""] {
            assert!(!is_time_of_day(no_time), "{no_time}");
        }
    }
}
