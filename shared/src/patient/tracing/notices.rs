//! What of a trace everybody must know who opens the record later.

use super::Number;
use crate::consultation::{Consultation, Notice};
use crate::patient::PdsPatient;
use crate::time::{self, Millis};

/// What every kind of notice about PDS begins with, the server's own too.
pub const PDS_NOTICE: &str = "pds-";
/// Kinds and keys of the notices that a trace leaves in the record: they stay when the screen is gone.
pub const DECEASED: &str = "pds-deceased";
pub const RESTRICTED: &str = "pds-restricted";
pub const SUPERSEDED: &str = "pds-superseded";

/// Puts into the record what everybody who opens it later must know of a trace, and takes out what it answers: what was
/// noted of earlier ones.
pub fn note(record: &mut Consultation, held: &PdsPatient, number: &Number, at: Millis) {
    let news = notices(held, number, at);
    let still = |key: &str, notice: &Notice| {
        !notice.kind.starts_with(PDS_NOTICE)
            || news.iter().any(|(kind, new)| *kind == key && new.text == notice.text)
    };
    record.notices.retain(|key, notice| still(key, notice));
    for (kind, notice) in news {
        record.notices.entry(kind.to_owned()).or_insert(notice);
    }
}

/// What has to be noted, by key.
pub(super) fn notices(held: &PdsPatient, number: &Number, at: Millis) -> Vec<(&'static str, Notice)> {
    let mut notices = Vec::new();
    let mut note = |kind: &'static str, text: String| {
        notices.push((kind, Notice { kind: kind.to_owned(), at: time::stored(at), text }));
    };
    if let Some(words) = death_words(held) {
        note(DECEASED, words);
    }
    if held.restricted {
        note(RESTRICTED, RESTRICTED_WORDS.to_owned());
    }
    if matches!(number, Number::Superseded(_)) {
        note(SUPERSEDED, SUPERSEDED_WORDS.to_owned());
    }
    notices
}

/// The number that was recorded is valid no longer.
pub const SUPERSEDED_WORDS: &str = "PDS has replaced the NHS number that was recorded by another. Use only the new one, in other systems too.";

/// For whoever has a restricted record before them.
pub const RESTRICTED_WORDS: &str = "This record is restricted: PDS gives out no address, phone or GP practice. Tell \
                                    nobody where the patient is, and ask only the patient how to reach them.";

/// `None` for the living.
pub fn death_words(held: &PdsPatient) -> Option<String> {
    if held.deceased.is_empty() && held.death_status.is_empty() {
        return None;
    }
    let date = held.deceased.get(..10).and_then(|day| day.parse().ok());
    let on = date.map(|day| format!(" on {}", time::written_date(day))).unwrap_or_default();
    Some(match held.death_status.as_str() {
        "formal" => format!("PDS says that this patient died{on}. The death is registered (formal notice)."),
        "informal" => format!(
            "PDS says that this patient died{on}. The notice is informal: the death is not registered yet. If the \
             patient is before you, tell their GP practice."
        ),
        _ => format!("PDS says that this patient died{on}."),
    })
}
