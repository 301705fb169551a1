//! What a server must not take, whoever sends it: refused with a reason, kept aside, never half stored.

use crate::support::{Device, NOW, Server, rebuilt, record};
use automerge::transaction::Transactable as _;
use reqwest::StatusCode;
use satchel::store::{DeliveryState, SeenNumber};
use shared::api::{Refusal, Verdict};
use shared::authorship::Unlock;
use shared::consultation::{Answer, Consultation, Document, Notice, Signature};
use shared::ids::ConsultationId;
use shared::people::Role;
use shared::sync::frame::PushedDocument;
use uuid::Uuid;

fn reason(verdicts: &[Verdict]) -> Refusal {
    match verdicts {
        [Verdict::Refused { reason, .. }] => *reason,
        other => panic!("not refused: {other:?}"),
    }
}

async fn stored(device: &mut Device) -> (ConsultationId, Document) {
    let (id, mut document) = device.walk_in();
    let whole = device.whole(id, &mut document);
    assert_eq!(device.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);
    (id, document)
}

async fn set_aside(server: &Server, device: &Device) -> usize {
    server.app.store.quarantined(&device.ods).await.expect("a store").len()
}

#[tokio::test]
async fn a_change_under_anothers_actor_is_refused_and_set_aside() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut asha).await;
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let hers = asha.latest(id, &mut document);
    let unsigned = PushedDocument { signatures: Vec::new(), ..hers.clone() };
    assert_eq!(reason(&tom.push(vec![unsigned.clone()]).await), Refusal::ForeignActor);
    assert_eq!(set_aside(&server, &tom).await, 1);
    assert_eq!(reason(&tom.push(vec![unsigned]).await), Refusal::ForeignActor);
    assert_eq!(set_aside(&server, &tom).await, 1, "the same again is one entry");
    assert_eq!(asha.push(vec![hers]).await, [Verdict::Stored { seq: 2 }], "its author may");
}

#[tokio::test]
async fn an_actor_without_a_receipt_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    let mut frame = asha.frame(vec![asha.whole(id, &mut document)]);
    frame.receipts.clear();
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::Receipt);
    frame.actors.clear();
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::ForeignActor);
}

#[tokio::test]
async fn once_shown_a_receipt_need_not_be_sent_again() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let mut frame = asha.frame(vec![asha.latest(id, &mut document)]);
    frame.receipts.clear();
    frame.actors.clear();
    assert_eq!(asha.push_frame(&frame).await, [Verdict::Stored { seq: 2 }]);
}

#[tokio::test]
async fn a_receipt_whose_passkey_answered_something_else_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut receipt = asha.unlock(Unlock::Passkey);
    let mut other = asha.unlock(Unlock::Passkey);
    let assertion = receipt.assertion.as_mut().expect("a passkey's");
    assertion.signature = other.assertion.take().expect("a passkey's").authenticator_data;
    asha.receipt = receipt.to_bytes();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::Receipt);
}

#[tokio::test]
async fn a_receipt_with_a_nonce_of_nobodys_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    asha.view.server_nonce = "never-given".to_owned();
    asha.receipt = asha.unlock(Unlock::Passkey).to_bytes();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::Receipt);
}

#[tokio::test]
async fn a_passphrase_unlocks_without_a_passkey_and_says_so() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    asha.receipt = asha.unlock(Unlock::Passphrase).to_bytes();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::ForeignActor, "it claims a passkey");
    asha.author.unlocked_by = "passphrase".to_owned();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);
}

#[tokio::test]
async fn an_author_signature_over_something_else_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    let mut whole = asha.whole(id, &mut document);
    whole.signatures = vec![asha.signature(id, [9; 32])];
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::AuthorSignature);
}

#[tokio::test]
async fn a_device_that_writes_deliveries_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let forged = shared::consultation::Delivery { state: "accepted".to_owned(), ..Default::default() };
    document
        .edit(NOW, &asha.writer(), |record| drop(record.deliveries.insert("gp-notice/0".to_owned(), forged)))
        .expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert_eq!(reason(&asha.push(vec![latest]).await), Refusal::WroteDeliveries);
    assert_eq!(server.app.store.last_seq(&asha.ods).await.expect("a store"), 1, "nothing of it is stored");
}

#[tokio::test]
async fn nobody_calls_an_nhs_number_verified_by_hand() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let writer = asha.writer();

    let mut forged = document.clone();
    forged
        .edit(NOW, &writer, |record| {
            "9990548609".clone_into(&mut record.patient.nhs_number);
            "verified".clone_into(&mut record.patient.nhs_number_status);
        })
        .expect("an edit");
    let latest = asha.latest(id, &mut forged);
    assert_eq!(reason(&asha.push(vec![latest]).await), Refusal::VerifiedNumber);

    let made = ConsultationId(Uuid::new_v4());
    let mut born_verified = record(made, "FA123");
    "verified".clone_into(&mut born_verified.patient.nhs_number_status);
    let mut born_verified = Document::create(NOW, &writer, &born_verified).expect("a document");
    let whole = asha.whole(made, &mut born_verified);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::VerifiedNumber);

    document
        .edit(NOW, &writer, |record| {
            "9990548609".clone_into(&mut record.patient.nhs_number);
            "unverified".clone_into(&mut record.patient.nhs_number_status);
        })
        .expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: 2 }], "as unverified it is taken");
}

#[tokio::test]
async fn a_number_that_a_device_says_pds_confirmed_is_stored_and_sent_only_where_pds_did() {
    for (seen, state) in
        [(None, DeliveryState::Held), (Some(true), DeliveryState::Queued), (Some(false), DeliveryState::Held)]
    {
        let server = Server::start().await;
        let mut asha = server.asha().await;
        let (id, mut document) = stored(&mut asha).await;
        if let Some(stands) = seen {
            let number = server.app.server_keys.traces.number(&id, "9990548609");
            let seen = SeenNumber { consultation: id, number, stands, mode: "worker", at: NOW };
            server.app.store.saw_numbers(&[seen]).await.expect("the store");
        }
        let writer = asha.writer();
        document
            .edit_visit(NOW, &writer, |record| {
                "9990548609".clone_into(&mut record.patient.nhs_number);
                "verified".clone_into(&mut record.patient.nhs_number_status);
                record.patient.traced_at = shared::time::stored(NOW);
                "Brambleworth".clone_into(&mut record.patient.family_name);
                "Odile".clone_into(&mut record.patient.given_name);
                "1987-06-14".clone_into(&mut record.patient.birth_date);
                "female".clone_into(&mut record.patient.sex);
                "A99999".clone_into(&mut record.patient.gp_ods);
            })
            .expect("an edit");
        document.sign(NOW, &writer, &asha.gphc, false).expect("a signature");
        let whole = asha.whole(id, &mut document);
        let verdicts = asha.push(vec![whole]).await;
        assert!(matches!(verdicts[..], [Verdict::Stored { .. }]), "{seen:?}: {verdicts:?}");
        let sent = server.app.store.deliveries_of(&id).await.expect("the store");
        // Whatever stands by is a way after the first, not another notice.
        let states: Vec<DeliveryState> = sent.iter().map(|row| row.state).collect();
        assert!(
            states[0] == state && states[1..].iter().all(|row| *row == DeliveryState::Standby),
            "{seen:?}: {sent:?}"
        );

        // The confirmation of one number is none of another that takes its place.
        if state == DeliveryState::Queued {
            document.amend(NOW, &writer, "Another number").expect("an amendment");
            let mut forged = document.clone();
            forged
                .edit(NOW, &writer, |record| "9997001028".clone_into(&mut record.patient.nhs_number))
                .expect("an edit");
            let whole = asha.whole(id, &mut forged);
            assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::VerifiedNumber);
        }
    }
}

#[tokio::test]
async fn a_device_notes_what_pds_said_and_nothing_that_a_sender_says() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let writer = asha.writer();
    let notice = |kind: &str| Notice { kind: kind.to_owned(), at: String::new(), text: "Words".to_owned() };
    for (key, kind) in [("M1", "withdrawn"), ("M1", "pds-deceased"), ("pds-deceased", "withdrawn")] {
        let mut forged = document.clone();
        forged
            .edit(NOW, &writer, |record| drop(record.notices.insert(key.to_owned(), notice(kind))))
            .expect("an edit");
        let latest = asha.latest(id, &mut forged);
        assert_eq!(reason(&asha.push(vec![latest]).await), Refusal::WroteDeliveries, "{key} {kind}");
    }
    document
        .edit(NOW, &writer, |record| {
            drop(record.notices.insert("pds-deceased".to_owned(), notice("pds-deceased")));
        })
        .expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: 2 }]);
    document.edit(NOW, &writer, |record| record.notices.clear()).expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: 3 }], "and settles it");

    let made = ConsultationId(Uuid::new_v4());
    let mut walk_in = record(made, "FA123");
    walk_in.notices.insert("pds-restricted".to_owned(), notice("pds-restricted"));
    let mut walk_in = Document::create(NOW, &writer, &walk_in).expect("a document");
    let whole = asha.whole(made, &mut walk_in);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 4 }]);
}

#[tokio::test]
async fn another_number_does_not_inherit_that_the_servers_was_verified() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let pharmacy = asha.ods.clone();
    satchel::sync::server_edit(&server.app, &pharmacy, &id, |record| {
        "9997001028".clone_into(&mut record.patient.nhs_number);
        "verified".clone_into(&mut record.patient.nhs_number_status);
    })
    .await
    .expect("an edit");

    let writer = asha.writer();
    document
        .edit(NOW, &writer, |record| "9990548609".clone_into(&mut record.patient.nhs_number))
        .expect("an edit apart");
    let apart = asha.latest(id, &mut document);
    // Made apart, one of the two numbers shows, by the accident of actor ids: never hers with the server's tick.
    let verdicts = asha.push(vec![apart]).await;
    if !matches!(verdicts[..], [Verdict::Stored { .. }]) {
        assert_eq!(reason(&verdicts), Refusal::VerifiedNumber);
    }

    let mut seen = rebuilt(&asha.pull(0).await, id);
    assert_eq!(seen.read().expect("readable").patient.nhs_number, "9997001028");
    seen.edit(NOW, &writer, |record| "9990548609".clone_into(&mut record.patient.nhs_number))
        .expect("an edit");
    let upon = asha.latest(id, &mut seen);
    assert_eq!(reason(&asha.push(vec![upon]).await), Refusal::VerifiedNumber);
}

#[tokio::test]
async fn a_text_that_not_every_database_can_keep_is_refused_and_nothing_else_of_the_push() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let writes: [fn(&mut Consultation); 3] = [
        |record| record.patient.phone = "01632\0960001".to_owned(),
        |record| record.notes.update("red\0throat"),
        |record| drop(record.answers.insert("fever\0".to_owned(), Answer::YesNo(true))),
    ];
    for write in writes {
        let mut hers = document.clone();
        hers.edit(NOW, &asha.writer(), write).expect("an edit").expect("a change");
        let (other, mut good) = asha.walk_in();
        let pushed = vec![asha.latest(id, &mut hers), asha.whole(other, &mut good)];
        let verdicts = asha.push(pushed).await;
        let Verdict::Refused { reason: Refusal::Unreadable, detail } = &verdicts[0] else {
            panic!("not refused: {verdicts:?}")
        };
        assert!(detail.contains("NUL"), "{detail}");
        assert!(matches!(verdicts[1], Verdict::Stored { .. }));
    }
    assert_eq!(set_aside(&server, &asha).await, 3);
    document.edit(NOW, &asha.writer(), |record| record.notes.update("red throat")).expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert!(matches!(asha.push(vec![latest]).await[..], [Verdict::Stored { .. }]));
}

#[tokio::test]
async fn a_section_replaced_as_a_whole_is_refused() {
    use automerge::transaction::Transactable as _;
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let mut bare = automerge::AutoCommit::load(&document.save()).expect("loads");
    bare.set_actor(automerge::ActorId::from(asha.actor().as_slice()));
    bare.put_object(automerge::ROOT, "answers", automerge::ObjType::Map).expect("a put");
    bare.commit();
    let mut document = Document::load(&bare.save()).expect("loads");
    let latest = asha.latest(id, &mut document);
    assert_eq!(reason(&asha.push(vec![latest]).await), Refusal::Unreadable);
}

#[tokio::test]
async fn a_technicians_signature_is_refused() {
    let server = Server::start().await;
    let mut tom = server.tom().await;
    let (id, mut document) = stored(&mut tom).await;
    let heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    let signature = Signature {
        person: tom.author.person.clone(),
        name: tom.author.name.clone(),
        gphc: tom.gphc.clone(),
        role: "technician".to_owned(),
        heads: heads.join(" "),
        ..Signature::default()
    };
    let key = format!("{}/0", tom.author.person);
    document
        .edit(NOW, &tom.writer(), |record| drop(record.signatures.insert(key, signature)))
        .expect("an edit");
    let latest = tom.latest(id, &mut document);
    assert_eq!(reason(&tom.push(vec![latest]).await), Refusal::ForbiddenSignature);
}

#[tokio::test]
async fn a_signature_in_anothers_name_is_refused() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, _) = stored(&mut asha).await;
    let mut document = rebuilt(&tom.pull(0).await, id);
    let key = format!("{}/0", asha.author.person);
    let signature = Signature { person: asha.author.person.clone(), ..Signature::default() };
    document
        .edit(NOW, &tom.writer(), |record| drop(record.signatures.insert(key, signature)))
        .expect("an edit");
    let latest = tom.latest(id, &mut document);
    assert_eq!(reason(&tom.push(vec![latest]).await), Refusal::ForbiddenSignature);
}

#[tokio::test]
async fn a_signed_record_changes_only_after_an_amendment() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let gphc = asha.gphc.clone();
    document.sign(NOW, &asha.writer(), &gphc, false).expect("signed");
    let signed = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![signed]).await, [Verdict::Stored { seq: 2 }]);

    let mut tampered = document.clone();
    tampered.edit(NOW, &asha.writer(), |record| record.outcome.code = "other".to_owned()).expect("an edit");
    let latest = asha.latest(id, &mut tampered);
    assert_eq!(reason(&asha.push(vec![latest]).await), Refusal::SignedRecord);

    let writer = asha.writer();
    document.amend(NOW, &writer, "The outcome was mistyped").expect("an amendment").expect("a change");
    let amended = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![amended]).await, [Verdict::Stored { seq: 3 }]);
    document.edit(NOW, &writer, |record| record.outcome.code = "other".to_owned()).expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: 4 }]);
}

#[tokio::test]
async fn a_record_of_another_pharmacy_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let id = ConsultationId(Uuid::new_v4());
    let mut document = Document::create(NOW, &asha.writer(), &record(id, "FB456")).expect("a document");
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::ForeignPharmacy);

    let (id, _) = stored(&mut asha).await;
    let mut ben = server.enrol("Ben Okafor", Role::Pharmacist, "2099999", "FB456").await;
    let mut theirs = Document::create(NOW, &ben.writer(), &record(id, "FB456")).expect("a document");
    let whole = ben.whole(id, &mut theirs);
    assert_eq!(reason(&ben.push(vec![whole]).await), Refusal::ForeignPharmacy);
    assert!(ben.pull(0).await[0].documents.is_empty(), "and nothing of it is told");
}

#[tokio::test]
async fn an_auditor_may_read_and_not_record() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = stored(&mut asha).await;
    let mut eve = server.enrol("Eve Marsh", Role::Auditor, "", "FA123").await;
    let mut document = rebuilt(&eve.pull(0).await, id);
    document.edit(NOW, &eve.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let latest = eve.latest(id, &mut document);
    assert_eq!(reason(&eve.push(vec![latest]).await), Refusal::RoleMayNot);
}

#[tokio::test]
async fn one_bad_document_does_not_hold_up_the_good_one() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (bad, good) = (asha.walk_in(), asha.walk_in());
    let mut broken = asha.whole(bad.0, &mut bad.1.clone());
    let middle = broken.whole.len() / 2;
    broken.whole[middle] ^= 0xff;
    let whole = asha.whole(good.0, &mut good.1.clone());
    let verdicts = asha.push(vec![broken, whole]).await;
    assert_eq!(reason(&verdicts[..1]), Refusal::Unreadable);
    assert_eq!(verdicts[1], Verdict::Stored { seq: 1 });
}

#[tokio::test]
async fn hostile_bytes_are_refused_and_never_a_failure_of_the_server() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let good = asha.latest(id, &mut document);
    let frame = asha.frame(vec![good.clone()]).to_bytes();
    for body in [Vec::new(), b"SATF".to_vec(), vec![0xff; 4096], frame[..frame.len() / 2].to_vec()] {
        let status = asha.http.post_bytes("/api/sync/push", body).await.status();
        assert!(status.is_client_error() || status == StatusCode::OK, "{status}");
    }
    for at in 0..good.changes[0].len() {
        let mut change = good.changes[0].clone();
        change[at] ^= 0x55;
        let bent = PushedDocument { changes: vec![change], ..good.clone() };
        let frame = asha.frame(vec![bent]);
        let status = asha.http.post_bytes("/api/sync/push", frame.to_bytes()).await.status();
        assert_eq!(status, StatusCode::OK, "byte {at}");
    }
    assert_eq!(server.app.store.last_seq(&asha.ods).await.expect("a store"), 1);
    assert_eq!(asha.push(vec![good]).await, [Verdict::Stored { seq: 2 }]);
}

#[tokio::test]
async fn nothing_is_pushed_or_pulled_signed_out() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let frame = asha.frame(Vec::new());
    asha.http.cookie.clear();
    let pushed = asha.http.post_bytes("/api/sync/push", frame.to_bytes()).await;
    assert_eq!(pushed.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(asha.http.get("/api/sync/pull").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_device_cannot_say_that_a_referral_came_as_an_electronic_message() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    for channel in ["itk111", "bars", "itk3", "forwarded"] {
        let (id, mut document) = made_by(&asha, channel);
        let whole = asha.whole(id, &mut document);
        assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::WroteDeliveries, "{channel}");
    }
    for channel in ["walkin", "phone", "email"] {
        let (id, mut document) = made_by(&asha, channel);
        let whole = asha.whole(id, &mut document);
        assert!(matches!(asha.push(vec![whole]).await[..], [Verdict::Stored { .. }]), "{channel}");
        document
            .edit(NOW, &asha.writer(), |record| record.referral.channel = "forwarded".to_owned())
            .expect("an edit");
        let later = asha.latest(id, &mut document);
        assert_eq!(reason(&asha.push(vec![later]).await), Refusal::WroteDeliveries, "later, from {channel}");
    }
}

/// A consultation that this device made, saying that it came by this channel.
fn made_by(device: &Device, channel: &str) -> (ConsultationId, Document) {
    let id = ConsultationId(Uuid::new_v4());
    let mut record = record(id, device.ods.as_str());
    channel.clone_into(&mut record.referral.channel);
    (id, Document::create(NOW, &device.writer(), &record).expect("made"))
}

#[tokio::test]
async fn what_others_tried_cannot_be_wiped_by_making_its_section_anew() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let mut inner = automerge::AutoCommit::load(&document.save()).expect("a document");
    inner.set_actor(automerge::ActorId::from(asha.actor().as_slice()));
    inner.put_object(automerge::ROOT, "attempts", automerge::ObjType::Map).expect("made anew");
    inner.commit();
    let mut anew = Document::load(&inner.save()).expect("a document");
    let change = asha.latest(id, &mut anew);
    assert_eq!(reason(&asha.push(vec![change]).await), Refusal::Unreadable);
}
