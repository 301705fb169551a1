//! No message, however broken, stops the reader.

use super::*;
use crate::intake::file;
use proptest::prelude::*;

/// One change to a message: cut short, one byte altered, a stretch left out, a stretch repeated.
#[derive(Debug, Clone)]
enum Damage {
    Cut(prop::sample::Index),
    Byte(prop::sample::Index, u8),
    LeaveOut(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        at().prop_map(Damage::Cut),
        (at(), any::<u8>()).prop_map(|(place, byte)| Damage::Byte(place, byte)),
        (at(), 1..400_usize).prop_map(|(place, length)| Damage::LeaveOut(place, length)),
        (at(), 1..400_usize).prop_map(|(place, length)| Damage::Repeat(place, length)),
    ]
}

fn damaged(body: &mut Vec<u8>, damage: &Damage) {
    if body.is_empty() {
        return;
    }
    match damage {
        Damage::Cut(at) => body.truncate(at.index(body.len())),
        Damage::Byte(at, byte) => {
            let place = at.index(body.len());
            body[place] = *byte;
        }
        Damage::LeaveOut(at, length) => {
            let start = at.index(body.len());
            body.drain(start..(start + length).min(body.len()));
        }
        Damage::Repeat(at, length) => {
            let start = at.index(body.len());
            let part = body[start..(start + length).min(body.len())].to_vec();
            body.splice(start..start, part);
        }
    }
}

/// Values that a wrong but well-formed message could hold, in place of every value of one attribute.
const ODD: [&str; 10] =
    ["", "é", "+", "-", "99999999999999999999", "00000000000000+9999", "Dx", "dxdx", "20261", "|||  /"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_message_is_a_report_or_a_fault(
        which in 0..ALL.len(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let mut body = ALL[which].as_bytes().to_vec();
        for one in &damages {
            damaged(&mut body, one);
        }
        if let Ok(report) = read(&body, &Accepting::anything(now())) {
            file(&report.arrived, &[], now());
            success_body(&report, uuid::Uuid::nil());
        }
    }

    #[test]
    fn odd_values_anywhere_are_a_report_or_a_fault(
        which in 0..ALL.len(),
        attribute in prop::sample::select(vec!["value", "code", "extension", "root", "uri", "displayName", "use", "id"]),
        odd in prop::sample::select(ODD.to_vec()),
        nth in 0..30_usize,
    ) {
        let pattern = format!(" {attribute}=\"");
        let body = ALL[which];
        if let Some((start, _)) = body.match_indices(&pattern).nth(nth) {
            let from = start + pattern.len();
            let until = body[from..].find('"').map_or(body.len(), |length| from + length);
            let changed = format!("{}{odd}{}", &body[..from], &body[until..]);
            if let Ok(report) = read(changed.as_bytes(), &Accepting::anything(now())) {
                file(&report.arrived, &[], now());
            }
        }
    }

    #[test]
    fn any_text_at_all_is_a_time_or_none(text in "\\PC{0,24}", digits in "[0-9+Z.:T-]{0,24}") {
        times::instant(&text);
        times::birth_date(&text);
        times::instant(&digits);
        times::birth_date(&digits);
    }

    #[test]
    fn any_bytes_at_all_are_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes, &Accepting::anything(now())).is_err());
    }
}
