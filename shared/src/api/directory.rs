//! The pharmacy's own address book, as screens and server exchange it.

use crate::ids::OdsCode;
use serde::{Deserialize, Serialize};

/// Longest e-mail address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 200;
const LONGEST_PHONE: usize = 40;
const LONGEST_NOTE: usize = 1000;

/// One entry. `GET /api/directory` answers a list of them, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressView {
    pub id: String,
    #[serde(flatten)]
    pub address: AddressChange,
    /// `csv`, `screen`, `dos`.
    pub source: String,
    /// A test message was sent, and its code has not been read back yet.
    pub waits_for_code: bool,
    /// RFC 3339; empty: nobody there has confirmed it, and no patient's data is sent to it.
    pub confirmed_at: String,
    /// Name of who confirmed it here.
    pub confirmed_by: String,
    /// Who confirmed it there, and how, in words.
    pub confirmed_with: String,
    /// RFC 3339.
    pub changed_at: String,
}

/// `PUT /api/directory/{id}`: an entry as somebody wrote it. The id is made by whoever adds it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressChange {
    /// ODS code of the organisation; empty for one that has none.
    pub ods: String,
    /// `practice`, `pharmacy`, `other`.
    pub kind: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub note: String,
}

impl AddressChange {
    /// The kinds, with their words.
    pub const KINDS: [(&'static str, &'static str); 3] =
        [("practice", "GP practice"), ("pharmacy", "Pharmacy"), ("other", "Other service")];

    /// Without what typing leaves behind: spaces around, letters of a code in lower case, lines in a note.
    #[must_use]
    pub fn tidied(&self) -> Self {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut tidy = Self {
            ods: self.ods.trim().to_ascii_uppercase(),
            kind: self.kind.trim().to_ascii_lowercase(),
            name: line(&self.name),
            email: self.email.trim().to_owned(),
            phone: line(&self.phone),
            note: line(&self.note),
        };
        if tidy.kind.is_empty() {
            kind_of(&tidy.ods).clone_into(&mut tidy.kind);
        }
        tidy
    }

    /// What must be put right before it is kept, in a whole sentence; `None` when it can be. Of a tidied entry.
    pub fn problem(&self) -> Option<String> {
        let texts = [&self.ods, &self.kind, &self.name, &self.email, &self.phone, &self.note];
        if texts.iter().any(|text| text.chars().any(char::is_control)) {
            return Some("There is a character in it that cannot be kept. Type it again.".to_owned());
        }
        if !self.ods.is_empty()
            && let Err(problem) = self.ods.parse::<OdsCode>()
        {
            return Some(problem.to_string());
        }
        if Self::KINDS.iter().all(|(kind, _)| *kind != self.kind) {
            return Some("The kind is none of practice, pharmacy, other.".to_owned());
        }
        let length = |text: &str| text.chars().count();
        if self.name.is_empty() || length(&self.name) > LONGEST_NAME {
            return Some(format!("The name is missing or longer than {LONGEST_NAME} letters."));
        }
        if !is_email(&self.email) {
            return Some("The e-mail address is not one. It looks like name@nhs.net.".to_owned());
        }
        if length(&self.phone) > LONGEST_PHONE || length(&self.note) > LONGEST_NOTE {
            return Some("The telephone number or the note is too long.".to_owned());
        }
        None
    }

    /// Whether what was confirmed of `self` says nothing of `other`: another address, or another organisation.
    pub fn needs_confirming_again(&self, other: &Self) -> bool {
        !self.email.eq_ignore_ascii_case(&other.email) || self.ods != other.ods
    }
}

/// What kind of organisation has such a code: a pharmacy's is F and four more, a practice's a letter and five digits
/// (ODS). Anything else may be anything.
fn kind_of(ods: &str) -> &'static str {
    let digits = ods.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or_default();
    if ods.len() == 5 && ods.starts_with('F') {
        "pharmacy"
    } else if digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit()) {
        "practice"
    } else {
        "other"
    }
}

/// Whether a mail server can be given this as one address: letters, digits and the signs that addresses of the NHS have.
/// Quoted names, comments and other alphabets are refused: nobody's address here has them, and each is a way to write
/// an address that reads like another.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let name_fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= LONGEST_EMAIL
        && (1..=64).contains(&name.len())
        && name.chars().all(name_fits)
        && name.split('.').all(|part| !part.is_empty())
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// Whether the address is NHSmail, which encrypts to NHSmail by itself. Others must be accredited (DCB1596).
pub fn is_nhsmail(email: &str) -> bool {
    let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
    domain == "nhs.net" || domain.ends_with(".nhs.net")
}

/// `POST /api/directory/{id}/confirm`: by the code of the test message, which somebody there read back, or, where the
/// code is empty, by telephone; then who confirmed it there is needed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressConfirmation {
    pub code: String,
    /// Name and role of who confirmed it there.
    pub spoken_to: String,
}

/// `POST /api/directory/import`, a CSV file as the body: what it did. All of the file is taken, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressImport {
    pub added: u32,
    pub changed: u32,
    /// Of the changed: those whose address is another now, so that nobody there has confirmed it.
    pub to_confirm_again: u32,
    pub unchanged: u32,
}

/// `POST /api/directory/propose`: whose mailbox the national directories are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressAsked {
    pub ods: String,
}

/// What they named. It stands in the address book from now on, and is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressProposal {
    /// Empty: they name none, or the organisation has an address in the book already.
    pub email: String,
    pub known_already: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(ods: &str, email: &str) -> AddressChange {
        AddressChange {
            ods: ods.into(),
            kind: String::new(),
            name: " Elm  Road Surgery ".into(),
            email: email.into(),
            ..AddressChange::default()
        }
    }

    #[test]
    fn typing_is_tidied_and_the_kind_follows_from_the_code() {
        let tidy = entry(" a99999", " elm.road@nhs.net ").tidied();
        assert_eq!(tidy.problem(), None);
        assert_eq!(
            (tidy.ods.as_str(), tidy.kind.as_str(), tidy.name.as_str()),
            ("A99999", "practice", "Elm Road Surgery")
        );
        assert_eq!(entry("FB456", "x@nhs.net").tidied().kind, "pharmacy");
        assert_eq!(entry("", "x@nhs.net").tidied().kind, "other");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for email in [
            "",
            "elm",
            "elm@",
            "@nhs.net",
            "elm@nhs",
            "elm road@nhs.net",
            "elm@nhs.net, other@nhs.net",
            "elm@nhs.net\r\nBcc: other@nhs.net",
            "Elm <elm@nhs.net>",
            "elm@@nhs.net",
            "elm..road@nhs.net",
            "\"elm\"@nhs.net",
            "elm@nhs..net",
            "elm@-nhs.net",
            "еlm@nhs.net",
            "elm@[127.0.0.1]",
        ] {
            assert!(entry("A99999", email).tidied().problem().is_some(), "{email}");
        }
        let long = format!("{}@nhs.net", "a".repeat(300));
        assert!(entry("A99999", &long).tidied().problem().is_some());
        assert_eq!(entry("A99999", "o'hara.elm-road+rx@elm.nhs.uk").tidied().problem(), None);
    }

    #[test]
    fn another_address_or_another_organisation_is_confirmed_again_and_a_new_telephone_is_not() {
        let known = entry("A99999", "elm@nhs.net").tidied();
        let phone = AddressChange { phone: "01632 960801".into(), ..known.clone() };
        assert!(!known.needs_confirming_again(&phone));
        assert!(!known.needs_confirming_again(&entry("A99999", "ELM@nhs.net").tidied()));
        assert!(known.needs_confirming_again(&entry("A99999", "elm2@nhs.net").tidied()));
        assert!(known.needs_confirming_again(&entry("A99998", "elm@nhs.net").tidied()));
    }

    #[test]
    fn nhsmail_is_told_from_what_ends_like_it() {
        assert!(is_nhsmail("elm@nhs.net") && is_nhsmail("elm@dept.NHS.net"));
        assert!(!is_nhsmail("elm@notnhs.net") && !is_nhsmail("elm@nhs.net.example.org"));
    }
}
