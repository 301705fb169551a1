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

/// The instant at which clocks in England show this, `2026-11-22T18:00`; a time that comes twice in autumn is the first.
/// `None` where the text is no such time.
pub fn from_the_wall(text: &str) -> Option<Millis> {
    let shown: jiff::civil::DateTime = text.parse().ok()?;
    Some(shown.to_zoned(london()).ok()?.timestamp().as_millisecond())
}

/// The zone of every pharmacy in England, compiled in because a browser has no zone files.
pub fn london() -> TimeZone {
    jiff::tz::get!("Europe/London")
}

/// The day in England at that instant.
pub fn day(at: Millis) -> Date {
    zoned(at).date()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `14:05`, in England.
pub fn clock_time(at: Millis) -> String {
    time_of(&zoned(at))
}

/// `22 Nov 2026, 14:05`, in England.
pub fn day_and_time(at: Millis) -> String {
    let zoned = zoned(at);
    format!("{}, {}", written_date(zoned.date()), time_of(&zoned))
}

/// `4 Mar 1952`.
pub fn written_date(date: Date) -> String {
    let month = MONTHS.get(usize::from(date.month().unsigned_abs()) - 1).copied().unwrap_or_default();
    format!("{} {month} {}", date.day(), date.year())
}

/// Whole years lived on `today`; `None` for a birth date in the future.
pub fn age(birth: Date, today: Date) -> Option<u16> {
    if birth > today {
        return None;
    }
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    u16::try_from(today.year() - birth.year() - i16::from(!had_birthday)).ok()
}

// Not `strftime`: all that it can do would be downloaded with it.
fn time_of(zoned: &jiff::Zoned) -> String {
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

fn zoned(at: Millis) -> jiff::Zoned {
    Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(london())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_on_the_wall_is_an_hour_earlier_in_utc_while_it_is_summer() {
        let utc = |text| from_the_wall(text).map(stored);
        assert_eq!(utc("2026-11-22T18:00").as_deref(), Some("2026-11-22T18:00:00Z"));
        assert_eq!(utc("2026-07-22T18:00").as_deref(), Some("2026-07-22T17:00:00Z"));
        assert_eq!(utc("after lunch"), None);
    }
    use jiff::civil::date;

    #[test]
    fn a_summer_afternoon_is_told_in_british_summer_time() {
        let at = read("2026-07-01T13:05:00Z").expect("an instant");
        assert_eq!(clock_time(at), "14:05");
        assert_eq!(day_and_time(at), "1 Jul 2026, 14:05");
    }

    #[test]
    fn every_month_has_its_name() {
        let names = (1..=12).map(|month| written_date(date(2026, month, 9))).collect::<Vec<_>>();
        assert_eq!(
            (names[0].as_str(), names[8].as_str(), names[11].as_str()),
            ("9 Jan 2026", "9 Sep 2026", "9 Dec 2026")
        );
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
