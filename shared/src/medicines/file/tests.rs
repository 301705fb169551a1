//! What is written is read again, in the same bytes each time; and bytes that are not ours never do harm.

use super::bytes::checksum;
use super::*;
use crate::medicines::{Availability, Group, LegalClass, Level, Pack, Substance};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn product(code: u64, level: Level, name: &str, parent: Option<u64>) -> Product {
    Product {
        code,
        level,
        name: name.to_owned(),
        parent,
        form: if level == Level::Vtm { String::new() } else { "capsule".to_owned() },
        strength: "500 mg".to_owned(),
        schedule: 4,
        legal_class: LegalClass::PrescriptionOnly,
        availability: Availability::Available,
        prescribing: 1,
        appliance: false,
        groups: BTreeSet::from([Group::LiquidAntibiotic, Group::Phenobarbital]),
        ingredients: vec![Substance { code: 372_687_004, name: "Amoxicillin trihydrate".to_owned() }],
        packs: vec![
            Pack { quantity: "15".into(), unit: "capsule".into(), unit_code: 428_641_000 },
            Pack { quantity: "21".into(), unit: "capsule".into(), unit_code: 428_641_000 },
        ],
    }
}

fn contents() -> Contents {
    let brand = |code, name: &str| Product {
        availability: Availability::Unavailable,
        ..product(code, Level::Amp, name, Some(323_510_009))
    };
    Contents {
        release: "2026-11-16".to_owned(),
        built_at: "2026-11-16T04:30:00Z".to_owned(),
        products: vec![
            product(27_658_006, Level::Vtm, "Amoxicillin", None),
            product(323_510_009, Level::Vmp, "Amoxicillin 500mg capsules", Some(27_658_006)),
            brand(u64::MAX, "Amoxil 500mg capsules (A  Maker Ltd)"),
            Product { appliance: true, packs: Vec::new(), ..brand(5, "Étui – 500mg") },
        ],
    }
}

fn all(index: &Index, contents: &Contents) -> Vec<Option<Product>> {
    contents.products.iter().map(|product| index.product(product.code)).collect()
}

#[test]
fn every_field_of_a_product_is_read_as_it_was_written() {
    let contents = contents();
    let index = read(&write(&contents, Scope::Full)).expect("our own file");
    assert_eq!(all(&index, &contents), contents.products.iter().cloned().map(Some).collect::<Vec<_>>());
    assert_eq!((index.release(), index.built_at(), index.len()), ("2026-11-16", "2026-11-16T04:30:00Z", 4));
    assert!(index.has_brands() && index.product(1).is_none());
}

#[test]
fn the_small_file_holds_no_brands_and_says_so() {
    let index = read(&write(&contents(), Scope::Core)).expect("our own file");
    assert_eq!((index.len(), index.has_brands()), (2, false));
    assert!(index.brands_of(323_510_009).is_empty());
    assert_eq!(index.generics_of(27_658_006)[0].code, 323_510_009);
}

#[test]
fn the_same_contents_give_the_same_bytes_in_any_order() {
    let mut turned = contents();
    turned.products.reverse();
    for scope in [Scope::Core, Scope::Full] {
        assert_eq!(write(&contents(), scope), write(&turned, scope));
    }
}

#[test]
fn an_empty_dictionary_is_a_file_too() {
    let none = Contents { products: Vec::new(), ..contents() };
    let index = read(&write(&none, Scope::Full)).expect("our own file");
    assert!(index.is_empty() && index.search("a", 9).is_empty());
}

#[test]
fn a_parent_that_is_not_there_or_is_no_higher_is_left_out() {
    let mut odd = contents();
    odd.products[1].parent = Some(99);
    odd.products[0].parent = Some(27_658_006);
    let index = read(&write(&odd, Scope::Full)).expect("our own file");
    assert_eq!(index.product(323_510_009).expect("it").parent, None);
    assert_eq!(index.product(27_658_006).expect("it").parent, None);
}

#[test]
fn what_is_not_ours_is_refused_in_words() {
    let bytes = write(&contents(), Scope::Full);
    assert_eq!(read(b"<!DOCTYPE html>").err(), Some(FileError::NotOurs));
    assert_eq!(read(b"").err(), Some(FileError::Cut));
    let mut later = bytes.clone();
    later[8] = 2;
    assert_eq!(read(&later).err(), Some(FileError::Version(2)));
    let checked = check(&bytes).expect("ours");
    assert_eq!((checked.release.as_str(), checked.scope, checked.products), ("2026-11-16", Scope::Full, 4));
}

#[test]
fn any_cut_and_any_changed_bit_is_noticed() {
    let bytes = write(&contents(), Scope::Full);
    for end in 0..bytes.len() {
        assert!(read(&bytes[..end]).is_err(), "cut at {end}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&changed).is_err(), "bit {bit}");
    }
}

/// A checksum that fits, so that the reading behind it is tried.
fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&bytes[HEAD..]).to_le_bytes();
    bytes[10..HEAD].copy_from_slice(&sum);
    bytes
}

/// Uses all that was read; nothing in here may panic.
fn use_all(bytes: &[u8]) {
    if let Ok(index) = read(bytes) {
        for row in 0..index.len() as u32 {
            let product = index.product_at(row);
            index.brands_of(product.code);
            index.search(&product.name, 5);
        }
        index.search("a 5 mg", 50);
    }
}

proptest! {
    #[test]
    fn bytes_made_to_fit_never_panic(changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..12), cut in any::<u16>()) {
        let mut bytes = write(&contents(), Scope::Full);
        let body = bytes.len() - HEAD;
        for (at, byte) in changes {
            bytes[HEAD + usize::from(at) % body] = byte;
        }
        use_all(&with_sum(bytes.clone()));
        bytes.truncate(HEAD + usize::from(cut) % body);
        use_all(&with_sum(bytes));
    }

    #[test]
    fn noise_behind_a_good_head_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = write(&contents(), Scope::Full)[..HEAD].to_vec();
        bytes.extend(noise);
        use_all(&with_sum(bytes));
    }

    #[test]
    fn any_names_and_codes_come_back(products in prop::collection::btree_map(any::<u64>(), "[A-Za-z0-9 ,./()é-]{0,40}", 0..30)) {
        let level = |code: u64| [Level::Vtm, Level::Vmp, Level::Amp][(code % 3) as usize];
        let products = products.iter().map(|(code, name)| product(*code, level(*code), name, None)).collect();
        let contents = Contents { products, ..contents() };
        let index = read(&write(&contents, Scope::Full)).expect("our own file");
        prop_assert_eq!(all(&index, &contents), contents.products.iter().cloned().map(Some).collect::<Vec<_>>());
    }
}
