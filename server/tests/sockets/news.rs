//! News of a push at one server reaches devices that listen at others on the same database.

use crate::databases::postgres;
use crate::seed;
use crate::talk::Nudges;
use crate::vault::Vault;
use crate::world::World;
use satchel::clock::Clock;
use shared::api::{PushAnswer, Verdict};
use shared::consultation::{Consultation, Document};
use shared::ids::ConsultationId;
use shared::sync::device::{Content, ToPush};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

#[tokio::test]
async fn news_from_one_server_reaches_a_device_at_another_within_a_second() {
    let Some(database) = postgres().await else { return };
    let world = World::begin(seed(), database, 3).await;
    world.network.lead_to(vec![world.servers[0].address]);
    let device = world.enrol().await;
    let mut listening = Vec::new();
    for server in &world.servers[1..] {
        let mut nudges = Nudges::open(&device, server.address).await.expect("it listens");
        assert_eq!(nudges.next().await, Some(0));
        listening.push(nudges);
    }

    let at = Clock::Real.now();
    let unlocked = device.unlock(&device.session.server_nonce, 1, at).expect("it unlocks");
    let mut vault = Vault::new(&device.session.server_nonce);
    vault.keep_unlock(&unlocked);
    let id = ConsultationId(Uuid::new_v4());
    let mut record = Consultation::new(id, &device.pharmacy, "minor-illness@1", at);
    "walkin".clone_into(&mut record.referral.channel);
    let document = Document::create(at, &unlocked.writer, &record).expect("it is a record");
    vault.documents.insert(id, document);
    let frame = vault.compose(&device, &[ToPush { document: id, content: Content::Whole }], true);
    let answer = device.push(frame.to_bytes()).send().await.expect("an answer");
    let answer: PushAnswer = answer.json().await.expect("an answer to a push");
    assert_eq!(answer.documents[0].verdict, Verdict::Stored { seq: 1 });
    for mut nudges in listening {
        let told = timeout(Duration::from_secs(1), nudges.next()).await;
        assert_eq!(told.expect("the news is there within a second"), Some(1));
    }
}
