//! What a person must know of a product before choosing it, in words.

use super::look_alike;
use super::{Availability, LegalClass, Level, Product};

/// A word or two beside a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    pub words: String,
    /// Something to look at twice before it is supplied.
    pub is_warning: bool,
}

/// Controlled-drug schedule, legal class, availability and prescribing status of a product, each in words; the form and
/// the strength stand in fields of their own.
pub fn badges(product: &Product) -> Vec<Badge> {
    let mut badges = Vec::new();
    let mut say = |words: &str, is_warning| badges.push(Badge { words: words.to_owned(), is_warning });
    if let Some(words) = schedule_words(product.schedule) {
        say(words, true);
    }
    if let Some(words) = legal_words(product.legal_class, product.level) {
        say(words, false);
    }
    match product.availability {
        Availability::Available => {}
        Availability::Restricted => say("Restricted availability", true),
        Availability::Unavailable => say("Not available", true),
    }
    if let Some(words) = prescribing_words(product.prescribing) {
        say(words, true);
    }
    if product.appliance {
        say("Appliance", false);
    }
    if let Some(others) = look_alike::of(&product.name).map(|found| found.mistaken_for.join(" or ")) {
        say(&format!("Not {others}"), true);
    }
    badges
}

/// CONTROL_DRUG_CATEGORY in words; `None` for what is not controlled.
pub fn schedule_words(category: u8) -> Option<&'static str> {
    Some(match category {
        0 => return None,
        1 => "Schedule 1",
        2 => "Schedule 2",
        3 => "Schedule 2, no safe custody",
        4 => "Schedule 3",
        5 => "Schedule 3, no safe custody",
        6 => "Schedule 3, phenobarbital",
        7 => "Schedule 3, temazepam",
        8 => "Schedule 4 part 2",
        9 => "Schedule 4 part 1",
        10 => "Schedule 5",
        Product::SCHEDULE_NOT_KNOWN => "Schedule not known",
        _ => "Controlled drug, schedule not known",
    })
}

/// `POM`, `P`, `GSL` spelt out; `None` for a moiety, of which there is none to sell.
pub fn legal_words(class: LegalClass, level: Level) -> Option<&'static str> {
    match (class, level) {
        (_, Level::Vtm) | (LegalClass::NotApplicable, _) => None,
        (LegalClass::Unknown, _) => Some("Legal class not known"),
        (LegalClass::GeneralSale, _) => Some("General sale (GSL)"),
        (LegalClass::Pharmacy, _) => Some("Pharmacy medicine (P)"),
        (LegalClass::PrescriptionOnly, _) => Some("Prescription only (POM)"),
    }
}

/// VIRTUAL_PRODUCT_PRES_STATUS in words, where it asks for a second look (medicines.md 1.4).
pub fn prescribing_words(status: u8) -> Option<&'static str> {
    Some(match status {
        2 => "Not valid to prescribe in NHS primary care",
        3 | 4 => "Choose a brand",
        5 => "Better chosen by brand",
        6 => "Brands not interchangeable: choose a brand",
        7 => "Patient training needed: choose a brand",
        8 => "No published specification",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn product(name: &str) -> Product {
        Product {
            code: 1,
            level: Level::Vmp,
            name: name.to_owned(),
            parent: None,
            form: "tablet".to_owned(),
            strength: String::new(),
            schedule: 0,
            legal_class: LegalClass::PrescriptionOnly,
            availability: Availability::Available,
            prescribing: 1,
            appliance: false,
            groups: BTreeSet::new(),
            ingredients: Vec::new(),
            packs: Vec::new(),
        }
    }

    #[test]
    fn a_controlled_drug_says_its_schedule_and_custody_in_words() {
        let said = badges(&Product { schedule: 5, ..product("Tramadol 50mg capsules") });
        assert_eq!(said[0], Badge { words: "Schedule 3, no safe custody".into(), is_warning: true });
        assert_eq!(said[1].words, "Prescription only (POM)");
    }

    #[test]
    fn what_cannot_be_had_is_shown_and_marked() {
        let gone = Product { availability: Availability::Unavailable, ..product("Aspirin 75mg tablets") };
        assert!(badges(&gone).iter().any(|badge| badge.words == "Not available" && badge.is_warning));
    }

    #[test]
    fn a_schedule_of_a_later_dictionary_is_never_shown_as_uncontrolled() {
        assert_eq!(schedule_words(11), Some("Controlled drug, schedule not known"));
        assert_eq!(schedule_words(Product::SCHEDULE_NOT_KNOWN), Some("Schedule not known"));
        assert_eq!(schedule_words(0), None);
    }

    #[test]
    fn a_name_that_was_mistaken_for_another_says_which() {
        let said = badges(&product("Clobazam 10mg tablets"));
        assert!(said.iter().any(|badge| badge.words == "Not clonazePAM"), "{said:?}");
    }
}
