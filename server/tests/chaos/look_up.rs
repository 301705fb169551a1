//! MESH asked which mailbox of a practice takes a message, in good weather and in bad.

use super::weather::{Sky, Weather};
use crate::bench::{
    Bench, MINUTE, OURS, PRACTICE, SECRET, ods, serve, signed, silent, with_emails, with_practice,
};
use crate::databases::TestDatabase;
use satchel::nhs::mesh::Simulator;
use satchel::outbox;
use satchel::store::{DeliveryState, Route};

const DOCUMENTS: &str = "GPFED_CONSULT_REPORT";

/// A notice that goes as a document first, from a server that asks this MESH through the weather.
async fn documents_first(mesh: Simulator, database: TestDatabase) -> (Bench, Weather) {
    let (weather, here) = Weather::before(&serve(&mesh).await).await;
    let settings = [
        ("send_document", "yes"),
        ("mesh_url", here.as_str()),
        ("mesh_mailbox", OURS),
        ("mesh_password", SECRET),
        ("mesh_shared_key", SECRET),
    ];
    let bench = Bench::start_with(mesh, &settings, database).await;
    let practice = "Y99991".parse().expect("a code");
    let order = ["send-document", "email"].map(str::to_owned);
    outbox::set_practice_routes(&bench.app, &ods(), &practice, &order).await.expect("set");
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    (bench, weather)
}

async fn rounds(bench: &Bench) {
    for _ in 0..2 {
        outbox::round(&bench.app, &bench.worker, false).await.expect("a round");
        bench.app.clock.advance(3 * MINUTE);
    }
}

pub async fn a_practice_that_takes_no_documents_gets_the_next_way_as_soon_as_mesh_says_so(
    database: TestDatabase,
) {
    let mesh = with_practice(silent).with_endpoint("Y99991", "SOMETHING_ELSE", PRACTICE);
    let (bench, weather) = documents_first(mesh, database).await;
    weather.becomes(Sky::Busy(60));
    outbox::round(&bench.app, &bench.worker, false).await.expect("a round");
    let waiting = bench.by(Route::SendDocument).await;
    assert_eq!(
        (waiting.state, waiting.header_id.is_none()),
        (DeliveryState::Queued, true),
        "nothing is made yet"
    );
    assert!(waiting.detail.contains("tried again by itself") && waiting.never_left(), "{}", waiting.detail);

    weather.becomes(Sky::Clear);
    bench.app.clock.advance(3 * MINUTE);
    rounds(&bench).await;
    let document = bench.by(Route::SendDocument).await;
    assert_eq!((document.state, document.gave_way), (DeliveryState::NotRequired, true));
    assert!(document.detail.contains("takes no such messages"), "{}", document.detail);
    assert_eq!((bench.post.taken().len(), bench.mesh.delivered(PRACTICE, DOCUMENTS)), (1, 0));
}

pub async fn a_practice_that_mesh_says_takes_documents_gets_one(database: TestDatabase) {
    let mesh = with_practice(silent).with_endpoint("Y99991", DOCUMENTS, PRACTICE);
    let (bench, _weather) = documents_first(mesh, database).await;
    rounds(&bench).await;
    let document = bench.by(Route::SendDocument).await;
    assert_eq!(document.state, DeliveryState::Sent);
    assert!(document.target.starts_with("GPPROVIDER_"), "by the patient’s own address: {}", document.target);
    assert_eq!((bench.post.taken().len(), bench.mesh.delivered(PRACTICE, DOCUMENTS)), (0, 1));
}
