//! Promises about scanned codes.

use super::*;
use crate::scan::gtin::expected;
use jiff::civil::date;
use proptest::prelude::*;

const GTIN: &str = "05012345678900";

fn today() -> Date {
    date(2026, 11, 23)
}

fn read(code: &str) -> Result<Pack, NotAPack> {
    parse(code, today())
}

fn pack(code: &str) -> Pack {
    read(code).expect("a pack")
}

fn refused(code: &str) -> NotAPack {
    read(code).expect_err("a refusal")
}

#[test]
fn a_pack_says_product_expiry_batch_and_serial() {
    let pack = pack("]d201050123456789001727033110AB12\u{1d}21XYZ9");
    assert_eq!(pack.gtin, GTIN);
    assert_eq!(pack.expiry.map(Expiry::recorded).as_deref(), Some("2027-03-31"));
    assert_eq!((pack.batch.as_deref(), pack.serial.as_deref()), (Some("AB12"), Some("XYZ9")));
}

#[test]
fn the_order_of_the_parts_is_the_makers_choice() {
    let one = pack("]C110AB12\u{1d}21XYZ9\u{1d}01050123456789001727033171012345");
    let other = pack("]Q3\u{1d}0105012345678900\u{1d}17270331\u{1d}21XYZ9\u{1d}10AB12\u{1d}71012345\u{1d}");
    assert_eq!(one, other);
    assert_eq!(one.national, [("710".to_owned(), "12345".to_owned())]);
}

#[test]
fn a_keyboard_scanner_may_write_the_separator_out() {
    for separator in ["\u{241d}", "<GS>", "{GS}", "^]", "\\x1d"] {
        let pack = pack(&format!("010501234567890010AB12{separator}17270331"));
        assert_eq!(pack.batch.as_deref(), Some("AB12"), "{separator}");
    }
}

#[test]
fn what_is_printed_beside_the_code_may_be_typed() {
    let pack = pack(" (01) 05012345678900 (17)270300(10)A(1)B(21)S ");
    assert_eq!(pack.batch.as_deref(), Some("A(1)B"));
    assert_eq!(pack.serial.as_deref(), Some("S"));
}

#[test]
fn day_zero_is_the_last_day_of_the_month() {
    let expiry = pack("(01)05012345678900(17)280200").expiry.expect("an expiry");
    assert_eq!((expiry.last_day, expiry.recorded().as_str()), (date(2028, 2, 29), "2028-02"));
    assert!(!expiry.is_over(date(2028, 2, 29)));
    assert!(expiry.is_over(date(2028, 3, 1)));
}

#[test]
fn two_digits_of_a_year_mean_the_year_nearest_to_today() {
    let year = |digits: &str, today: Date| {
        let pack = parse(&format!("(01)05012345678900(17){digits}0115"), today).expect("a pack");
        pack.expiry.expect("an expiry").last_day.year()
    };
    assert_eq!(year("76", today()), 2076);
    assert_eq!(year("77", today()), 1977);
    assert_eq!(year("00", today()), 2000);
    assert_eq!(year("05", date(2096, 1, 1)), 2105);
    assert_eq!(year("99", date(2001, 1, 1)), 1999);
}

#[test]
fn an_ean_says_the_product_and_no_more() {
    for (code, gtin) in [
        ("4006381333931", "04006381333931"),
        ("]E04006381333931", "04006381333931"),
        ("40170725", "00000040170725"),
        ("]E440170725", "00000040170725"),
        (GTIN, GTIN),
    ] {
        let pack = pack(code);
        assert_eq!((pack.gtin.as_str(), pack.batch, pack.expiry), (gtin, None, None));
    }
}

#[test]
fn parts_that_are_not_used_are_passed_over() {
    let pack = pack("0105012345678900112511012400ABC\u{1d}3103001234917\u{1d}10B1");
    assert_eq!(pack.batch.as_deref(), Some("B1"));
}

#[test]
fn each_refusal_names_what_is_wrong() {
    let cases: [(&str, NotAPack); 14] = [
        ("  ", NotAPack::Nothing),
        ("]A0HELLO", NotAPack::AnotherKind),
        ("https://example.org/01/05012345678900", NotAPack::Unreadable),
        ("5000000000001", NotAPack::WrongCheckDigit("5000000000001".to_owned())),
        ("(01)05012345678901(10)A", NotAPack::WrongCheckDigit("05012345678901".to_owned())),
        ("010501234567890017271331", NotAPack::NotADate("271331".to_owned())),
        ("01050123456789001727023010A", NotAPack::NotADate("270230".to_owned())),
        ("010501234567890017\u{1d}2703", NotAPack::Cut("expiry")),
        ("]d201050123", NotAPack::Cut("product number")),
        ("0105012345678900\u{1d}10\u{1d}17270331", NotAPack::Empty("batch")),
        ("010501234567890010ABCDEFGHIJKLMNOPQRSTU", NotAPack::RanTogether("batch")),
        ("010501234567890010AB£2", NotAPack::StrangeCharacter("batch")),
        ("010501234567890010AB\u{1d}10CD", NotAPack::SaidTwice("batch")),
        ("10AB12\u{1d}17270331", NotAPack::NoProduct),
    ];
    for (code, wrong) in cases {
        assert_eq!(refused(code), wrong, "{code}");
    }
    assert_eq!(refused(&"1".repeat(513)), NotAPack::TooLong);
}

#[test]
fn the_same_said_twice_is_no_contradiction() {
    assert_eq!(pack("010501234567890010AB\u{1d}10AB").batch.as_deref(), Some("AB"));
}

fn packs() -> impl Strategy<Value = Pack> {
    let value = || proptest::option::of("[A-Za-z0-9!%&*+,./:;=?_-]{1,20}");
    let expiry = proptest::option::of((1977..=2076_i16, 1..=12_i8, 0..=28_i8));
    let national = proptest::collection::vec((0..7_usize, "[0-9A-Z]{1,20}"), 0..3);
    ("[0-9]{13}", expiry, value(), value(), national).prop_map(|(body, expiry, batch, serial, national)| {
        let check = expected(&body).expect("digits");
        let expiry = expiry.map(|(year, month, day)| {
            let first = date(year, month, day.max(1));
            let month_only = day == 0;
            Expiry { last_day: if month_only { first.last_of_month() } else { first }, month_only }
        });
        let national =
            national.into_iter().map(|(which, value)| (NATIONAL[which].to_owned(), value)).collect();
        Pack { gtin: format!("{body}{check}"), expiry, batch, serial, national }
    })
}

proptest! {
    #[test]
    fn what_a_pack_says_is_read_back_whatever_it_is(pack in packs(), symbol in prop::sample::select(vec!["]d2", "]C1", "]Q3"])) {
        prop_assert_eq!(read(&format!("{symbol}{}", pack.element_string())), Ok(pack));
    }

    #[test]
    fn no_text_makes_it_stumble(text in "\\PC{0,80}") {
        let _ = read(&text);
    }

    #[test]
    fn no_code_that_begins_well_makes_it_stumble(rest in "[0-9A-Z€\u{1d}()]{0,60}") {
        let _ = read(&format!("]d20105012345678900{rest}"));
        let _ = read(&format!("(01)05012345678900{rest}"));
    }

    #[test]
    fn one_misread_digit_of_the_product_is_always_noticed(place in 0..14_usize, change in 1..10_u32) {
        let misread: String = GTIN.chars().enumerate().map(|(at, digit)| {
            let digit = digit.to_digit(10).expect("a digit");
            char::from_digit(if at == place { (digit + change) % 10 } else { digit }, 10).expect("a digit")
        }).collect();
        prop_assert_eq!(read(&format!("]d201{misread}")), Err(NotAPack::WrongCheckDigit(misread)));
    }
}
