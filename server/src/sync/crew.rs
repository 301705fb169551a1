//! Work on documents, kept off the threads that answer requests, and never more of it at once than there are
//! processors: hundreds of devices at once would otherwise hold hundreds of open documents, and wait for each other.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// For machines that do not say how many processors they have.
const UNKNOWN: usize = 2;

static PLACES: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(available_parallelism().map_or(UNKNOWN, usize::from))));

/// Does it as soon as there is a place; first come, first served.
pub async fn at_work<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    let place = Arc::clone(&PLACES).acquire_owned().await.expect("the places are never closed");
    // The place goes with the work: whoever asked may give up, and the work goes on all the same.
    spawn_blocking(move || {
        let _place = place;
        work()
    })
    .await
}
