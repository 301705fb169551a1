//! What a list of services says of each, in words.

use crate::ui::words;
use jiff::civil::Date;
use shared::api::PlacesView;
use shared::places::{Open, Order, Place, Service, in_miles, in_order};
use shared::time::Millis;

/// One service as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub place: Place,
    /// `0.6 miles`; empty where it is not known.
    pub far: String,
    /// `Open now`, `Closed now`, `Hours not known`.
    pub open: &'static str,
    pub is_open: bool,
    /// `Today 09:00 to 18:00`.
    pub today: String,
}

/// The rows of an answer in their order.
pub fn rows(view: &PlacesView, order: Order, now: Millis) -> Vec<Row> {
    let holidays: Vec<Date> = view.bank_holidays.iter().filter_map(|day| day.parse().ok()).collect();
    let is_bank_holiday = |day: Date| holidays.contains(&day);
    let row = |place: Place| {
        let open = place.hours.open(now, is_bank_holiday);
        Row {
            far: place.metres.map(|metres| format!("{} miles", in_miles(metres))).unwrap_or_default(),
            open: match open {
                Open::Yes => "Open now",
                Open::No => "Closed now",
                Open::NotKnown => "Hours not known",
            },
            is_open: open == Open::Yes,
            today: match place.hours.today_in_words(now, is_bank_holiday) {
                said if said.contains(':') => format!("Today {said}"),
                said => said,
            },
            place,
        }
    };
    in_order(view.places.clone(), order, now, is_bank_holiday).into_iter().map(row).collect()
}

/// Where the list comes from and how old it is.
pub fn source_words(view: &PlacesView, now: Millis) -> String {
    let at = words::when(&view.fetched_at, now);
    let before =
        if view.from_before { "No directory answers now. This is what it said before. " } else { "" };
    format!("{before}Near {}: {}, {at}.", view.postcode, view.source)
}

/// Kinds of service for a choice.
pub fn services() -> Vec<(String, String)> {
    Service::ALL.into_iter().map(|one| (one.as_str().to_owned(), one.words().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::places::{Hours, Session};

    fn view() -> PlacesView {
        let nine_to_six: Vec<Session> = Session::new(540, 1080).into_iter().collect();
        let hours = Hours { week: vec![nine_to_six; 7], bank_holidays: Some(Vec::new()), ..Hours::default() };
        let place =
            |name: &str, metres, hours| Place { name: name.to_owned(), metres, hours, ..Place::default() };
        PlacesView {
            postcode: "ZZ99 3VZ".into(),
            source: "Directory of Services".into(),
            fetched_at: "2026-11-22T10:00:00Z".into(),
            bank_holidays: vec!["2026-12-28".into()],
            places: vec![place("Unknown", None, Hours::default()), place("Elm", Some(966), hours)],
            ..PlacesView::default()
        }
    }

    fn at(wall: &str) -> Millis {
        shared::time::from_the_wall(wall).expect("a time")
    }

    #[test]
    fn a_service_says_how_far_it_is_and_whether_it_is_open() {
        let rows = rows(&view(), Order::Nearest, at("2026-11-23T12:00"));
        assert_eq!((rows[0].place.name.as_str(), rows[0].far.as_str()), ("Elm", "0.6 miles"));
        assert_eq!((rows[0].open, rows[0].today.as_str()), ("Open now", "Today 09:00 to 18:00"));
        assert_eq!((rows[1].far.as_str(), rows[1].open), ("", "Hours not known"));
        assert_eq!(rows[1].today, "Opening times not known");
    }

    #[test]
    fn bank_holidays_are_known_with_no_network() {
        let rows = rows(&view(), Order::Nearest, at("2026-12-28T12:00"));
        assert_eq!(
            (rows[0].open, rows[0].today.as_str(), rows[0].is_open),
            ("Closed now", "Closed today", false)
        );
    }

    #[test]
    fn an_old_answer_says_so() {
        let now = at("2026-11-23T12:00");
        assert_eq!(source_words(&view(), now), "Near ZZ99 3VZ: Directory of Services, 22 Nov 2026, 10:00.");
        let old = PlacesView { from_before: true, ..view() };
        assert!(source_words(&old, now).starts_with("No directory answers now."));
    }
}
