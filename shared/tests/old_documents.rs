//! Every document ever released still opens, reads, takes edits and merges.

use shared::consultation::{Answer, Attempt, Author, Document, Status, Writer};

const SUPPLY: &[u8] = include_bytes!("../fixtures/consultation-v2-supply.automerge");
const V1: &[u8] = include_bytes!("../fixtures/consultation-v1.automerge");

#[test]
fn a_consultation_of_the_first_release_opens_with_everything_in_it() {
    let mut document = Document::load(V1).expect("version 1 opens");
    let record = document.read().expect("version 1 reads");
    assert_eq!(record.patient.list_name(), "WINTERS, Hettie");
    assert_eq!(record.answers["penicillin-allergy"], Answer::YesNo(true));
    assert_eq!(record.observations["temperature"], Answer::Number(37.9));
    assert_eq!(record.notes.as_str(), "Sleeping badly.");
    assert_eq!(record.medicines.len(), 1);
    assert_eq!(document.row().expect("a row").status, Status::Completed);
    assert_eq!(document.history().expect("a history").len(), 4);
}

#[test]
fn a_consultation_of_the_first_release_is_amended_and_merges() {
    let writer =
        Writer { actor: [7; 16], author: Author { role: "pharmacist".to_owned(), ..Author::default() } };
    let mut one = Document::load(V1).expect("opens");
    let mut two = Document::load(V1).expect("opens");
    one.amend(1_795_000_009_000, &writer, "A word was missing.").expect("amended");
    let known = two.heads();
    two.apply(one.changes_since(&known)).expect("merges");
    assert_eq!(two.heads(), one.heads());
}

#[test]
fn tries_that_two_devices_write_into_a_consultation_of_the_first_release_are_both_kept() {
    let mut one = Document::load(V1).expect("opens");
    let mut two = Document::load(V1).expect("opens");
    assert!(one.read().expect("reads").attempts.is_empty(), "it has no such section");
    for (document, actor, how) in [(&mut one, 7, "phone"), (&mut two, 8, "text")] {
        let writer = Writer { actor: [actor; 16], author: Author::default() };
        document
            .edit(1_795_000_009_000, &writer, |record| {
                let attempt = Attempt { how: how.to_owned(), ..Attempt::default() };
                record.attempts.insert(how.to_owned(), attempt);
            })
            .expect("written");
    }
    let known = two.heads();
    let had = one.heads();
    one.apply(two.changes_since(&[])).expect("merges");
    two.apply(one.changes_since(&known)).expect("merges");
    assert_eq!(one.heads(), two.heads());
    assert_ne!(one.heads(), had);
    for document in [&one, &two] {
        assert_eq!(document.read().expect("reads").attempts.keys().collect::<Vec<_>>(), ["phone", "text"]);
    }
    assert_eq!(one.row().expect("a row").attempts, 2);
}

/// What a person confirmed stays confirmed, whatever release reads it.
#[test]
fn a_supply_of_its_first_release_is_still_confirmed_and_still_lawful_on_its_day() {
    let document = Document::load(SUPPLY).expect("opens");
    let record = document.read().expect("reads");
    let line = record.medicines.values().next().expect("a line");
    assert!(shared::supply::is_confirmed(line));
    assert_eq!(shared::supply::standing(&record, line), shared::supply::Standing::Supplied);
    assert!(shared::supply::is_claimable(&record));
    assert_eq!(record.charge.paid.values().collect::<Vec<_>>(), ["990"]);
    assert_eq!(record.lookups.len(), 1);
}
