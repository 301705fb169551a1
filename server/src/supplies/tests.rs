//! Promises of the register, of recalls and of earlier supplies, asked of records that are signed.

use super::*;
use crate::outbox::prepare::tests::{Bench, NOW, consultation, ods};
use crate::store::{Append, DocumentWrite};
use shared::api::EarlierAsked;
use shared::consultation::{Author, Consultation, Medicine, Writer};

fn by(actor: u8, person: &str, role: &str) -> Writer {
    Writer {
        actor: [actor; 16],
        author: Author {
            person: person.to_owned(),
            name: "Asha Patel".to_owned(),
            role: role.to_owned(),
            unlocked_by: "passkey".to_owned(),
        },
    }
}

fn inhaler() -> Medicine {
    Medicine {
        name: "Salbutamol 100micrograms/dose inhaler".to_owned(),
        code: "39113311000001107".to_owned(),
        level: "VMP".to_owned(),
        form: "pressurised inhalation".to_owned(),
        decision: "supplied".to_owned(),
        supply_type: "emergency-supply".to_owned(),
        supplied_at: "2026-11-18T15:00:00Z".to_owned(),
        recorded_at: "2026-11-18T14:55:00Z".to_owned(),
        legal_class: "POM".to_owned(),
        quantity: "1".to_owned(),
        unit: "inhaler".to_owned(),
        batch: "AB12".to_owned(),
        reason: "Left it on the train".to_owned(),
        ..Medicine::default()
    }
}

/// Signed and stored as servers did it before there were rows of supplies.
async fn signed_before(bench: &Bench, number: u8, change: impl Fn(&mut Consultation)) -> Document {
    let mut record = consultation("urgent-medicine-supply@1");
    record.id = ConsultationId::from_bytes([number; 16]).to_string();
    record.medicines.insert("line-1".to_owned(), inhaler());
    change(&mut record);
    let mut document = Document::create(NOW, &by(9, "", "server"), &record).expect("a document");
    let asha = by(1, "11111111-1111-4111-8111-111111111111", "pharmacist");
    // Cut short by an emergency: no question of the rules was answered, and what was handed over is told all the same.
    document.sign(NOW + 1, &asha, "2074123", true).expect("a signature");
    store(bench, &mut document, 0).await;
    document
}

async fn store(bench: &Bench, document: &mut Document, based_on: u64) {
    let write = DocumentWrite {
        id: document.read().expect("a record").id.parse().expect("an id"),
        based_on,
        base: Some(document.save()),
        changes: Vec::new(),
        heads: document.heads().iter().map(ToString::to_string).collect(),
        row: document.row().expect("a row"),
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: if based_on == 0 { None } else { of(document).expect("readable") },
    };
    let append = Append { documents: vec![write], ..Append::default() };
    bench.app.store.append(&ods("FZ999"), append).await.expect("stored");
}

async fn asked(bench: &Bench, asked: EarlierAsked) -> Vec<(String, bool)> {
    let view = earlier(&bench.app, &ods("FZ999"), &asked).await.expect("an answer");
    view.supplies.into_iter().map(|one| (one.consultation, one.by_name_only)).collect()
}

fn id(number: u8) -> String {
    ConsultationId::from_bytes([number; 16]).to_string()
}

#[tokio::test]
async fn a_record_signed_before_there_were_rows_is_in_the_register_and_in_a_recall() {
    let bench = Bench::new().await;
    signed_before(&bench, 1, |_| ()).await;
    let pharmacy = ods("FZ999");
    let view = register(&bench.app, &pharmacy, "2026-11-18", "2026-11-18").await.expect("an answer");
    assert_eq!(view.entries.len(), 1);
    let entry = &view.entries[0];
    assert_eq!((entry.patient.as_str(), entry.quantity.as_str()), ("O’SAMPLE, Siân Mary", "1 inhaler"));
    assert_eq!(entry.nature, "Left it on the train");
    assert_eq!(entry.signed_by, "Asha Patel, GPhC 2074123");
    let given = recall(&bench.app, &pharmacy, "ab 12", "").await.expect("an answer");
    assert_eq!((given.given.len(), given.batch_unknown.len()), (1, 0));
    assert_eq!(given.given[0].phone, "07700 900141");
}

#[tokio::test]
async fn a_signed_record_that_cannot_be_opened_is_counted_wherever_it_is_missing() {
    let bench = Bench::new().await;
    signed_before(&bench, 2, |_| ()).await;
    let mut damaged = signed_before(&bench, 1, |_| ()).await;
    let id = ConsultationId::from_bytes([1; 16]);
    let stored = bench.app.store.document(&ods("FZ999"), &id).await.expect("an answer").expect("a document");
    let write = DocumentWrite {
        id,
        based_on: stored.seq,
        base: Some(b"damaged".to_vec()),
        changes: Vec::new(),
        heads: damaged.heads().iter().map(ToString::to_string).collect(),
        row: damaged.row().expect("a row"),
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: None,
    };
    let append = Append { documents: vec![write], ..Append::default() };
    bench.app.store.append(&ods("FZ999"), append).await.expect("stored");
    let found = recall(&bench.app, &ods("FZ999"), "AB12", "").await.expect("an answer");
    assert_eq!((found.given.len(), found.unreadable), (1, 1));
    let view = register(&bench.app, &ods("FZ999"), "2026-11-18", "2026-11-18").await.expect("an answer");
    assert_eq!((view.entries.len(), view.unreadable), (1, 1));
}

#[tokio::test]
async fn a_recall_of_a_product_names_those_whose_batch_nobody_recorded_too() {
    let bench = Bench::new().await;
    signed_before(&bench, 1, |_| ()).await;
    signed_before(&bench, 2, |record| {
        let line = Medicine { batch: String::new(), ..inhaler() };
        record.medicines.insert("line-1".to_owned(), line);
    })
    .await;
    let found = recall(&bench.app, &ods("FZ999"), "AB12", "salbutamol").await.expect("an answer");
    assert_eq!((found.given.len(), found.batch_unknown.len()), (1, 1));
    let other = recall(&bench.app, &ods("FZ999"), "AB12", "insulin").await.expect("an answer");
    assert_eq!((other.given.len(), other.batch_unknown.len()), (0, 0));
    assert!(recall(&bench.app, &ods("FZ999"), " - ", "salbutamol").await.is_err(), "no batch was given");
}

#[tokio::test]
async fn an_amendment_takes_a_supply_out_of_the_register_only_when_it_is_signed() {
    let bench = Bench::new().await;
    let mut document = signed_before(&bench, 1, |_| ()).await;
    let entries = async || {
        let view = register(&bench.app, &ods("FZ999"), "2026-11-18", "2026-11-18").await;
        view.expect("an answer").entries.len()
    };
    assert_eq!(entries().await, 1);
    let asha = by(1, "11111111-1111-4111-8111-111111111111", "pharmacist");
    document.amend(NOW + 2, &asha, "It was never handed over").expect("an amendment");
    document
        .edit(NOW + 3, &asha, |record| {
            let line = Medicine { decision: "refused".to_owned(), ..inhaler() };
            record.medicines.insert("line-1".to_owned(), line);
        })
        .expect("an edit");
    store(&bench, &mut document, 1).await;
    assert_eq!(entries().await, 1, "nobody has signed the amendment");
    document.sign(NOW + 4, &asha, "2074123", true).expect("a signature");
    store(&bench, &mut document, 2).await;
    assert_eq!(entries().await, 0);
}

#[tokio::test]
async fn earlier_supplies_are_the_patients_others_and_not_those_of_the_consultation_itself() {
    let bench = Bench::new().await;
    signed_before(&bench, 1, |_| ()).await;
    signed_before(&bench, 2, |record| record.patient.nhs_number = "9990548706".to_owned()).await;
    signed_before(&bench, 3, |record| {
        record.patient.nhs_number = String::new();
        record.patient.nhs_number_status = String::new();
    })
    .await;
    // The record says who it is about.
    let by_record = EarlierAsked { consultation: id(1), ..EarlierAsked::default() };
    assert_eq!(asked(&bench, by_record).await, [(id(3), true)]);
    let by_number = EarlierAsked { nhs_number: "999 054 8609".to_owned(), ..EarlierAsked::default() };
    assert_eq!(asked(&bench, by_number).await, [(id(1), false)]);
    let nobody = earlier(&bench.app, &ods("FZ999"), &EarlierAsked::default()).await.expect("an answer");
    assert!(nobody.unknown_patient && nobody.supplies.is_empty());
}

#[tokio::test]
async fn another_pharmacys_consultation_is_none_of_theirs() {
    let bench = Bench::new().await;
    signed_before(&bench, 1, |_| ()).await;
    let of_it = EarlierAsked { consultation: id(1), ..EarlierAsked::default() };
    assert!(earlier(&bench.app, &ods("FB456"), &of_it).await.is_err());
    let by_number = EarlierAsked { nhs_number: "9990548609".to_owned(), ..EarlierAsked::default() };
    let view = earlier(&bench.app, &ods("FB456"), &by_number).await.expect("an answer");
    assert!(view.supplies.is_empty());
}

#[tokio::test]
async fn tokens_are_listed_by_their_month() {
    let bench = Bench::new().await;
    signed_before(&bench, 1, |record| {
        record.charge.status = "exempt".to_owned();
        record.charge.token = "printed".to_owned();
    })
    .await;
    let november = tokens(&bench.app, &ods("FZ999"), "2026-11").await.expect("an answer").tokens;
    assert_eq!((november.len(), november[0].mark.as_str(), november[0].forms), (1, "PF UMS", 1));
    assert!(tokens(&bench.app, &ods("FZ999"), "2026-12").await.expect("an answer").tokens.is_empty());
    for wrong in ["2026-13", "2026", "2026-1-", "november"] {
        assert!(tokens(&bench.app, &ods("FZ999"), wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn days_that_cannot_be_read_or_are_too_many_are_said() {
    let bench = Bench::new().await;
    for (from, to) in [("", ""), ("2026-11-02", "2026-11-01"), ("2020-01-01", "2026-01-01"), ("x", "y")] {
        assert!(register(&bench.app, &ods("FZ999"), from, to).await.is_err(), "{from} {to}");
    }
}

#[test]
fn a_table_for_a_spreadsheet_carries_nothing_out() {
    let entry = shared::register::Entry {
        patient: "=HYPERLINK(\"x\")".to_owned(),
        address: "1 Elm Road\nZettington".to_owned(),
        ..shared::register::Entry::default()
    };
    let text = String::from_utf8(csv::register(&[entry]).expect("a table")).expect("text");
    assert!(text.contains("'=HYPERLINK") && text.contains("\"1 Elm Road, Zettington\""), "{text}");
}
