//! Prices and reasons on the days when they change, and what a signature of a charge must not hide.

use super::*;
use crate::consultation::{Consultation, Lookup, Medicine};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 23);

pub fn record(born: &str) -> Consultation {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let id = "0190a5b0-0000-7000-8000-000000000001".parse().expect("an id");
    let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@2", 1_795_000_000_000);
    born.clone_into(&mut record.patient.birth_date);
    record
}

fn supplied(name: &str) -> Medicine {
    Medicine {
        name: name.to_owned(),
        decision: "supplied".to_owned(),
        supply_type: "emergency-supply".to_owned(),
        supplied_at: "2026-11-23T10:00:00Z".to_owned(),
        product_kind: "medicine".to_owned(),
        ..Medicine::default()
    }
}

fn with(born: &str, lines: &[Medicine]) -> Consultation {
    let mut record = record(born);
    for (at, line) in lines.iter().enumerate() {
        record.medicines.insert(format!("line-{at}"), line.clone());
    }
    record
}

/// In pay, 45 years old, one inhaler.
fn worker() -> Consultation {
    with("1981-05-01", &[supplied("Salbutamol 100micrograms/dose inhaler")])
}

fn declared(record: &mut Consultation) {
    "patient".clone_into(&mut record.charge.declared_by);
}

#[test]
fn the_price_is_that_of_the_day() {
    let item = |day| price_on(day).map(|price| (price.item, price.may_be_outdated));
    assert_eq!(item(date(2021, 3, 31)), None);
    assert_eq!(item(date(2023, 3, 31)), Some((935, false)));
    assert_eq!(item(date(2023, 4, 1)), Some((965, false)));
    assert_eq!(item(date(2024, 4, 30)), Some((965, false)));
    assert_eq!(item(date(2024, 5, 1)), Some((990, false)));
    assert_eq!(item(TODAY), Some((990, false)));
    assert_eq!(item(date(2027, 4, 1)), Some((990, true)), "an old price is not passed off as today's");
    assert_eq!(price_on(date(2024, 5, 1)).and_then(|price| price.hrt), Some(1980));
}

#[test]
fn a_charge_by_an_old_price_says_that_it_may_be_out_of_date() {
    let why = |day: &str| {
        let mut record = worker();
        for line in record.medicines.values_mut() {
            day.clone_into(&mut line.supplied_at);
        }
        due(&record, TODAY).why
    };
    assert!(!why("2027-03-31T10:00:00Z").contains("Check it"));
    assert!(why("2027-04-01T10:00:00Z").contains("Check it"));
}

#[test]
fn the_published_prices_are_those_of_the_list() {
    let Some(published) =
        crate::prescription::samples::sample("codelists/derived/prescription_charges_england.csv")
    else {
        return;
    };
    for line in published.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let price = price_on(columns[0].parse().expect("a day")).expect("a price");
        let pence = |text: &str| text.replace('.', "").parse::<u32>().ok();
        assert_eq!(Some(price.item), pence(columns[1]), "{line}");
        for (ours, theirs) in [(price.three_months, 2), (price.twelve_months, 3), (price.hrt, 4)] {
            assert!(pence(columns[theirs]).is_none_or(|pence| ours == Some(pence)), "{line}");
        }
    }
}

#[test]
fn tax_credit_certificates_end_and_hrt_certificates_begin_on_their_days() {
    let codes = |day| exemptions_on(day).into_iter().map(|one| one.code.as_str()).collect::<Vec<_>>();
    assert!(codes(date(2025, 4, 5)).contains(&"0013"));
    assert!(!codes(date(2025, 4, 6)).contains(&"0013"));
    assert!(!codes(date(2023, 3, 31)).contains(&"W"));
    assert!(codes(date(2023, 4, 1)).contains(&"W"));
}

#[test]
fn every_published_reason_is_there_with_its_letters() {
    let Some(published) = crate::prescription::samples::sample("codelists/derived/charge_exemptions.csv")
    else {
        return;
    };
    let mut compared = 0;
    for line in published.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        // Paid, free of charge and *no reason given* are no reasons that somebody declares.
        if columns[0].is_empty() || ["0001", "0010", "0015"].contains(&columns[0]) {
            continue;
        }
        let ours = exemption(columns[0]).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(ours.letter_on(TODAY), columns[1], "{line}");
        assert_eq!(ours.letter_on(date(2019, 6, 1)), columns[2], "{line}");
        assert_eq!(ours.eps_code(), Some(columns[0]));
        compared += 1;
    }
    assert_eq!(compared, 13);
    assert_eq!(exemption("W").and_then(Exemption::eps_code), None, "no EPS code is made up");
}

#[test]
fn age_exempts_up_to_the_sixteenth_and_from_the_sixtieth_birthday() {
    let born = date(1966, 11, 24);
    assert_eq!(age_exempt(born, TODAY), None);
    assert_eq!(age_exempt(date(1966, 11, 23), TODAY), Some(AgeExempt::SixtyOrOver));
    assert_eq!(age_exempt(date(2010, 11, 24), TODAY), Some(AgeExempt::Under16));
    assert_eq!(age_exempt(date(2010, 11, 23), TODAY), None);
}

#[test]
fn each_item_is_one_charge_and_a_sale_is_none() {
    let sale = Medicine { supply_type: "over-the-counter".to_owned(), ..supplied("Cetirizine 10mg tablets") };
    let refused = Medicine { decision: "refused".to_owned(), ..supplied("Morphine 10mg tablets") };
    let record = with("1981-05-01", &[supplied("Salbutamol"), supplied("Metformin"), sale, refused]);
    let due = due(&record, TODAY);
    assert_eq!((due.items.len(), due.charges(), due.total()), (2, 2, 1980));
    assert!(due.needs_declaration);
    assert_eq!(super::due(&with("1981-05-01", &[]), TODAY).items, []);
}

#[test]
fn stockings_are_charged_by_the_piece() {
    let pair = Medicine {
        product_kind: "appliance".to_owned(),
        quantity: "1".to_owned(),
        unit: "pair".to_owned(),
        ..supplied("Compression hosiery class 2 below knee stocking")
    };
    assert_eq!(due(&with("1981-05-01", &[pair]), TODAY).total(), 1980);
}

#[test]
fn a_verified_age_needs_no_declaration_and_an_unverified_one_does() {
    let mut record = with("1944-05-11", &[supplied("Salbutamol")]);
    let said = due(&record, TODAY);
    assert_eq!((said.total(), said.needs_declaration), (0, true));
    "2026-11-23T09:00:00Z".clone_into(&mut record.patient.traced_at);
    let verified = due(&record, TODAY);
    assert_eq!((verified.total(), verified.needs_declaration), (0, false));
    assert_eq!(reconcile(&record, TODAY), Vec::<String>::new());
}

#[test]
fn contraception_alone_is_free_and_declared_by_nobody() {
    let pill =
        Medicine { groups: "oral-contraceptive".to_owned(), ..supplied("Desogestrel 75microgram tablets") };
    let free = due(&with("1995-01-01", std::slice::from_ref(&pill)), TODAY);
    assert_eq!((free.total(), free.needs_declaration), (0, false));
    let mixed = due(&with("1995-01-01", &[pill, supplied("Salbutamol")]), TODAY);
    assert_eq!((mixed.total(), mixed.needs_declaration), (990, true));
    let mut said = worker();
    "free".clone_into(&mut said.charge.status);
    assert!(due(&said, TODAY).needs_declaration, "what somebody only calls free is declared");
}

#[test]
fn an_hrt_certificate_covers_hormone_replacement_only() {
    let patch = Medicine {
        ingredients: "1|Estradiol hemihydrate".to_owned(),
        ..supplied("Estradiol 50micrograms/24hours patches")
    };
    let mut record = with("1975-01-01", &[patch, supplied("Salbutamol")]);
    "exempt".clone_into(&mut record.charge.status);
    "W".clone_into(&mut record.charge.exemption);
    "seen".clone_into(&mut record.charge.evidence);
    declared(&mut record);
    assert_eq!(due(&record, TODAY).total(), 990);
    let problems = reconcile(&record, TODAY).join("\n");
    assert!(problems.contains("does not cover Salbutamol"), "{problems}");
}

#[test]
fn what_is_missing_is_asked_for_and_what_is_whole_is_quiet() {
    let mut record = worker();
    assert_eq!(reconcile(&record, TODAY), ["Ask whether the patient pays or is exempt."]);
    "exempt".clone_into(&mut record.charge.status);
    let missing = reconcile(&record, TODAY).join("\n");
    assert!(missing.contains("Say why") && missing.contains("declaration"), "{missing}");
    "0007".clone_into(&mut record.charge.exemption);
    assert!(reconcile(&record, TODAY).join("\n").contains("whether evidence was seen"));
    "not-seen".clone_into(&mut record.charge.evidence);
    "representative".clone_into(&mut record.charge.declared_by);
    assert_eq!(reconcile(&record, TODAY), ["Say who declared it for the patient."]);
    "Barnaby Fictional".clone_into(&mut record.charge.declared_name);
    assert_eq!(reconcile(&record, TODAY), Vec::<String>::new());
    "0013".clone_into(&mut record.charge.exemption);
    assert!(reconcile(&record, TODAY).join("\n").contains("5 Apr 2025"));
}

#[test]
fn what_was_paid_must_be_what_is_due() {
    let mut record = worker();
    "paid".clone_into(&mut record.charge.status);
    declared(&mut record);
    assert_eq!(
        reconcile(&record, TODAY),
        ["£9.90 for Salbutamol 100micrograms/dose inhaler is to be paid: say that it was."]
    );
    record.charge.paid.insert("line-0".to_owned(), "965".to_owned());
    assert!(reconcile(&record, TODAY)[0].contains("£9.65 was paid"));
    record.charge.paid.insert("line-0".to_owned(), "990".to_owned());
    assert_eq!(reconcile(&record, TODAY), Vec::<String>::new());
    "exempt".clone_into(&mut record.charge.status);
    "0006".clone_into(&mut record.charge.exemption);
    "seen".clone_into(&mut record.charge.evidence);
    assert!(reconcile(&record, TODAY)[0].contains("nothing is due"));
}

#[test]
fn a_confirmed_exemption_stands_whatever_else_is_said() {
    let mut record = worker();
    let look = |status: &str| Lookup {
        kind: "exemption".to_owned(),
        source: "rtec".to_owned(),
        result: "found".to_owned(),
        status: status.to_owned(),
        at: "2026-11-23T10:00:00Z".to_owned(),
        ..Lookup::default()
    };
    record.lookups.insert("one".to_owned(), look("9180"));
    "paid".clone_into(&mut record.charge.status);
    let found = due(&record, TODAY);
    assert_eq!((found.total(), found.needs_declaration), (0, false));
    assert!(reconcile(&record, TODAY).join("\n").contains("It stands"));
    "exempt".clone_into(&mut record.charge.status);
    "9180".clone_into(&mut record.charge.exemption);
    assert_eq!(reconcile(&record, TODAY), Vec::<String>::new());
    // A code that somebody typed without a check is none.
    record.lookups.clear();
    assert_eq!(due(&record, TODAY).total(), 990);
    assert!(reconcile(&record, TODAY).join("\n").contains("not a reason that is known"));
}

#[test]
fn an_exception_is_not_charged_for() {
    let line = Medicine { exception: "It had happened".to_owned(), ..supplied("Tramadol 50mg capsules") };
    assert!(due(&with("1981-05-01", &[line]), TODAY).items.is_empty());
}

#[test]
fn a_controlled_drug_of_schedule_3_is_signed_for_at_every_age() {
    let line = Medicine { schedule: "0006".to_owned(), ..supplied("Phenobarbital 30mg tablets") };
    let mut record = with("1940-01-01", &[line]);
    record.patient.traced_at = "2026-11-23T09:00:00Z".to_owned();
    let due = due(&record, TODAY);
    assert!(due.needs_declaration && due.why.contains("Schedule 2 or 3"), "{due:?}");
}

#[test]
fn emergency_contraception_is_free_and_hormone_replacement_with_the_same_substance_is_not() {
    let alone =
        Medicine { ingredients: "1|Levonorgestrel".to_owned(), ..supplied("Levonorgestrel 1.5mg tablets") };
    let patch = Medicine {
        ingredients: "1|Levonorgestrel\n2|Estradiol hemihydrate".to_owned(),
        ..supplied("Estradiol and levonorgestrel patches")
    };
    let charges: Vec<u32> =
        due(&with("1981-05-01", &[alone, patch]), TODAY).items.iter().map(|item| item.charges).collect();
    assert_eq!(charges, [0, 1]);
}
