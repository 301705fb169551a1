//! When a place is open. A specified date counts before everything, then being open always, then the hours of bank
//! holidays, then those of the week (DoS REST v1.0). What is not known is said to be not known.

use crate::time::{Millis, london};
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY: u16 = 24 * 60;

/// From opening to closing, in minutes after midnight. One that closes after midnight counts on: 01:00 is 1500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Session {
    opens: u16,
    closes: u16,
}

impl Session {
    /// `None` for times that are none, and for one that closes when it opens: directories write that for closed, and for
    /// open all day, and nobody can tell which.
    pub fn new(opens: u16, closes: u16) -> Option<Self> {
        // The last minute of the day is how some write midnight.
        let closes = if closes == DAY - 1 { DAY } else { closes };
        if opens >= DAY || closes > DAY || opens == closes {
            return None;
        }
        Some(Self { opens, closes: if closes < opens { closes + DAY } else { closes } })
    }

    /// `09:00 to 17:30`.
    fn words(self) -> String {
        format!("{} to {}", clock(self.opens), clock(self.closes))
    }
}

/// `24:00` is midnight at the end of the day.
fn clock(minutes: u16) -> String {
    let shown = if minutes > DAY { minutes - DAY } else { minutes };
    if shown == DAY { "midnight".to_owned() } else { format!("{:02}:{:02}", shown / 60, shown % 60) }
}

/// When a place is open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hours {
    /// Day and night.
    pub always: bool,
    /// Monday to Sunday; none at all where the directory says nothing about the week.
    pub week: Vec<Vec<Session>>,
    /// `None`: the directory says nothing about bank holidays.
    pub bank_holidays: Option<Vec<Session>>,
    /// Days with hours of their own, `2026-12-25`; closed where there are none.
    pub dates: BTreeMap<String, Vec<Session>>,
}

/// Whether a place is open at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    Yes,
    NotKnown,
    No,
}

/// What one day has.
enum OnDay<'a> {
    AllDay,
    Sessions(&'a [Session]),
    NotKnown,
}

impl Hours {
    fn on(&self, day: Date, is_bank_holiday: impl Fn(Date) -> bool) -> OnDay<'_> {
        if let Some(sessions) = self.dates.get(&day.to_string()) {
            return OnDay::Sessions(sessions);
        }
        if self.always {
            return OnDay::AllDay;
        }
        if is_bank_holiday(day) {
            // The hours of an ordinary Monday send people to closed doors.
            return self.bank_holidays.as_deref().map_or(OnDay::NotKnown, OnDay::Sessions);
        }
        let place = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        self.week.get(place).map_or(OnDay::NotKnown, |sessions| OnDay::Sessions(sessions))
    }

    /// Whether it is open at that moment, by the clocks in England.
    pub fn open(&self, now: Millis, is_bank_holiday: impl Fn(Date) -> bool) -> Open {
        let Some((today, minute)) = on_the_wall(now) else { return Open::NotKnown };
        let within = |sessions: &[Session], minute: u16| {
            sessions.iter().any(|session| (session.opens..session.closes).contains(&minute))
        };
        // What opened yesterday and closes after midnight is still open.
        let yesterday = today.saturating_sub(1.day());
        if let OnDay::Sessions(sessions) = self.on(yesterday, &is_bank_holiday)
            && within(sessions, minute + DAY)
        {
            return Open::Yes;
        }
        match self.on(today, &is_bank_holiday) {
            OnDay::AllDay => Open::Yes,
            OnDay::NotKnown => Open::NotKnown,
            OnDay::Sessions(sessions) if within(sessions, minute) => Open::Yes,
            OnDay::Sessions(_) => Open::No,
        }
    }

    /// `09:00 to 13:00, 14:00 to 17:30`, `Open all day`, `Closed today`, `Opening times not known`.
    pub fn today_in_words(&self, now: Millis, is_bank_holiday: impl Fn(Date) -> bool) -> String {
        let day = on_the_wall(now).map(|(today, _)| self.on(today, is_bank_holiday));
        match day {
            Some(OnDay::AllDay) => "Open all day".to_owned(),
            Some(OnDay::Sessions([])) => "Closed today".to_owned(),
            Some(OnDay::Sessions(sessions)) => {
                let mut sessions = sessions.to_vec();
                sessions.sort_unstable();
                sessions.into_iter().map(Session::words).collect::<Vec<_>>().join(", ")
            }
            Some(OnDay::NotKnown) | None => "Opening times not known".to_owned(),
        }
    }
}

/// The day and the minute that clocks in England show.
fn on_the_wall(now: Millis) -> Option<(Date, u16)> {
    let shown = Timestamp::from_millisecond(now).ok()?.to_zoned(london());
    let minute = u16::try_from(shown.hour()).ok()? * 60 + u16::try_from(shown.minute()).ok()?;
    Some((shown.date(), minute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_the_wall;

    fn session(opens: u16, closes: u16) -> Vec<Session> {
        Session::new(opens * 60, closes * 60).into_iter().collect()
    }

    /// Nine to six on weekdays, nine to one on Saturdays, closed on Sundays and bank holidays.
    fn usual() -> Hours {
        let mut week = vec![session(9, 18); 5];
        week.extend([session(9, 13), Vec::new()]);
        Hours { week, bank_holidays: Some(Vec::new()), ..Hours::default() }
    }

    fn open(hours: &Hours, wall: &str) -> Open {
        let christmas = |day: Date| day.month() == 12 && matches!(day.day(), 25 | 28);
        hours.open(from_the_wall(wall).expect("a time"), christmas)
    }

    fn today(hours: &Hours, wall: &str) -> String {
        hours.today_in_words(from_the_wall(wall).expect("a time"), |day| day.month() == 12 && day.day() == 28)
    }

    #[test]
    fn the_week_says_when_it_is_open_to_the_minute() {
        for (wall, expected) in [
            ("2026-11-23T08:59", Open::No),
            ("2026-11-23T09:00", Open::Yes),
            ("2026-11-23T17:59", Open::Yes),
            ("2026-11-23T18:00", Open::No),
            ("2026-11-21T12:59", Open::Yes),
            ("2026-11-22T12:00", Open::No),
        ] {
            assert_eq!(open(&usual(), wall), expected, "{wall}");
        }
    }

    #[test]
    fn summer_time_is_the_time_on_the_wall() {
        let at = crate::time::read("2026-07-01T08:30:00Z").expect("an instant");
        assert_eq!(usual().open(at, |_| false), Open::Yes, "half past nine in England");
    }

    #[test]
    fn a_specified_date_counts_before_bank_holidays_the_week_and_being_open_always() {
        let closed_once =
            |hours: Hours| Hours { dates: [("2026-11-23".to_owned(), Vec::new())].into(), ..hours };
        assert_eq!(open(&closed_once(usual()), "2026-11-23T12:00"), Open::No);
        assert_eq!(open(&closed_once(Hours { always: true, ..usual() }), "2026-11-23T12:00"), Open::No);
        let open_once = Hours { dates: [("2026-12-25".to_owned(), session(10, 12))].into(), ..usual() };
        assert_eq!(open(&open_once, "2026-12-25T11:00"), Open::Yes);
        assert_eq!(open(&open_once, "2026-12-25T12:00"), Open::No);
    }

    #[test]
    fn open_always_counts_before_bank_holidays_and_they_before_the_week() {
        assert_eq!(open(&usual(), "2026-12-28T12:00"), Open::No, "a Monday, and a bank holiday");
        assert_eq!(open(&Hours { always: true, ..usual() }, "2026-12-28T03:00"), Open::Yes);
        let not_said = Hours { bank_holidays: None, ..usual() };
        assert_eq!(open(&not_said, "2026-12-28T12:00"), Open::NotKnown);
        assert_eq!(today(&not_said, "2026-12-28T12:00"), "Opening times not known");
        assert_eq!(open(&Hours::default(), "2026-11-23T12:00"), Open::NotKnown);
    }

    #[test]
    fn a_night_that_goes_past_midnight_belongs_to_the_day_on_which_it_began() {
        let mut late = usual();
        late.week[4] = session(22, 2);
        assert_eq!(open(&late, "2026-11-27T21:59"), Open::No);
        assert_eq!(open(&late, "2026-11-27T23:30"), Open::Yes);
        assert_eq!(open(&late, "2026-11-28T01:59"), Open::Yes);
        assert_eq!(open(&late, "2026-11-28T02:00"), Open::No);
        assert_eq!(today(&late, "2026-11-27T12:00"), "22:00 to 02:00");
        // The year turns, and the clocks go back, in such a night.
        late.week[3] = session(22, 2);
        assert_eq!(open(&late, "2027-01-01T01:00"), Open::Yes);
        late.week[5] = session(22, 3);
        assert_eq!(open(&late, "2026-10-25T01:30"), Open::Yes);
    }

    #[test]
    fn midnight_is_the_end_of_the_day_however_it_is_written() {
        for closes in [1439, 1440, 0] {
            let until_midnight = Session::new(540, closes).expect("a session");
            let hours = Hours { week: vec![vec![until_midnight]; 7], ..Hours::default() };
            assert_eq!(open(&hours, "2026-11-23T23:59"), Open::Yes);
            assert_eq!(open(&hours, "2026-11-24T00:00"), Open::No);
            assert_eq!(today(&hours, "2026-11-23T12:00"), "09:00 to midnight");
        }
        assert_eq!(Session::new(0, 0), None);
        assert_eq!(Session::new(1440, 60), None);
        assert_eq!(Session::new(0, 1441), None);
    }

    #[test]
    fn the_hours_of_a_day_are_read_out_in_order() {
        let mut hours = usual();
        hours.week[0] = [session(14, 18), session(9, 13)].concat();
        assert_eq!(today(&hours, "2026-11-23T12:00"), "09:00 to 13:00, 14:00 to 18:00");
        assert_eq!(today(&hours, "2026-11-22T12:00"), "Closed today");
        assert_eq!(today(&Hours { always: true, ..hours }, "2026-11-22T12:00"), "Open all day");
    }
}
