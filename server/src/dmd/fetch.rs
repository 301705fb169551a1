//! Fetching the newest release from TRUD now and then, where the server has a key.

use super::import::{Asked, ImportError, Imported, Outcome, import};
use super::progress::Silent;
use super::source::NotARelease;
use super::trud::{Client, DMD, SUPPLEMENT, TrudError};
use crate::app::App;
use crate::problem::chain;
use crate::store::StoreError;
use std::time::Duration;

/// dm+d comes once a week, early on a Monday.
const LOOK_EVERY: Duration = Duration::from_hours(6);
/// Servers on one database do not all fetch in the same moment.
const SPREAD_SECONDS: u64 = 600;

/// Why no release came.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Trud(#[from] TrudError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("The dictionary in use could not be looked up.")]
    Store(#[from] StoreError),
}

/// Looks again and again until the server closes. Returns at once where no key is set.
pub async fn run(app: App) {
    let Some(client) = app.trud.clone() else { return };
    let mut refused = String::new();
    tokio::time::sleep(Duration::from_secs(rand::random_range(0..SPREAD_SECONDS))).await;
    loop {
        match fetch(&app, &client, &mut refused).await {
            Ok(Some(imported)) => {
                tracing::info!(
                    release = imported.release,
                    products = imported.counts.searchable,
                    "a release of dm+d came into use"
                );
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(cause = %chain(&error), "no release of dm+d was taken from TRUD"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Fetches and imports what is newer than the release in use; `None` where nothing is. `refused` names what was refused
/// before: it is not fetched again.
pub async fn fetch(app: &App, client: &Client, refused: &mut String) -> Result<Option<Imported>, FetchError> {
    let release = client.latest(DMD).await?;
    let in_use = app.store.dmd_release().await?;
    let had_one = in_use.as_ref().is_some_and(|in_use| has_supplement(&in_use.source));
    let supplement = match client.latest(SUPPLEMENT).await {
        Ok(supplement) => Some(supplement),
        // A subscription of its own, without which everything works; where there was one, its loss is a failure.
        Err(TrudError::Refused { .. }) if !had_one => None,
        Err(error) => return Err(error.into()),
    };
    let source = match &supplement {
        Some(supplement) => format!("trud {} {}", release.id, supplement.id),
        None => format!("trud {}", release.id),
    };
    if source == *refused || in_use.is_some_and(|in_use| in_use.source == source) {
        return Ok(None);
    }
    let folder = tempfile::tempdir().map_err(TrudError::Disk)?;
    let mut paths = Vec::new();
    for (item, release) in [(DMD, Some(&release)), (SUPPLEMENT, supplement.as_ref())] {
        let Some(release) = release else { continue };
        let path = folder.path().join(format!("item{item}.zip"));
        client.fetch(item, release, &path).await?;
        paths.push(path);
    }
    let asked = Asked { paths, source: source.clone(), accept_fewer: false, now: app.clock.now() };
    match import(&*app.store, asked, Box::new(Silent)).await {
        Ok(imported) => {
            if imported.outcome == Outcome::InUseNow {
                app.audit(None, None, "dmd-imported", &format!("{} from TRUD", imported.release)).await?;
            } else {
                // The same content under another name: no reason to fetch it every time.
                *refused = source;
            }
            Ok(Some(imported).filter(|imported| imported.outcome == Outcome::InUseNow))
        }
        Err(error) => {
            if is_final(&error) {
                *refused = source;
            }
            Err(error.into())
        }
    }
}

/// Whether a release came from TRUD with the supplementary one: `trud`, and what TRUD calls the two.
fn has_supplement(source: &str) -> bool {
    source.starts_with("trud ") && source.split(' ').count() > 2
}

/// Whether the release itself is at fault, so that fetching the same again leads to the same. All else passes.
fn is_final(error: &ImportError) -> bool {
    match error {
        ImportError::NotARelease(cause) => !matches!(cause, NotARelease::Unreadable { .. }),
        ImportError::Faulty { .. }
        | ImportError::Older { .. }
        | ImportError::Fewer { .. }
        | ImportError::Lacks { .. } => true,
        ImportError::Ahead { .. } | ImportError::Another | ImportError::Store(_) | ImportError::Build(_) => {
            false
        }
    }
}
