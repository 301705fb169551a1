//! Which ways a referral goes, and that none goes before it may.

use super::{Recipient, onward_referral, recipient};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{AddressEntry, DeliveryKind, DeliveryState, NewDelivery, Pharmacy, Route, SqliteStore};
use proptest::prelude::*;
use shared::consultation::{Consultation, Onward, Signature, summarise};
use shared::ids::{ConsultationId, OdsCode};
use shared::pathway;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;

fn ods(code: &str) -> OdsCode {
    code.parse().expect("an ODS code")
}

fn record(service: &str, urgency: &str) -> Consultation {
    let id = ConsultationId::from_bytes([7; 16]);
    let mut record = Consultation::new(id, &ods("FA123"), "minor-illness@1", NOW);
    record.onward = Onward {
        service: service.into(),
        urgency: urgency.into(),
        ods: "FB456".into(),
        dos_service_id: "2099000002".into(),
        name: "Sycamore Pharmacy".into(),
        agreed_with: "Sam Lind".into(),
        agreed_at: "2026-11-22T14:05:00Z".into(),
        consent: "yes".into(),
        reason: "Not in stock here".into(),
        ..Onward::default()
    };
    record
}

fn plan_with(record: &Consultation, signature: &Signature, bars: bool) -> Vec<NewDelivery> {
    let pathway = pathway::find(&record.pathway).expect("a file of this build");
    onward_referral(record, signature, &summarise(record, pathway), bars, |route, position| NewDelivery {
        id: Uuid::nil(),
        consultation: ConsultationId::from_bytes([7; 16]),
        pharmacy: ods("FA123"),
        kind: DeliveryKind::OnwardReferral,
        amendment: 0,
        route,
        position,
        state: DeliveryState::Held,
        addressee: record.onward.name.clone(),
        detail: String::new(),
        message: None,
        answer_by: Some(NOW + 1),
        created_at: NOW,
    })
}

fn signature() -> Signature {
    Signature { at: "2026-11-22T15:00:00Z".into(), ..Signature::default() }
}

fn plan(record: &Consultation) -> Vec<(Route, DeliveryState)> {
    plan_with(record, &signature(), false).into_iter().map(|one| (one.route, one.state)).collect()
}

#[test]
fn another_pharmacy_is_handed_the_record_or_gets_an_e_mail_or_paper() {
    use DeliveryState::{Queued, Standby};
    let expected = [(Route::Handover, Queued), (Route::Email, Standby), (Route::Print, Standby)];
    assert_eq!(plan(&record("pharmacy", "routine")), expected);
    let with_bars: Vec<_> =
        plan_with(&record("pharmacy", "routine"), &signature(), true).iter().map(|one| one.route).collect();
    assert_eq!(with_bars, [Route::Handover, Route::Bars, Route::Email, Route::Print]);
}

#[test]
fn others_get_an_e_mail_or_paper_and_paper_alone_where_nobody_knows_their_code() {
    use DeliveryState::{NeedsAttention, Queued, Standby};
    for service in ["gp", "out-of-hours", "emergency-department", "dentist", "optometrist", "sexual-health"] {
        assert_eq!(
            plan(&record(service, "routine")),
            [(Route::Email, Queued), (Route::Print, Standby)],
            "{service}"
        );
    }
    let mut typed = record("dentist", "routine");
    (typed.onward.ods, typed.onward.dos_service_id) = Default::default();
    assert_eq!(plan(&typed), [(Route::Print, NeedsAttention)]);
    typed.onward.email = "dentist@nhs.net".into();
    assert_eq!(plan(&typed), [(Route::Email, Queued), (Route::Print, Standby)]);
}

#[test]
fn an_urgent_referral_that_does_not_get_through_is_told_within_the_half_hour() {
    let urgent = plan_with(&record("gp", "urgent"), &signature(), false);
    assert_eq!(urgent[0].answer_by, Some(NOW + 30 * 60_000), "from when it came here, however late");
    assert_eq!(plan_with(&record("gp", "routine"), &signature(), false)[0].answer_by, Some(NOW + 1));
}

#[test]
fn nothing_goes_without_a_call_where_one_is_due_nor_without_consent() {
    use DeliveryState::{Held, NotRequired};
    let one = |change: fn(&mut Consultation)| {
        let mut record = record("pharmacy", "routine");
        change(&mut record);
        let planned = plan(&record);
        assert_eq!(planned.len(), 1);
        planned[0].1
    };
    assert_eq!(one(|record| record.onward.agreed_with.clear()), Held);
    assert_eq!(one(|record| record.onward.agreed_at.clear()), Held);
    assert_eq!(one(|record| record.onward.consent.clear()), Held);
    assert_eq!(one(|record| record.onward.consent = "no".into()), NotRequired);
    let emergency = Signature { emergency: true, ..signature() };
    assert_eq!(plan_with(&record("pharmacy", "urgent"), &emergency, false)[0].state, Held);
}

#[test]
fn nobody_is_sent_on_by_a_closed_referral_or_where_nobody_is_chosen() {
    let mut closed = record("pharmacy", "routine");
    closed.outcome.closure_reason = "no_contact".into();
    assert!(plan(&closed).is_empty());
    let mut nobody = record("pharmacy", "routine");
    nobody.onward = Onward::default();
    assert!(plan(&nobody).is_empty());
}

proptest! {
    /// However a record was filled in, a message leaves only where everything that is asked for was done.
    #[test]
    fn a_referral_is_queued_only_where_nothing_is_waited_for(
        service in prop::sample::select(vec!["", "pharmacy", "gp", "dentist", "emergency-department", "spa"]),
        urgency in prop::sample::select(vec!["", "urgent", "routine"]),
        consent in prop::sample::select(vec!["", "yes", "no"]),
        agreed in any::<bool>(),
        emergency in any::<bool>(),
        bars in any::<bool>(),
    ) {
        let mut record = record(service, urgency);
        record.onward.consent = consent.into();
        if !agreed {
            record.onward.agreed_with.clear();
        }
        let signature = Signature { emergency, ..signature() };
        let planned = plan_with(&record, &signature, bars);
        let leaves = planned.iter().any(|one| matches!(one.state, DeliveryState::Queued | DeliveryState::Standby | DeliveryState::NeedsAttention));
        let may = record.onward_waits_for().is_none() && consent == "yes" && !service.is_empty() && !emergency;
        prop_assert_eq!(leaves, may);
        prop_assert!(planned.iter().filter(|one| one.state == DeliveryState::Queued).count() <= 1);
    }
}

#[tokio::test]
async fn an_address_that_nobody_has_confirmed_is_never_written_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/satchel.db", folder.path().display());
    let config =
        Config::read(BTreeMap::from([("database_url".to_owned(), url.clone())]), false).expect("settings");
    let store = SqliteStore::open(&url).await.expect("a database");
    let app = App::new(config, Clock::set_to(NOW), Arc::new(store)).await.expect("an app");
    let pharmacy = ods("FA123");
    let elm = Pharmacy {
        ods: pharmacy.clone(),
        name: "Elm Pharmacy".into(),
        dos_ids: Vec::new(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    };
    app.store.put_pharmacy(&elm).await.expect("a pharmacy");
    let mut entry = AddressEntry {
        id: Uuid::new_v4(),
        pharmacy: pharmacy.clone(),
        ods: Some(ods("FB456")),
        kind: "pharmacy".into(),
        name: "Sycamore Pharmacy".into(),
        email: "sycamore@nhs.net".into(),
        phone: String::new(),
        note: String::new(),
        source: "screen".into(),
        code_hash: None,
        confirmed_at: None,
        confirmed_by: None,
        confirmed_with: String::new(),
        changed_at: NOW,
    };
    let mut onward = record("pharmacy", "routine").onward;
    onward.email = "typed@example.org".into();
    let found = async |onward: &Onward| match recipient(&app, &pharmacy, onward).await.expect("read") {
        Recipient::Confirmed(entry) => entry.email,
        Recipient::None(words) => words,
    };
    app.store.put_address(&entry).await.expect("written");
    assert!(found(&onward).await.starts_with("No e-mail address of Sycamore Pharmacy is confirmed"));
    entry.confirmed_at = Some(NOW);
    app.store.put_address(&entry).await.expect("written");
    assert_eq!(found(&onward).await, "sycamore@nhs.net", "the book's address, not the one that was typed");
    onward.ods.clear();
    assert!(found(&onward).await.starts_with("No e-mail address"));
    onward.email = "SYCAMORE@nhs.net".into();
    assert_eq!(found(&onward).await, "sycamore@nhs.net", "typed, and confirmed in the book");
}
