//! No report, however broken, stops the reader.

use super::*;
use proptest::prelude::*;

fn refused(text: &str) -> NotAReport {
    read(text.as_bytes(), now()).expect_err("refused")
}

#[test]
fn what_is_no_report_of_the_adaptors_is_refused_and_says_what_is_missing() {
    for (left_out, missing) in
        [("MessageHeader", "MessageHeader"), ("Patient", "Patient"), ("Composition", "Composition")]
    {
        let kind = format!("\"resourceType\": \"{left_out}\"");
        let other = JSON.replace(&kind, "\"resourceType\": \"Basic\"");
        assert!(refused(&other).to_string().contains(missing), "{left_out}");
    }
    for text in ["", "{}", "<html/>", "{\"resourceType\":\"Bundle\"}", CDA] {
        refused(text);
    }
    assert!(matches!(read(&vec![b' '; MAX_BODY + 1], now()), Err(NotAReport::TooLarge { .. })));
}

#[test]
fn a_reference_that_leads_nowhere_or_in_a_circle_does_no_harm() {
    let (start, rest) = JSON.split_once("\"individual\": {").expect("a participant");
    let (_, end) = rest.split_once('}').expect("its end");
    let nowhere = format!("{start}\"individual\": {{\"reference\": \"urn:uuid:nowhere\"}}{end}");
    assert_eq!(made(nowhere.as_bytes()).1.family_name, "Brambleworth");
    let itself = JSON.replace("urn:uuid:a0000000", "urn:uuid:A0000000");
    assert_eq!(made(itself.as_bytes()).1.family_name, "Brambleworth");
}

#[test]
fn a_reports_words_are_never_in_the_refusal() {
    let secret = JSON.replace("\"resourceType\": \"Composition\"", "\"resourceType\": \"Basic\"");
    assert!(!refused(&secret).to_string().contains("Brambleworth"));
    let broken = &JSON[..JSON.len() / 2];
    assert!(!refused(broken).to_string().contains("Brambleworth"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_report_is_a_report_or_refused(
        xml: bool,
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte: u8,
        whole: bool,
    ) {
        let mut bytes = if xml { XML } else { JSON }.as_bytes().to_vec();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, now());
    }
}
