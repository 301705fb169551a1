//! MESH in every weather, before and after it took the notice.

use super::weather::{Sky, Weather};
use crate::bench::{
    Bench, HOUR, OURS, PRACTICE, SECRET, client_of, signed, stamp, with_emails, with_practice, worker,
};
use crate::databases::TestDatabase;
use satchel::nhs::gp_connect::{WORKFLOW, answers};
use satchel::nhs::http;
use satchel::nhs::mesh::{Client, MeshSettings, Outgoing};
use satchel::outbox::{self, Worker};
use satchel::store::{DeliveryState, Route};
use std::collections::BTreeSet;
use std::time::Duration;

fn bad_weather() -> [Sky; 6] {
    [Sky::Slow, Sky::Down, Sky::Failing, Sky::Busy(120), Sky::Half, Sky::WrongType]
}

/// A worker that reaches the bench's MESH through the weather, and does not wait long.
async fn through_weather(bench: &Bench) -> (Weather, Worker) {
    let (weather, here) = Weather::before(&bench.base).await;
    let settings =
        MeshSettings { answer_within: Duration::from_millis(400), ..bench.mesh.settings(&here, OURS) };
    let client = Client::new(http::client(None).expect("a client"), settings);
    (weather, worker(&bench.app, &client, &bench.post))
}

/// Half an hour of looks: every pause is over by then.
async fn rounds(bench: &Bench, worker: &Worker) {
    for _ in 0..2 {
        bench.app.clock.advance(HOUR / 2 + HOUR / 4);
        outbox::round(&bench.app, worker, true).await.expect("a round");
    }
}

/// How many different notices reached the practice: what its system files, by the ids inside.
fn effects(bench: &Bench) -> usize {
    bench.mesh.bodies(PRACTICE, WORKFLOW).into_iter().collect::<BTreeSet<_>>().len()
}

pub async fn a_notice_is_sent_through_any_weather_and_has_its_effect_once(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let (weather, worker) = through_weather(&bench).await;
    bench.store(&mut signed(|_| {})).await;
    for sky in bad_weather() {
        weather.becomes(sky.clone());
        outbox::round(&bench.app, &worker, true).await.expect("a round");
        let row = bench.row().await;
        assert!(row.next_at.is_some(), "{sky:?}: it is still to be sent");
        let said = bench.record().await.deliveries["gp-notice/0"].detail.clone();
        let tried_again = said.contains("tried again by itself") || said.contains("sent again by itself");
        assert!(tried_again && said.lines().count() == 1, "{sky:?}: {said}");
        bench.app.clock.advance(HOUR / 2 + HOUR / 4);
    }
    weather.becomes(Sky::Clear);
    rounds(&bench, &worker).await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!(effects(&bench), 1);
    assert_eq!(bench.record().await.deliveries["gp-notice/0"].state, "accepted");
}

/// MESH is like this until the practice has got the e-mail instead, and is well again after that.
async fn told_by_e_mail_instead(bench: &Bench, sky: Sky) {
    let (weather, worker) = through_weather(bench).await;
    weather.becomes(sky);
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    outbox::round(&bench.app, &worker, true).await.expect("a round");
    bench.app.clock.advance(26 * HOUR);
    rounds(bench, &worker).await;
    assert_eq!(bench.post.taken().len(), 1, "the fallback has gone");
    weather.becomes(Sky::Clear);
    rounds(bench, &worker).await;
}

pub async fn a_notice_that_never_left_stays_here_once_the_practice_was_told_another_way(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    told_by_e_mail_instead(&bench, Sky::Busy(120)).await;
    assert_eq!(bench.at_practice(), 0, "the practice is not told twice");
    let row = bench.row().await;
    assert_eq!((row.state, row.next_at), (DeliveryState::NotRequired, None));
    assert_eq!(row.detail, "Not needed: the practice was told by secure e-mail.");
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.route.as_str()), ("sent", "email"));
}

pub async fn a_notice_that_may_have_left_goes_on_being_sent_after_the_fallback(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    told_by_e_mail_instead(&bench, Sky::Slow).await;
    assert_eq!((bench.row().await.state, effects(&bench)), (DeliveryState::Accepted, 1));
    assert!(bench.row().await.may_have_left && bench.by(Route::Email).await.state == DeliveryState::Sent);
}

pub async fn an_answer_is_read_through_any_weather_and_none_is_lost(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let (weather, worker) = through_weather(&bench).await;
    bench.store(&mut signed(|_| {})).await;
    worker.send_due().await.expect("sent");
    for sky in bad_weather() {
        weather.becomes(sky.clone());
        outbox::round(&bench.app, &worker, true).await.expect("a round");
        let state = bench.row().await.state;
        assert!(state != DeliveryState::Refused, "{sky:?}: {state:?}");
    }
    weather.becomes(Sky::Clear);
    rounds(&bench, &worker).await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!((effects(&bench), bench.at_practice()), (1, 1));
    assert!(bench.client.inbox(stamp(), None).await.expect("a listing").is_empty(), "the mailbox is empty");
}

pub async fn one_message_that_cannot_be_fetched_keeps_no_other_waiting(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let (weather, worker) = through_weather(&bench).await;
    let practice = client_of(&bench.mesh, &bench.base, PRACTICE);
    let poison = Outgoing {
        to: OURS,
        workflow: "GPCONNECT_UPDATE_RECORD_ACK",
        local_id: "",
        subject: "",
        content_type: "application/xml",
        body: b"<Bundle/>",
    };
    let poison = practice.send(stamp(), &poison).await.expect("sent");
    bench.store(&mut signed(|_| {})).await;
    weather.becomes(Sky::HalfOf(format!("/inbox/{poison}")));
    rounds(&bench, &worker).await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!(bench.client.inbox(stamp(), None).await.expect("a listing"), [poison], "it is kept there");
}

pub async fn a_clock_that_is_off_is_said_with_its_minutes_and_the_notice_goes_once_it_is_right(
    database: TestDatabase,
) {
    let mesh = with_practice(answers).with_clock_ahead(-180);
    let bench = Bench::start(mesh, database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    let said = bench.record().await.deliveries["gp-notice/0"].clone();
    assert_eq!(said.state, "needs-attention");
    assert!(said.detail.contains("clock is 180 minutes fast"), "{}", said.detail);

    let right = with_practice(answers);
    let base = crate::bench::serve(&right).await;
    let worker = worker(&bench.app, &client_of(&right, &base, OURS), &bench.post);
    rounds(&bench, &worker).await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
}

pub async fn each_pharmacy_sends_and_reads_in_its_own_mailbox(database: TestDatabase) {
    let own = "FZ999OT002";
    let mesh = with_practice(answers).with_mailbox(own, SECRET);
    let bench = Bench::start(mesh, database).await;
    let everybody = client_of(&bench.mesh, &bench.base, OURS);
    let mine = client_of(&bench.mesh, &bench.base, own);
    let mailboxes = satchel::nhs::mesh::Mailboxes::new(
        Some(everybody.clone()),
        [(crate::bench::ods(), mine)].into_iter().collect(),
    );
    let worker = crate::bench::worker_with(&bench.app, &mailboxes, &bench.post);
    bench.store(&mut signed(|_| {})).await;
    outbox::round(&bench.app, &worker, false).await.expect("a round");
    assert!(everybody.inbox(stamp(), None).await.expect("a listing").is_empty(), "not into the other one");
    outbox::round(&bench.app, &worker, true).await.expect("a round");
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
}
