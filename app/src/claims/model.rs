//! A month of claims in words, and as this device can tell it by itself.

use crate::state::ListedRow;
use crate::ui::{Slip, words};
use jiff::civil::Date;
use shared::activity::Done;
use shared::api::ToldOfMonth;
use shared::claim::{self, Month, ServiceMonth, pounds};
use shared::time::{self, Millis};
use std::collections::BTreeMap;

/// The month that is claimed now, as lists name it.
pub fn at_first(now: Millis) -> String {
    claim::month_of(claim::claimed_on(time::day(now)))
}

/// A month (`2026-11`) out of what this device holds; `None` where that is no month.
pub fn here<'a>(rows: impl IntoIterator<Item = &'a ListedRow>, month: &str, now: Millis) -> Option<Month> {
    let first = claim::first_of(month)?;
    let (from, to) = claim::days_of(first);
    let done: Vec<Done> = rows
        .into_iter()
        .filter_map(|row| Done::of_row(&row.row))
        .filter(|done| from <= done.facts.day && done.facts.day <= to)
        .collect();
    Some(claim::month(first, &done, &BTreeMap::new(), time::day(now)))
}

/// Until when the month is claimed.
pub fn window_words(month: &Month) -> String {
    let written = |day: &str| day.parse::<Date>().map_or_else(|_| day.to_owned(), time::written_date);
    match month.standing.as_str() {
        "in-time" if month.days_left == 0 => "Claim today: it is the last day.".to_owned(),
        "in-time" => format!(
            "Claim by {}: {} left.",
            written(&month.by),
            words::count(usize::try_from(month.days_left).unwrap_or(usize::MAX), "day", "days")
        ),
        "late" => format!(
            "Late since {}. Claims are still taken until {}.",
            written(&month.by),
            written(&month.late_until)
        ),
        "it-failure" => format!(
            "Closed on {}. With evidence of a failure of IT, claims are taken until {}.",
            written(&month.late_until),
            written(&month.it_failure_until)
        ),
        _ => "This month cannot be claimed any more.".to_owned(),
    }
}

/// What a service comes to; what is nought and says nothing is left out.
pub fn service_facts(service: &ServiceMonth) -> Vec<(&'static str, String)> {
    let counts = [
        ("Done", service.done, true),
        ("Payable", service.payable(), true),
        ("Accepted", service.accepted, true),
        ("On its way", service.waiting, false),
        ("Rejected", service.rejected, false),
        ("On hold", service.held, false),
        ("Not claimed yet", service.missing, false),
        ("Not payable", service.not_payable, false),
    ];
    let counts = counts.into_iter().filter(|(_, count, always)| *always || *count > 0);
    let mut facts: Vec<(&'static str, String)> =
        counts.map(|(name, count, _)| (name, count.to_string())).collect();
    let old =
        if service.fee_may_be_old { " (by the last fee that is known; it may have changed)" } else { "" };
    facts.push(("Expected", format!("{}{old}", pounds(service.expected))));
    if service.at_stake > 0 {
        facts.push(("Hangs on what is to be mended", pounds(service.at_stake)));
    }
    if let Some(theirs) = service.mys {
        let words = match service.differs() {
            None => format!("{theirs}: the same"),
            Some(more) if more > 0 => format!("{theirs}: {more} more than were accepted here"),
            Some(fewer) => format!("{theirs}: {} fewer than were accepted here", -fewer),
        };
        facts.push(("Manage Your Service", words));
    }
    facts
}

/// How far the month is on its way to the monthly payment.
pub fn threshold_words(month: &Month) -> String {
    let done = words::count(
        usize::try_from(month.pathways).unwrap_or(usize::MAX),
        "clinical pathway",
        "clinical pathways",
    );
    let reached =
        if month.threshold > 0 { format!(" That pays {}.", pounds(month.threshold)) } else { String::new() };
    let next = match month.next_step {
        Some((needed, pence)) => {
            format!(" {} more for {}.", needed.saturating_sub(month.pathways), pounds(pence))
        }
        None => String::new(),
    };
    format!("{done}.{reached}{next}")
}

/// What somebody typed from Manage Your Service; an empty box says nothing. Or what is wrong with it.
pub fn told(typed: &[(String, String)], declared: bool) -> Result<ToldOfMonth, Vec<Slip>> {
    let mut figures = BTreeMap::new();
    let mut slips = Vec::new();
    for (id, text) in typed {
        match text.trim() {
            "" => {}
            text => match text.parse() {
                Ok(number) => {
                    figures.insert(id.clone(), number);
                }
                Err(_) => slips.push(Slip {
                    field: format!("mys-{id}"),
                    words: "Enter a whole number, or leave it empty.".to_owned(),
                }),
            },
        }
    }
    if slips.is_empty() { Ok(ToldOfMonth { figures, declared }) } else { Err(slips) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(standing: &str, days_left: u32) -> Month {
        Month {
            standing: standing.to_owned(),
            days_left,
            by: "2026-12-05".to_owned(),
            late_until: "2026-12-31".to_owned(),
            it_failure_until: "2027-11-30".to_owned(),
            ..Month::default()
        }
    }

    #[test]
    fn how_long_a_month_can_be_claimed_is_said_in_words() {
        assert_eq!(window_words(&month("in-time", 11)), "Claim by 5 Dec 2026: 11 days left.");
        assert_eq!(window_words(&month("in-time", 0)), "Claim today: it is the last day.");
        assert!(window_words(&month("late", 0)).contains("until 31 Dec 2026"));
        assert!(window_words(&month("it-failure", 0)).contains("until 30 Nov 2027"));
    }

    #[test]
    fn a_difference_from_manage_your_service_is_said() {
        let service = ServiceMonth { accepted: 5, mys: Some(3), ..ServiceMonth::default() };
        let facts = service_facts(&service);
        assert!(facts.contains(&("Manage Your Service", "3: 2 fewer than were accepted here".to_owned())));
        assert!(!facts.iter().any(|(name, _)| *name == "Rejected"), "what is nought is left out");
    }

    #[test]
    fn what_is_still_wanted_for_the_monthly_payment_is_said() {
        let view = Month { pathways: 19, next_step: Some((20, 50_000)), ..Month::default() };
        assert_eq!(threshold_words(&view), "19 clinical pathways. 1 more for £500.00.");
    }

    #[test]
    fn an_empty_box_says_nothing_and_words_are_no_number() {
        let typed =
            [("minor-illness".to_owned(), " 12 ".to_owned()), ("urgent-supply".to_owned(), String::new())];
        let said = told(&typed, true).expect("numbers");
        assert_eq!((said.figures.len(), said.figures["minor-illness"], said.declared), (1, 12, true));
        let wrong = told(&[("urgent-supply".to_owned(), "-1".to_owned())], false).expect_err("no count");
        assert_eq!(wrong[0].field, "mys-urgent-supply");
    }
}
