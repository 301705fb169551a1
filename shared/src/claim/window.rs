//! Until when a consultation can be claimed.

use super::rules::RULES;
use jiff::ToSpan as _;
use jiff::civil::Date;

/// The days that matter for the claim of one consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day of the month that is claimed.
    pub month: Date,
    /// The claim is in time up to this day: the 5th of the following month.
    pub by: Date,
    /// Taken late up to this day.
    pub late_until: Date,
    /// With evidence of a failure of IT up to this day.
    pub it_failure_until: Date,
}

/// How a day stands to a [`Window`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    InTime,
    Late,
    /// Only with evidence that the IT failed.
    OnlyItFailure,
    Over,
}

impl Window {
    pub fn on(&self, today: Date) -> Standing {
        if today <= self.by {
            Standing::InTime
        } else if today <= self.late_until {
            Standing::Late
        } else if today <= self.it_failure_until {
            Standing::OnlyItFailure
        } else {
            Standing::Over
        }
    }
}

/// `2026-11`, as a month is written everywhere.
pub fn month_of(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The window of a consultation on that day; `None` before the service began.
pub fn window(day: Date) -> Option<Window> {
    let rule = RULES.windows.iter().filter(|rule| rule.from <= day).max_by_key(|rule| rule.from)?;
    let month = day.first_of_month();
    let end_of = |months: i32| month.checked_add(months.months()).ok().map(Date::last_of_month);
    let following = month.checked_add(1.month()).ok()?;
    Some(Window {
        month,
        by: Date::new(following.year(), following.month(), rule.by_day).ok()?,
        late_until: end_of(rule.late_months)?,
        it_failure_until: end_of(rule.it_failure_months)?,
    })
}
