//! HL7 time stamps as suppliers really write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Timestamp, tz};
use shared::time::{Millis, london};

/// An instant from `20210406122927+01`, `…+0100`, `…+01:00`, `…Z`, without a zone (then England's), or ISO 8601.
///
/// `None` for text that is no time or has no day.
pub fn instant(value: &str) -> Option<Millis> {
    let value = value.trim();
    if !value.is_ascii() || value.len() > 40 {
        return None;
    }
    if value.contains(['T', ':'])
        && let Some(at) = iso(value)
    {
        return Some(at);
    }
    let zone_at = value.find(['+', '-', 'Z']).unwrap_or(value.len());
    let (stamp, zone) = value.split_at(zone_at);
    let digits = stamp.split('.').next().unwrap_or("");
    let offset = if zone.is_empty() { None } else { Some(offset(zone)?) };
    in_zone(civil(digits)?, offset)
}

fn iso(value: &str) -> Option<Millis> {
    let instant = value.parse::<Timestamp>().map(Timestamp::as_millisecond).ok();
    instant.or_else(|| in_zone(value.parse::<DateTime>().ok()?, None))
}

/// A date of birth, `1980-01-01`, from the first eight digits; `None` for less than a day or no such day.
pub fn birth_date(value: &str) -> Option<Date> {
    let value = value.trim();
    if let Some(date) = value.get(..10).and_then(|start| start.parse::<Date>().ok())
        && value.contains('-')
    {
        return Some(date);
    }
    civil(value.get(..8)?).map(DateTime::date)
}

fn civil(digits: &str) -> Option<DateTime> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 8 | 10 | 12 | 14) {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2).map_or(Some(0_i8), |text| text.parse().ok());
    let year = digits.get(..4)?.parse().ok()?;
    // A leap second is written 60 and means the end of that minute.
    DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?.min(59), 0).ok()
}

fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = match zone[1..].split_once(':') {
        Some((hours, minutes)) if hours.len() == 2 && minutes.len() == 2 => [hours, minutes].concat(),
        Some(_) => return None,
        None => zone[1..].to_owned(),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |text| text.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn in_zone(at: DateTime, offset: Option<Offset>) -> Option<Millis> {
    let zone = offset.map_or_else(london, tz::TimeZone::fixed);
    at.to_zoned(zone).ok().map(|zoned| zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(value: &str) -> String {
        instant(value).map_or_else(|| "no time".to_owned(), shared::time::stored)
    }

    #[test]
    fn a_zone_may_be_written_with_two_digits_or_four() {
        assert_eq!(utc("20210406122927+01"), "2021-04-06T11:29:27Z");
        assert_eq!(utc("20210406122927+0100"), "2021-04-06T11:29:27Z");
        assert_eq!(utc("201701012000+00"), "2017-01-01T20:00:00Z");
        assert_eq!(utc("20261122140500.123Z"), "2026-11-22T14:05:00Z");
        assert_eq!(utc("20260101000000-0530"), "2026-01-01T05:30:00Z");
    }

    #[test]
    fn a_colon_in_the_zone_does_not_make_it_no_time() {
        assert_eq!(utc("20260701130000+01:00"), "2026-07-01T12:00:00Z");
        assert_eq!(utc("202601010000-05:30"), "2026-01-01T05:30:00Z");
        assert_eq!(utc("20260701130000+1:00"), "no time");
    }

    #[test]
    fn a_time_without_a_zone_is_the_time_in_england() {
        assert_eq!(utc("20260701130000"), "2026-07-01T12:00:00Z");
        assert_eq!(utc("2026-07-01T13:00:00"), "2026-07-01T12:00:00Z");
    }

    #[test]
    fn an_iso_time_is_read_too() {
        assert_eq!(utc("2021-04-06T12:29:26.8873279+01:00"), "2021-04-06T11:29:26Z");
    }

    #[test]
    fn what_is_not_a_time_is_none() {
        for text in [
            "",
            "2021",
            "20211306",
            "20210406+1",
            "yesterday",
            "2021040612 00",
            "é0210406",
            "+01",
            "20210406++0",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_birth_date_may_carry_a_time_that_is_not_looked_at() {
        let expected = Some(jiff::civil::date(1980, 1, 1));
        for text in ["19800101", "19800101000000+0100", "1980-01-01", " 19800101 "] {
            assert_eq!(birth_date(text), expected, "{text}");
        }
        assert_eq!(birth_date("1980"), None);
        assert_eq!(birth_date("19801301"), None);
        assert_eq!(birth_date("éééééééé"), None);
    }
}
