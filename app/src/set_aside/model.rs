//! What was set aside beside what stands, in words, and how a value is entered again.

use crate::consultation::medicine_words::medicine_line;
use crate::consultation::model::{clash_answer, notes_together, path_words, value_words};
use crate::history::model::how_unlocked;
use crate::ui::words;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::{ClaimedAuthor, QuarantineState, QuarantinedView};
use shared::consultation::{AsideValue, Branch, Consultation};
use shared::pathway::Pathway;
use shared::time::Millis;

/// One value with both its sides, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub path: String,
    /// `Fever`: the question or heading.
    pub what: String,
    /// `no`, or that nothing stands.
    pub standing: String,
    /// `Ben Ade, 14:05`; empty when that is not known.
    pub standing_by: String,
    pub aside: String,
    /// `Asha Rao (passphrase), 13:40`.
    pub aside_by: String,
    pub state: LineState,
}

/// What can be done about one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Both sides say the same by now.
    Stands,
    /// It can be entered again as it was.
    Open,
    /// It cannot be entered from here: why, and what to do instead.
    Otherwise(&'static str),
}

const NOTHING: &str = "nothing";

/// Every value that was set aside, in the order of the record. `branch` is the record as its authors had it, where
/// this device holds it.
pub fn lines(
    pathway: Option<&Pathway>,
    values: &[AsideValue],
    branch: Option<&Branch>,
    now: Millis,
) -> Vec<Line> {
    values.iter().map(|value| line(pathway, value, branch, now)).collect()
}

fn line(pathway: Option<&Pathway>, value: &AsideValue, branch: Option<&Branch>, now: Millis) -> Line {
    let medicine = || {
        let medicine = branch?.record.medicines.get(value.path.strip_prefix("medicines/")?)?;
        Some(medicine_line(pathway?, medicine))
    };
    let shown = |text: &str| {
        let text = value_words(pathway, &value.path, text);
        if text.is_empty() { NOTHING.to_owned() } else { text }
    };
    let by = if value.by.is_empty() { "Somebody" } else { &value.by };
    let how = how_unlocked(&value.unlocked_by);
    let how = if how.is_empty() { String::new() } else { format!(" ({how})") };
    let standing_by = match (value.standing_by.as_str(), value.standing_at) {
        ("", _) => String::new(),
        (by, 0) => by.to_owned(),
        (by, at) => format!("{by}, {}", words::moment(at, now)),
    };
    Line {
        what: heading(pathway, &value.path),
        standing: shown(&value.standing),
        standing_by,
        aside: medicine().unwrap_or_else(|| shown(&value.aside)),
        aside_by: format!("{by}{how}, {}", words::moment(value.at, now)),
        state: match state(&value.path, &value.aside) {
            _ if value.stands() => LineState::Stands,
            // The server tells a medicine in words; its parts are not known here.
            LineState::Open if branch.is_none() && value.path.starts_with("medicines/") => {
                LineState::Otherwise("Enter it in the consultation, under Medicines.")
            }
            state => state,
        },
        path: value.path.clone(),
    }
}

fn heading(pathway: Option<&Pathway>, path: &str) -> String {
    let words =
        if path.starts_with("medicines/") { "medicine".to_owned() } else { path_words(pathway, path) };
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn state(path: &str, aside: &str) -> LineState {
    let section = path.split('/').next().unwrap_or_default();
    match (section, path) {
        ("signatures", _) => LineState::Otherwise("Open the consultation, check it, and sign it again."),
        ("amendments", _) => LineState::Otherwise("Open the consultation and amend it, with this reason."),
        (_, "patient/nhs_number_status") if aside == "verified" => {
            LineState::Otherwise("Only the server records that a number was checked.")
        }
        ("patient" | "answers" | "observations" | "medicines" | "onward" | "outcome" | "notes", _)
        | (_, "visit/taken_by") => LineState::Open,
        _ => LineState::Otherwise("Only the server records this."),
    }
}

/// How many values neither stand nor can be left alone: those that closing leaves behind.
pub fn left_behind(lines: &[Line]) -> usize {
    lines.iter().filter(|line| line.state != LineState::Stands).count()
}

/// Writes one set-aside value into the record that stands; a value that was taken back is taken back again. `false`
/// when it is none that can be entered.
pub fn enter(record: &mut Consultation, branch: &Branch, path: &str) -> bool {
    let aside = &branch.record;
    let (section, key) = path.split_once('/').unwrap_or((path, ""));
    match section {
        "answers" => put(&mut record.answers, &aside.answers, key),
        "observations" => put(&mut record.observations, &aside.observations, key),
        "medicines" => put(&mut record.medicines, &aside.medicines, key),
        "patient" => return set(&mut record.patient, &aside.patient, key),
        "onward" => return set(&mut record.onward, &aside.onward, key),
        "outcome" => return set(&mut record.outcome, &aside.outcome, key),
        "visit" if key == "taken_by" => {
            record.visit.taken_by.clone_from(&aside.visit.taken_by);
            record.visit.taken_at.clone_from(&aside.visit.taken_at);
        }
        "notes" => {
            let before = branch.before.as_ref().map_or("", |before| before.notes.as_str());
            let together = notes_together(before, aside.notes.as_str(), record.notes.as_str());
            record.notes.update(&together);
        }
        _ => return false,
    }
    true
}

fn put<T: Clone>(
    into: &mut std::collections::BTreeMap<String, T>,
    from: &std::collections::BTreeMap<String, T>,
    key: &str,
) {
    match from.get(key) {
        Some(value) => into.insert(key.to_owned(), value.clone()),
        None => into.remove(key),
    };
}

/// Sets one field of a section of plain fields.
fn set<T: Serialize + DeserializeOwned>(into: &mut T, from: &T, key: &str) -> bool {
    let (Ok(mut to), Ok(from)) = (serde_json::to_value(&*into), serde_json::to_value(from)) else {
        return false;
    };
    let Some(value) = from.get(key) else { return false };
    to[key] = value.clone();
    serde_json::from_str(&to.to_string()).map(|changed| *into = changed).is_ok()
}

/// Fills a new consultation with everything of one that exists only set aside. Who checked its NHS number is not
/// known here, and what was signed is signed anew.
pub fn anew(record: &mut Consultation, branch: &Branch) {
    let aside = branch.record.clone();
    record.referral = aside.referral;
    record.patient = aside.patient;
    if record.patient.nhs_number_status == "verified" {
        "unverified".clone_into(&mut record.patient.nhs_number_status);
    }
    record.visit = aside.visit;
    record.visit.ended_at.clear();
    record.answers = aside.answers;
    record.observations = aside.observations;
    record.medicines = aside.medicines;
    record.onward = aside.onward;
    record.outcome = aside.outcome;
    record.notes = aside.notes.as_str().into();
}

/// Writes a value that the server holds into the record that stands; `false` when it is none that can be entered.
pub fn enter_value(record: &mut Consultation, pathway: Option<&Pathway>, value: &AsideValue) -> bool {
    let (section, key) = value.path.split_once('/').unwrap_or((&value.path, ""));
    let answers = match section {
        "answers" => &mut record.answers,
        "observations" => &mut record.observations,
        "patient" => return set_text(&mut record.patient, key, &value.aside),
        "onward" => return set_text(&mut record.onward, key, &value.aside),
        "outcome" => return set_text(&mut record.outcome, key, &value.aside),
        "visit" if key == "taken_by" => return set_text(&mut record.visit, key, &value.aside),
        "notes" => {
            let together = notes_together(&value.before, &value.aside, record.notes.as_str());
            record.notes.update(&together);
            return true;
        }
        _ => return false,
    };
    if value.aside.is_empty() {
        answers.remove(key);
    } else {
        answers.insert(key.to_owned(), clash_answer(pathway, &value.path, &value.aside));
    }
    true
}

fn set_text<T: Serialize + DeserializeOwned>(into: &mut T, key: &str, text: &str) -> bool {
    let Ok(mut to) = serde_json::to_value(&*into) else { return false };
    if !to.get(key).is_some_and(serde_json::Value::is_string) {
        return false;
    }
    to[key] = text.into();
    serde_json::from_str(&to.to_string()).map(|changed| *into = changed).is_ok()
}

/// `Set aside 14:05. From Ben Ade, iPad, Safari.`
pub fn entry_words(entry: &QuarantinedView, now: Millis) -> String {
    let from = match (entry.person_name.as_str(), entry.device_label.as_str()) {
        ("", "") => "Sender not known".to_owned(),
        ("", device) => format!("From {device}"),
        (person, "") => format!("From {person}"),
        (person, device) => format!("From {person}, {device}"),
    };
    let size = match entry.changes {
        0 => "It cannot be read".to_owned(),
        some => words::count(some, "entry", "entries"),
    };
    format!("Set aside {}. {from}. {size}.", words::when(&entry.at, now))
}

/// `It says that it was written by Ben Ade, technician (passkey). That is not proven: …`: whose name a release puts it
/// in.
pub fn claimed_words(author: &ClaimedAuthor) -> String {
    let name = if author.name.is_empty() { "somebody without a name" } else { &author.name };
    let role = if author.role.is_empty() { "role not given" } else { &author.role };
    let how = how_unlocked(&author.unlocked_by);
    let how = if how.is_empty() { "not known how unlocked" } else { how };
    let proof = if author.unlock_checked {
        "How they unlocked was checked by the server."
    } else {
        "That is not proven: the server does not know the passkey they say they used."
    };
    format!("It says that it was written by {name}, {role} ({how}). {proof}")
}

/// What somebody who may not read consultations learns of an entry: how much it is, and who can open it.
pub fn withheld_words(values: usize) -> String {
    let (size, they) = match values {
        1 => ("One value was set aside in it.".to_owned(), "it"),
        many => (format!("{many} values were set aside in it."), "they"),
    };
    format!(
        "{size} Your role does not read consultations, so {they} cannot be shown to you. A pharmacist of this pharmacy \
         can open this entry and tell you whether to release it."
    )
}

/// What became of an entry; `None` while it waits for a person.
pub fn settled_words(entry: &QuarantinedView, now: Millis) -> Option<String> {
    let by = if entry.settled_by.is_empty() { "somebody" } else { &entry.settled_by };
    let at = words::when(&entry.settled_at, now);
    match entry.state {
        QuarantineState::Waiting => None,
        QuarantineState::Released => Some(format!("Released into the record by {by}, {at}.")),
        QuarantineState::Closed => {
            let because = entry.settled_because.trim().trim_end_matches('.');
            let because = if because.is_empty() { String::new() } else { format!(": {because}") };
            Some(format!("Closed by {by}, {at}{because}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::{Answer, Author, Document, Medicine, Writer};
    use shared::ids::ConsultationId;

    const AT: Millis = 1_795_000_000_000;

    fn writer(byte: u8, name: &str) -> Writer {
        let author = Author {
            person: name.to_owned(),
            name: name.to_owned(),
            role: "pharmacist".to_owned(),
            unlocked_by: "passphrase".to_owned(),
        };
        Writer { actor: [byte; 16], author }
    }

    fn referred() -> Document {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([9; 16]);
        let record = Consultation::new(id, &pharmacy, "minor-illness@1", AT);
        Document::create(AT, &writer(1, "the server"), &record).expect("a new document")
    }

    fn edit(document: &mut Document, who: &Writer, change: impl FnOnce(&mut Consultation)) -> Vec<u8> {
        document.edit_visit(AT + 60_000, who, change).expect("an edit").expect("a change")
    }

    /// What Asha wrote and the server did not take, while Ben's answer stands.
    fn apart() -> (Document, Branch) {
        let mut standing = referred();
        let mut hers = standing.clone();
        let asha = writer(2, "Asha Rao");
        let aside = vec![
            edit(&mut hers, &asha, |record| {
                record.answers.insert("pulse".to_owned(), Answer::Number(88.0));
                record.notes.update("Red throat.");
                record.patient.phone = "01632 960001".to_owned();
            }),
            edit(&mut hers, &asha, |record| {
                let name = "Paracetamol 500 mg".to_owned();
                record.medicines.insert("m1".to_owned(), Medicine { name, ..Medicine::default() });
            }),
        ];
        edit(&mut standing, &writer(3, "Ben Ade"), |record| {
            record.answers.insert("pulse".to_owned(), Answer::Number(60.0));
            record.notes.update("Seen at the door.");
        });
        let branch = Branch::compare(Some(&mut standing), &aside).expect("readable").expect("a branch");
        (standing, branch)
    }

    #[test]
    fn each_value_says_who_wrote_it_when_and_how_they_had_unlocked() {
        let (_, branch) = apart();
        let lines = lines(None, &branch.values, Some(&branch), AT);
        let pulse = lines.iter().find(|line| line.path == "answers/pulse").expect("listed");
        assert_eq!((pulse.standing.as_str(), pulse.aside.as_str()), ("60", "88"));
        assert!(pulse.standing_by.starts_with("Ben Ade, "), "{pulse:?}");
        assert!(pulse.aside_by.starts_with("Asha Rao (passphrase), "), "{pulse:?}");
        assert_eq!(pulse.state, LineState::Open);
        assert_eq!(left_behind(&lines), 4);
    }

    #[test]
    fn every_value_entered_again_stands_and_nothing_that_stood_beside_it_is_lost() {
        let (mut standing, branch) = apart();
        let carol = writer(4, "Carol Frey");
        edit(&mut standing, &carol, |record| {
            for value in &branch.values {
                assert!(enter(record, &branch, &value.path), "{}", value.path);
            }
        });
        let record = standing.read().expect("readable");
        assert_eq!(record.answers.get("pulse"), Some(&Answer::Number(88.0)));
        assert_eq!(record.patient.phone, "01632 960001");
        assert_eq!(record.medicines["m1"].name, "Paracetamol 500 mg");
        for words in ["Red throat.", "Seen at the door."] {
            assert!(record.notes.as_str().contains(words), "{}", record.notes.as_str());
        }
    }

    #[test]
    fn what_the_server_holds_is_entered_as_the_same_kind_of_answer() {
        let (mut standing, branch) = apart();
        let pathway = shared::pathway::find("minor-illness@1");
        let mut record = standing.read().expect("readable");
        for value in &branch.values {
            let medicine = value.path.starts_with("medicines/");
            assert_eq!(enter_value(&mut record, pathway, value), !medicine, "{}", value.path);
        }
        assert_eq!(record.answers.get("pulse"), Some(&Answer::Number(88.0)));
        assert_eq!(record.patient.phone, "01632 960001");
        assert!(record.notes.as_str().contains("Red throat."));
        assert_eq!(standing.changes_since(&[]).len(), 2);
    }

    #[test]
    fn whoever_releases_reads_whose_name_it_will_bear_and_what_of_that_is_not_proven() {
        let mut ben = ClaimedAuthor {
            name: "Ben Ade".to_owned(),
            role: "technician".to_owned(),
            unlocked_by: "passkey".to_owned(),
            unlock_checked: true,
        };
        let words = claimed_words(&ben);
        assert!(
            words.starts_with("It says that it was written by Ben Ade, technician (passkey)."),
            "{words}"
        );
        assert!(!words.contains("not proven"), "{words}");
        ben.unlock_checked = false;
        assert!(claimed_words(&ben).contains("not proven"));
    }

    #[test]
    fn an_administrator_who_may_not_read_it_learns_how_much_it_is_and_whom_to_ask() {
        assert!(withheld_words(1).starts_with("One value was"));
        let words = withheld_words(3);
        assert!(words.starts_with("3 values were") && words.contains("A pharmacist"), "{words}");
    }

    #[test]
    fn neither_a_signature_nor_a_checked_number_is_entered_from_the_list() {
        assert!(matches!(state("signatures", "Asha Rao (technician)"), LineState::Otherwise(_)));
        assert!(matches!(state("patient/nhs_number_status", "verified"), LineState::Otherwise(_)));
        assert!(matches!(state("deliveries", "gp-notice/0: accepted"), LineState::Otherwise(_)));
        let (mut standing, branch) = apart();
        let mut record = standing.read().expect("readable");
        assert!(!enter(&mut record, &branch, "signatures"));
        assert!(standing.changes_since(&[]).len() == 2);
    }

    #[test]
    fn a_consultation_entered_anew_brings_everything_but_signature_and_proof() {
        let mut made = referred();
        let asha = writer(2, "Asha Rao");
        edit(&mut made, &asha, |record| {
            record.patient.nhs_number = "9990548609".to_owned();
            record.patient.nhs_number_status = "verified".to_owned();
            record.answers.insert("pulse".to_owned(), Answer::Number(88.0));
            record.notes.update("Red throat.");
        });
        let branch = Branch::compare(None, &made.changes_for(&[])).expect("readable").expect("a branch");
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([8; 16]);
        let mut record = Consultation::new(id, &pharmacy, "minor-illness@1", AT);
        anew(&mut record, &branch);
        assert_eq!(record.id, id.to_string());
        assert_eq!(record.answers.get("pulse"), Some(&Answer::Number(88.0)));
        assert_eq!(record.notes.as_str(), "Red throat.");
        assert_eq!(record.patient.nhs_number_status, "unverified");
        assert!(record.signatures.is_empty() && record.authors.is_empty());
    }
}
