//! What the supply card shows and may do, decided without a browser.

mod doing;
mod earlier;
mod parts;
mod scanned;
#[cfg(test)]
mod tests;
mod treatments;
mod view;

pub use doing::{
    Helper, ask_for_help, at_a_glance, change, decide_not_to_supply, decide_to_supply, look_again, make,
    record_what_happened, take_back, under_direction,
};
pub use earlier::{Earlier, LOOKED_INTO, how_far, supplied_in, to_look_into, together, told_by_server};
pub use parts::{Part, Typed};
pub use scanned::{Scanned, is_expired, take_pack};
pub use treatments::{Offered, offered};
pub use view::{Allergies, Judgement, LineView, OpenThing, Said, Stage, lines_in_order, view};

use jiff::civil::Date;
use shared::consultation::{Consultation, Medicine};
use shared::supply::{self, Circumstances, Professional, Review};
use shared::time;

/// What this device knows besides the record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Who is here; `None` while nobody is.
    pub me: Option<Professional>,
    /// Earlier emergency supplies to this patient, newest first.
    pub earlier: Vec<Earlier>,
}

impl Known {
    /// For a supply that would be made now, by whoever is here.
    pub fn circumstances(&self, record: &Consultation, today: Date) -> Circumstances {
        let earlier = self.earlier.iter().map(Earlier::for_the_rules).collect();
        let circumstances = Circumstances::of(record, today).after(earlier);
        match &self.me {
            Some(me) => circumstances.supplied_by(me.clone()),
            None => circumstances,
        }
    }
}

/// What speaks against a line as a supply of the day it names, whoever reads it: ids as the record keeps them.
fn broken_by(record: &Consultation, line: &Medicine) -> String {
    made(record, line).map(|review| review.broken_rules()).unwrap_or_default()
}

/// The review of a supply on the day that it names; `None` where it names none.
fn made(record: &Consultation, line: &Medicine) -> Option<Review> {
    let day = time::day(time::read(&line.supplied_at)?);
    Some(supply::review(line, &Circumstances::of(record, day)))
}

/// The part of the page that holds a line.
pub fn line_anchor(id: &str) -> String {
    format!("medicine-{id}")
}
