//! What matches, what is said where nothing does, and that nothing is ever said to be safe.

use super::knowledge::KNOWLEDGE;
use super::*;
use std::collections::BTreeSet;

fn line(ingredients: &[&str]) -> Medicine {
    let ingredients: Vec<String> = ingredients.iter().map(|name| format!("1|{name}")).collect();
    Medicine { name: "A medicine".to_owned(), ingredients: ingredients.join("\n"), ..Medicine::default() }
}

fn why(allergies: &str, ingredient: &str) -> Option<Why> {
    check(allergies, &line(&[ingredient])).matches.into_iter().next().map(|found| found.why)
}

fn class(one: &str) -> Why {
    Why::Class(one.to_owned())
}

#[test]
fn a_penicillin_allergy_speaks_against_every_penicillin() {
    for entry in ["penicillin: rash as a child", "Allergic to PENICILLINS", "pencillin", "Augmentin - hives"]
    {
        assert_eq!(why(entry, "Flucloxacillin sodium"), Some(class("a penicillin")), "{entry}");
    }
    assert_eq!(why("Augmentin - hives", "Amoxicillin trihydrate"), Some(Why::Substance));
}

#[test]
fn a_substance_is_known_by_its_other_names() {
    for (entry, ingredient) in [
        ("acetaminophen", "Paracetamol"),
        ("Lignocaine - collapse", "Lidocaine hydrochloride"),
        ("amoxycillin", "Amoxicillin trihydrate"),
        ("frusemide", "Furosemide"),
        ("Septrin 1998", "Trimethoprim"),
        ("Penicillin V", "Phenoxymethylpenicillin potassium"),
    ] {
        assert_eq!(why(entry, ingredient), Some(Why::Substance), "{entry}");
    }
}

#[test]
fn aspirin_and_every_nsaid_speak_against_each_other() {
    assert_eq!(why("aspirin gives asthma", "Ibuprofen"), Some(class("an anti-inflammatory (NSAID)")));
    assert_eq!(why("NSAIDs", "Aspirin"), Some(class("an anti-inflammatory (NSAID)")));
    assert_eq!(why("anti-inflammatories", "Naproxen"), Some(class("an anti-inflammatory (NSAID)")));
}

#[test]
fn classes_are_known_by_their_own_names_and_by_their_members() {
    for (entry, ingredient, one) in [
        ("erythromycin: vomiting", "Clarithromycin", "a macrolide"),
        ("tetracyclines", "Doxycycline hyclate", "a tetracycline"),
        ("opiates", "Codeine phosphate", "an opioid"),
        ("statin", "Simvastatin", "a statin"),
        ("ramipril - angioedema", "Lisinopril dihydrate", "an ACE inhibitor"),
        ("ciprofloxacin", "Ofloxacin", "a quinolone"),
        ("sulpha drugs", "Sulfamethoxazole", "a sulfonamide"),
        ("beta blockers", "Propranolol hydrochloride", "a beta-blocker"),
    ] {
        assert_eq!(why(entry, ingredient), Some(class(one)), "{entry}");
    }
}

#[test]
fn what_may_cross_react_is_said_and_comes_after_what_is_the_same() {
    assert_eq!(why("penicillin", "Cefalexin"), Some(Why::Related("a cephalosporin".to_owned())));
    let both = check("penicillin\ncefalexin", &line(&["Cefalexin"]));
    assert_eq!(
        both.matches.iter().map(|one| one.recorded.as_str()).collect::<Vec<_>>(),
        ["cefalexin", "penicillin"]
    );
}

#[test]
fn salts_do_not_match_each_other() {
    assert_eq!(why("diclofenac sodium", "Sodium valproate"), None);
    assert_eq!(why("folic acid", "Fusidic acid"), None);
}

#[test]
fn a_match_says_what_was_recorded_and_why() {
    let found = check("latex\npenicillin: rash as a child", &line(&["Amoxicillin trihydrate"]));
    assert_eq!(
        found.said(),
        ["Recorded: “penicillin: rash as a child”. Amoxicillin trihydrate is a penicillin."]
    );
}

#[test]
fn no_match_is_never_said_to_be_safe() {
    let none = check("penicillin", &line(&["Paracetamol"]));
    assert_eq!(none.said(), [NOTHING_FOUND]);
    assert!(check("", &line(&["Paracetamol"])).said().len() == 2, "that nothing is recorded is said too");
}

#[test]
fn what_is_not_known_of_an_ingredient_is_said() {
    let unknown = check("penicillin", &line(&["Zanubrutinib"]));
    assert_eq!(unknown.said()[0], NOTHING_FOUND);
    assert!(unknown.said()[1].starts_with("Zanubrutinib is in none of the classes"), "{unknown:?}");
}

#[test]
fn a_medicine_typed_in_words_is_compared_by_its_name_and_that_is_said() {
    let typed = Medicine { name: "amoxicillin 500mg caps".to_owned(), ..Medicine::default() };
    let found = check("penicillin", &typed);
    assert_eq!(found.matches[0].why, Why::Class("a penicillin".to_owned()));
    assert!(found.said()[1].contains("only the name was compared"));
}

#[test]
fn denials_are_shown_and_left_to_the_person() {
    assert_eq!(why("not allergic to penicillin any more", "Amoxicillin"), Some(class("a penicillin")));
}

#[test]
fn the_lists_hold_together() {
    let ids: BTreeSet<&str> = KNOWLEDGE.class.iter().map(|class| class.id.as_str()).collect();
    assert_eq!(ids.len(), KNOWLEDGE.class.len(), "a class stands twice");
    for class in &KNOWLEDGE.class {
        assert!(class.related.iter().all(|id| ids.contains(id.as_str())), "{}", class.id);
        for member in &class.members {
            let words = KNOWLEDGE.ingredient_words(member);
            assert!(KNOWLEDGE.classes_with(&words).any(|one| one.id == class.id), "{member} of {}", class.id);
        }
    }
}
