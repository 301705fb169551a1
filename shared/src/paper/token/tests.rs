//! Promises about tokens.

use super::*;
use crate::consultation::Lookup;
use crate::paper::code128::decoder;
use crate::paper::pdf::reader::{Seen, read};
use crate::paper::record::examples::{PHARMACY, salbutamol, today, winters, with_lines};

const ID: &str = "A3B4D9-Z42475-11E6B+";

fn exempt(mut record: Consultation) -> Consultation {
    record.charge.status = "exempt".to_owned();
    record.charge.exemption = "0006".to_owned();
    record.charge.evidence = "not-seen".to_owned();
    record.charge.declared_by = "representative".to_owned();
    record.charge.declared_name = "Sam Winters".to_owned();
    record
}

fn token(record: &Consultation) -> Token {
    Token::of(record, Id::parse(ID).ok(), &PHARMACY, today())
}

fn printed(record: &Consultation) -> Vec<Seen> {
    read(&token(record).pdf(Layout::official()))
}

#[test]
fn a_token_says_who_was_given_what() {
    let pages = printed(&exempt(winters()));
    let words = pages[0].words();
    for said in [
        "Ms WINTERS, Hettie",
        "12 Beech Lane",
        "LS6 1AA",
        "54",
        "4 Mar 1972",
        "999 054 8609",
        "Salbutamol",
        "200 doses",
        "Elm Road Surgery",
        "B86001",
        "PF UMS",
        "Page 1 of 1",
        ID,
    ] {
        assert!(words.contains(said), "{said} is not in: {words}");
    }
}

#[test]
fn nine_items_are_three_numbered_pages() {
    let pages = printed(&exempt(with_lines(9)));
    let numbers: Vec<bool> =
        (1..=3).map(|at| pages[at - 1].words().contains(&format!("Page {at} of 3"))).collect();
    assert_eq!((pages.len(), numbers), (3, vec![true; 3]));
    for at in 0..9 {
        let on: Vec<usize> =
            (0..3).filter(|page| pages[*page].words().contains(&format!("Medicine {at} "))).collect();
        assert_eq!(on, [at / 4]);
    }
}

#[test]
fn pages_are_counted_by_mark_because_the_marks_are_kept_apart() {
    let mut record = exempt(with_lines(5));
    let direction = Medicine { supply_type: "patient-group-direction".to_owned(), ..salbutamol() };
    record.medicines.insert("z".to_owned(), direction);
    let forms = token(&record).forms;
    let seen: Vec<(&str, usize, usize)> =
        forms.iter().map(|form| (form.mark, form.page, form.pages)).collect();
    assert_eq!(seen, [("PF UMS", 1, 2), ("PF UMS", 2, 2), ("PF CP", 1, 1)]);
}

#[test]
fn the_bars_hold_the_prescription_id_and_have_room_around_them() {
    let page = &printed(&exempt(winters()))[0];
    let bars: Vec<(f64, f64)> = page.bars.iter().map(|[x, _, width, _]| (*x, *width)).collect();
    assert_eq!(decoder::decode(&bars).as_deref(), Some("A3B4D9Z4247511E6B+"));
    let narrowest = bars.iter().map(|(_, width)| *width).fold(f64::MAX, f64::min);
    assert!(narrowest >= 0.3, "{narrowest}");
    let left = bars[0].0 - 10.0 * narrowest;
    let quiet = page.texts.iter().all(|text| text.right() <= left || text.y > 30.0);
    assert!(quiet, "something stands in the quiet zone");
}

#[test]
fn every_id_has_room_on_the_form() {
    for id in ["ABCDEFABCDEFABCDET", "A3B4D9Z4247511E6B+", "12345678901234567Z", "1234AB567890CD123F"] {
        let token = Token::of(&exempt(winters()), Id::parse(id).ok(), &PHARMACY, today());
        let page = &read(&token.pdf(Layout::official()))[0];
        let bars: Vec<(f64, f64)> = page.bars.iter().map(|[x, _, width, _]| (*x, *width)).collect();
        assert_eq!(decoder::decode(&bars).as_deref(), Some(id));
    }
}

#[test]
fn without_a_prescription_there_are_no_bars() {
    let token = Token::of(&exempt(winters()), None, &PHARMACY, today());
    assert!(read(&token.pdf(Layout::official()))[0].bars.is_empty());
}

#[test]
fn a_printer_that_pulls_the_paper_askew_is_answered_by_moving_everything() {
    let token = token(&exempt(winters()));
    let places = |layout: &Layout| {
        let page = &read(&token.pdf(layout))[0];
        (page.place_of("PF UMS").expect("the mark"), page.bars[0])
    };
    let (mark, bar) = places(Layout::official());
    let (moved_mark, moved_bar) = places(&Layout::official().moved(2.5, -1.5));
    assert!((moved_mark.0 - mark.0 - 2.5).abs() < 0.01 && (moved_mark.1 - mark.1 + 1.5).abs() < 0.01);
    assert!((moved_bar[0] - bar[0] - 2.5).abs() < 0.01);
    assert_eq!(Layout::official().moved(f64::NAN, 99.0), Layout::official().moved(0.0, FURTHEST));
}

#[test]
fn the_back_ticks_what_was_declared_and_says_nothing_of_its_own() {
    let record = exempt(winters());
    let back = &read(&token(&record).back_pdf(Layout::official()))[0];
    let layout = &Layout::official().back;
    let ticks: Vec<(f64, f64)> =
        back.texts.iter().filter(|text| text.text == layout.tick).map(|text| (text.x, text.y)).collect();
    let [x, y] = layout.exempt["E"];
    let wanted = [
        (x, y),
        (layout.evidence_not_seen.x, layout.evidence_not_seen.y),
        (layout.representative.x, layout.representative.y),
    ];
    assert_eq!(ticks.len(), wanted.len());
    for (seen, wanted) in ticks.iter().zip(wanted) {
        assert!((seen.0 - wanted.0).abs() < 0.01 && (seen.1 - wanted.1).abs() < 0.01, "{seen:?} {wanted:?}");
    }
    assert_eq!(back.texts.len(), 4, "ticks and a name, and no wording of the stock");
}

#[test]
fn what_was_paid_stands_in_its_place_and_no_box_is_ticked() {
    let mut record = winters();
    record.charge.status = "paid".to_owned();
    record.charge.paid = [("a".to_owned(), "990".to_owned()), ("b".to_owned(), "990".to_owned())].into();
    let declaration = Declaration::of(&record, today());
    assert_eq!((declaration.paid.as_str(), declaration.exempt_box.as_str()), ("19.80", ""));
}

#[test]
fn each_reason_that_is_declared_has_its_box_on_the_form() {
    let boxes = &Layout::official().back.exempt;
    for reason in charge::exemptions_on(today()) {
        let letter = reason.letter_on(today());
        // Contraceptives are free for everybody: the form has no box for them.
        assert!(letter.is_empty() || boxes.contains_key(letter), "{} has box {letter}", reason.code);
    }
}

#[test]
fn no_token_is_made_where_none_is_needed_and_the_reason_is_said() {
    let born = |date: &str| {
        let mut record = exempt(winters());
        record.patient.birth_date = date.to_owned();
        record.patient.traced_at = "2026-11-23T09:00:00Z".to_owned();
        need(&record, today())
    };
    assert!(matches!(born("2010-11-24"), Need::NotNeeded(_)), "15 years");
    assert!(matches!(born("1966-11-23"), Need::NotNeeded(_)), "60 today");
    assert_eq!(born("2010-11-23"), Need::Needed, "16 today");
    assert_eq!(born("1966-11-24"), Need::Needed, "60 tomorrow");
    assert_eq!(born(""), Need::Needed, "an unknown age exempts nobody");
    let mut free = winters();
    free.medicines.get_mut("a").expect("a line").groups = "oral-contraceptive".to_owned();
    assert!(matches!(need(&free, today()), Need::NotNeeded(_)));
    let mut confirmed = exempt(winters());
    let look = Lookup {
        kind: "exemption".to_owned(),
        source: "rtec".to_owned(),
        result: "found".to_owned(),
        status: "9005".to_owned(),
        ..Lookup::default()
    };
    confirmed.lookups.insert("l".to_owned(), look);
    let Need::NotNeeded(words) = need(&confirmed, today()) else { panic!("a token") };
    assert!(words.contains("confirmed"), "{words}");
    assert!(matches!(need(&winters(), today()), Need::Unknown(_)));
}

#[test]
fn a_sale_and_an_unlawful_supply_are_on_no_token() {
    let mut record = exempt(winters());
    let line = record.medicines.get_mut("a").expect("a line");
    line.supply_type = "over-the-counter".to_owned();
    assert!(matches!(need(&record, today()), Need::NotNeeded(_)));
    let line = record.medicines.get_mut("a").expect("a line");
    line.supply_type = "emergency-supply".to_owned();
    line.exception = "Handed over before the check".to_owned();
    assert!(matches!(need(&record, today()), Need::NotNeeded(_)));
    assert!(token(&record).forms.is_empty());
}

#[test]
fn an_unconfirmed_nhs_number_is_not_printed() {
    let mut record = exempt(winters());
    record.patient.nhs_number_status = "unverified".to_owned();
    assert!(!printed(&record)[0].words().contains("999 054 8609"));
}

#[test]
fn directions_too_long_for_the_form_end_with_an_ellipsis_and_never_push_out_the_quantity() {
    let mut record = exempt(winters());
    record.medicines.get_mut("a").expect("a line").directions = "Inhale TWO puffs when needed. ".repeat(30);
    let words = printed(&record)[0].words();
    assert!(words.contains("200 doses") && words.contains('\u{85}'), "{words}");
}

#[test]
fn every_text_stays_on_the_sheet() {
    let mut record = exempt(with_lines(9));
    record.patient.family_name = "Featherstonehaugh-Cholmondeley ".repeat(4);
    record.patient.address = "A very long line of an address that goes on\n".repeat(9);
    for page in printed(&record) {
        for text in &page.texts {
            assert!(text.x >= 0.0 && text.right() <= page.width && text.y <= page.height, "{text:?}");
        }
    }
}

#[test]
fn what_is_copied_by_hand_is_all_that_would_be_printed_in_the_order_of_the_form() {
    let token = token(&exempt(winters()));
    let copied = token.to_copy(&token.forms[0]);
    let ids: Vec<&str> = copied.iter().map(|field| field.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "patient",
            "age",
            "born",
            "nhs-number",
            "item-1",
            "practice",
            "pharmacy",
            "supplied-on",
            "mark",
            "page",
            "prescription",
            "exempt",
            "evidence",
            "declared-by",
            "declared-name"
        ]
    );
    assert_eq!(
        copied.iter().find(|field| field.id == "exempt").map(|field| field.value.as_str()),
        Some("Tick box E")
    );
}

#[test]
fn a_found_prescription_is_offered_once_newest_first() {
    let mut record = winters();
    let look = |at: &str, id: &str, result: &str| Lookup {
        kind: "prescription".to_owned(),
        at: at.to_owned(),
        result: result.to_owned(),
        prescription: id.to_owned(),
        ..Lookup::default()
    };
    record.lookups = [
        ("a".to_owned(), look("2026-11-23T09:00:00Z", ID, "found")),
        ("b".to_owned(), look("2026-11-23T10:00:00Z", "0B2C3D-A83008-4E5F68", "found")),
        ("c".to_owned(), look("2026-11-23T11:00:00Z", ID, "found")),
        ("d".to_owned(), look("2026-11-23T12:00:00Z", "1234AB-567890-CD123F", "none")),
        ("e".to_owned(), look("2026-11-23T12:00:00Z", "not an id", "found")),
    ]
    .into();
    let ids: Vec<String> = prescriptions_found(&record).iter().map(Id::short).collect();
    assert_eq!(ids, [ID, "0B2C3D-A83008-4E5F68"]);
}

#[test]
fn what_a_certificate_for_hormone_replacement_does_not_cover_stands_on_a_form_of_its_own() {
    let mut record = exempt(with_lines(2));
    let hrt =
        charge::exemptions_on(today()).into_iter().find(|one| one.covers == "hrt").expect("such a reason");
    record.charge.exemption.clone_from(&hrt.code);
    let (id, line) = record.medicines.iter_mut().next().expect("a line");
    line.ingredients = "1|Estradiol".to_owned();
    let covered = id.clone();
    let paid = record.medicines.keys().find(|id| **id != covered).expect("another line").clone();
    record.charge.paid.insert(paid, "990".to_owned());
    let token = token(&record);
    let forms: Vec<(usize, bool)> =
        token.forms.iter().map(|form| (form.items.len(), form.is_paid_for)).collect();
    assert_eq!(forms, [(1, false), (1, true)]);
    let said = |at: usize| {
        let declaration = token.declaration_of(&token.forms[at]);
        (declaration.exempt_box.is_empty(), declaration.paid)
    };
    assert_eq!((said(0), said(1)), ((false, String::new()), (true, "9.90".to_owned())));
}
