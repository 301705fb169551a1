//! Which alerts about referrals and waiting messages were sent outside the app, and where to.

use super::StoreError;
use async_trait::async_trait;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use uuid::Uuid;

/// Where a pharmacy is told that a referral waits; empty for nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertAddresses {
    /// At once, when nobody has opened it.
    pub first: String,
    /// When still nobody has.
    pub second: String,
}

/// How far a referral's alerting has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertStage {
    /// Nobody has opened it after a few minutes.
    Unopened,
    /// Nor after thirty.
    Escalated,
}

impl AlertStage {
    /// As the store writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unopened => "unopened",
            Self::Escalated => "escalated",
        }
    }
}

/// Alerts outside the app.
#[async_trait]
pub trait AlertStore {
    /// `None` where the pharmacy has never said.
    async fn alert_addresses(&self, pharmacy: &OdsCode) -> Result<Option<AlertAddresses>, StoreError>;

    async fn set_alert_addresses(
        &self,
        pharmacy: &OdsCode,
        addresses: &AlertAddresses,
    ) -> Result<(), StoreError>;

    /// Referrals that nobody has begun, received between the two times, about which nobody claimed that stage, and
    /// nobody in the audit log has opened.
    async fn unalerted(
        &self,
        stage: AlertStage,
        since: Millis,
        until: Millis,
    ) -> Result<Vec<WorkListRow>, StoreError>;

    /// Takes it on to send this alert. `false` where another server has, or had: nobody sends it twice.
    async fn claim_alert(
        &self,
        consultation: &ConsultationId,
        stage: AlertStage,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// Gives a claim back, where the alert certainly did not leave.
    async fn give_alert_back(
        &self,
        consultation: &ConsultationId,
        stage: AlertStage,
    ) -> Result<(), StoreError>;

    /// Messages on a waiting list that nobody has decided about, arrived between the two times, about which nobody claimed
    /// that stage; and whose they are.
    async fn unalerted_waiting(
        &self,
        stage: AlertStage,
        since: Millis,
        until: Millis,
    ) -> Result<Vec<(Uuid, OdsCode)>, StoreError>;

    /// As [`AlertStore::claim_alert`], about a message that waits.
    async fn claim_waiting_alert(
        &self,
        waiting: &Uuid,
        stage: AlertStage,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// As [`AlertStore::give_alert_back`], about a message that waits.
    async fn give_waiting_alert_back(&self, waiting: &Uuid, stage: AlertStage) -> Result<(), StoreError>;
}
