//! By when a 111 disposition asks the pharmacy to have spoken to the patient, and which service it asks for.

use super::holidays::{close_of_work, next_working_day};
use crate::time::{self, Millis};

/// What a disposition promises the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Hours(i64),
    WorkingDays(u8),
    /// The sender named no time.
    Unsaid,
}

/// One NHS Pathways disposition that may be sent to a pharmacy.
struct Disposition {
    code: &'static str,
    within: Within,
    /// `UMS` or `MI` (Pharmacy First strands).
    strand: &'static str,
}

const fn illness(code: &'static str, within: Within) -> Disposition {
    Disposition { code, within, strand: "MI" }
}

const fn supply(code: &'static str, within: Within) -> Disposition {
    Disposition { code, within, strand: "UMS" }
}

/// Source: the dispositions a pharmacy supplier's referral form lists, read July 2026; Dx86 and Dx87 also in
/// NHS England's 111 Adaptor samples. A code that is not here is read from its own words.
///
/// Codes are compared letter by letter: `Dx011` is an ambulance, `Dx11` is not.
const DISPOSITIONS: [Disposition; 21] = [
    illness("Dx06", Within::Hours(6)),
    illness("Dx07", Within::Hours(12)),
    illness("Dx08", Within::Hours(24)),
    illness("Dx09", Within::Unsaid),
    illness("Dx10", Within::Unsaid),
    illness("Dx13", Within::Hours(6)),
    illness("Dx14", Within::Hours(12)),
    illness("Dx15", Within::Hours(24)),
    illness("Dx16", Within::WorkingDays(3)),
    illness("Dx28", Within::Hours(24)),
    illness("Dx29", Within::WorkingDays(1)),
    illness("Dx45", Within::Unsaid),
    illness("Dx75", Within::WorkingDays(3)),
    supply("Dx80", Within::Hours(6)),
    illness("Dx82", Within::Unsaid),
    supply("Dx85", Within::Hours(2)),
    supply("Dx86", Within::Hours(12)),
    supply("Dx87", Within::Hours(24)),
    // Emergency contraception is a consultation first, not the supply of a repeat medicine.
    illness("Dx97", Within::Hours(2)),
    illness("Dx98", Within::Hours(12)),
    illness("Dx115", Within::WorkingDays(1)),
];

/// `UMS` for a repeat medicine that ran out, `MI` for everything else (Pharmacy First strands).
pub fn strand(disposition: &str) -> &'static str {
    known(disposition).map_or("MI", |found| found.strand)
}

/// By when, counted from the sender's time; `None` when nothing was promised.
///
/// Where the code and the sender's own words differ, the earlier holds: too early costs a call, too late a dose.
pub fn due_at(disposition: &str, in_words: &str, sent: Millis) -> Option<Millis> {
    let by_code = known(disposition).map_or(Within::Unsaid, |found| found.within);
    [by_code, spoken(in_words)].into_iter().filter_map(|within| end_of(within, sent)).min()
}

fn known(disposition: &str) -> Option<&'static Disposition> {
    DISPOSITIONS.iter().find(|known| known.code.eq_ignore_ascii_case(disposition))
}

fn end_of(within: Within, sent: Millis) -> Option<Millis> {
    match within {
        Within::Unsaid => None,
        Within::Hours(hours) => sent.checked_add(hours.checked_mul(3_600_000)?),
        Within::WorkingDays(days) => {
            let mut day = time::day(sent);
            for _ in 0..days {
                day = next_working_day(day)?;
            }
            close_of_work(day)
        }
    }
}

/// Reads “within 6 hours”, “within 3 working days” or “next working day” out of a disposition's text.
fn spoken(words: &str) -> Within {
    let lower = words.to_lowercase();
    if lower.contains("next working day") {
        return Within::WorkingDays(1);
    }
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for (place, word) in words.iter().enumerate() {
        let before =
            |back: usize| place.checked_sub(back).and_then(|at| words.get(at).copied()).unwrap_or("");
        if word.starts_with("hour")
            && let Ok(hours) = before(1).parse::<u8>()
        {
            return Within::Hours(i64::from(hours));
        }
        if word.starts_with("day")
            && before(1) == "working"
            && let Ok(days) = before(2).parse::<u8>()
        {
            return Within::WorkingDays(days);
        }
    }
    Within::Unsaid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        time::read(text).expect("an instant")
    }

    fn due(code: &str, sent: &str) -> String {
        time::stored(due_at(code, "", at(sent)).expect("a time"))
    }

    #[test]
    fn the_hours_of_each_supply_disposition_are_counted_from_the_senders_time() {
        let sent = "2026-11-23T09:30:00Z";
        assert_eq!(due("Dx85", sent), "2026-11-23T11:30:00Z");
        assert_eq!(due("Dx80", sent), "2026-11-23T15:30:00Z");
        assert_eq!(due("Dx86", sent), "2026-11-23T21:30:00Z");
        assert_eq!(due("Dx87", sent), "2026-11-24T09:30:00Z");
    }

    #[test]
    fn twenty_four_hours_stay_twenty_four_hours_when_the_clocks_change() {
        let saturday = at("2026-10-24T12:00:00+01:00");
        let due = due_at("Dx28", "", saturday).expect("a time");
        assert_eq!(time::day_and_time(due), "25 Oct 2026, 11:00", "clocks went back");
        let spring = due_at("Dx28", "", at("2026-03-28T12:00:00Z")).expect("a time");
        assert_eq!(time::day_and_time(spring), "29 Mar 2026, 13:00", "clocks went forward");
    }

    #[test]
    fn the_next_working_day_ends_at_six_in_england_in_summer_and_winter() {
        assert_eq!(due("Dx29", "2026-07-01T10:00:00Z"), "2026-07-02T17:00:00Z");
        assert_eq!(due("Dx29", "2026-11-23T10:00:00Z"), "2026-11-24T18:00:00Z");
    }

    #[test]
    fn the_next_working_day_after_christmas_eve_is_after_the_substitute_holiday() {
        assert_eq!(due("Dx29", "2026-12-24T20:00:00Z"), "2026-12-29T18:00:00Z");
    }

    #[test]
    fn a_call_just_after_midnight_belongs_to_the_day_in_england() {
        assert_eq!(due("Dx29", "2026-06-30T23:30:00Z"), "2026-07-02T17:00:00Z", "00:30 on 1 July");
    }

    #[test]
    fn three_working_days_step_over_easter() {
        assert_eq!(due("Dx16", "2027-03-25T12:00:00Z"), "2027-04-01T17:00:00Z");
    }

    #[test]
    fn a_disposition_without_a_time_promises_nothing() {
        assert_eq!(due_at("Dx10", "MUST contact a local service", at("2026-11-23T10:00:00Z")), None);
        assert_eq!(due_at("", "", 0), None);
    }

    #[test]
    fn an_unlisted_code_is_read_from_its_words_and_an_ambulance_is_not_taken_for_another_code() {
        let sent = at("2026-11-23T10:00:00Z");
        assert_eq!(due_at("Dx05", "To contact a local service within 2 hours", sent), Some(sent + 7_200_000));
        assert_eq!(due_at("Dx006", "", sent), None);
    }

    #[test]
    fn where_code_and_words_differ_the_earlier_time_holds() {
        let sent = at("2026-11-23T10:00:00Z");
        assert_eq!(due_at("Dx87", "Repeat prescription within 6 hours", sent), Some(sent + 6 * 3_600_000));
        assert_eq!(due_at("Dx85", "Repeat prescription within 24 hours", sent), Some(sent + 2 * 3_600_000));
    }

    #[test]
    fn a_repeat_medicine_is_urgent_supply_and_everything_else_minor_illness() {
        for code in ["Dx80", "Dx85", "Dx86", "Dx87"] {
            assert_eq!(strand(code), "UMS", "{code}");
        }
        for code in ["Dx28", "Dx29", "Dx97", "Dx98", "Dx999", ""] {
            assert_eq!(strand(code), "MI", "{code}");
        }
    }

    #[test]
    fn absurd_times_are_refused_rather_than_wrapped() {
        assert_eq!(due_at("Dx28", "", i64::MAX), None);
    }
}
