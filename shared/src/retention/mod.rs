//! How long a record is kept, and when it may be destroyed (practice 36). The periods are data: `shared/retention.toml`.

use crate::consultation::{Status, WorkListRow};
use crate::time::{self, Millis};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

/// The schedule this release follows.
const SCHEDULE: &str = include_str!("../../retention.toml");

/// What kind of record it is, as far as keeping goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Adult,
    Child,
    Register,
    Audit,
}

/// One class and its period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    pub name: Class,
    pub what: String,
    /// Whole years after the last entry.
    pub years: i16,
    /// Kept at least until this birthday.
    #[serde(default)]
    pub until_age: Option<i16>,
    /// The same for whoever was 17 on the day.
    #[serde(default)]
    pub until_age_if_seventeen: Option<i16>,
    /// Where the period comes from.
    pub source: String,
}

/// The periods by class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Period>);

/// Why a schedule cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum NotASchedule {
    #[error("the retention schedule cannot be read")]
    Unreadable(#[source] toml::de::Error),
    #[error("the retention schedule has no single period for {0:?}")]
    Missing(Class),
}

/// Whether a record may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Kept up to and including the day before.
    Until(Date),
    /// Somebody may still be working on it.
    WhileOpen,
    /// What is known of it does not tell how old it is: a person must look.
    Unknown,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::Adult, Self::Child, Self::Register, Self::Audit];

    /// The word in lists and certificates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Child => "child",
            Self::Register => "register",
            Self::Audit => "audit",
        }
    }
}

impl Schedule {
    /// The schedule of this release.
    pub fn current() -> Self {
        Self::read(SCHEDULE).expect("a test reads the schedule that is compiled in")
    }

    /// Reads a schedule; every class must be in it once.
    pub fn read(text: &str) -> Result<Self, NotASchedule> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            class: Vec<Period>,
        }
        let File { class } = toml::from_str(text).map_err(NotASchedule::Unreadable)?;
        for wanted in Class::ALL {
            if class.iter().filter(|period| period.name == wanted).count() != 1 {
                return Err(NotASchedule::Missing(wanted));
            }
        }
        Ok(Self(class))
    }

    /// The period of a class.
    pub fn period(&self, class: Class) -> &Period {
        self.0.iter().find(|period| period.name == class).expect("reading checked that each class is there")
    }

    /// The class of a consultation and how long it is kept.
    ///
    /// A birth date that is not known counts as a child's born on the day: nothing is destroyed too early.
    pub fn keep(&self, row: &WorkListRow) -> (Class, Keep) {
        let last = [&row.received_at, &row.signed_at, &row.notice_at]
            .into_iter()
            .filter_map(|text| time::read(text))
            .max();
        let Some(last) = last else { return (Class::Child, Keep::Unknown) };
        let day = time::day(last);
        let birth: Option<Date> = row.birth_date.parse().ok();
        let age = birth.map_or(Some(0), |birth| time::age(birth, day));
        let Some(age) = age else { return (Class::Child, Keep::Unknown) };
        let class = if age >= 18 { Class::Adult } else { Class::Child };
        if matches!(row.status, Status::Received | Status::Open) || row.amending {
            return (class, Keep::WhileOpen);
        }
        let period = self.period(class);
        let by_years = day.saturating_add(period.years.years());
        let birthday = if age == 17 { period.until_age_if_seventeen } else { period.until_age };
        let by_age = birthday.map(|years| birth.unwrap_or(day).saturating_add(years.years()));
        (class, Keep::Until(by_age.map_or(by_years, |by_age| by_age.max(by_years))))
    }
}

impl Keep {
    /// May it be destroyed on the day of `now`, in England?
    pub fn is_over(self, now: Millis) -> bool {
        matches!(self, Self::Until(day) if time::day(now) >= day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(birth: &str, signed: &str) -> WorkListRow {
        WorkListRow {
            status: Status::Completed,
            birth_date: birth.to_owned(),
            received_at: "2026-11-22T09:00:00Z".to_owned(),
            signed_at: signed.to_owned(),
            ..WorkListRow::default()
        }
    }

    fn until(birth: &str) -> (Class, Keep) {
        Schedule::current().keep(&row(birth, "2026-11-22T10:00:00Z"))
    }

    fn day(text: &str) -> Keep {
        Keep::Until(text.parse().expect("a date"))
    }

    #[test]
    fn an_adults_record_is_kept_eight_years_from_the_last_entry() {
        assert_eq!(until("1952-03-04"), (Class::Adult, day("2034-11-22")));
    }

    #[test]
    fn a_childs_record_is_kept_to_the_twenty_fifth_birthday_or_eight_years_whichever_is_later() {
        assert_eq!(until("2020-05-01"), (Class::Child, day("2045-05-01")));
        assert_eq!(until("2010-05-01"), (Class::Child, day("2035-05-01")));
    }

    #[test]
    fn whoever_was_seventeen_is_kept_to_the_twenty_sixth_birthday() {
        assert_eq!(until("2009-05-01"), (Class::Child, day("2035-05-01")));
    }

    #[test]
    fn without_a_birth_date_the_longest_period_holds() {
        assert_eq!(until(""), (Class::Child, day("2051-11-22")));
    }

    #[test]
    fn what_is_open_or_being_amended_is_never_over() {
        let mut open = row("1952-03-04", "");
        open.status = Status::Open;
        assert_eq!(Schedule::current().keep(&open).1, Keep::WhileOpen);
        assert!(!Keep::WhileOpen.is_over(i64::MAX / 4));
        let mut amending = row("1952-03-04", "2026-11-22T10:00:00Z");
        amending.amending = true;
        assert_eq!(Schedule::current().keep(&amending).1, Keep::WhileOpen);
    }

    #[test]
    fn a_record_without_any_date_or_from_before_its_patients_birth_is_for_a_person_to_look_at() {
        let undated = WorkListRow { status: Status::Completed, ..WorkListRow::default() };
        assert_eq!(Schedule::current().keep(&undated).1, Keep::Unknown);
        assert_eq!(until("2030-01-01").1, Keep::Unknown);
    }

    #[test]
    fn the_day_itself_is_the_first_on_which_it_may_go() {
        let keep = day("2034-11-22");
        let at = |text: &str| time::read(text).expect("an instant");
        assert!(!keep.is_over(at("2034-11-21T23:59:59Z")));
        assert!(keep.is_over(at("2034-11-22T00:00:00Z")));
    }

    #[test]
    fn a_schedule_that_leaves_a_class_out_is_refused_by_name() {
        let refused =
            Schedule::read("[[class]]\nname = \"adult\"\nwhat = \"x\"\nyears = 8\nsource = \"y\"\n");
        assert!(matches!(refused, Err(NotASchedule::Missing(Class::Child))));
    }
}
