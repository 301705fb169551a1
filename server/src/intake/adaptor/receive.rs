//! Takes a report of the adaptor's in: finds the pharmacy, and files it as the report itself would be.

use super::{NotAReport, read};
use crate::app::App;
use crate::intake::receive::{addressed, named};
use crate::intake::{Filed, NotTaken, take};

/// Why a report was not taken. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The sender has to change it.
    #[error(transparent)]
    NotAReport(#[from] NotAReport),
    #[error("The pharmacy addressed is not served here ({named}). Nothing was stored.")]
    NobodyHere {
        /// The addresses it gave.
        named: String,
    },
    /// The sender may try again.
    #[error("The report could not be stored. Nothing was kept. Send it again.")]
    NotStored(#[source] NotTaken),
}

/// Takes one report. After an error nothing of it is stored; after success all of it is, on disk.
pub async fn receive(app: &App, bytes: &[u8]) -> Result<Vec<Filed>, Refused> {
    let report = read(bytes, app.clock.now())?;
    let pharmacy = addressed(app, &report.addressed_to).await;
    let pharmacy = pharmacy.map_err(|error| Refused::NotStored(error.into()))?;
    let Some(pharmacy) = pharmacy else {
        return Err(Refused::NobodyHere { named: named(&report.addressed_to) });
    };
    take(app, &pharmacy, &report.arrived, &[]).await.map_err(Refused::NotStored)
}
