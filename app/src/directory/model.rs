//! What the address book says of an entry, in words.

use crate::ui::words;
use shared::api::{AddressChange, AddressImport, AddressView, is_nhsmail};
use shared::time::Millis;

/// More lines than a person reads; typing finds the others.
pub const SHOWN: usize = 50;

/// Entries of which every word that was typed is in name, code or address.
pub fn fitting(entries: &[AddressView], typed: &str) -> Vec<AddressView> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let fits = |entry: &&AddressView| {
        let address = &entry.address;
        let all = format!("{} {} {}", address.name, address.ods, address.email).to_lowercase();
        words.iter().all(|word| all.contains(word))
    };
    entries.iter().filter(fits).cloned().collect()
}

/// `GP practice A99999, 01632 960801`.
pub fn about(address: &AddressChange) -> String {
    let kind = AddressChange::KINDS.iter().find(|(kind, _)| *kind == address.kind).map(|(_, words)| *words);
    let first = [kind.unwrap_or_default(), &address.ods].join(" ").trim().to_owned();
    let parts = [first.as_str(), &address.phone, &address.note];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Whether the address is used, and why.
pub fn standing(entry: &AddressView, now: Millis) -> String {
    if entry.confirmed_at.is_empty() {
        let from = if entry.source == "dos" { "Named by the Directory of Services. " } else { "" };
        let waits = if entry.waits_for_code {
            " A test message was sent: enter its code when it is read to you."
        } else {
            ""
        };
        return format!("{from}Not confirmed: nothing about patients is sent there.{waits}");
    }
    let at = words::when(&entry.confirmed_at, now);
    format!("Confirmed {at} by {}. {}.", entry.confirmed_by, entry.confirmed_with)
}

/// A warning for an address that is not NHSmail; empty for one that is.
pub fn caution(email: &str) -> &'static str {
    if is_nhsmail(email) {
        ""
    } else {
        "Not an NHSmail address: make sure that it is accredited for confidential e-mail (DCB1596)."
    }
}

/// What an import did.
pub fn import_words(done: AddressImport) -> String {
    let again = match done.to_confirm_again {
        0 => String::new(),
        some => format!(
            " {} to be confirmed again, because the address changed.",
            words::count(some as usize, "entry has", "entries have")
        ),
    };
    format!("{} added, {} changed, {} as before.{again}", done.added, done.changed, done.unchanged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AddressView {
        AddressView {
            address: AddressChange {
                ods: "A99999".into(),
                kind: "practice".into(),
                name: "Elm Road Surgery".into(),
                email: "elm.road@nhs.net".into(),
                phone: "01632 960801".into(),
                note: String::new(),
            },
            ..AddressView::default()
        }
    }

    #[test]
    fn an_entry_is_found_by_parts_of_its_name_code_or_address() {
        let book = [entry()];
        for typed in ["", "elm surg", "a99999", "road@nhs"] {
            assert_eq!(fitting(&book, typed).len(), 1, "{typed}");
        }
        assert!(fitting(&book, "oak").is_empty());
        assert_eq!(about(&book[0].address), "GP practice A99999, 01632 960801");
    }

    #[test]
    fn it_says_whether_anything_is_sent_there() {
        let now = shared::time::read("2026-11-22T15:00:00Z").expect("an instant");
        assert!(standing(&entry(), now).starts_with("Not confirmed: nothing about patients is sent there."));
        let confirmed = AddressView {
            confirmed_at: "2026-11-22T14:00:00Z".into(),
            confirmed_by: "Asha Rao".into(),
            confirmed_with: "By telephone: Jo Reed, reception".into(),
            ..entry()
        };
        assert_eq!(
            standing(&confirmed, now),
            "Confirmed 14:00 by Asha Rao. By telephone: Jo Reed, reception."
        );
        assert!(caution("elm@example.org").contains("DCB1596") && caution("elm@nhs.net").is_empty());
    }

    #[test]
    fn an_import_says_what_has_to_be_confirmed_again() {
        let done = AddressImport { added: 2, changed: 1, to_confirm_again: 1, unchanged: 3 };
        assert_eq!(
            import_words(done),
            "2 added, 1 changed, 3 as before. 1 entry has to be confirmed again, because the address changed."
        );
    }
}
