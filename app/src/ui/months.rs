//! The months that lists and claims can be asked for.

use jiff::ToSpan as _;
use shared::time::{self, Millis};

/// Months that can be chosen: as long as a late claim or a question about one may take.
const MONTHS: i32 = 13;

/// `2026-11` to `November 2026`, newest first.
pub fn months(now: Millis) -> Vec<(String, String)> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let this = time::day(now).first_of_month();
    let back = (0..MONTHS).map(|many| this.saturating_sub(many.months()));
    back.map(|first| {
        let name = NAMES.get(usize::from(first.month().unsigned_abs()) - 1).copied().unwrap_or_default();
        (first.to_string().chars().take(7).collect(), format!("{name} {}", first.year()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_months_go_back_over_the_year_newest_first() {
        let months = months(1_795_356_300_000);
        assert_eq!(months[0], ("2026-11".to_owned(), "November 2026".to_owned()));
        assert_eq!(months[12], ("2025-11".to_owned(), "November 2025".to_owned()));
        // From the last day of a long month none is left out.
        let names: std::collections::BTreeSet<_> = super::months(1_793_448_000_000).into_iter().collect();
        assert_eq!(names.len(), 13);
    }
}
