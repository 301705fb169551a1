//! The order of ways that a pharmacy has set for a practice.

use super::SqlStore;
use super::columns::parsed;
use super::dialect::BEGIN_WRITE;
use crate::store::{PracticeRouteStore, Route, StoreError};
use async_trait::async_trait;
use shared::ids::OdsCode;
use sqlx::query;
use std::collections::BTreeMap;

#[async_trait]
impl PracticeRouteStore for SqlStore {
    async fn practice_routes(&self, pharmacy: &OdsCode) -> Result<BTreeMap<OdsCode, Vec<Route>>, StoreError> {
        let rows = query(
            "SELECT practice, route FROM practice_route WHERE pharmacy = $1 ORDER BY practice, position",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        let mut routes: BTreeMap<OdsCode, Vec<Route>> = BTreeMap::new();
        for row in &rows {
            routes.entry(parsed(row, "practice")?).or_default().push(parsed(row, "route")?);
        }
        Ok(routes)
    }

    async fn set_practice_routes(
        &self,
        pharmacy: &OdsCode,
        practice: &OdsCode,
        routes: &[Route],
    ) -> Result<(), StoreError> {
        let mut writing = self.write.begin_with(BEGIN_WRITE).await?;
        query("DELETE FROM practice_route WHERE pharmacy = $1 AND practice = $2")
            .bind(pharmacy.as_str())
            .bind(practice.as_str())
            .execute(&mut *writing)
            .await?;
        for (position, route) in (0_i64..).zip(routes) {
            query("INSERT INTO practice_route (pharmacy, practice, position, route) VALUES ($1, $2, $3, $4)")
                .bind(pharmacy.as_str())
                .bind(practice.as_str())
                .bind(position)
                .bind(route.as_str())
                .execute(&mut *writing)
                .await?;
        }
        writing.commit().await?;
        Ok(())
    }
}
