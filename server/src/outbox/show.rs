//! Writes what is known about a delivery into its record, where the pharmacist sees it, offline too (design 1).

use crate::app::App;
use crate::problem::chain;
use crate::store::{DeliveryRow, StoreError};
use crate::sync::{EditError, server_edit};
use shared::consultation::Delivery;
use shared::time::stored;

const AT_ONCE: u32 = 50;

/// Brings the records up to date. One that cannot be written now is tried again at the next round.
pub(super) async fn all(app: &App) -> Result<(), StoreError> {
    for row in app.store.unshown_deliveries(AT_ONCE).await? {
        match show(app, &row).await {
            Ok(_) => app.store.delivery_shown(&row).await?,
            Err(error) => {
                tracing::warn!(delivery = %row.id, cause = %chain(&error), "a record does not yet say what became of a message");
            }
        }
    }
    Ok(())
}

async fn show(app: &App, row: &DeliveryRow) -> Result<Option<u64>, EditError> {
    let key = format!("{}/{}", row.kind, row.amendment);
    let said = Delivery {
        kind: row.kind.to_string(),
        state: row.state.to_string(),
        at: stored(row.changed_at),
        to: row.addressee.clone(),
        detail: row.detail.clone(),
        route: row.route.to_string(),
    };
    server_edit(app, &row.pharmacy, &row.consultation, |record| {
        record.deliveries.insert(key.clone(), said.clone());
    })
    .await
}
