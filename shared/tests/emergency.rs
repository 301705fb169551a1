//! A worked emergency: signed at once with almost nothing filled in, completed later by an amendment (practice 12).

use shared::consultation::{Answer, Author, Consultation, Document, SignError, Writer, parse_heads};
use shared::ids::ConsultationId;
use shared::pathway::{Assessment, Kind, Pathway, assess_record, find};

const AT: i64 = 1_795_000_000_000;
const MINUTE: i64 = 60_000;

fn minor_illness() -> &'static Pathway {
    find("minor-illness@1").expect("a file of this build")
}

fn asha() -> Writer {
    let author = Author {
        person: "person-asha".to_owned(),
        name: "Asha Rao".to_owned(),
        role: "pharmacist".to_owned(),
        unlocked_by: "passkey".to_owned(),
    };
    Writer { actor: [2; 16], author }
}

fn referred() -> Document {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let mut record = Consultation::new(ConsultationId::from_bytes([9; 16]), &pharmacy, "minor-illness@1", AT);
    "1952-03-04".clone_into(&mut record.patient.birth_date);
    "male".clone_into(&mut record.patient.sex);
    "itk111".clone_into(&mut record.referral.channel);
    Document::create(AT, &asha(), &record).expect("a new document")
}

/// A stroke, 999 called: what is needed to sign at once, and nothing else.
fn stroke() -> Document {
    let mut document = referred();
    let said = [
        ("rf-stroke", Answer::YesNo(true)),
        ("emergency-action", Answer::text("999-called")),
        ("emergency-address", Answer::text("3 Mill Lane")),
        ("emergency-called-by", Answer::text("Asha Rao")),
        ("emergency-time", Answer::text("14:05")),
    ];
    let said = said.map(|(field, answer)| (field.to_owned(), answer));
    document.edit(AT + MINUTE, &asha(), |record| record.answers.extend(said)).expect("an edit");
    document
}

fn assessed(document: &Document) -> (Assessment<'static>, Consultation) {
    let record = document.read().expect("a record");
    (assess_record(minor_illness(), &record), record)
}

fn cut_short(document: &Document, disputed: usize) -> bool {
    let (assessment, record) = assessed(document);
    assessment.cut_short(&record, disputed)
}

/// Answers whatever is still open, and what opens because of that, with anything that counts.
fn complete(document: &mut Document, at: i64) {
    for _ in 0..20 {
        let (assessment, _) = assessed(document);
        let questions = assessment.sections.iter().flat_map(|state| &state.questions);
        // A choice may have nothing to offer until another question is answered: it is there in a later round.
        let offers = |kind| matches!(kind, Kind::Choice | Kind::Several);
        let open = questions
            .filter(|question| question.required && question.gap.is_some())
            .filter(|question| !offers(question.field.kind) || !question.options.is_empty());
        let given: Vec<(String, bool, Answer)> = open
            .flat_map(|question| {
                let field = question.field;
                let several = field.kind == Kind::Several;
                let ticked = if several { question.options.as_slice() } else { &[""] };
                ticked.iter().map(move |option| {
                    let key = if several { format!("{}.{option}", field.id) } else { field.id.clone() };
                    let answer = match field.kind {
                        Kind::YesNo if field.red_flag.is_some() => Answer::YesNo(false),
                        Kind::YesNo | Kind::Several => Answer::YesNo(true),
                        Kind::Choice => Answer::text(question.options[0]),
                        Kind::Number => Answer::Number(field.number.as_ref().expect("a range").min),
                        Kind::Date => Answer::text("2026-11-18"),
                        Kind::Time => Answer::text("14:20"),
                        Kind::Text | Kind::Words => Answer::text("Told by his wife"),
                    };
                    (key, field.observation, answer)
                })
            })
            .collect();
        if given.is_empty() {
            return;
        }
        document
            .edit(at, &asha(), |record| {
                for (key, observation, answer) in given {
                    let store = if observation { &mut record.observations } else { &mut record.answers };
                    store.insert(key, answer);
                }
            })
            .expect("an edit");
    }
    panic!("answers open new questions without end");
}

#[test]
fn an_emergency_is_signed_at_once_and_completed_by_an_amendment() {
    let mut document = stroke();
    let (assessment, _) = assessed(&document);
    assert!(assessment.may_sign && assessment.missing.is_empty());
    let left_open = assessment.later.len();
    assert!(left_open > 10, "nearly everything is open: {left_open}");
    assert!(cut_short(&document, 0));

    document
        .sign(AT + 2 * MINUTE, &asha(), "2074123", true)
        .expect("a signature with nothing else filled in");
    assert!(!document.is_editable().expect("readable"));
    let first = document.standing_signature().expect("readable").expect("signed");
    assert!(first.emergency && first.amendment == 0);

    document.amend(AT + 60 * MINUTE, &asha(), "Completed after the ambulance left").expect("an amendment");
    assert!(document.is_editable().expect("readable"));
    complete(&mut document, AT + 61 * MINUTE);
    let (assessment, _) = assessed(&document);
    assert_eq!(assessment.later, [], "everything is answered");
    assert_eq!(assessment.verdict.outcome().map(|outcome| outcome.id.as_str()), Some("emergency-999"));
    assert!(assessment.may_sign && !cut_short(&document, 0));

    document.sign(AT + 70 * MINUTE, &asha(), "2074123", false).expect("the completed record is signed");
    let second = document.standing_signature().expect("readable").expect("signed");
    assert!(!second.emergency && second.amendment == 1);
    let as_first_signed = document.read_at(&parse_heads(&first.heads)).expect("the first signature's record");
    assert_eq!(as_first_signed.answers.len(), 5, "what was signed first stays readable as it was");
}

#[test]
fn the_signature_after_an_emergency_completes_the_record_even_where_something_can_never_be_asked() {
    let mut document = stroke();
    document.sign(AT + 2 * MINUTE, &asha(), "2074123", true).expect("a signature");
    document.amend(AT + 3 * MINUTE, &asha(), "The patient was taken away").expect("an amendment");
    assert!(assessed(&document).0.may_sign, "it is signed with what is known");
    assert!(!cut_short(&document, 0), "or the GP would wait for ever");
}

#[test]
fn an_emergency_with_everything_answered_is_an_ordinary_signature() {
    let mut document = stroke();
    complete(&mut document, AT + 2 * MINUTE);
    assert!(assessed(&document).0.emergency_may_sign);
    assert!(!cut_short(&document, 0));
}

#[test]
fn a_dispute_does_not_hold_up_an_emergency() {
    let mut document = stroke();
    complete(&mut document, AT + 2 * MINUTE);
    let mut elsewhere = document.clone();
    let mut ben = asha();
    (ben.actor, ben.author.person) = ([3; 16], "person-ben".to_owned());
    for (document, who, words) in [(&mut document, asha(), "left"), (&mut elsewhere, ben, "right")] {
        let words = Answer::text(words);
        document
            .edit(AT + 3 * MINUTE, &who, |record| {
                record.answers.insert("emergency-note".to_owned(), words);
            })
            .expect("an edit");
    }
    document.apply(elsewhere.changes_since(&[])).expect("a merge");
    let disputed = document.clashes().expect("readable").len();
    let refused = document.sign(AT + 4 * MINUTE, &asha(), "2074123", false).expect_err("disputed");
    assert!(matches!(refused, SignError::Disputed(1)));
    assert!(cut_short(&document, disputed));
    document.sign(AT + 4 * MINUTE, &asha(), "2074123", true).expect("an emergency waits for nobody");
}
