//! Promises about what PDS said of our patients' numbers, and about what was asked when.

use crate::records::{document, ods, one};
use satchel::store::{DocumentWrite, PdsCheck, SeenNumber, Store};
use shared::consultation::{Status, WorkListRow};
use shared::ids::ConsultationId;
use std::sync::Arc;
use uuid::Uuid;

pub async fn what_pds_said_last_of_a_number_stands(store: &Arc<dyn Store>) {
    let [ours, other] = [1, 2].map(|n| ConsultationId(Uuid::from_bytes([n; 16])));
    let said = |number: u8, stands, at| SeenNumber {
        consultation: ours,
        number: [number; 32],
        stands,
        mode: "worker",
        at,
    };
    store.saw_numbers(&[said(1, true, 10), said(2, true, 10)]).await.expect("stored");
    store.saw_numbers(&[said(1, false, 20)]).await.expect("stored");
    let mut seen = store.seen_numbers(&ours).await.expect("read");
    seen.sort_unstable();
    assert_eq!(seen, [([1; 32], false), ([2; 32], true)]);
    assert_eq!(store.seen_numbers(&other).await.expect("read"), []);
}

pub async fn only_what_is_not_settled_is_asked_about_and_comes_with_its_last_check(store: &Arc<dyn Store>) {
    let filed = async |status, received_at: &str| {
        let written = document(10);
        let row = WorkListRow {
            id: written.id.to_string(),
            status,
            received_at: received_at.to_owned(),
            ..WorkListRow::default()
        };
        let id = written.id;
        store.append(&ods("FA123"), one(DocumentWrite { row, ..written })).await.expect("stored");
        id
    };
    let earlier = filed(Status::Received, "2026-11-22T08:00:00Z").await;
    let later = filed(Status::Open, "2026-11-22T09:00:00Z").await;
    for status in [Status::Completed, Status::Closed, Status::Withdrawn] {
        filed(status, "2026-11-22T07:00:00Z").await;
    }
    store.put_pds_check(&earlier, &PdsCheck { asked: [4; 32], at: 5 }).await.expect("stored");
    let check = PdsCheck { asked: [6; 32], at: 7 };
    store.put_pds_check(&earlier, &check).await.expect("stored");
    let open = store.open_with_checks().await.expect("read");
    let open: Vec<_> = open.into_iter().map(|(row, check)| (row.id, check)).collect();
    assert_eq!(open, [(later.to_string(), None), (earlier.to_string(), Some(check))]);
}
