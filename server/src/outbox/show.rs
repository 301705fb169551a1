//! Writes what is known about a delivery into its record, where the pharmacist sees it, offline too (design 1).

use super::{plan, progress};
use crate::app::App;
use crate::problem::chain;
use crate::store::{DeliveryRow, StoreError};
use crate::sync::{EditError, server_edit};
use shared::consultation::Delivery;
use shared::time::stored;

const AT_ONCE: u32 = 50;

/// Brings the records up to date. One that cannot be written now is tried again at the next round.
pub(super) async fn all(app: &App) -> Result<(), StoreError> {
    for changed in app.store.unshown_deliveries(AT_ONCE).await? {
        let mut ways = app.store.deliveries_of(&changed.consultation).await?;
        ways.retain(|row| row.is_way_of(&changed));
        let Some(row) = progress::shown(&ways) else { continue };
        match show(app, row).await {
            Ok(_) => {
                for way in &ways {
                    app.store.delivery_shown(way).await?;
                }
            }
            Err(error) => {
                tracing::warn!(delivery = %row.id, cause = %chain(&error), "a record does not yet say what became of a message");
            }
        }
    }
    Ok(())
}

/// One entry for all the ways of a delivery: the one that tells best how far it has come.
async fn show(app: &App, row: &DeliveryRow) -> Result<Option<u64>, EditError> {
    let key = plan::record_key(row.kind, row.amendment);
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
