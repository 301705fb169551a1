//! Decides which letter is shown: the one that was signed, or the one that would be signed now.

use shared::api::PharmacyContact;
use shared::consultation::{Consultation, Signature, summarise};
use shared::letter::{Letter, Letterhead, Sending, gp_notice, onward_referral};
use shared::pathway;

/// The pharmacy as this device knows it.
#[derive(Debug, Clone, Copy)]
pub struct Ours<'a> {
    pub ods: &'a str,
    pub name: &'a str,
    pub contact: &'a PharmacyContact,
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As it was signed: this may leave the pharmacy.
    Signed(Letter),
    /// As it would be signed now.
    Preview(Letter),
    /// The patient does not want the practice told (practice 7).
    Objected,
    /// This version of the app does not know the record's pathway.
    Unknown,
}

impl Shown {
    /// The letter, where there is one.
    pub fn letter(&self) -> Option<&Letter> {
        match self {
            Self::Signed(letter) | Self::Preview(letter) => Some(letter),
            Self::Objected | Self::Unknown => None,
        }
    }
}

/// The letter of `record`. `signed` holds what the latest signature signed, and the signature; none before the first and
/// while a signed record is open for change.
pub fn shown(record: &Consultation, signed: Option<&(Consultation, Signature)>, ours: Ours<'_>) -> Shown {
    let about = signed.map_or(record, |(record, _)| record);
    let Some(pathway) = pathway::find(&about.pathway) else { return Shown::Unknown };
    let letterhead = letterhead(ours);
    let signature = signed.map(|(_, signature)| signature);
    let sending =
        Sending { signature, replaces: replaced(record, signature), may_repeat: tried(record, signature) };
    match gp_notice(&summarise(about, pathway), about, &letterhead, &sending) {
        None => Shown::Objected,
        Some(letter) if signature.is_some() => Shown::Signed(letter),
        Some(letter) => Shown::Preview(letter),
    }
}

/// The referral to whom the patient is sent on; `signed` as for [`shown`].
pub fn shown_onward(
    record: &Consultation,
    signed: Option<&(Consultation, Signature)>,
    ours: Ours<'_>,
) -> Shown {
    let about = signed.map_or(record, |(record, _)| record);
    let Some(pathway) = pathway::find(&about.pathway) else { return Shown::Unknown };
    let signature = signed.map(|(_, signature)| signature);
    match onward_referral(&summarise(about, pathway), about, &letterhead(ours), signature) {
        None => Shown::Objected,
        Some(letter) if signature.is_some() && about.onward_waits_for().is_none() => Shown::Signed(letter),
        Some(letter) => Shown::Preview(letter),
    }
}

fn letterhead(ours: Ours<'_>) -> Letterhead<'_> {
    Letterhead {
        name: ours.name,
        ods: ours.ods,
        address: &ours.contact.address,
        phone: &ours.contact.phone,
        email: &ours.contact.email,
    }
}

/// The version that the practice was told before: of an amendment, the one before it.
fn replaced(record: &Consultation, signature: Option<&Signature>) -> Option<u64> {
    let next = record.signatures.values().map(|signature| signature.amendment + 1).max().unwrap_or_default();
    let version = signature.map_or(next, |signature| signature.amendment);
    let told = (0..version).rev();
    told.into_iter().find(|amendment| {
        notices(record, *amendment).any(|state| !matches!(state, "not-required" | "held" | "standby"))
    })
}

/// Something about this version has left already and may have arrived.
fn tried(record: &Consultation, signature: Option<&Signature>) -> bool {
    signature.is_some_and(|signature| {
        notices(record, signature.amendment)
            .any(|state| matches!(state, "sent" | "received" | "accepted" | "needs-attention"))
    })
}

fn notices(record: &Consultation, amendment: u64) -> impl Iterator<Item = &str> {
    let key = format!("gp-notice/{amendment}");
    let told = record.deliveries.iter().filter(move |(name, _)| **name == key);
    told.map(|(_, delivery)| delivery.state.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::{Answer, Delivery};
    use shared::ids::ConsultationId;

    fn record() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let mut record =
            Consultation::new(ConsultationId::from_bytes([7; 16]), &pharmacy, "minor-illness@1", 0);
        record.patient.nhs_number = "9990412073".to_owned();
        record.patient.nhs_number_status = "verified".to_owned();
        record
    }

    fn letter(record: &Consultation, signed: Option<&(Consultation, Signature)>) -> Shown {
        let contact = PharmacyContact { phone: "01632 960123".to_owned(), ..PharmacyContact::default() };
        shown(record, signed, Ours { ods: "FA123", name: "Elm Pharmacy", contact: &contact })
    }

    fn signature(amendment: u64) -> Signature {
        Signature { name: "Asha Patel".to_owned(), amendment, ..Signature::default() }
    }

    fn told(record: &mut Consultation, amendment: u64, state: &str) {
        let delivery =
            Delivery { kind: "gp-notice".to_owned(), state: state.to_owned(), ..Delivery::default() };
        record.deliveries.insert(format!("gp-notice/{amendment}"), delivery);
    }

    #[test]
    fn before_signing_it_is_a_preview_that_says_so() {
        let Shown::Preview(letter) = letter(&record(), None) else { panic!("no preview") };
        assert_eq!(letter.signed, "Not signed yet.");
        assert!(letter.from.contains(&"Phone 01632 960123".to_owned()), "{:?}", letter.from);
    }

    #[test]
    fn after_signing_it_is_what_was_signed_and_not_what_was_entered_since() {
        let signed = (record(), signature(0));
        let mut now = record();
        now.answers.insert("complaint".to_owned(), Answer::text("Entered since"));
        now.signatures.insert("p/0".to_owned(), signature(0));
        let shown = letter(&now, Some(&signed));
        assert!(matches!(shown, Shown::Signed(_)));
        assert!(!format!("{shown:?}").contains("Entered since"));
    }

    #[test]
    fn an_objection_leaves_nothing_to_print() {
        let mut record = record();
        record.answers.insert("gp-objection".to_owned(), Answer::YesNo(true));
        assert_eq!(letter(&record, None), Shown::Objected);
        assert_eq!(letter(&record, None).letter(), None);
    }

    #[test]
    fn a_copy_on_paper_of_what_was_sent_says_that_it_may_repeat() {
        let banners = |state: &str| {
            let mut record = record();
            record.signatures.insert("p/0".to_owned(), signature(0));
            told(&mut record, 0, state);
            let signed = (record.clone(), signature(0));
            letter(&record, Some(&signed)).letter().expect("a letter").banners.len()
        };
        assert_eq!(banners("sent"), 1);
        assert_eq!(banners("needs-attention"), 1);
        assert_eq!(banners("held"), 0);
        assert_eq!(banners("refused"), 0);
    }

    #[test]
    fn an_amendment_names_the_version_that_the_practice_has() {
        let mut record = record();
        record.signatures.insert("p/0".to_owned(), signature(0));
        told(&mut record, 0, "accepted");
        let Shown::Preview(letter) = letter(&record, None) else { panic!("no preview") };
        assert_eq!(letter.banners, ["This replaces version 1 of this notice."]);
    }

    #[test]
    fn a_referral_is_printed_only_once_it_is_signed_and_agreed() {
        let contact = PharmacyContact::default();
        let ours = Ours { ods: "FA123", name: "Elm Pharmacy", contact: &contact };
        let mut record = record();
        assert_eq!(shown_onward(&record, None, ours), Shown::Objected, "nobody is sent on");
        record.onward.service = "pharmacy".to_owned();
        record.onward.name = "Sycamore Pharmacy".to_owned();
        record.onward.urgency = "routine".to_owned();
        record.onward.reason = "Not in stock".to_owned();
        record.onward.consent = "yes".to_owned();
        let signed = (record.clone(), signature(0));
        assert!(matches!(shown_onward(&record, Some(&signed), ours), Shown::Preview(_)), "nobody was phoned");
        record.onward.agreed_with = "Sam Lind".to_owned();
        record.onward.agreed_at = "2026-11-22T14:05:00Z".to_owned();
        assert!(matches!(shown_onward(&record, None, ours), Shown::Preview(_)));
        let signed = (record.clone(), signature(0));
        assert!(matches!(shown_onward(&record, Some(&signed), ours), Shown::Signed(_)));
    }

    #[test]
    fn a_pathway_of_a_newer_version_is_not_guessed_at() {
        let mut record = record();
        record.pathway = "hovering@9".to_owned();
        assert_eq!(letter(&record, None), Shown::Unknown);
    }
}
