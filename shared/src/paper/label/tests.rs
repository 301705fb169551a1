//! Promises about labels.

use super::*;
use crate::paper::pdf::reader::{Seen, read};
use crate::paper::record::examples::{PHARMACY, today, winters, with_lines};
use proptest::prelude::*;

fn labels(record: &Consultation) -> Vec<Seen> {
    let ids: Vec<&str> = record.medicines.keys().map(String::as_str).collect();
    read(&pdf(record, &ids, &PHARMACY, today()))
}

fn with(change: impl FnOnce(&mut Medicine)) -> Consultation {
    let mut record = winters();
    change(record.medicines.get_mut("a").expect("a line"));
    record
}

#[test]
fn a_label_says_what_the_law_wants() {
    let labels = labels(&winters());
    assert_eq!(labels.len(), 1);
    let words = labels[0].words();
    for said in [
        "200 doses",
        "Salbutamol",
        "Inhale TWO puffs when needed",
        "Emergency supply",
        "WINTERS, Hettie",
        "23 Nov 2026",
        "Elm Pharmacy, 4 Elm Road, Leeds, LS1 4AP",
        "Keep out of the reach and sight of children",
    ] {
        assert!(words.contains(said), "{said} is not in: {words}");
    }
}

#[test]
fn only_an_emergency_supply_is_called_one() {
    let record = with(|line| line.supply_type = "patient-group-direction".to_owned());
    assert!(!labels(&record)[0].words().contains("Emergency supply"));
}

#[test]
fn each_line_has_its_own_label() {
    assert_eq!(labels(&with_lines(5)).len(), 5);
    let record = with_lines(3);
    let one = read(&pdf(&record, &["line-1", "gone"], &PHARMACY, today()));
    assert_eq!(one.len(), 1);
    assert!(one[0].words().contains("Medicine 1"));
}

#[test]
fn the_date_is_that_of_the_supply() {
    let record = with(|line| line.supplied_at = "2026-11-21T23:30:00Z".to_owned());
    assert!(labels(&record)[0].words().contains("21 Nov 2026"));
}

#[test]
fn what_is_missing_is_named_before_it_is_printed() {
    let record = with(|line| {
        line.quantity = " ".to_owned();
        line.directions = String::new();
    });
    let line = &record.medicines["a"];
    assert_eq!(missing(&record, line, &PHARMACY, today()), ["the quantity", "the directions"]);
    let nowhere = PharmacyOnPaper { address: "", ..PHARMACY };
    assert!(missing(&record, line, &nowhere, today()).contains(&"the pharmacy's address"));
    assert!(missing(&winters(), &winters().medicines["a"], &PHARMACY, today()).is_empty());
}

proptest! {
    #[test]
    fn nothing_is_left_out_and_nothing_stands_beside_the_label(
        // No piece of a name can be taken for one of the directions.
        directions in "[a-z,. ]{1,400}",
        name in "[A-Z ]{1,120}",
        family in "[A-Z' -]{1,70}",
    ) {
        let mut record = with(|line| {
            line.directions.clone_from(&directions);
            line.name = format!("X{name}");
        });
        record.patient.family_name = format!("X{family}");
        let labels = labels(&record);
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let printed = squeezed(&labels.iter().map(Seen::words).collect::<String>());
        let mut left = squeezed(&directions);
        // Over several labels the feet stand between; so piece by piece.
        for label in &labels {
            let taken = label.texts.iter().filter(|text| text.size > 5.5).map(|text| squeezed(&text.text));
            for text in taken {
                if let Some(rest) = left.strip_prefix(&text) {
                    left = rest.to_owned();
                }
            }
        }
        prop_assert_eq!(left, "");
        let emergency = printed.contains("Emergencysupply");
        prop_assert!(emergency);
        for label in &labels {
            for text in &label.texts {
                prop_assert!(text.x >= 2.4 && text.right() <= 67.6, "{:?}", text);
                prop_assert!(text.y >= 2.4 && text.y <= 35.0, "{:?}", text);
            }
        }
    }
}
