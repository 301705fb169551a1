//! By which ways a practice is told, and in which order they are tried.

use super::{Route, StoreError};
use async_trait::async_trait;
use shared::ids::OdsCode;
use std::collections::BTreeMap;

/// The orders that pharmacies have set for practices. A practice without one is told in the usual order.
#[async_trait]
pub trait PracticeRouteStore {
    /// What this pharmacy has set, by practice; the way that is tried first comes first.
    async fn practice_routes(&self, pharmacy: &OdsCode) -> Result<BTreeMap<OdsCode, Vec<Route>>, StoreError>;

    /// Sets the order in the place of whatever was set; an empty one means the usual order again.
    async fn set_practice_routes(
        &self,
        pharmacy: &OdsCode,
        practice: &OdsCode,
        routes: &[Route],
    ) -> Result<(), StoreError>;
}
