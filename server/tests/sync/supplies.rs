//! What a push that signs puts into the register, and who may read it.

use crate::support::{Device, NOW, Server};
use reqwest::StatusCode;
use serde_json::json;
use shared::api::{EarlierView, RecallView, RegisterView, Verdict};
use shared::consultation::{Document, Medicine};
use shared::ids::ConsultationId;

fn inhaler() -> Medicine {
    Medicine {
        name: "Salbutamol 100micrograms/dose inhaler".to_owned(),
        decision: "supplied".to_owned(),
        supply_type: "emergency-supply".to_owned(),
        quantity: "1".to_owned(),
        unit: "inhaler".to_owned(),
        supplied_at: shared::time::stored(NOW),
        recorded_at: shared::time::stored(NOW),
        batch: "AB-12".to_owned(),
        reason: "Left it on the train".to_owned(),
        ..Medicine::default()
    }
}

/// Recorded, and pushed whole before anybody signs.
async fn recorded(device: &mut Device) -> (ConsultationId, Document) {
    let (id, mut document) = device.walk_in();
    let writer = device.writer();
    document
        .edit(NOW, &writer, |record| {
            "9990548609".clone_into(&mut record.patient.nhs_number);
            record.medicines.insert("line-1".to_owned(), inhaler());
        })
        .expect("an edit");
    let whole = device.whole(id, &mut document);
    assert!(matches!(device.push(vec![whole]).await[..], [Verdict::Stored { .. }]));
    (id, document)
}

async fn register(device: &mut Device) -> RegisterView {
    let answer = device.http.get("/api/supplies/register?from=2026-11-22&to=2026-11-22").await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("a register")
}

#[tokio::test]
async fn a_push_that_signs_puts_the_supply_into_the_register() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = recorded(&mut asha).await;
    assert!(register(&mut asha).await.entries.is_empty(), "nobody has signed it");

    let writer = asha.writer();
    // Cut short by an emergency: no question of the rules was answered, and what was handed over is entered all the same.
    document.sign(NOW, &writer, "2074123", true).expect("a signature");
    let latest = asha.latest(id, &mut document);
    assert!(matches!(asha.push(vec![latest]).await[..], [Verdict::Stored { .. }]));
    // Written with the push: nothing is left for whoever asks.
    let unread = server.app.store.supplies_unread(&asha.ods, satchel::supplies::VERSION, None, 9).await;
    assert!(unread.expect("a store").is_empty());
    let view = register(&mut asha).await;
    assert_eq!((view.entries.len(), view.entries[0].quantity.as_str()), (1, "1 inhaler"));
    assert_eq!(view.entries[0].signed_by, "Asha Patel, GPhC 2074123");

    let found = asha.http.post("/api/supplies/recall", &json!({ "batch": "ab12" })).await;
    let found: RecallView = found.json().await.expect("an answer");
    assert_eq!(found.given.len(), 1);
    let earlier = tom.http.post("/api/supplies/earlier", &json!({ "nhs_number": "9990548609" })).await;
    let earlier: EarlierView = earlier.json().await.expect("an answer");
    assert_eq!(earlier.supplies.len(), 1, "a technician reads what was supplied");
    let refused = tom.http.post("/api/supplies/recall", &json!({ "batch": "ab12" })).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    let lines = server.app.store.audit(&asha.ods, 50).await.expect("a store");
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    for action in ["pom-register-read", "recall-searched", "earlier-supplies-read"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    assert!(lines.iter().all(|line| !line.subject.contains("9990548609")), "no patient in the log");
}
