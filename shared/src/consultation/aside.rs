//! What was set aside beside what stands, field by field, so that a person can enter again what is right (design 5).

use super::document::{Document, DocumentError, hex};
use super::record::{Author, Consultation, Lookup, Medicine};
use crate::supply;
use automerge::{Change, ChangeHash, ObjId, ReadDoc as _};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One field that set-aside changes wrote, with both sides of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideValue {
    /// `answers/fever`; a medicine is one value, `medicines/ID`, and so are all signatures, `signatures`.
    pub path: String,
    /// What stood when it was written, in the record's own words; empty when nothing did.
    pub before: String,
    /// What stands now; empty when nothing does.
    pub standing: String,
    /// Who wrote what stands; empty when nothing stands, or nobody is known.
    pub standing_by: String,
    /// When, in milliseconds since 1970; 0 where it is not known.
    pub standing_at: i64,
    /// What was set aside; empty when it took the value back.
    pub aside: String,
    /// Who wrote what was set aside, and when, in milliseconds since 1970 by their device's clock.
    pub by: String,
    /// `passkey`, `passkey-and-pin`, `passphrase`.
    pub unlocked_by: String,
    pub at: i64,
}

/// Everything that was set aside of one consultation, read against what stands of it.
#[derive(Debug, Clone)]
pub struct Branch {
    /// In the order of the record.
    pub values: Vec<AsideValue>,
    /// The record as its authors had it.
    pub record: Consultation,
    /// What they had begun from; `None` where nothing of the document ever stood.
    pub before: Option<Consultation>,
    /// Hashes of the changes that do not stand: all of them, but for those released meanwhile.
    pub changes: BTreeSet<[u8; 32]>,
}

/// What devices write by themselves, and fields that only say how the record is kept.
const KEPT_BY_DEVICES: [&str; 9] = [
    "visit/taken_at",
    "visit/started_at",
    "visit/ended_at",
    "visit/responsible_pharmacist",
    "schema",
    "id",
    "pharmacy",
    "pathway",
    "created_at",
];

/// Sections of which one entry with all its fields is one value.
const ENTRIES: [&str; 8] =
    ["medicines", "amendments", "notices", "earlier_reports", "attempts", "calls", "lookups", "turns"];
/// Sections that are one value.
const WHOLE: [&str; 3] = ["signatures", "deliveries", "notes"];

impl Branch {
    /// Compares `aside`, in any order, with the document that stands; `None` when all of it stands by now. Without a
    /// standing document the changes must make a whole one.
    ///
    /// # Errors
    /// [`DocumentError::Gap`] when what they build on is not here; otherwise when they cannot be read or applied.
    pub fn compare(
        standing: Option<&mut Document>,
        aside: &[Vec<u8>],
    ) -> Result<Option<Self>, DocumentError> {
        let mut both = match &standing {
            Some(standing) => (**standing).clone(),
            None => Document::from_changes(Vec::new())?,
        };
        let had: BTreeSet<ChangeHash> = both.changes_since(&[]).iter().map(Change::hash).collect();
        both.apply_parts(&[], aside)?;
        let new: Vec<Change> =
            both.changes_since(&[]).into_iter().filter(|change| !had.contains(&change.hash())).collect();
        if new.is_empty() {
            return Ok(None);
        }
        let record = both.read_at(&newest(&new))?;
        let base = built_on(&new);
        let before = if base.is_empty() { None } else { Some(both.read_at(&base)?) };
        let now = standing.as_ref().map(|standing| standing.read()).transpose()?;
        let mut written: BTreeMap<String, (Author, i64)> = BTreeMap::new();
        for change in &new {
            let author = record.authors.get(&hex(change.actor_id().to_bytes())).cloned().unwrap_or_default();
            for path in both.paths_of(change, &record)? {
                written.insert(path, (author.clone(), change.timestamp()));
            }
        }
        let mut standing = standing;
        let mut values = Vec::new();
        for (path, (author, at)) in written {
            let value = |record: &Option<Consultation>| {
                record.as_ref().map(|record| value_at(record, &path)).unwrap_or_default()
            };
            let (was, aside, stands) = (value(&before), value_at(&record, &path), value(&now));
            if was == aside {
                continue;
            }
            let writer = match &mut standing {
                Some(standing) if !stands.is_empty() => standing.who_stands(&path),
                _ => None,
            };
            let (standing_by, standing_at) = writer.unwrap_or_default();
            values.push(AsideValue {
                path,
                before: was,
                standing: stands,
                standing_by,
                standing_at,
                aside,
                by: author.name,
                unlocked_by: author.unlocked_by,
                at,
            });
        }
        values.sort_by_key(|value| place(&value.path));
        let changes = new.iter().map(|change| change.hash().0).collect();
        Ok(Some(Self { values, record, before, changes }))
    }

    /// Does nothing of this consultation stand: was the whole document set aside?
    pub fn is_whole(&self) -> bool {
        self.before.is_none()
    }
}

impl AsideValue {
    /// Does it stand by now: entered again, or the same all along?
    pub fn stands(&self) -> bool {
        self.standing == self.aside
    }
}

impl Document {
    /// The values that one change wrote.
    fn paths_of(
        &mut self,
        change: &Change,
        record: &Consultation,
    ) -> Result<BTreeSet<String>, DocumentError> {
        let mut paths: BTreeSet<String> = self
            .touched(change.deps(), &[change.hash()])?
            .iter()
            .filter_map(|touched| value_path(&touched.path))
            .collect();
        if change.deps().is_empty() {
            // What made the document wrote everything there is.
            paths.extend(all_paths(record));
        }
        Ok(paths)
    }

    /// Name and time behind the value at a path.
    fn who_stands(&mut self, path: &str) -> Option<(String, i64)> {
        let mut id = ObjId::Root;
        for part in path.split('/') {
            id = self.inner().get(&id, part).ok().flatten()?.1;
        }
        Some(self.who_wrote(&id))
    }
}

/// Those of the changes on which no other builds.
fn newest(changes: &[Change]) -> Vec<ChangeHash> {
    let deps: BTreeSet<ChangeHash> =
        changes.iter().flat_map(|change| change.deps().iter().copied()).collect();
    changes.iter().map(Change::hash).filter(|hash| !deps.contains(hash)).collect()
}

/// What the changes build on and do not contain.
fn built_on(changes: &[Change]) -> Vec<ChangeHash> {
    let own: BTreeSet<ChangeHash> = changes.iter().map(Change::hash).collect();
    let deps: BTreeSet<ChangeHash> =
        changes.iter().flat_map(|change| change.deps().iter().copied()).collect();
    deps.difference(&own).copied().collect()
}

/// The value that a field belongs to; `None` for bookkeeping.
fn value_path(path: &str) -> Option<String> {
    let mut parts = path.split('/');
    let section = parts.next()?;
    if KEPT_BY_DEVICES.contains(&path) || section == "authors" {
        return None;
    }
    if WHOLE.contains(&section) {
        return Some(section.to_owned());
    }
    let entry = parts.next()?;
    // What was paid a line is one value of the charge.
    if parts.next().is_some() && !ENTRIES.contains(&section) && section != "charge" {
        // A line of a report's list: the report is one value.
        return Some(section.to_owned());
    }
    Some(format!("{section}/{entry}"))
}

fn all_paths(record: &Consultation) -> BTreeSet<String> {
    let mut paths = BTreeSet::from(["notes".to_owned(), "signatures".to_owned()]);
    for (section, value) in [
        ("patient", serde_json::to_value(&record.patient)),
        ("visit", serde_json::to_value(&record.visit)),
        ("onward", serde_json::to_value(&record.onward)),
        ("charge", serde_json::to_value(&record.charge)),
        ("outcome", serde_json::to_value(&record.outcome)),
        ("referral", serde_json::to_value(&record.referral)),
    ] {
        let fields = value.ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
        paths.extend(fields.keys().map(|field| format!("{section}/{field}")));
    }
    paths.extend(record.answers.keys().map(|key| format!("answers/{key}")));
    paths.extend(record.observations.keys().map(|key| format!("observations/{key}")));
    paths.extend(record.medicines.keys().map(|key| format!("medicines/{key}")));
    paths.extend(record.lookups.keys().map(|key| format!("lookups/{key}")));
    paths.retain(|path| !KEPT_BY_DEVICES.contains(&path.as_str()) && !value_at(record, path).is_empty());
    paths
}

/// One value of a record in its own words; empty when there is none.
fn value_at(record: &Consultation, path: &str) -> String {
    let (section, key) = path.split_once('/').unwrap_or((path, ""));
    let field = |section: serde_json::Result<serde_json::Value>| {
        section.ok().map(|section| in_words(&section[key])).unwrap_or_default()
    };
    match section {
        "answers" => record.answers.get(key).map(ToString::to_string).unwrap_or_default(),
        "observations" => record.observations.get(key).map(ToString::to_string).unwrap_or_default(),
        "patient" => field(serde_json::to_value(&record.patient)),
        "visit" => field(serde_json::to_value(&record.visit)),
        "onward" => field(serde_json::to_value(&record.onward)),
        "charge" => field(serde_json::to_value(&record.charge)),
        "lookups" => record.lookups.get(key).map(lookup_in_words).unwrap_or_default(),
        "outcome" => field(serde_json::to_value(&record.outcome)),
        "referral" if !key.is_empty() => field(serde_json::to_value(&record.referral)),
        "medicines" => record.medicines.get(key).map(medicine_in_words).unwrap_or_default(),
        "notes" => record.notes.as_str().to_owned(),
        "signatures" => {
            let signed = record.signatures.values().map(|s| format!("{} ({})", s.name, s.role));
            signed.collect::<Vec<_>>().join(", ")
        }
        "amendments" => record.amendments.get(key).map(|a| a.reason.clone()).unwrap_or_default(),
        "notices" => record.notices.get(key).map(|notice| notice.text.clone()).unwrap_or_default(),
        "deliveries" => {
            let states = record.deliveries.iter().map(|(key, delivery)| format!("{key}: {}", delivery.state));
            states.collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

fn in_words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Bool(true) => "yes".to_owned(),
        serde_json::Value::Object(entries) => {
            let said = entries.values().map(in_words).filter(|words| !words.is_empty());
            said.collect::<Vec<_>>().join(", ")
        }
        // A number that is 0, a flag that is not set, and a list are not what anybody typed.
        _ => String::new(),
    }
}

fn medicine_in_words(medicine: &Medicine) -> String {
    let amount = supply::amount(medicine);
    let parts = [
        &medicine.name,
        &medicine.decision,
        &amount,
        &medicine.directions,
        &medicine.reason,
        &medicine.exception,
    ];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn lookup_in_words(look: &Lookup) -> String {
    let parts = [&look.kind, &look.result, &look.source, &look.prescription, &look.status];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// The record's own order: who the patient is first, the signature last.
fn place(path: &str) -> usize {
    const ORDER: [&str; 13] = [
        "patient",
        "referral",
        "visit",
        "answers",
        "observations",
        "medicines",
        "charge",
        "lookups",
        "onward",
        "outcome",
        "notes",
        "amendments",
        "signatures",
    ];
    let section = path.split('/').next().unwrap_or_default();
    ORDER.iter().position(|known| *known == section).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::{Answer, Writer};
    use crate::ids::ConsultationId;

    const AT: i64 = 1_795_000_000_000;

    fn writer(byte: u8, name: &str, unlocked_by: &str) -> Writer {
        let author = Author {
            person: format!("person-{name}"),
            name: name.to_owned(),
            role: "pharmacist".to_owned(),
            unlocked_by: unlocked_by.to_owned(),
        };
        Writer { actor: [byte; 16], author }
    }

    fn referred() -> Document {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([9; 16]);
        let mut record = Consultation::new(id, &pharmacy, "minor-illness@1", AT);
        "Winters".clone_into(&mut record.patient.family_name);
        Document::create(AT, &writer(1, "the server", "server"), &record).expect("a new document")
    }

    fn edit(
        document: &mut Document,
        at: i64,
        who: &Writer,
        change: impl FnOnce(&mut Consultation),
    ) -> Vec<u8> {
        document.edit_visit(at, who, change).expect("an edit").expect("a change")
    }

    #[test]
    fn both_sides_of_each_field_are_shown_with_who_when_and_how_they_had_unlocked() {
        let mut standing = referred();
        let mut hers = standing.clone();
        let asha = writer(2, "Asha Rao", "passphrase");
        let aside = vec![
            edit(&mut hers, AT + 1_000, &asha, |r| {
                r.answers.insert("fever".to_owned(), Answer::YesNo(true));
            }),
            edit(&mut hers, AT + 2_000, &asha, |r| r.patient.phone = "01632 960001".to_owned()),
        ];
        let ben = writer(3, "Ben Ade", "passkey");
        edit(&mut standing, AT + 3_000, &ben, |r| {
            r.answers.insert("fever".to_owned(), Answer::YesNo(false));
        });
        let branch = Branch::compare(Some(&mut standing), &aside).expect("readable").expect("a branch");
        let told: Vec<_> = branch
            .values
            .iter()
            .map(|v| (v.path.as_str(), v.standing.as_str(), v.standing_by.as_str(), v.aside.as_str()))
            .collect();
        assert_eq!(
            told,
            [("patient/phone", "", "", "01632 960001"), ("answers/fever", "no", "Ben Ade", "yes")]
        );
        let fever = &branch.values[1];
        assert_eq!(
            (fever.by.as_str(), fever.unlocked_by.as_str(), fever.at),
            ("Asha Rao", "passphrase", AT + 1_000)
        );
        assert_eq!(fever.standing_at, AT + 3_000);
        assert!(!branch.is_whole());
        assert_eq!(branch.changes.len(), 2);
    }

    #[test]
    fn a_value_entered_again_stands() {
        let mut standing = referred();
        let mut hers = standing.clone();
        let asha = writer(2, "Asha Rao", "passkey");
        let aside = vec![edit(&mut hers, AT + 1, &asha, |r| {
            r.answers.insert("fever".to_owned(), Answer::YesNo(true));
        })];
        edit(&mut standing, AT + 9, &writer(3, "Ben Ade", "passkey"), |r| {
            r.answers.insert("fever".to_owned(), Answer::YesNo(true));
        });
        let branch = Branch::compare(Some(&mut standing), &aside).expect("readable").expect("a branch");
        assert!(branch.values.iter().all(AsideValue::stands));
    }

    #[test]
    fn what_was_released_meanwhile_is_no_longer_set_aside() {
        let mut standing = referred();
        let mut hers = standing.clone();
        let aside = vec![edit(&mut hers, AT + 1, &writer(2, "Asha Rao", "passkey"), |r| {
            r.answers.insert("fever".to_owned(), Answer::YesNo(true));
        })];
        standing.apply_parts(&[], &aside).expect("they fit");
        assert!(Branch::compare(Some(&mut standing), &aside).expect("readable").is_none());
    }

    #[test]
    fn a_document_that_exists_only_set_aside_is_shown_whole() {
        let mut made = referred();
        edit(&mut made, AT + 1, &writer(2, "Asha Rao", "passkey"), |r| {
            r.answers.insert("fever".to_owned(), Answer::YesNo(true));
            r.notes = "Red throat.".into();
        });
        let aside = made.changes_for(&[]);
        let branch = Branch::compare(None, &aside).expect("readable").expect("a branch");
        assert!(branch.is_whole());
        let paths: Vec<_> = branch.values.iter().map(|value| value.path.as_str()).collect();
        assert_eq!(paths, ["patient/family_name", "answers/fever", "notes"]);
    }

    #[test]
    fn what_builds_on_something_that_is_not_here_is_not_guessed() {
        let mut standing = referred();
        let mut hers = standing.clone();
        let asha = writer(2, "Asha Rao", "passkey");
        edit(&mut hers, AT + 1, &asha, |r| r.patient.phone = "1".to_owned());
        let last = edit(&mut hers, AT + 2, &asha, |r| r.patient.phone = "2".to_owned());
        let compared = Branch::compare(Some(&mut standing), &[last]);
        assert!(matches!(compared, Err(DocumentError::Gap)), "{compared:?}");
    }

    #[test]
    fn a_medicine_is_one_value_and_so_is_a_signature() {
        assert_eq!(value_path("medicines/a/name").as_deref(), Some("medicines/a"));
        assert_eq!(value_path("signatures/p/0/name").as_deref(), Some("signatures"));
        assert_eq!(value_path("charge/paid/a").as_deref(), Some("charge/paid"));
        assert_eq!(value_path("lookups/a/result").as_deref(), Some("lookups/a"));
        assert_eq!(value_path("visit/started_at"), None);
        assert_eq!(value_path("authors/ab/name"), None);
    }
}
