//! What a pharmacist types, what must come first, and that nothing is ever found that was not typed.

use super::file::{Contents, Scope, read, write};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn product(code: u64, level: Level, name: &str, parent: u64) -> Product {
    Product {
        code,
        level,
        name: name.to_owned(),
        parent: (parent > 0).then_some(parent),
        form: String::new(),
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

/// Moieties below 100, generics below 1000, brands above; a brand's code begins with its generic's.
const NAMES: [(u64, &str, u64); 34] = [
    (10, "Amoxicillin", 0),
    (11, "Co-amoxiclav", 0),
    (12, "Salbutamol", 0),
    (13, "Prednisolone", 0),
    (14, "Prednisone", 0),
    (15, "Paracetamol", 0),
    (100, "Amoxicillin 250mg capsules", 10),
    (101, "Amoxicillin 500mg capsules", 10),
    (102, "Amoxicillin 125mg/5ml oral suspension sugar free", 10),
    (103, "Amoxicillin 5g powder for solution for injection vials", 10),
    (110, "Co-amoxiclav 250mg/125mg tablets", 11),
    (111, "Co-amoxiclav 500mg/125mg tablets", 11),
    (112, "Co-amilofruse 5mg/40mg tablets", 0),
    (120, "Salbutamol 100micrograms/dose inhaler CFC free", 12),
    (121, "Salbutamol 100micrograms/dose breath actuated inhaler CFC free", 12),
    (122, "Salbutamol 200microgram inhalation powder capsules", 12),
    (123, "Salbutamol 2.5mg/2.5ml nebuliser liquid unit dose vials", 12),
    (124, "Salbutamol 2mg tablets", 12),
    (130, "Prednisolone 5mg tablets", 13),
    (131, "Prednisolone 50mg tablets", 13),
    (132, "Prednisolone 2.5mg gastro-resistant tablets", 13),
    (140, "Prednisone 5mg modified-release tablets", 14),
    (150, "Paracetamol 500mg tablets", 15),
    (151, "Paracetamol 500mg effervescent tablets", 15),
    (152, "Co-codamol 30mg/500mg tablets", 0),
    (160, "Insulin aspart biphasic 30/70 100units/ml suspension for injection 3ml cartridges", 0),
    (1010, "Amoxicillin 500mg capsules (Elm Pharma Ltd)", 101),
    (1011, "Amoxil 500mg capsules (Heron Healthcare)", 101),
    (1200, "Ventolin 100micrograms/dose Evohaler (Heron Healthcare)", 120),
    (1201, "Salamol 100micrograms/dose inhaler CFC free (Sycamore Labs)", 120),
    (1300, "Prednisolone 5mg tablets (Coastal Amoxfield Ltd)", 130),
    (1500, "Panadol 500mg tablets (Heron Healthcare)", 150),
    (1501, "Paracetamol 500mg tablets (Elm Pharma Ltd)", 150),
    (1600, "NovoMix 30 Penfill 100units/ml suspension for injection 3ml cartridges (Heron Healthcare)", 160),
];

fn products() -> Vec<Product> {
    let level = |code| match code {
        ..100 => Level::Vtm,
        100..1000 => Level::Vmp,
        _ => Level::Amp,
    };
    NAMES.iter().map(|(code, name, parent)| product(*code, level(*code), name, *parent)).collect()
}

fn index_of(products: Vec<Product>) -> Index {
    let contents = Contents { release: "2026-11-16".into(), built_at: String::new(), products };
    read(&write(&contents, Scope::Full)).expect("our own file")
}

fn found(typed: &str) -> Vec<u64> {
    codes(&index_of(products()).search(typed, 50))
}

fn codes(hits: &[Hit]) -> Vec<u64> {
    hits.iter().map(|hit| hit.product.code).collect()
}

#[test]
fn amox_500_cap_is_the_generic_then_its_brands() {
    assert_eq!(found("amox 500 cap"), [101, 1011, 1010]);
}

#[test]
fn the_order_of_words_is_free_and_a_strength_needs_no_space() {
    for typed in
        ["cap 500 amox", "500mg capsules amoxicillin", "AMOXICILLIN 500 mg cap", "amoxi 500MG, capsule"]
    {
        assert_eq!(found(typed).first(), Some(&101), "{typed}");
    }
}

#[test]
fn co_amox_is_co_amoxiclav_with_and_without_its_hyphen() {
    assert_eq!(found("co-amox"), [11, 110, 111]);
    assert_eq!(found("coamox"), [11, 110, 111]);
    // Two words may stand apart, but what begins with them comes first.
    assert_eq!(found("co amox"), [11, 110, 111, 1300]);
    assert_eq!(found("co-amox 500"), [111]);
}

#[test]
fn salb_inh_is_an_inhaler_or_what_is_inhaled_and_nothing_else() {
    assert_eq!(found("salb inh"), [120, 122, 121]);
}

#[test]
fn brands_are_found_by_their_names() {
    assert_eq!(found("vent"), [1200]);
    assert_eq!(found("evohaler"), [1200]);
    assert_eq!(found("heron amox"), [1011]);
    assert_eq!(found("novomix30"), Vec::<u64>::new(), "what is typed together is not taken apart");
    assert_eq!(found("novomix 30"), [1600]);
}

#[test]
fn a_number_as_typed_comes_before_longer_ones() {
    assert_eq!(found("pred 5"), [130, 140, 1300, 131]);
    assert_eq!(found("amox 5"), [102, 103, 101, 1011, 1010, 1300, 111]);
    assert_eq!(found("prednisolone 2.5"), [132]);
}

#[test]
fn nothing_is_found_that_was_not_typed() {
    for typed in
        ["amoxycillin", "paracetmol", "salbutamol tablets 4", "ensalb", "moxicillin", "xyz", "", "  - "]
    {
        assert_eq!(found(typed), Vec::<u64>::new(), "{typed}");
    }
    assert_eq!(found("prednison"), [14, 140], "prednisolone is another medicine");
}

#[test]
fn a_moiety_comes_before_generics_and_they_before_brands_short_names_first() {
    assert_eq!(found("para"), [15, 150, 151, 1501]);
    assert_eq!(found("amoxicillin"), [10, 100, 101, 102, 103, 1010]);
}

#[test]
fn what_cannot_be_had_is_found_after_what_can() {
    let mut products = products();
    products[6].availability = Availability::Unavailable;
    let found = codes(&index_of(products).search("amoxicillin cap", 50));
    assert_eq!(found, [101, 1010, 100]);
}

#[test]
fn a_moiety_narrows_to_its_generics_and_a_generic_to_its_brands() {
    let index = index_of(products());
    assert_eq!(codes(&index.search_within(12, "", 50)), [124, 120, 122, 123, 121]);
    assert_eq!(codes(&index.search_within(12, "inh 100", 50)), [120, 121]);
    assert_eq!(codes(&index.search_within(101, "", 1)), [1011]);
    assert_eq!(index.search("co-amox", 1)[0].within, 2);
    assert_eq!(index.brands_of(150).len(), 2);
}

#[test]
fn no_more_is_found_than_was_asked_for() {
    assert_eq!(index_of(products()).search("t", 5).len(), 5);
    assert!(index_of(products()).search("t", 0).is_empty());
    assert!(found(&"a ".repeat(600)).is_empty());
}

/// As the promise is worded, without the index.
fn answers(name: &str, typed: &str) -> bool {
    let mut words = Vec::new();
    name.split(' ').for_each(|word| words::of_name(word, &mut |one| words.push(one.to_owned())));
    let typed = words::of_typed(typed);
    !typed.is_empty() && typed.iter().all(|typed| words.iter().any(|word| word.starts_with(typed.as_str())))
}

const WORDS: &str = "(co-|amox|amoxicillin|[a-c]{1,3}|5|50|500mg|2\\.5|tab|tablets|é|\\(A|Mix25|5ml/)";

proptest! {
    #[test]
    fn found_is_exactly_what_has_every_typed_word_or_begins_with_it(
        names in prop::collection::vec(prop::collection::vec(WORDS, 1..6), 1..40),
        typed in prop::collection::vec(WORDS, 1..4),
    ) {
        let names: Vec<String> = names.iter().map(|words| words.join(" ")).collect();
        let typed = typed.join(" ");
        let products = names.iter().zip(1..).map(|(name, code)| product(code, Level::Vmp, name, 0)).collect();
        let found: BTreeSet<u64> = codes(&index_of(products).search(&typed, 100)).into_iter().collect();
        let expected = names.iter().zip(1..).filter(|(name, _)| answers(name, &typed)).map(|(_, code)| code).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_product_is_found_by_the_beginnings_of_any_of_its_words(which in 0..NAMES.len(), keep in any::<u32>(), letters in 1..9_usize) {
        let (code, name, _) = NAMES[which];
        let mut words = Vec::new();
        name.split(' ').for_each(|word| words::of_name(word, &mut |one| words.push(one.to_owned())));
        let mut typed: Vec<String> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            if keep >> (at % 32) & 1 == 1 {
                // A number cut short ends in no point; the parts of a hyphenated word are typed apart.
                let cut: String = word.chars().take(letters).collect();
                typed.push(cut.trim_end_matches('.').to_owned());
            }
        }
        prop_assume!(!typed.is_empty());
        prop_assert!(found(&typed.join(" ")).contains(&code), "{:?}", typed);
    }
}
