//! Decides what may be printed, with which words where it may not, and what is written into the record about it.

use jiff::civil::Date;
use shared::consultation::{Charge, Consultation, Medicine};
use shared::paper::token::{self, FURTHEST, Need, Token};
use shared::paper::{PharmacyOnPaper, label, record};
use shared::prescription::Id;
use shared::supply::{self, Basis, Circumstances};

/// The pharmacy as this device knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ours {
    pub name: String,
    pub ods: String,
    pub address: String,
    pub phone: String,
}

impl Ours {
    pub fn on_paper(&self) -> PharmacyOnPaper<'_> {
        PharmacyOnPaper { name: &self.name, ods: &self.ods, address: &self.address, phone: &self.phone }
    }
}

/// One line with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelLine {
    pub id: String,
    pub name: String,
    /// Why it has no label, in words; empty where it can be printed.
    pub closed: String,
    /// What must be written onto it by hand, in words; empty where all of it is printed.
    pub note: String,
}

/// The labels of what was supplied. A supply that the rules do not allow has none: with a label it would be made
/// (practice 14).
pub fn labels(record: &Consultation, ours: &Ours, today: Date) -> Vec<LabelLine> {
    let pharmacy = ours.on_paper();
    record::supplied(record)
        .into_iter()
        .map(|(id, line)| {
            let missing = label::missing(record, line, &pharmacy, today);
            let by_hand = label::by_hand(record, line, today);
            let note = if by_hand.is_empty() {
                String::new()
            } else {
                format!("The printer has no such letters: write {} by hand.", by_hand.join(", "))
            };
            let closed = if !line.exception.trim().is_empty() {
                "Recorded as an exception: there is no label for it.".to_owned()
            } else if let Some(refusal) = refusal(record, line, today) {
                refusal
            } else if missing.is_empty() {
                String::new()
            } else {
                format!("Not yet known: {}.", missing.join(", "))
            };
            LabelLine { id: id.to_owned(), name: record::full_name(line), closed, note }
        })
        .collect()
}

/// What the rules say against this supply, with their source; `None`: nothing. Whether a direction of a patient group
/// covers it is asked where it is supplied, with the evidence of who supplies.
fn refusal(record: &Consultation, line: &Medicine, today: Date) -> Option<String> {
    let day = record::supplied_on(line, today);
    let review = supply::review(line, &Circumstances::of(record, day));
    let refusal = review.refusals.first().filter(|_| review.basis != Basis::PatientGroupDirection)?;
    Some(format!("{} ({})", refusal.words, refusal.source))
}

/// The ids of the lines whose labels can be printed.
pub fn printable(labels: &[LabelLine]) -> Vec<String> {
    labels.iter().filter(|line| line.closed.is_empty()).map(|line| line.id.clone()).collect()
}

/// Medicines called supplied that are not shown to be within the rules, and are no exceptions either: while there is one,
/// nothing is printed that would make the supply (practice 14). Empty: none.
pub fn unsound(record: &Consultation) -> String {
    let lines = record.medicines.values();
    let names = lines.filter(|line| supply::standing(record, line) == supply::Standing::Unsound);
    names.map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What the screen offers about the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenOffer {
    Make(Box<Token>),
    /// Why there is none, in words.
    None(String),
}

/// The token of the record, or why there is none. `prescription`: what the person chose of those that were found.
pub fn token(record: &Consultation, prescription: Option<&str>, ours: &Ours, today: Date) -> TokenOffer {
    match token::need(record, today) {
        Need::NotNeeded(words) | Need::Unknown(words) => TokenOffer::None(words),
        Need::Needed => {
            let id = prescription.and_then(|id| Id::parse(id).ok());
            TokenOffer::Make(Box::new(Token::of(record, id, &ours.on_paper(), today)))
        }
    }
}

/// What may be chosen as the token's prescription, as values with their words: none, or one that was found. It begins
/// with none: the prescription that was found may still be dispensed and claimed by somebody else, so a person chooses.
pub fn prescriptions(record: &Consultation) -> Vec<(String, String)> {
    let found = token::prescriptions_found(record);
    let none = (String::new(), "None: supplied without a prescription".to_owned());
    let found = found.iter().map(|id| (id.short(), id.short()));
    std::iter::once(none).chain(found).collect()
}

/// How the token was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Printed,
    Copied,
}

/// Writes that a token was made. One made anew must be signed anew. `at`: RFC 3339.
pub fn write_made(charge: &mut Charge, made: Made, at: &str) {
    match made {
        Made::Printed => "printed",
        Made::Copied => "copied",
    }
    .clone_into(&mut charge.token);
    at.clone_into(&mut charge.token_at);
    charge.token_signed.clear();
}

/// What the record says about the token, in a sentence; empty where none was made.
pub fn made_words(charge: &Charge, when: &str) -> String {
    let how = match charge.token.as_str() {
        "printed" => "Token printed",
        "copied" => "Token copied by hand",
        _ => return String::new(),
    };
    let signed = match charge.token_signed.as_str() {
        "yes" => "It is signed.",
        "no" => "It is not signed.",
        _ => "Nobody has said whether it is signed.",
    };
    format!("{how} {when}. {signed}")
}

/// Millimetres as typed: `2`, `-1.5`, with a comma as well; `None` where they are none or too many.
pub fn millimetres(typed: &str) -> Option<f64> {
    let typed = typed.trim().replace(',', ".").replace('\u{2212}', "-");
    if typed.is_empty() {
        return Some(0.0);
    }
    let number: f64 = typed.parse().ok()?;
    (-FURTHEST..=FURTHEST).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use shared::consultation::Lookup;
    use shared::ids::ConsultationId;

    fn today() -> Date {
        date(2026, 11, 23)
    }

    fn ours() -> Ours {
        Ours {
            name: "Elm Pharmacy".to_owned(),
            ods: "FA123".to_owned(),
            address: "4 Elm Road".to_owned(),
            phone: String::new(),
        }
    }

    fn record() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([7; 16]);
        let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@1", 0);
        record.patient.family_name = "Winters".to_owned();
        record.patient.birth_date = "1972-03-04".to_owned();
        let line = Medicine {
            name: "Salbutamol inhaler".to_owned(),
            decision: "supplied".to_owned(),
            supply_type: "emergency-supply".to_owned(),
            directions: "Inhale TWO puffs when needed".to_owned(),
            quantity: "200".to_owned(),
            ..Medicine::default()
        };
        record.medicines.insert("a".to_owned(), line);
        record
    }

    #[test]
    fn a_label_without_what_the_law_wants_is_not_offered_and_says_what_is_missing() {
        let mut record = record();
        assert_eq!(printable(&labels(&record, &ours(), today())), ["a"]);
        record.medicines.get_mut("a").expect("a line").quantity.clear();
        let labels = labels(&record, &ours(), today());
        assert_eq!(labels[0].closed, "Not yet known: the quantity.");
        assert!(printable(&labels).is_empty());
    }

    #[test]
    fn a_supply_that_the_rules_refuse_has_no_label_and_the_source_is_named() {
        let mut record = record();
        let line = record.medicines.get_mut("a").expect("a line");
        line.name = "Morphine 10mg tablets".to_owned();
        line.schedule = "0003".to_owned();
        line.legal_class = "POM".to_owned();
        line.product_kind = "medicine".to_owned();
        let labels = labels(&record, &ours(), today());
        assert!(printable(&labels).is_empty(), "{labels:?}");
        assert!(labels[0].closed.contains('('), "{}", labels[0].closed);
    }

    #[test]
    fn what_must_be_written_by_hand_is_said_before_it_is_printed() {
        let mut record = record();
        record.patient.family_name = "王".to_owned();
        let labels = labels(&record, &ours(), today());
        assert!(labels[0].closed.is_empty() && labels[0].note.contains("the patient's name"), "{labels:?}");
    }

    #[test]
    fn an_exception_has_no_label() {
        let mut record = record();
        record.medicines.get_mut("a").expect("a line").exception = "It had happened".to_owned();
        assert!(printable(&labels(&record, &ours(), today())).is_empty());
    }

    #[test]
    fn a_token_waits_for_the_charge_and_says_so() {
        let mut record = record();
        let TokenOffer::None(words) = token(&record, None, &ours(), today()) else { panic!("a token") };
        assert!(words.contains("pays or is exempt"), "{words}");
        record.charge.status = "paid".to_owned();
        let TokenOffer::Make(token) = token(&record, Some("A3B4D9-Z42475-11E6B+"), &ours(), today()) else {
            panic!("no token")
        };
        assert_eq!(
            token.prescription.map(|id| id.barcode().to_owned()).as_deref(),
            Some("A3B4D9Z4247511E6B+")
        );
    }

    #[test]
    fn a_token_begins_without_a_prescription_and_a_person_chooses_one_that_was_found() {
        let mut record = record();
        let look = |id: &str| Lookup {
            kind: "prescription".to_owned(),
            result: "found".to_owned(),
            prescription: id.to_owned(),
            ..Lookup::default()
        };
        assert_eq!(prescriptions(&record).len(), 1);
        record.lookups.insert("a".to_owned(), look("A3B4D9-Z42475-11E6B+"));
        assert_eq!(prescriptions(&record)[1].0, "A3B4D9-Z42475-11E6B+");
        record.lookups.insert("b".to_owned(), look("0B2C3D-A83008-4E5F68"));
        let options = prescriptions(&record);
        assert_eq!((options.len(), options[0].0.as_str()), (3, ""));
    }

    #[test]
    fn a_token_made_anew_must_be_signed_anew() {
        let mut charge = Charge { token_signed: "yes".to_owned(), ..Charge::default() };
        write_made(&mut charge, Made::Copied, "2026-11-23T10:00:00Z");
        assert_eq!((charge.token.as_str(), charge.token_signed.as_str()), ("copied", ""));
        assert!(made_words(&charge, "23 Nov 2026, 10:00").contains("Nobody has said"));
        assert_eq!(made_words(&Charge::default(), ""), "");
    }

    #[test]
    fn an_offset_is_a_few_millimetres_and_nothing_else() {
        assert_eq!(
            (millimetres("-1,5"), millimetres(" 2 "), millimetres("")),
            (Some(-1.5), Some(2.0), Some(0.0))
        );
        assert_eq!((millimetres("two"), millimetres("99"), millimetres("NaN")), (None, None, None));
    }
}
