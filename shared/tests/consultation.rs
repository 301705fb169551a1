//! Promises of the record: nothing lost in a merge, disagreements seen, signatures over exactly what was seen.

use shared::consultation::{Answer, Author, Consultation, Delivery, Document, SignError, Status, Writer};
use shared::ids::ConsultationId;
use shared::patient::PdsPatient;
use shared::patient::tracing::{TracedField, settle};
use std::collections::BTreeSet;

const AT: i64 = 1_795_000_000_000;

fn writer(byte: u8, name: &str, role: &str) -> Writer {
    Writer {
        actor: [byte; 16],
        author: Author {
            person: format!("person-{name}"),
            name: name.to_owned(),
            role: role.to_owned(),
            unlocked_by: "passkey".to_owned(),
        },
    }
}

fn asha() -> Writer {
    writer(2, "Asha Rao", "pharmacist")
}

fn ben() -> Writer {
    writer(3, "Ben Ade", "pharmacist")
}

fn referred() -> Document {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let record = Consultation::new(ConsultationId::from_bytes([9; 16]), &pharmacy, "minor-illness@1", AT);
    Document::create(AT, &writer(1, "the server", "server"), &record).expect("a new document")
}

fn answer(document: &mut Document, at: i64, who: &Writer, field: &str, answer: impl Into<Option<bool>>) {
    let answer = answer.into();
    document
        .edit(at, who, |record| {
            match answer {
                Some(yes) => record.answers.insert(field.to_owned(), Answer::YesNo(yes)),
                None => record.answers.remove(field),
            };
        })
        .expect("an edit");
}

fn copy(document: &mut Document) -> Document {
    Document::load(&document.save()).expect("a saved document opens")
}

fn merge(into: &mut Document, from: &mut Document) {
    let heads = into.heads();
    let known: Vec<_> = heads.into_iter().filter(|hash| from.has(hash)).collect();
    into.apply(from.changes_since(&known)).expect("changes fit");
}

#[test]
fn two_devices_on_different_questions_both_survive() {
    let mut one = referred();
    let mut two = copy(&mut one);
    answer(&mut one, AT + 1, &asha(), "fever", true);
    answer(&mut two, AT + 2, &ben(), "cough", false);
    merge(&mut one, &mut two);
    let record = one.read().expect("readable");
    assert_eq!(record.answers.get("fever"), Some(&Answer::YesNo(true)));
    assert_eq!(record.answers.get("cough"), Some(&Answer::YesNo(false)));
    assert!(one.clashes().expect("readable").is_empty());
}

#[test]
fn a_disagreement_shows_both_values_with_their_authors() {
    let mut one = referred();
    let mut two = copy(&mut one);
    answer(&mut one, AT + 1_000, &asha(), "penicillin-allergy", true);
    answer(&mut two, AT + 2_000, &ben(), "penicillin-allergy", false);
    merge(&mut one, &mut two);
    let clashes = one.clashes().expect("readable");
    assert_eq!(clashes.len(), 1);
    assert_eq!(clashes[0].path, "answers/penicillin-allergy");
    let mut said: Vec<_> =
        clashes[0].versions.iter().map(|v| (v.by.as_str(), v.value.as_str(), v.at)).collect();
    said.sort_unstable();
    assert_eq!(said, [("Asha Rao", "yes", AT + 1_000), ("Ben Ade", "no", AT + 2_000)]);
}

#[test]
fn two_people_who_settle_a_trace_differently_see_both_and_the_trace_itself_is_no_dispute() {
    let mut one = referred();
    one.edit(AT, &asha(), |record| "Winters".clone_into(&mut record.patient.family_name)).expect("an edit");
    let mut two = copy(&mut one);
    let held = PdsPatient {
        nhs_number: "9990548609".to_owned(),
        version: "7".to_owned(),
        family_name: "Summers".to_owned(),
        nominated_pharmacy: "FA123".to_owned(),
        ..PdsPatient::default()
    };
    let settled = |document: &mut Document, at, who: &Writer, held: &PdsPatient| {
        let (held, chosen) = (held.clone(), BTreeSet::from([TracedField::FamilyName]));
        document
            .edit(at, who, |record| {
                settle(&mut record.patient, &held, "", &chosen, at).expect("no number was recorded");
            })
            .expect("an edit");
    };
    settled(&mut one, AT + 1_000, &asha(), &held);
    let later = PdsPatient { version: "8".to_owned(), family_name: "Sommers".to_owned(), ..held };
    settled(&mut two, AT + 2_000, &ben(), &later);
    merge(&mut one, &mut two);
    let clashes = one.clashes().expect("readable");
    assert_eq!(clashes.iter().map(|clash| clash.path.as_str()).collect::<Vec<_>>(), ["patient/family_name"]);
    let mut said: Vec<_> = clashes[0].versions.iter().map(|version| version.value.as_str()).collect();
    said.sort_unstable();
    assert_eq!(said, ["Sommers", "Summers"]);
}

#[test]
fn nobody_signs_over_a_clash_until_somebody_settles_it() {
    let mut one = referred();
    let mut two = copy(&mut one);
    answer(&mut one, AT + 1, &asha(), "penicillin-allergy", true);
    answer(&mut two, AT + 2, &ben(), "penicillin-allergy", false);
    merge(&mut one, &mut two);
    assert!(matches!(one.sign(AT + 3, &asha(), "2074123", false), Err(SignError::Disputed(1))));
    let shown = one.read().expect("readable").answers["penicillin-allergy"].clone();
    let settle = Answer::YesNo(true);
    one.settle(AT + 4, &asha(), "answers/penicillin-allergy", &settle).expect("settled");
    assert_eq!(one.read().expect("readable").answers["penicillin-allergy"], settle, "was {shown}");
    one.sign(AT + 5, &asha(), "2074123", false).expect("signed");
    assert_eq!(one.row().expect("a row").status, Status::Completed);
}

#[test]
fn the_same_answer_given_twice_apart_is_no_dispute() {
    let mut one = referred();
    let mut two = copy(&mut one);
    answer(&mut one, AT + 1, &asha(), "fever", true);
    answer(&mut two, AT + 2, &ben(), "fever", true);
    merge(&mut one, &mut two);
    assert!(one.clashes().expect("readable").is_empty());
}

#[test]
fn a_technician_does_not_sign() {
    let technician = writer(4, "Cal Moss", "technician");
    assert!(matches!(referred().sign(AT, &technician, "5001234", false), Err(SignError::NotAPharmacist)));
}

#[test]
fn what_was_signed_can_be_read_as_it_was_after_later_changes() {
    let mut document = referred();
    answer(&mut document, AT + 1, &asha(), "fever", true);
    document.sign(AT + 2, &asha(), "2074123", false).expect("signed");
    assert!(!document.is_editable().expect("readable"));
    document.amend(AT + 3, &asha(), "The thermometer was wrong.").expect("opened");
    assert!(document.is_editable().expect("readable"));
    answer(&mut document, AT + 4, &asha(), "fever", false);
    let signature = document.standing_signature().expect("readable").expect("signed");
    let heads = Document::parse_heads(&signature.heads);
    let then = document.read_at(&heads).expect("the signed history is here");
    assert_eq!(then.answers["fever"], Answer::YesNo(true));
    document.sign(AT + 5, &asha(), "2074123", false).expect("signed again");
    let signature = document.standing_signature().expect("readable").expect("signed");
    assert_eq!(signature.amendment, 1);
}

#[test]
fn an_amendment_without_a_reason_is_refused() {
    let mut document = referred();
    document.sign(AT + 2, &asha(), "2074123", false).expect("signed");
    assert!(matches!(document.amend(AT + 3, &asha(), "  "), Err(SignError::NoReason)));
}

#[test]
fn signing_twice_without_an_amendment_is_refused() {
    let mut document = referred();
    document.sign(AT + 2, &asha(), "2074123", false).expect("signed");
    assert!(matches!(document.sign(AT + 3, &asha(), "2074123", false), Err(SignError::AlreadySigned)));
}

#[test]
fn an_entry_the_signer_could_not_have_seen_is_late_and_an_amendment_decides_on_it() {
    let mut one = referred();
    let mut two = copy(&mut one);
    answer(&mut one, AT + 1, &asha(), "fever", true);
    one.sign(AT + 2, &asha(), "2074123", false).expect("signed");
    answer(&mut two, AT + 3, &ben(), "chest-pain", true);
    merge(&mut one, &mut two);
    let late = one.late_entries().expect("readable");
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].by, "Ben Ade");
    assert_eq!(late[0].paths, ["answers/chest-pain"]);
    one.amend(AT + 4, &asha(), "Taking in Ben's entry.").expect("opened");
    one.sign(AT + 5, &asha(), "2074123", false).expect("signed");
    assert!(one.late_entries().expect("readable").is_empty());
}

#[test]
fn two_signatures_made_apart_are_both_seen() {
    let mut one = referred();
    let mut two = copy(&mut one);
    one.sign(AT + 2, &asha(), "2074123", false).expect("signed");
    two.sign(AT + 3, &ben(), "2074999", false).expect("signed");
    merge(&mut one, &mut two);
    let clashes = one.clashes().expect("readable");
    assert_eq!(clashes.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), ["signatures"]);
    let standing = one.standing_signature().expect("readable").expect("signed");
    assert_eq!(standing.name, "Asha Rao", "the earlier one stands, and there is one delivery");
}

#[test]
fn history_says_who_replaced_what_and_how_they_had_unlocked() {
    let mut document = referred();
    answer(&mut document, AT + 1_000, &asha(), "fever", true);
    answer(&mut document, AT + 2_000, &ben(), "fever", false);
    let history = document.history().expect("readable");
    let last = history.last().expect("an entry");
    assert_eq!((last.by.as_str(), last.unlocked_by.as_str(), last.at), ("Ben Ade", "passkey", AT + 2_000));
    let touched = &last.replaced[0];
    assert_eq!(
        (touched.path.as_str(), touched.before.as_str(), touched.after.as_str()),
        ("answers/fever", "yes", "no")
    );
}

#[test]
fn an_edit_that_changes_nothing_makes_no_change() {
    let mut document = referred();
    assert_eq!(document.edit(AT, &asha(), |_| {}).expect("an edit"), None);
    answer(&mut document, AT, &asha(), "fever", true);
    let heads = document.heads();
    answer(&mut document, AT, &asha(), "fever", true);
    assert_eq!(document.heads(), heads);
}

#[test]
fn changes_that_lack_their_predecessors_are_refused_and_nothing_is_half_applied() {
    let mut one = referred();
    let mut two = copy(&mut one);
    answer(&mut two, AT + 1, &ben(), "fever", true);
    let gap = two.heads();
    answer(&mut two, AT + 2, &ben(), "cough", true);
    let before = one.heads();
    assert!(one.apply(two.changes_since(&gap)).is_err());
    assert_eq!(one.heads(), before);
    assert!(one.read().expect("readable").answers.is_empty());
}

#[test]
fn hostile_bytes_are_refused_without_a_panic() {
    let whole = referred().save();
    for cut in [0, 1, 8, 9, 40, whole.len() / 2, whole.len() - 1] {
        assert!(Document::load(&whole[..cut]).is_err() || cut == 0);
    }
}

#[test]
fn notes_alone_begin_a_visit_and_saying_who_goes_does_not() {
    let mut document = referred();
    document.edit(AT, &asha(), |record| "Asha Rao".clone_into(&mut record.visit.taken_by)).expect("an edit");
    assert_eq!(document.row().expect("a row").status, Status::Received);
    document.edit(AT, &asha(), |record| record.notes.splice(0, 0, "Pale.")).expect("an edit");
    assert_eq!(document.row().expect("a row").status, Status::Open);
}

#[test]
fn the_first_thing_recorded_begins_the_visit_in_the_same_change_and_nothing_moves_it() {
    let mut document = referred();
    assert_eq!(document.edit_visit(AT, &asha(), |_| {}).expect("an edit"), None, "nothing was recorded");
    document.edit_visit(AT + 60_000, &asha(), |record| record.notes.splice(0, 0, "Pale.")).expect("an edit");
    assert_eq!(document.changes_since(&[]).len(), 2);
    let begun = document.read().expect("readable");
    assert_eq!(
        (begun.visit.started_at.as_str(), begun.notes.as_str()),
        (shared::time::stored(AT + 60_000).as_str(), "Pale.")
    );
    document.edit_visit(AT + 120_000, &ben(), |record| record.notes.splice(0, 0, "Still ")).expect("an edit");
    let later = document.read().expect("readable");
    assert_eq!((later.visit.started_at, later.notes.as_str()), (begun.visit.started_at, "Still Pale."));
}

#[test]
fn the_change_that_begins_a_visit_names_who_was_responsible_and_a_later_one_does_not() {
    let mut document = referred();
    let asha_rao = Some("Asha Rao (GPhC 2074123)");
    assert_eq!(document.edit_visit_under(AT, &asha(), asha_rao, |_| {}).expect("an edit"), None);
    let begin = |record: &mut Consultation| record.visit.started_at = shared::time::stored(AT);
    document.edit_visit_under(AT, &asha(), asha_rao, begin).expect("an edit");
    let note = |record: &mut Consultation| record.notes.splice(0, 0, "Pale.");
    document.edit_visit_under(AT, &ben(), Some("Ben Ade (GPhC 2074999)"), note).expect("an edit");
    let record = document.read().expect("readable");
    assert_eq!(record.visit.responsible_pharmacist, "Asha Rao (GPhC 2074123)");
    assert_eq!(record.notes.as_str(), "Pale.");
}

#[test]
fn two_who_begin_apart_have_nothing_to_settle() {
    let mut one = referred();
    let mut two = copy(&mut one);
    for (document, who, field, at) in
        [(&mut one, asha(), "fever", 60_000), (&mut two, ben(), "cough", 120_000)]
    {
        document
            .edit_visit(AT + at, &who, |record| {
                record.answers.insert(field.to_owned(), Answer::YesNo(true));
                record.visit.taken_at = shared::time::stored(AT + at);
                record.visit.ended_at = shared::time::stored(AT + at);
            })
            .expect("an edit");
    }
    merge(&mut one, &mut two);
    assert_eq!(one.read().expect("readable").answers.len(), 2);
    assert!(one.clashes().expect("readable").is_empty());
    one.sign(AT + 200_000, &asha(), "2074123", false).expect("nothing is disputed");
}

#[test]
fn an_amendment_that_nobody_signed_is_seen_on_the_list() {
    let mut document = referred();
    let amending = |document: &mut Document| document.row().expect("a row").amending;
    assert!(!amending(&mut document));
    document.sign(AT + 1, &asha(), "2074123", false).expect("signed");
    assert!(!amending(&mut document));
    document.amend(AT + 2, &asha(), "A word was missing.").expect("opened");
    assert!(amending(&mut document));
    assert_eq!(document.row().expect("a row").status, Status::Completed, "it stays signed");
    document.sign(AT + 3, &asha(), "2074123", false).expect("signed again");
    assert!(!amending(&mut document));
}

#[test]
fn the_list_tells_of_the_latest_signatures_notice_and_of_no_earlier_one() {
    let mut document = referred();
    let server = writer(1, "the server", "server");
    let tell = |document: &mut Document, key: &str, state: &str, at: &str| {
        let delivery = Delivery {
            kind: "gp-notice".to_owned(),
            state: state.to_owned(),
            at: at.to_owned(),
            ..Delivery::default()
        };
        document
            .edit(AT, &server, |record| drop(record.deliveries.insert(key.to_owned(), delivery)))
            .expect("an edit");
    };
    let notice = |document: &mut Document| document.row().expect("a row").notice;
    document.sign(AT + 1, &asha(), "2074123", false).expect("signed");
    tell(&mut document, "gp-notice/0", "accepted", "2026-11-22T14:00:00Z");
    assert_eq!(notice(&mut document), "accepted");
    document.amend(AT + 2, &asha(), "A word was missing.").expect("opened");
    assert_eq!(notice(&mut document), "accepted", "nothing else is signed yet");
    document.sign(AT + 3, &asha(), "2074123", false).expect("signed again");
    assert_eq!(notice(&mut document), "", "the practice has not the amendment");
    tell(&mut document, "gp-notice/1", "sent", "2026-11-22T13:00:00Z");
    assert_eq!(notice(&mut document), "sent", "whichever was touched last");
}

#[test]
fn what_builds_on_a_signature_is_never_late_however_long_it_goes_on() {
    let mut one = referred();
    let mut two = copy(&mut one);
    one.sign(AT + 1, &asha(), "2074123", false).expect("signed");
    answer(&mut two, AT + 2, &ben(), "chest-pain", true);
    merge(&mut one, &mut two);
    one.amend(AT + 3, &asha(), "Taking in Ben's entry.").expect("opened");
    for n in 0..20 {
        answer(&mut one, AT + 4 + n, &asha(), "fever", n % 2 == 0);
    }
    let late = one.late_entries().expect("readable");
    assert_eq!(late.iter().map(|entry| entry.by.as_str()).collect::<Vec<_>>(), ["Ben Ade"]);
}
