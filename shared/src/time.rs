//! Times as the record keeps them (RFC 3339, UTC) and as people in England read them (Europe/London).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Milliseconds since 1970, the resolution in which time is passed about.
pub type Millis = i64;

/// The instant as the record stores it, for example `2026-11-22T14:05:00Z`; whole seconds.
pub fn stored(at: Millis) -> String {
    Timestamp::from_second(at.div_euclid(1000)).unwrap_or_default().to_string()
}

/// Reads an instant the record stored; `None` where the text is not one.
pub fn read(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// The zone of every pharmacy in England, compiled in because a browser has no zone files.
pub fn london() -> TimeZone {
    jiff::tz::get!("Europe/London")
}

/// The day in England at that instant.
pub fn day(at: Millis) -> Date {
    zoned(at).date()
}

/// `14:05`, in England.
pub fn clock_time(at: Millis) -> String {
    zoned(at).strftime("%H:%M").to_string()
}

/// `22 Nov 2026, 14:05`, in England.
pub fn day_and_time(at: Millis) -> String {
    zoned(at).strftime("%-d %b %Y, %H:%M").to_string()
}

/// `4 Mar 1952`.
pub fn written_date(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// Whole years lived on `today`; `None` for a birth date in the future.
pub fn age(birth: Date, today: Date) -> Option<u16> {
    if birth > today {
        return None;
    }
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    u16::try_from(today.year() - birth.year() - i16::from(!had_birthday)).ok()
}

fn zoned(at: Millis) -> jiff::Zoned {
    Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(london())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_summer_afternoon_is_told_in_british_summer_time() {
        let at = read("2026-07-01T13:05:00Z").expect("an instant");
        assert_eq!(clock_time(at), "14:05");
    }

    #[test]
    fn what_is_stored_is_read_back() {
        assert_eq!(read(&stored(1_795_000_000_000)), Some(1_795_000_000_000));
    }

    #[test]
    fn age_changes_on_the_birthday() {
        assert_eq!(age(date(1952, 3, 4), date(2026, 3, 3)), Some(73));
        assert_eq!(age(date(1952, 3, 4), date(2026, 3, 4)), Some(74));
        assert_eq!(age(date(2026, 3, 5), date(2026, 3, 4)), None);
    }
}
