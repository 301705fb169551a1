//! What was done, as the signed records say it: read for figures, for months of claims and for exports. It is written with
//! what was supplied ([`super::Supplies::done`]).

use super::{DeliveryKind, DeliveryState, StoreError};
use async_trait::async_trait;
use shared::activity::{Done, Extract, Health};
use shared::ids::OdsCode;
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Days of one pharmacy, both of them included: `2026-11-01`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaysOf {
    pub pharmacy: OdsCode,
    pub from: String,
    pub to: String,
}

/// One record's items, and where the next page goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractRow {
    /// Day and document: rows are in this order.
    pub place: (String, String),
    /// Tells patients apart; empty where nothing does.
    pub person: String,
    pub items: Extract,
}

/// Age band, sex and postcode district: what few may share.
pub type Rare = (String, String, String);

/// What somebody read in Manage Your Service of a month.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimMonth {
    /// Accepted claims by service.
    pub figures: BTreeMap<String, u32>,
    pub declared: bool,
    /// Name of who said so, and when.
    pub told_by: String,
    pub told_at: Millis,
}

/// Deliveries of one kind in one state that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDeliveries {
    pub kind: DeliveryKind,
    pub state: DeliveryState,
    pub count: u32,
    /// Since when the oldest of them stands so.
    pub since: Millis,
}

/// Figures and extracts of signed records.
#[async_trait]
pub trait ActivityStore {
    /// Everything done on these days, in the order of the days. `claims`: with what became of the claims.
    async fn done(&self, days: &DaysOf, claims: bool) -> Result<Vec<Done>, StoreError>;

    /// Messages of one pharmacy that wait and that need a person, and its devices that hold what was not sent.
    async fn sync_health(&self, pharmacy: &OdsCode) -> Result<Health, StoreError>;

    /// What is on its way or needs a person, of all pharmacies.
    async fn open_deliveries(&self) -> Result<Vec<OpenDeliveries>, StoreError>;

    /// The next page of items after a place.
    async fn extracts(
        &self,
        days: &DaysOf,
        after: Option<&(String, String)>,
        most: u32,
    ) -> Result<Vec<ExtractRow>, StoreError>;

    /// Records on these days.
    async fn extracts_counted(&self, days: &DaysOf) -> Result<u64, StoreError>;

    /// What fewer than so many patients share on these days.
    async fn shared_by_few(&self, days: &DaysOf, fewer_than: u32) -> Result<BTreeSet<Rare>, StoreError>;

    /// What was told of a month; `None` where nothing was.
    async fn claim_month(&self, pharmacy: &OdsCode, month: &str) -> Result<Option<ClaimMonth>, StoreError>;

    /// In the place of what was told before.
    async fn put_claim_month(
        &self,
        pharmacy: &OdsCode,
        month: &str,
        told: &ClaimMonth,
    ) -> Result<(), StoreError>;
}
