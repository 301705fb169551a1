//! Tells a pharmacy outside the app that a referral waits which nobody has opened, or a message about which nobody has
//! decided, and once more, elsewhere, when still nobody has (practice 19). Never who, why or from whom: an e-mail may be read by anybody.

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
use uuid::Uuid;

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

/// What is alerted about, each in an e-mail of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Waits {
    Referral(ConsultationId),
    /// On the waiting list: it may be a referral.
    Message(Uuid),
}

impl Waits {
    /// `false` where another server tells of it.
    async fn claim(self, app: &App, stage: AlertStage) -> Result<bool, StoreError> {
        match self {
            Self::Referral(id) => app.store.claim_alert(&id, stage, app.clock.now()).await,
            Self::Message(id) => app.store.claim_waiting_alert(&id, stage, app.clock.now()).await,
        }
    }

    async fn give_back(self, app: &App, stage: AlertStage) -> Result<(), StoreError> {
        match self {
            Self::Referral(id) => app.store.give_alert_back(&id, stage).await,
            Self::Message(id) => app.store.give_waiting_alert_back(&id, stage).await,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Referral(_) => Kind::Referral,
            Self::Message(_) => Kind::Message,
        }
    }
}

/// What one e-mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Referral,
    Message,
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
    let mut of: BTreeMap<(OdsCode, Kind), Vec<Waits>> = BTreeMap::new();
    let mut add = |pharmacy: OdsCode, what: Waits| of.entry((pharmacy, what.kind())).or_default().push(what);
    for row in waiting.iter().filter(|row| is_alerted(row)) {
        if let (Ok(pharmacy), Ok(id)) = (row.pharmacy.parse(), row.id.parse()) {
            add(pharmacy, Waits::Referral(id));
        }
    }
    for (id, pharmacy) in app.store.unalerted_waiting(stage, now - LONGEST_AGO, now - after).await? {
        add(pharmacy, Waits::Message(id));
    }
    for ((pharmacy, kind), all) in of {
        let addresses = app.store.alert_addresses(&pharmacy).await?.unwrap_or_default();
        if let Some(address) = address(&addresses, stage) {
            alert(app, post, (stage, kind), &pharmacy, address, &all).await?;
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

/// One e-mail about all of a kind at a pharmacy that this server could claim.
async fn alert(
    app: &App,
    post: &dyn Post,
    (stage, kind): (AlertStage, Kind),
    pharmacy: &OdsCode,
    address: &str,
    all: &[Waits],
) -> Result<(), StoreError> {
    let mut claimed = Vec::new();
    for one in all {
        if one.claim(app, stage).await? {
            claimed.push(*one);
        }
    }
    if claimed.is_empty() {
        return Ok(());
    }
    let mail = words::alert(app, (stage, kind), pharmacy, address, claimed.len());
    match post.send(&mail).await {
        Ok(()) => metrics::counter!("satchel_alerts_total", "stage" => stage.as_str()).increment(1),
        // It may have arrived, and an alert that comes again and again is read by nobody.
        Err(error @ MailError::Unknown(_)) => {
            tracing::warn!(%pharmacy, cause = %chain(&error), "it is not known whether an alert was sent");
        }
        Err(error) => {
            tracing::warn!(%pharmacy, cause = %chain(&error), "an alert was not sent; it is tried again");
            for one in &claimed {
                one.give_back(app, stage).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
