//! How names, numbers, dates and times are read out on every screen (ui.md 7).

use jiff::civil::Date;
use shared::consultation::{Patient, WorkListRow};
use shared::patient::NhsNumber;
use shared::time::{self, Millis};

/// `10,000`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut words = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// `999 054 8609`; what is no NHS number is shown as it stands, and nothing at all as nothing.
pub fn nhs_number(digits: &str) -> String {
    digits.parse::<NhsNumber>().map_or_else(|_| digits.to_owned(), |number| number.spaced())
}

/// `4 Mar 1952 (71y)`; words instead when the date is not known.
pub fn born(birth_date: &str, now: Millis) -> String {
    match birth_date.parse::<Date>() {
        Ok(date) => format!("{} ({})", time::written_date(date), age(birth_date, now)),
        Err(_) if birth_date.is_empty() => "date of birth not known".to_owned(),
        Err(_) => birth_date.to_owned(),
    }
}

/// `71y`, below two years `14m`; `age not known` without a birth date.
pub fn age(birth_date: &str, now: Millis) -> String {
    let today = time::day(now);
    let Ok(born) = birth_date.parse::<Date>() else { return "age not known".to_owned() };
    match time::age(born, today) {
        Some(years) if years >= 2 => format!("{years}y"),
        Some(_) => {
            let months = i32::from(today.year() - born.year()) * 12 + i32::from(today.month() - born.month())
                - i32::from(today.day() < born.day());
            format!("{}m", months.max(0))
        }
        None => "age not known".to_owned(),
    }
}

/// The banner's name: `WINTERS, Hettie`, or that it is not known.
pub fn full_name(patient: &Patient) -> String {
    named(&patient.list_name())
}

/// The list's name for a row, or that it is not known.
pub fn row_name(row: &WorkListRow) -> String {
    named(&row.patient_name)
}

fn named(name: &str) -> String {
    if name.is_empty() { "Name not known".to_owned() } else { name.to_owned() }
}

/// `14:32` today, `21 Nov 2026, 14:32` on another day; empty for what is not a time.
pub fn when(rfc3339: &str, now: Millis) -> String {
    time::read(rfc3339).map(|at| moment(at, now)).unwrap_or_default()
}

/// As [`when`], for milliseconds since 1970.
pub fn moment(at: Millis, now: Millis) -> String {
    if time::day(at) == time::day(now) { time::clock_time(at) } else { time::day_and_time(at) }
}

/// `looked-up-patient` as `Looked up patient`, for words that the server made for machines.
pub fn in_words(code: &str) -> String {
    let mut words = code.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// `3 consultations`, `1 consultation`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// `2 h`, `20 min`, `3 days`: the size of a stretch of time, rounded down, never below a minute.
pub fn stretch(millis: Millis) -> String {
    let minutes = (millis.abs() / 60_000).max(1);
    match minutes {
        0..=89 => format!("{minutes} min"),
        90..=2879 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

/// How the referral came, in words (referrals.md 4.1).
pub fn channel(code: &str) -> &'static str {
    match code {
        "itk111" => "NHS 111",
        "bars" => "Electronic referral",
        "email" => "E-mail",
        "phone" => "Phone",
        "walkin" => "Walk-in",
        "forwarded" => "Forwarded by another pharmacy",
        _ => "Other",
    }
}

/// The title of a record's pathway; its key when this build does not know it.
pub fn pathway_title(key: &str) -> String {
    shared::pathway::find(key).map_or_else(|| key.to_owned(), |pathway| pathway.title.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_number_is_written_in_groups() {
        let written = [7, 412, 1_000, 10_000, 1_234_567].map(thousands);
        assert_eq!(written, ["7", "412", "1,000", "10,000", "1,234,567"]);
    }

    fn now() -> Millis {
        time::read("2026-03-04T12:00:00Z").expect("an instant")
    }

    #[test]
    fn an_nhs_number_is_read_in_three_three_and_four() {
        assert_eq!(nhs_number("9990548609"), "999 054 8609");
        assert_eq!(nhs_number(""), "");
    }

    #[test]
    fn a_code_is_read_as_words() {
        assert_eq!(in_words("looked-up-patient"), "Looked up patient");
        assert_eq!(in_words(""), "");
    }

    #[test]
    fn a_baby_is_counted_in_months() {
        assert_eq!(age("2025-01-20", now()), "13m");
        assert_eq!(age("1952-03-04", now()), "74y");
        assert_eq!(age("", now()), "age not known");
    }

    #[test]
    fn today_needs_no_date() {
        assert_eq!(when("2026-03-04T09:05:00Z", now()), "09:05");
        assert_eq!(when("2026-03-03T09:05:00Z", now()), "3 Mar 2026, 09:05");
    }

    #[test]
    fn a_stretch_is_told_in_the_unit_a_person_would_use() {
        assert_eq!(stretch(20 * 60_000), "20 min");
        assert_eq!(stretch(2 * 3_600_000 + 60_000), "2 h");
        assert_eq!(stretch(-3 * 86_400_000), "3 days");
    }
}
