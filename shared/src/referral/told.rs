//! By when a patient's practice is told of a visit.

use super::holidays::next_working_day;
use crate::time::{Millis, day, london};
use jiff::civil::{Time, time};

/// The practice is still open then, and can be phoned.
const AFTERNOON: Time = time(16, 0, 0, 0);

/// When a practice should know of what was signed then: 16:00 in England on the next working day (the service asks for
/// the same or the next working day).
pub fn told_by(signed_at: Millis) -> Millis {
    let afternoon =
        next_working_day(day(signed_at)).and_then(|day| day.to_datetime(AFTERNOON).to_zoned(london()).ok());
    afternoon.map_or(signed_at, |at| at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{read, stored};

    #[test]
    fn the_practices_clock_knows_bank_holidays_and_the_end_of_summer_time() {
        let by = |signed: &str| stored(told_by(read(signed).expect("a time")));
        assert!(by("2026-11-20T09:00:00Z").starts_with("2026-11-23T16:00"), "Friday to Monday");
        assert!(by("2026-12-24T18:00:00Z").starts_with("2026-12-29T16:00"), "over Christmas");
        assert_eq!(
            told_by(read("2026-10-24T10:00:00+01:00").expect("a time")),
            read("2026-10-26T16:00:00Z").expect("a time"),
            "the Monday after the clocks went back"
        );
    }
}
