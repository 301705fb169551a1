//! What is handed over, the strokes of a signature, and what is written into the record.

use shared::consultation::{Charge, Consultation};
use shared::ids::ConsultationId;
use shared::paper::leaflet::Leaflet;
use shared::prescription::charge;
use std::fmt::Write as _;

/// The signature's box.
pub const WIDTH: f64 = 600.0;
pub const HEIGHT: f64 = 200.0;
/// Nearer to the last point than this, a new one says nothing.
const FINEST: f64 = 2.0;
/// More points than a signature needs; a scribble does not fill the record.
const MOST: usize = 4_000;

/// What the patient holds in their hands: all words are taken along, nothing is read from the record meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Handed {
    pub consultation: ConsultationId,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Declaration(Declared),
    Leaflet(Leaflet),
}

/// What is declared, in words for the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// `Hettie Winters`.
    pub patient: String,
    /// One sentence each.
    pub sentences: Vec<String>,
}

impl Declared {
    /// `None` where nobody has said yet whether the patient pays. `reason`: the exemption in words.
    pub fn of(record: &Consultation, reason: &str) -> Option<Self> {
        let patient = &record.patient;
        let name = format!("{} {}", patient.given_name.trim(), patient.family_name.trim()).trim().to_owned();
        let about = match record.charge.status.as_str() {
            "exempt" if reason.trim().is_empty() => return None,
            "exempt" => format!("{name} does not pay for these medicines. The reason: {}.", reason.trim()),
            "paid" => format!("{name} has paid the charge for these medicines."),
            _ => return None,
        };
        let items: Vec<&str> = charge::on_the_nhs(record).map(|(_, line)| line.name.as_str()).collect();
        let sentences = vec![about, format!("Medicines: {}.", items.join("; "))];
        Some(Self { patient: name, sentences })
    }
}

/// Why the patient pays nothing, in the words of the list; empty where no reason is recorded.
pub fn reason(record: &Consultation) -> String {
    crate::charge::model::reason(&record.charge)
}

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Patient,
    Representative,
}

impl By {
    /// As the record has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Representative => "representative",
        }
    }
}

/// What is missing before it can be given back signed, in words; `None`: nothing.
pub fn missing(by: Option<By>, name: &str, strokes: &Strokes) -> Option<&'static str> {
    if by.is_none() {
        Some("Say who signs: you yourself, or somebody for you.")
    } else if name.trim().is_empty() {
        Some("Write your name.")
    } else if strokes.is_empty() {
        Some("Sign in the box.")
    } else {
        None
    }
}

/// Writes what was signed. `at`: RFC 3339.
pub fn write(charge: &mut Charge, by: By, name: &str, strokes: &Strokes, at: &str) {
    by.code().clone_into(&mut charge.declared_by);
    name.trim().clone_into(&mut charge.declared_name);
    at.clone_into(&mut charge.declared_at);
    charge.signature = strokes.path();
}

/// Strokes of a finger or pen in the box, rounded to whole units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strokes {
    strokes: Vec<Vec<(u16, u16)>>,
    drawing: bool,
}

impl Strokes {
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// The finger touches the box.
    pub fn begin(&mut self, x: f64, y: f64) {
        if self.points() < MOST {
            self.strokes.push(vec![within(x, y)]);
            self.drawing = true;
        }
    }

    /// It moves on; nothing happens where it is not down.
    pub fn go_on(&mut self, x: f64, y: f64) {
        if !self.drawing || self.points() >= MOST {
            return;
        }
        let Some(stroke) = self.strokes.last_mut() else { return };
        let next = within(x, y);
        let far = stroke.last().is_none_or(|last| {
            let (across, down) =
                (f64::from(last.0) - f64::from(next.0), f64::from(last.1) - f64::from(next.1));
            across.hypot(down) >= FINEST
        });
        if far {
            stroke.push(next);
        }
    }

    /// It is lifted.
    pub fn end(&mut self) {
        self.drawing = false;
    }

    /// Takes the last stroke back.
    pub fn undo(&mut self) {
        self.strokes.pop();
        self.drawing = false;
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn points(&self) -> usize {
        self.strokes.iter().map(Vec::len).sum()
    }

    /// As an SVG path in a box of 600 by 200. A dot is a line of no length, which round ends make visible.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for stroke in &self.strokes {
            for (at, (x, y)) in stroke.iter().enumerate() {
                // Writing into a string cannot fail.
                let _ = write!(path, "{}{x} {y}", if at == 0 { "M" } else { "L" });
            }
            if let [(x, y)] = stroke.as_slice() {
                let _ = write!(path, "L{x} {y}");
            }
        }
        path
    }
}

fn within(x: f64, y: f64) -> (u16, u16) {
    (x.clamp(0.0, WIDTH).round() as u16, y.clamp(0.0, HEIGHT).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::Medicine;

    fn signed() -> Strokes {
        let mut strokes = Strokes::default();
        strokes.begin(10.0, 20.0);
        strokes.go_on(10.4, 20.4);
        strokes.go_on(30.0, 40.0);
        strokes.end();
        strokes.go_on(500.0, 100.0);
        strokes.begin(700.0, -5.0);
        strokes.end();
        strokes
    }

    fn record() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([7; 16]);
        let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@1", 0);
        record.patient.given_name = "Hettie".to_owned();
        record.patient.family_name = "Winters".to_owned();
        let line = Medicine {
            name: "Salbutamol inhaler".to_owned(),
            decision: "supplied".to_owned(),
            supply_type: "emergency-supply".to_owned(),
            ..Medicine::default()
        };
        record.medicines.insert("a".to_owned(), line);
        record
    }

    #[test]
    fn strokes_become_a_path_within_the_box() {
        assert_eq!(signed().path(), "M10 20L30 40M600 0L600 0");
    }

    #[test]
    fn the_last_stroke_can_be_taken_back_and_all_of_them_cleared() {
        let mut strokes = signed();
        strokes.undo();
        assert_eq!(strokes.path(), "M10 20L30 40");
        strokes.clear();
        assert!(strokes.is_empty() && strokes.path().is_empty());
    }

    #[test]
    fn a_scribble_does_not_fill_the_record() {
        let mut strokes = Strokes::default();
        for at in 0..20_000_u32 {
            strokes.begin(f64::from(at % 600), f64::from(at % 200));
            strokes.go_on(f64::from(at * 7 % 600), f64::from(at * 3 % 200));
        }
        assert!(strokes.points() <= MOST + 1 && strokes.path().len() < 50_000);
    }

    #[test]
    fn nothing_is_given_back_signed_before_all_of_it_is_there() {
        let strokes = signed();
        assert!(missing(None, "Hettie Winters", &strokes).is_some());
        assert!(missing(Some(By::Patient), "  ", &strokes).is_some());
        assert!(missing(Some(By::Patient), "Hettie Winters", &Strokes::default()).is_some());
        assert_eq!(missing(Some(By::Patient), "Hettie Winters", &strokes), None);
    }

    #[test]
    fn what_was_signed_is_written_with_who_and_when_and_no_token_is_claimed() {
        let mut charge = Charge::default();
        write(&mut charge, By::Representative, " Sam Winters ", &signed(), "2026-11-23T10:00:00Z");
        assert_eq!(
            (charge.declared_by.as_str(), charge.declared_name.as_str()),
            ("representative", "Sam Winters")
        );
        assert_eq!(charge.declared_at, "2026-11-23T10:00:00Z");
        assert_eq!(charge.signature, "M10 20L30 40M600 0L600 0");
        assert!(charge.token.is_empty() && charge.token_signed.is_empty());
    }

    #[test]
    fn the_patient_reads_why_they_do_not_pay_and_for_what() {
        let mut record = record();
        record.charge.status = "exempt".to_owned();
        let declared = Declared::of(&record, "a medical exemption certificate").expect("a declaration");
        assert_eq!(
            declared.sentences,
            [
                "Hettie Winters does not pay for these medicines. The reason: a medical exemption certificate.",
                "Medicines: Salbutamol inhaler."
            ]
        );
    }

    #[test]
    fn there_is_nothing_to_sign_before_the_charge_is_known() {
        let mut record = record();
        assert_eq!(Declared::of(&record, "x"), None);
        record.charge.status = "exempt".to_owned();
        assert_eq!(Declared::of(&record, ""), None);
        record.charge.status = "free".to_owned();
        assert_eq!(Declared::of(&record, "x"), None);
    }
}
