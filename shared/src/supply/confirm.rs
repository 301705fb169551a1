//! What a person confirmed of a line: a digest over all that the rules read, so that two edits that met are noticed.

use crate::consultation::{Medicine, hex};
use sha2::{Digest as _, Sha256};

/// Bytes of the digest that are kept.
const KEPT: usize = 8;

/// Writes down that this line, as it is, was looked at. Every edit of a line ends with it; so does looking at one that
/// two people changed apart.
pub fn confirm(line: &mut Medicine) {
    line.confirmed = digest(line);
}

/// Was the line looked at as it is now?
pub fn is_confirmed(line: &Medicine) -> bool {
    !line.confirmed.is_empty() && line.confirmed == digest(line)
}

/// Over every field that the rules read. One is not left out without a thought: whatever stands here makes two edits
/// that met be looked at again.
fn digest(line: &Medicine) -> String {
    let fields = [
        &line.name,
        &line.code,
        &line.level,
        &line.decision,
        &line.supplied_from,
        &line.directions,
        &line.quantity,
        &line.unit,
        &line.unit_code,
        &line.days,
        &line.supply_type,
        &line.supplied_at,
        &line.release,
        &line.legal_class,
        &line.schedule,
        &line.product_kind,
        &line.groups,
        &line.ingredients,
        &line.owed,
        &line.no_supply_reason,
        &line.exception,
        &line.broken_rules,
        &line.legal_document,
        &line.batch,
        &line.expiry,
    ];
    let mut hash = Sha256::new();
    // Each text with its length, so that no two lines run into the same bytes.
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    for field in fields {
        add(field);
    }
    for map in [&line.asked, &line.judged] {
        add(&map.len().to_string());
        for (id, text) in map {
            add(id);
            add(text);
        }
    }
    hex(&hash.finalize()[..KEPT])
}
