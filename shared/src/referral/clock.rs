//! What a referral's clock shows at a moment. It only ever offers; nothing is closed by it.

use super::holidays::{begins, close_of_work, next_working_day};
use crate::consultation::{Status, WorkListRow};
use crate::time::{self, Millis};

/// After so long without contact the pharmacist judges whether to call (Pharmacy First service specification, and the
/// CPCS toolkit of 2021, which asked for one attempt at least). In milliseconds.
const UNTIL_A_CALL: Millis = 30 * 60 * 1000;

/// What the clock of one referral says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// By when something should have happened: the promised time, or the end of the sender's validity where that is
    /// earlier or nothing was promised. `None` where no clock runs.
    pub deadline: Option<Millis>,
    /// Milliseconds until then; below zero when it has passed.
    pub left: Option<Millis>,
    /// The deadline is the end of the sender's validity (BaRS: 24 hours), not a promise to the patient.
    pub ends_validity: bool,
    /// Nobody has tried to reach the patient in thirty minutes: somebody judges whether to call.
    pub thirty_minutes: bool,
    /// The next working day has come and nobody has spoken to the patient.
    pub next_working_day: bool,
    /// It may be closed, by a person and with a reason.
    pub offer_closing: bool,
}

/// The clock of this referral now.
///
/// A copy for information and a walk-in have no clock. Closing is offered when the next working day after receipt is
/// over without anybody having spoken to the patient (Pharmacy First service specification: no contact by the next
/// working day), and never while the promised time or the sender's validity runs on, nor once the visit was started.
pub fn marks(row: &WorkListRow, now: Millis) -> Marks {
    let waits = row.status == Status::Received;
    let unfinished = waits || row.status == Status::Open;
    if !unfinished || row.addressed_for == "information" {
        return Marks::default();
    }
    let (due, valid) = (time::read(&row.due_at), time::read(&row.valid_until));
    let deadline = [due, valid].into_iter().flatten().min();
    let mut marks = Marks {
        deadline,
        left: deadline.map(|at| at.saturating_sub(now)),
        ends_validity: deadline.is_some() && deadline != due,
        ..Marks::default()
    };
    let Some(received) = time::read(&row.received_at).filter(|_| waits && row.channel != "walkin") else {
        return marks;
    };
    marks.thirty_minutes = row.attempts == 0 && now.saturating_sub(received) >= UNTIL_A_CALL;
    let next = next_working_day(time::day(received)).filter(|_| !row.reached);
    marks.next_working_day = next.and_then(begins).is_some_and(|at| now >= at);
    let latest = [next.and_then(close_of_work), due, valid].into_iter().flatten().max();
    marks.offer_closing = marks.next_working_day && latest.is_some_and(|at| now >= at);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        time::read(text).expect("an instant")
    }

    /// Received on Monday morning, to be spoken to within six hours.
    fn monday() -> WorkListRow {
        WorkListRow {
            channel: "itk111".to_owned(),
            addressed_for: "action".to_owned(),
            received_at: "2026-11-23T09:00:00Z".to_owned(),
            due_at: "2026-11-23T15:00:00Z".to_owned(),
            ..WorkListRow::default()
        }
    }

    fn offered(row: &WorkListRow, now: &str) -> bool {
        marks(row, at(now)).offer_closing
    }

    #[test]
    fn time_left_counts_down_to_the_promise_and_below_it() {
        assert_eq!(marks(&monday(), at("2026-11-23T14:00:00Z")).left, Some(3_600_000));
        assert_eq!(marks(&monday(), at("2026-11-23T15:20:00Z")).left, Some(-1_200_000));
    }

    #[test]
    fn the_end_of_validity_counts_where_it_comes_first_or_nothing_was_promised() {
        let valid = WorkListRow { valid_until: "2026-11-23T12:00:00Z".to_owned(), ..monday() };
        let now = marks(&valid, at("2026-11-23T11:00:00Z"));
        assert_eq!((now.left, now.ends_validity), (Some(3_600_000), true));
        let longer = WorkListRow { valid_until: "2026-11-24T09:00:00Z".to_owned(), ..monday() };
        assert!(!marks(&longer, at("2026-11-23T11:00:00Z")).ends_validity);
        let only = WorkListRow { due_at: String::new(), ..longer };
        assert_eq!(marks(&only, at("2026-11-23T09:00:00Z")).left, Some(86_400_000));
    }

    #[test]
    fn after_thirty_minutes_without_a_try_somebody_is_asked_to_judge() {
        assert!(!marks(&monday(), at("2026-11-23T09:29:59Z")).thirty_minutes);
        assert!(marks(&monday(), at("2026-11-23T09:30:00Z")).thirty_minutes);
        let tried = WorkListRow { attempts: 1, ..monday() };
        assert!(!marks(&tried, at("2026-11-23T10:00:00Z")).thirty_minutes);
    }

    #[test]
    fn closing_is_offered_when_the_next_working_day_is_over_and_not_before() {
        assert!(!marks(&monday(), at("2026-11-23T23:59:00Z")).next_working_day);
        assert!(marks(&monday(), at("2026-11-24T00:00:00Z")).next_working_day);
        assert!(!offered(&monday(), "2026-11-24T17:59:00Z"));
        assert!(offered(&monday(), "2026-11-24T18:00:00Z"));
    }

    #[test]
    fn over_christmas_the_next_working_day_is_the_one_after_the_substitute_holiday() {
        let eve = WorkListRow { received_at: "2026-12-24T16:00:00Z".to_owned(), ..monday() };
        assert!(!marks(&eve, at("2026-12-28T12:00:00Z")).next_working_day, "Boxing Day's substitute");
        assert!(!offered(&eve, "2026-12-28T19:00:00Z"));
        assert!(offered(&eve, "2026-12-29T18:00:00Z"));
    }

    #[test]
    fn a_day_is_over_at_six_in_england_whichever_way_the_clocks_have_gone() {
        let autumn = WorkListRow { received_at: "2026-10-23T09:00:00Z".to_owned(), ..monday() };
        let autumn = WorkListRow { due_at: String::new(), ..autumn };
        assert!(!offered(&autumn, "2026-10-26T17:59:00Z") && offered(&autumn, "2026-10-26T18:00:00Z"));
        let spring = WorkListRow { received_at: "2026-03-27T09:00:00Z".to_owned(), ..autumn };
        assert!(!offered(&spring, "2026-03-30T16:59:00Z") && offered(&spring, "2026-03-30T17:00:00Z"));
        let midnight = WorkListRow { received_at: "2026-06-30T23:30:00Z".to_owned(), ..spring };
        assert!(!offered(&midnight, "2026-07-01T17:00:00Z"), "it came at 00:30 on 1 July");
    }

    #[test]
    fn closing_waits_for_a_promise_and_a_validity_that_run_longer() {
        let three_days = WorkListRow { due_at: "2026-11-26T18:00:00Z".to_owned(), ..monday() };
        assert!(!offered(&three_days, "2026-11-25T12:00:00Z"));
        assert!(offered(&three_days, "2026-11-26T18:00:00Z"));
        let valid = WorkListRow { valid_until: "2026-11-24T20:00:00Z".to_owned(), ..monday() };
        assert!(!offered(&valid, "2026-11-24T19:00:00Z") && offered(&valid, "2026-11-24T20:00:00Z"));
    }

    #[test]
    fn closing_is_never_offered_for_what_was_begun_ended_spoken_about_or_sent_for_information() {
        let late = "2026-12-07T12:00:00Z";
        for status in [Status::Open, Status::Completed, Status::Closed, Status::Withdrawn] {
            assert!(!offered(&WorkListRow { status, ..monday() }, late), "{status:?}");
        }
        let copy = WorkListRow { addressed_for: "information".to_owned(), ..monday() };
        assert_eq!(marks(&copy, at(late)), Marks::default(), "a copy has no clock at all");
        assert!(!offered(&WorkListRow { reached: true, ..monday() }, late));
        assert!(!offered(&WorkListRow { channel: "walkin".to_owned(), ..monday() }, late));
        assert!(offered(&monday(), late), "so that the others are seen to matter");
    }

    #[test]
    fn a_clock_that_was_set_back_or_an_absurd_time_frightens_nobody() {
        assert!(!marks(&monday(), at("2020-01-01T00:00:00Z")).thirty_minutes);
        let odd = WorkListRow { received_at: "tomorrow".to_owned(), due_at: "soon".to_owned(), ..monday() };
        assert_eq!(marks(&odd, Millis::MAX), Marks::default());
        let _ = marks(&monday(), Millis::MIN);
    }
}
