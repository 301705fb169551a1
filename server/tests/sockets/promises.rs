//! What must be true once everything has come to rest.

use crate::device::Device;
use crate::vault::heads;
use automerge::Change;
use satchel::store::{DeliveryState, Store, StoredDocument};
use shared::consultation::{Document, Status};
use shared::ids::{ConsultationId, OdsCode};
use std::collections::{BTreeMap, BTreeSet};

/// Everybody agrees, nothing acknowledged or typed is missing, nothing waits, and each signature has one delivery.
pub async fn check(store: &dyn Store, pharmacy: &OdsCode, devices: &mut [Device]) {
    let rows = store.rows(Some(pharmacy)).await.expect("rows");
    let mut server: BTreeMap<ConsultationId, Document> = BTreeMap::new();
    for row in &rows {
        let id = row.id.parse().expect("an id");
        let stored = store.document(pharmacy, &id).await.expect("the store reads").expect("it is listed");
        server.insert(id, opened(&stored));
    }
    let everywhere: BTreeMap<ConsultationId, Vec<String>> =
        server.iter_mut().map(|(id, document)| (*id, heads(document))).collect();
    let (mut acknowledged, mut typed, mut deaths) = (0, 0, 0);
    for device in devices {
        let waiting = device.vault.unsent.values().any(|unsent| !unsent.changes.is_empty());
        assert!(!waiting, "something is said to wait that does not");
        assert_eq!(device.vault.set_aside, BTreeMap::new(), "honest work was refused");
        assert!(device.vault.heads() == everywhere, "a device and the server do not agree");
        for (kind, changes) in [("acknowledged", &device.acknowledged), ("typed", &device.typed)] {
            for (id, change) in changes {
                let there = server.get_mut(id).is_some_and(|it| it.has(&automerge::ChangeHash(*change)));
                assert!(there, "something that was {kind} is gone from {id}");
            }
        }
        acknowledged += device.acknowledged.len();
        typed += device.typed.len();
        deaths += device.deaths;
    }
    let signed = deliver_once(store, pharmacy, &server).await;
    println!(
        "{} consultations ({signed} signed), {typed} changes typed, {acknowledged} acknowledged, devices died \
         {deaths} times: everyone agrees",
        rows.len()
    );
}

/// One delivery for each signed consultation and none for any other; answers how many are signed.
async fn deliver_once(
    store: &dyn Store,
    pharmacy: &OdsCode,
    server: &BTreeMap<ConsultationId, Document>,
) -> usize {
    let mut signed = BTreeSet::new();
    for (id, document) in server {
        let record = document.read().expect("it is a record");
        if !record.signatures.is_empty() {
            signed.insert(*id);
            assert_eq!(document.clone().row().expect("a row").status, Status::Completed);
        }
    }
    let deliveries = store.deliveries(Some(pharmacy)).await.expect("deliveries");
    // What stands by is the way after the first, not a second notice.
    let first = deliveries.iter().filter(|delivery| delivery.state != DeliveryState::Standby);
    let about: Vec<ConsultationId> = first.map(|delivery| delivery.consultation).collect();
    assert_eq!(about.len(), signed.len(), "a signature has not exactly one delivery");
    assert_eq!(about.into_iter().collect::<BTreeSet<_>>(), signed);
    signed.len()
}

fn opened(stored: &StoredDocument) -> Document {
    let mut document = Document::load(&stored.base).expect("a base is a document");
    let changes = stored.changes.iter().map(|bytes| Change::from_bytes(bytes.clone()).expect("a change"));
    document.apply(changes.collect()).expect("the log is whole");
    document
}
