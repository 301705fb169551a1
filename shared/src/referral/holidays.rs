//! Which days are working days in England, and when one is over.

use crate::time::{Millis, london};
use jiff::civil::{Date, Time, Weekday, date, time};

/// Bank holidays in England and Wales, substitute days included. Source: <https://www.gov.uk/bank-holidays>;
/// 2028 from the same rules before its publication. A one-off holiday is one more line.
const BANK_HOLIDAYS: [Date; 32] = [
    date(2025, 1, 1),
    date(2025, 4, 18),
    date(2025, 4, 21),
    date(2025, 5, 5),
    date(2025, 5, 26),
    date(2025, 8, 25),
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 4),
    date(2026, 5, 25),
    date(2026, 8, 31),
    date(2026, 12, 25),
    date(2026, 12, 28),
    date(2027, 1, 1),
    date(2027, 3, 26),
    date(2027, 3, 29),
    date(2027, 5, 3),
    date(2027, 5, 31),
    date(2027, 8, 30),
    date(2027, 12, 27),
    date(2027, 12, 28),
    date(2028, 1, 3),
    date(2028, 4, 14),
    date(2028, 4, 17),
    date(2028, 5, 1),
    date(2028, 5, 29),
    date(2028, 8, 28),
    date(2028, 12, 25),
    date(2028, 12, 26),
];

/// When a working day is over. A pharmacy's own hours are not in the message; 18:00 is inside the contracted hours
/// of nearly all and before the practice's core hours end at 18:30 (GMS regulations), so it can still be phoned.
const CLOSE_OF_WORK: Time = time(18, 0, 0, 0);

/// The last day for which bank holidays are known; after it only weekends are left out.
pub fn bank_holidays_known_until() -> Date {
    date(2028, 12, 31)
}

/// Monday to Friday and not a bank holiday in England.
pub fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !BANK_HOLIDAYS.contains(&day)
}

/// The working day after this one; `None` at the end of the calendar.
pub fn next_working_day(after: Date) -> Option<Date> {
    let mut day = after.tomorrow().ok()?;
    while !is_working_day(day) {
        day = day.tomorrow().ok()?;
    }
    Some(day)
}

/// When that day's work is over, in England.
pub fn close_of_work(day: Date) -> Option<Millis> {
    let end = day.to_datetime(CLOSE_OF_WORK).to_zoned(london()).ok()?;
    Some(end.timestamp().as_millisecond())
}

/// When that day begins, in England.
pub fn begins(day: Date) -> Option<Millis> {
    Some(day.to_zoned(london()).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_bank_holidays_follows_the_rules_of_england() {
        for year in 2025..=2028 {
            let easter = easter_sunday(year);
            let mut expected =
                vec![easter.saturating_sub(jiff::Span::new().days(2)), easter.tomorrow().expect("a day")];
            expected.push(nth_monday(year, 5, 1));
            expected.push(last_monday(year, 5));
            expected.push(last_monday(year, 8));
            let mut fixed = vec![date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)];
            fixed.sort_unstable();
            for mut day in fixed {
                while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || expected.contains(&day)
                {
                    day = day.tomorrow().expect("a day");
                }
                expected.push(day);
            }
            // Christmas on a Saturday and Boxing Day on a Sunday move to Monday and Tuesday, in any order.
            expected.sort_unstable();
            let listed: Vec<Date> = BANK_HOLIDAYS.into_iter().filter(|day| day.year() == year).collect();
            assert_eq!(listed, expected, "{year}");
        }
        assert_eq!(BANK_HOLIDAYS.last().map(|day| day.year()), Some(bank_holidays_known_until().year()));
    }

    fn nth_monday(year: i16, month: i8, nth: i8) -> Date {
        date(year, month, 1).nth_weekday_of_month(nth, Weekday::Monday).expect("a Monday")
    }

    fn last_monday(year: i16, month: i8) -> Date {
        nth_monday(year, month, -1)
    }

    /// Source: <https://www.gov.uk/bank-holidays>, the Sunday between Good Friday and Easter Monday.
    fn easter_sunday(year: i16) -> Date {
        match year {
            2025 => date(2025, 4, 20),
            2026 => date(2026, 4, 5),
            2027 => date(2027, 3, 28),
            2028 => date(2028, 4, 16),
            other => panic!("add Easter of {other}"),
        }
    }
}
