//! The change history as sentences (ui.md: “14:05 Ben Ade (passkey) changed penicillin allergy from yes to no.”).

use crate::consultation::medicine_words::is_kept_by_devices;
use crate::consultation::model::{message_kind, path_words, value_words};
use crate::ui::words;
use crate::vault::aside::Closing;
use shared::consultation::{Entry, Replaced};
use shared::pathway::{self, Pathway};
use shared::time::{self, Millis};

/// Everything one person did in one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `14:05`, with the day when that is not today.
    pub at: String,
    /// `Ben Ade (passkey)`; for released work also by whom it was released.
    pub by: String,
    /// `changed *fever* from yes to no`, one a field.
    pub did: Vec<Did>,
}

/// One field, in parts, so that the field's name can stand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Did {
    pub verb: &'static str,
    pub what: String,
    /// ` from yes to no`, or empty.
    pub how: String,
}

/// Fields that say only how the record is kept; a reader of history learns nothing from them.
const BOOKKEEPING: [&str; 5] = ["schema", "id", "pharmacy", "pathway", "created_at"];

/// The history, newest first.
pub fn told(pathway: Option<&Pathway>, entries: &[Entry], now: Millis) -> Vec<Told> {
    let mut told: Vec<Told> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| Told {
            at: words::moment(entry.at, now),
            by: author(entry),
            did: if index == 0 { vec![made(entry)] } else { did(pathway, entry) },
        })
        .filter(|told| !told.did.is_empty())
        .collect();
    told.reverse();
    told
}

fn author(entry: &Entry) -> String {
    let name = if entry.by.is_empty() { "Somebody" } else { &entry.by };
    if entry.unlocked_by == "server" {
        return "The server".to_owned();
    }
    let how = how_unlocked(&entry.unlocked_by);
    let how = if how.is_empty() { "not known how unlocked" } else { how };
    let how = if entry.unlock_checked { how.to_owned() } else { format!("{how} not checked") };
    match entry.released_by.as_str() {
        "" => format!("{name} ({how})"),
        releaser => format!("{name} ({how}; set aside at first, released by {releaser})"),
    }
}

/// How somebody had unlocked, in words; empty where the record does not say.
pub fn how_unlocked(code: &str) -> &'static str {
    match code {
        "passkey" => "passkey",
        "passkey-and-pin" => "passkey and PIN",
        "passphrase" => "passphrase",
        "server" => "server",
        _ => "",
    }
}

/// `Closed by Asha Rao, 14:05: Entered from paper.`: how work that the server did not take came to its end.
pub fn closed_words(closing: &Closing, now: Millis) -> String {
    let because = closing.because.trim().trim_end_matches('.');
    let because = if because.is_empty() { String::new() } else { format!(": {because}") };
    format!("Closed by {}, {}{because}.", closing.by, words::moment(closing.at, now))
}

/// The first change holds the whole referral; listing its fields would bury what came after.
fn made(entry: &Entry) -> Did {
    let verb = if entry.unlocked_by == "server" { "took in" } else { "began" };
    let what = if entry.unlocked_by == "server" { "the referral" } else { "this consultation" };
    Did { verb, what: what.to_owned(), how: String::new() }
}

fn did(pathway: Option<&Pathway>, entry: &Entry) -> Vec<Did> {
    let mut done: Vec<Did> = Vec::new();
    for replaced in &entry.replaced {
        let section = replaced.path.split('/').next().unwrap_or_default();
        if BOOKKEEPING.contains(&section) || is_bookkeeping_of_a_medicine(&replaced.path) {
            continue;
        }
        let did = match section {
            "signatures" => Did { verb: "signed", what: "the consultation".to_owned(), how: String::new() },
            "amendments" => {
                Did { verb: "opened", what: "the signed record for change".to_owned(), how: String::new() }
            }
            "deliveries" => delivery(replaced),
            "turns" => turned(replaced),
            "notes" => Did { verb: "wrote in", what: "notes".to_owned(), how: String::new() },
            _ => field(pathway, replaced),
        };
        if !did.what.is_empty() && !done.contains(&did) {
            done.push(did);
        }
    }
    // Signing closes the visit in the same change; the signature says it already.
    if done.iter().any(|did| did.verb == "signed") {
        done.retain(|did| did.verb == "signed");
    }
    done
}

fn is_bookkeeping_of_a_medicine(path: &str) -> bool {
    let part = path.strip_prefix("medicines/").and_then(|path| path.split_once('/'));
    part.is_some_and(|(_, part)| is_kept_by_devices(part))
}

fn delivery(replaced: &Replaced) -> Did {
    if replaced.path.starts_with("deliveries/release/") {
        let is_name = replaced.path.ends_with("/to");
        return Did {
            verb: "noted",
            what: if is_name { "release".to_owned() } else { String::new() },
            how: format!(" of work that had been set aside, by {}", replaced.after),
        };
    }
    if !replaced.path.ends_with("/state") {
        return Did { verb: "", what: String::new(), how: String::new() };
    }
    Did {
        verb: "recorded",
        what: message_kind(replaced.path.trim_start_matches("deliveries/")).to_owned(),
        how: format!(" as {}", replaced.after.replace('-', " ")),
    }
}

/// Going on as another condition, in one line.
fn turned(replaced: &Replaced) -> Did {
    if !replaced.path.ends_with("/to") {
        return Did { verb: "", what: String::new(), how: String::new() };
    }
    let title = pathway::find(&replaced.after).map_or(replaced.after.as_str(), |known| known.title.as_str());
    Did { verb: "went on as", what: title.to_owned(), how: String::new() }
}

fn field(pathway: Option<&Pathway>, replaced: &Replaced) -> Did {
    let what = path_words(pathway, &replaced.path);
    let before = told_value(pathway, &replaced.path, &replaced.before);
    let after = told_value(pathway, &replaced.path, &replaced.after);
    match (before.is_empty(), after.is_empty()) {
        (true, true) => Did { verb: "", what: String::new(), how: String::new() },
        (true, false) => Did { verb: "recorded", what, how: format!(" as {after}") },
        (false, true) => Did { verb: "took back", what, how: format!(", which was {before}") },
        (false, false) => Did { verb: "changed", what, how: format!(" from {before} to {after}") },
    }
}

fn told_value(pathway: Option<&Pathway>, path: &str, value: &str) -> String {
    if (path.ends_with("_at") || path.ends_with("/at"))
        && let Some(at) = time::read(value)
    {
        return time::day_and_time(at);
    }
    value_words(pathway, path, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(by: &str, unlocked_by: &str, path: &str, before: &str, after: &str) -> Entry {
        Entry {
            at: time::read("2026-11-22T14:05:00Z").expect("an instant"),
            by: by.to_owned(),
            unlocked_by: unlocked_by.to_owned(),
            released_by: String::new(),
            unlock_checked: true,
            replaced: vec![Replaced {
                path: path.to_owned(),
                before: before.to_owned(),
                after: after.to_owned(),
            }],
        }
    }

    fn now() -> Millis {
        time::read("2026-11-22T16:00:00Z").expect("an instant")
    }

    #[test]
    fn a_change_reads_as_a_sentence_with_what_it_replaced() {
        let first = entry("", "server", "referral/complaint", "", "cough");
        let change = entry("Ben Ade", "passkey", "answers/penicillin", "yes", "no");
        let told = told(None, &[first, change], now());
        assert_eq!((told[0].at.as_str(), told[0].by.as_str()), ("14:05", "Ben Ade (passkey)"));
        let did = &told[0].did[0];
        assert_eq!(format!("{} {}{}", did.verb, did.what, did.how), "changed penicillin from yes to no");
        assert_eq!((told[1].by.as_str(), told[1].did[0].verb), ("The server", "took in"));
    }

    #[test]
    fn each_way_of_unlocking_is_told_in_words_and_an_unknown_one_is_not_passed_over() {
        let by = |code: &str| author(&entry("Ben Ade", code, "answers/fever", "", "yes"));
        assert_eq!(by("passkey"), "Ben Ade (passkey)");
        assert_eq!(by("passkey-and-pin"), "Ben Ade (passkey and PIN)");
        assert_eq!(by("passphrase"), "Ben Ade (passphrase)");
        assert_eq!(by("server"), "The server");
        assert_eq!(by(""), "Ben Ade (not known how unlocked)");
    }

    #[test]
    fn what_an_administrator_released_says_so() {
        let mut released = entry("Ben Ade", "passphrase", "answers/fever", "", "yes");
        released.released_by = "Ines Moreau".to_owned();
        let words = "Ben Ade (passphrase; set aside at first, released by Ines Moreau)";
        assert_eq!(author(&released), words);
        let unproven = Entry { unlocked_by: "passkey".to_owned(), unlock_checked: false, ..released.clone() };
        let words = "Ben Ade (passkey not checked; set aside at first, released by Ines Moreau)";
        assert_eq!(author(&unproven), words);
        let first = entry("", "server", "referral/complaint", "", "cough");
        let noted = entry("", "server", "deliveries/release/0a0b/to", "", "Ines Moreau");
        let told = told(None, &[first, noted], now());
        assert_eq!(told[0].did[0].how, " of work that had been set aside, by Ines Moreau");
    }

    #[test]
    fn an_edit_of_a_medicine_is_message_kind_its_words_and_not_by_what_the_device_writes() {
        let first = entry("Asha Rao", "passkey", "patient/family_name", "", "Winters");
        let mut edit = entry("Asha Rao", "passkey", "medicines/m1/no_supply_reason", "", "not-lawful");
        edit.replaced.push(Replaced {
            path: "medicines/m1/confirmed".to_owned(),
            before: "aa".to_owned(),
            after: "bb".to_owned(),
        });
        let told = told(None, &[first, edit], now());
        let said: Vec<String> =
            told[0].did.iter().map(|did| format!("{} {}{}", did.verb, did.what, did.how)).collect();
        assert_eq!(
            said,
            ["recorded medicine, why it was not supplied as Not allowed under the emergency supply rules"]
        );
    }

    #[test]
    fn signing_is_one_sentence_though_it_writes_several_fields() {
        let first = entry("Asha Rao", "passphrase", "patient/family_name", "", "Winters");
        let mut signed = entry("Asha Rao", "passphrase", "signatures/x/name", "", "Asha Rao");
        signed.replaced.push(Replaced {
            path: "visit/ended_at".to_owned(),
            before: String::new(),
            after: "2026-11-22T14:05:00Z".to_owned(),
        });
        let told = told(None, &[first, signed], now());
        assert_eq!(told[0].did.len(), 1);
        assert_eq!(told[0].did[0].verb, "signed");
    }
}
