//! E-mail in bad weather: sent when the server is back, and never twice by itself.

use crate::bench::{Bench, HOUR, not_enabled, signed, with_emails, with_practice};
use crate::databases::TestDatabase;
use crate::post::Fate;
use satchel::store::{DeliveryState, Route};

pub async fn e_mails_wait_for_a_mail_server_that_is_away_and_go_once_when_it_is_back(database: TestDatabase) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    for _ in 0..4 {
        bench.post.then(Fate::Away);
    }
    for _ in 0..6 {
        bench.round().await;
        bench.app.clock.advance(HOUR / 60);
    }
    bench.app.clock.advance(HOUR);
    bench.round().await;
    assert_eq!(bench.post.taken().len(), 1);
    assert_eq!(bench.by(Route::Email).await.state, DeliveryState::Sent);
}
