//! In which order places are listed: the nearest first, or those that are open now.

use super::Place;
use crate::time::Millis;
use jiff::civil::Date;
use std::cmp::Ordering;

/// What counts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As the crow flies, to a tenth of a mile; of those as far, the open ones first.
    #[default]
    Nearest,
    /// Those open now, then those of which it is not known, then the closed; each the nearest first.
    OpenNow,
}

/// The places in that order. What is not known to be near comes after what is.
pub fn in_order(
    mut places: Vec<Place>,
    order: Order,
    now: Millis,
    is_bank_holiday: impl Fn(Date) -> bool,
) -> Vec<Place> {
    let by_hours = |one: &Place, other: &Place| {
        one.hours.open(now, &is_bank_holiday).cmp(&other.hours.open(now, &is_bank_holiday))
    };
    places.sort_by(|one, other| {
        let (near, hours) = (by_distance(one, other), by_hours(one, other));
        let first = match order {
            Order::Nearest => near.then(hours),
            Order::OpenNow => hours.then(near),
        };
        first.then_with(|| one.metres.cmp(&other.metres)).then_with(|| one.name.cmp(&other.name))
    });
    places
}

fn by_distance(one: &Place, other: &Place) -> Ordering {
    // A tenth of a mile is 160.9344 m; what is shown as equally far is equally far.
    let tenths =
        |place: &Place| place.metres.map(|metres| (u64::from(metres) * 10_000 + 804_672) / 1_609_344);
    match (tenths(one), tenths(other)) {
        (Some(near), Some(far)) => near.cmp(&far),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Hours, in_miles};
    use super::*;

    fn place(name: &str, metres: Option<u32>, always: bool) -> Place {
        let week = if always { Vec::new() } else { vec![Vec::new(); 7] };
        let hours = Hours { always, week, ..Hours::default() };
        Place { name: name.to_owned(), metres, hours, ..Place::default() }
    }

    fn names(places: Vec<Place>, order: Order) -> Vec<String> {
        in_order(places, order, 0, |_| false).into_iter().map(|place| place.name).collect()
    }

    fn some() -> Vec<Place> {
        let unknown = Place { hours: Hours::default(), ..place("unknown", Some(970), false) };
        vec![
            place("nowhere", None, true),
            place("far", Some(5000), true),
            place("near and closed", Some(960), false),
            place("near and open", Some(970), true),
            unknown,
        ]
    }

    #[test]
    fn the_nearest_comes_first_and_of_those_as_far_the_open_one() {
        assert_eq!(in_miles(960), in_miles(970));
        assert_eq!(
            names(some(), Order::Nearest),
            ["near and open", "unknown", "near and closed", "far", "nowhere"]
        );
    }

    #[test]
    fn those_open_now_come_first_where_that_is_asked_for() {
        assert_eq!(
            names(some(), Order::OpenNow),
            ["near and open", "far", "nowhere", "unknown", "near and closed"]
        );
    }
}
