//! Tells a pharmacy outside the app that a referral waits which nobody has opened, and once more, elsewhere, when still
//! nobody has (practice 19). Never who, why or from whom: an e-mail may be read by anybody.

mod words;

use crate::app::App;
use crate::mail::{Mail, MailError};
use crate::problem::chain;
use crate::store::{AlertAddresses, AlertStage, StoreError};
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often it is looked at: an alert comes at most so much later than it should.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// What came longer ago than this is somebody's conscious choice, or was restored; in milliseconds.
const LONGEST_AGO: Millis = 24 * 60 * 60 * 1000;
const MINUTE: Millis = 60 * 1000;

/// Sends e-mail; the one thing here that leaves the process.
#[async_trait::async_trait]
pub trait Post: Send + Sync {
    async fn send(&self, mail: &crate::mail::Outgoing) -> Result<(), MailError>;
}

#[async_trait::async_trait]
impl Post for Mail {
    async fn send(&self, mail: &crate::mail::Outgoing) -> Result<(), MailError> {
        Self::send(self, mail).await
    }
}

/// Works until the server closes; does nothing where no e-mail can be sent.
pub async fn run(app: App) {
    let Some(mail) = app.mail.clone() else { return };
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        if let Err(error) = round(&app, &mail).await {
            tracing::warn!(cause = %chain(&error), "alerts could not be looked at; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}

/// One look: what is unopened is alerted, what is still unopened is escalated.
pub async fn round(app: &App, post: &dyn Post) -> Result<(), StoreError> {
    let settings = &app.config.arrivals;
    for (stage, minutes) in
        [(AlertStage::Unopened, settings.alert_minutes), (AlertStage::Escalated, settings.escalate_minutes)]
    {
        stage_round(app, post, stage, Millis::from(minutes) * MINUTE).await?;
    }
    Ok(())
}

async fn stage_round(app: &App, post: &dyn Post, stage: AlertStage, after: Millis) -> Result<(), StoreError> {
    let now = app.clock.now();
    let waiting = app.store.unalerted(stage, now - LONGEST_AGO, now - after).await?;
    let mut of: BTreeMap<OdsCode, Vec<ConsultationId>> = BTreeMap::new();
    for row in waiting.iter().filter(|row| is_alerted(row)) {
        if let (Ok(pharmacy), Ok(id)) = (row.pharmacy.parse(), row.id.parse()) {
            of.entry(pharmacy).or_default().push(id);
        }
    }
    for (pharmacy, referrals) in of {
        let addresses = app.store.alert_addresses(&pharmacy).await?.unwrap_or_default();
        if let Some(address) = address(&addresses, stage) {
            alert(app, post, stage, &pharmacy, address, &referrals).await?;
        }
    }
    Ok(())
}

/// Copies, walk-ins and what somebody is going to already need no alert.
fn is_alerted(row: &WorkListRow) -> bool {
    row.taken_by.is_empty()
        && row.addressed_for != "information"
        && !matches!(row.channel.as_str(), "walkin" | "phone")
}

/// Escalated is to the second address; to the first once more where there is no second.
fn address(addresses: &AlertAddresses, stage: AlertStage) -> Option<&str> {
    let chosen = match stage {
        AlertStage::Escalated if !addresses.second.is_empty() => &addresses.second,
        _ => &addresses.first,
    };
    (!chosen.is_empty()).then_some(chosen.as_str())
}

/// One e-mail about all of a pharmacy's referrals that this server could claim.
async fn alert(
    app: &App,
    post: &dyn Post,
    stage: AlertStage,
    pharmacy: &OdsCode,
    address: &str,
    referrals: &[ConsultationId],
) -> Result<(), StoreError> {
    let mut claimed = Vec::new();
    for id in referrals {
        if app.store.claim_alert(id, stage, app.clock.now()).await? {
            claimed.push(*id);
        }
    }
    if claimed.is_empty() {
        return Ok(());
    }
    let mail = words::alert(app, stage, pharmacy, address, claimed.len());
    match post.send(&mail).await {
        Ok(()) => metrics::counter!("satchel_alerts_total", "stage" => stage.as_str()).increment(1),
        // It may have arrived, and an alert that comes again and again is read by nobody.
        Err(error @ MailError::Unknown(_)) => {
            tracing::warn!(%pharmacy, cause = %chain(&error), "it is not known whether an alert was sent");
        }
        Err(error) => {
            tracing::warn!(%pharmacy, cause = %chain(&error), "an alert was not sent; it is tried again");
            for id in &claimed {
                app.store.give_alert_back(id, stage).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
