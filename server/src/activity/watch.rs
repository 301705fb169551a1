//! Figures for those who run the server: what is on its way, what is stuck, since when, and how long a month of claims is
//! still open. No patient, no pharmacy.

use crate::app::App;
use crate::problem::chain;
use crate::store::{DeliveryKind, DeliveryState, StoreError};
use shared::claim;
use shared::time::{self, Millis};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_mins(1);
const DELIVERIES: &str = "satchel_deliveries";
const OLDEST: &str = "satchel_delivery_oldest_seconds";
const CLAIMS_OPEN: &str = "satchel_claims_open";
const DAYS_LEFT: &str = "satchel_claim_window_days_left";

/// States that are not over.
pub const OPEN: [DeliveryState; 6] = [
    DeliveryState::Queued,
    DeliveryState::Sent,
    DeliveryState::Received,
    DeliveryState::Held,
    DeliveryState::Refused,
    DeliveryState::NeedsAttention,
];

/// Looks once and sets the gauges.
pub async fn look(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let open = app.store.open_deliveries().await?;
    for kind in DeliveryKind::ALL {
        for state in OPEN {
            let found = open.iter().find(|one| one.kind == *kind && one.state == state);
            let (count, since) = found.map_or((0, now), |one| (one.count, one.since));
            metrics::gauge!(DELIVERIES, "kind" => kind.as_str(), "state" => state.as_str())
                .set(f64::from(count));
            metrics::gauge!(OLDEST, "kind" => kind.as_str(), "state" => state.as_str())
                .set(seconds(now - since));
        }
    }
    let claims: u32 = open.iter().filter(|one| one.kind == DeliveryKind::Claim).map(|one| one.count).sum();
    metrics::gauge!(CLAIMS_OPEN).set(f64::from(claims));
    metrics::gauge!(DAYS_LEFT).set(f64::from(days_left(now)));
    Ok(())
}

fn seconds(millis: Millis) -> f64 {
    f64::from(u32::try_from(millis.max(0) / 1000).unwrap_or(u32::MAX))
}

/// Days until the month that is claimed now closes.
pub fn days_left(now: Millis) -> i32 {
    let today = time::day(now);
    let window = claim::window(claim::claimed_on(today).last_of_month());
    window.and_then(|window| today.until(window.by).ok()).map_or(0, |span| span.get_days())
}

/// Looks every minute, until the server closes.
pub async fn run(app: App) {
    loop {
        if let Err(cause) = look(&app).await {
            tracing::warn!(cause = %chain(&cause), "the figures for /metrics could not be read");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
