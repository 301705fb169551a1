//! Group commit: appends that wait at the same time share one transaction, and so one fsync.

use super::append::{overtaken, store};
use super::{Connection, Pool, audit, dialect};
use crate::store::{Append, StoreError};
use shared::ids::OdsCode;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Most appends in one transaction; beyond this the first would wait too long for the last.
const GROUP: usize = 256;

type Answer = Result<Vec<u64>, StoreError>;

struct Job {
    pharmacy: OdsCode,
    append: Append,
    answer: oneshot::Sender<Answer>,
}

/// The tasks that all appends of this process go through. A pharmacy always goes to the same one.
#[derive(Debug, Clone)]
pub struct Writers(Arc<[mpsc::Sender<Job>]>);

/// A writer task ended, which happens only while the process stops.
#[derive(Debug, thiserror::Error)]
#[error("the database writer has stopped")]
struct Stopped;

/// The shared transaction was not committed, for the reason beneath.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the transaction shared with others was not committed")]
struct NotCommitted(#[source] Arc<StoreError>);

impl Writers {
    /// Starts the tasks. After each commit `announce` hears how far the logs have come.
    pub fn start(pool: &Pool, announce: &dialect::Announcer) -> Self {
        let tasks = (0..dialect::WRITERS).map(|_| {
            let (jobs, mut waiting) = mpsc::channel::<Job>(GROUP);
            let (pool, announce) = (pool.clone(), announce.clone());
            tokio::spawn(async move {
                let mut group = Vec::new();
                while waiting.recv_many(&mut group, GROUP).await > 0 {
                    let reached = commit(&pool, std::mem::take(&mut group)).await;
                    announce.logs_reached(reached);
                }
            });
            jobs
        });
        Self(tasks.collect())
    }

    /// Stores an append together with those that wait beside it.
    pub async fn append(&self, pharmacy: &OdsCode, append: Append) -> Answer {
        let mut hasher = DefaultHasher::new();
        pharmacy.hash(&mut hasher);
        let writer = &self.0[(hasher.finish() % self.0.len() as u64) as usize];
        let (answer, answered) = oneshot::channel();
        let job = Job { pharmacy: pharmacy.clone(), append, answer };
        writer.send(job).await.map_err(|_| StoreError::broken(Stopped))?;
        answered.await.map_err(|_| StoreError::broken(Stopped))?
    }
}

/// Stores a group in one transaction. A member that fails is rolled back alone; the rest is kept.
async fn commit(pool: &Pool, mut group: Vec<Job>) -> BTreeMap<OdsCode, u64> {
    // Pharmacies are locked in one order everywhere, so that two servers never wait for each other.
    group.sort_by(|a, b| a.pharmacy.cmp(&b.pharmacy));
    let outcomes = match together(pool, &group).await {
        Ok(None) => apart(pool, &group).await,
        Ok(Some(outcomes)) => Ok(outcomes),
        Err(error) => Err(error),
    };
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(error) => {
            let cause = Arc::new(StoreError::from(error));
            for job in group {
                // Whoever asked may have gone away.
                let _ = job.answer.send(Err(not_committed(&cause)));
            }
            return BTreeMap::new();
        }
    };
    let mut reached = BTreeMap::new();
    for (job, outcome) in group.into_iter().zip(outcomes) {
        if let Ok(numbers) = &outcome
            && let Some(last) = numbers.last()
        {
            reached.insert(job.pharmacy.clone(), *last);
        }
        // Whoever asked may have gone away; the work is stored all the same.
        let _ = job.answer.send(outcome);
    }
    reached
}

/// Stores all members at once, without a way back for one alone. `None` where that failed; then nothing is stored.
async fn together(pool: &Pool, group: &[Job]) -> Result<Option<Vec<Answer>>, sqlx::Error> {
    let mut transaction = pool.begin_with(dialect::BEGIN_WRITE).await?;
    let members: Vec<_> = group.iter().map(|job| (&job.pharmacy, &job.append)).collect();
    // With nobody beside it there is nobody to be spared.
    let overtaken = match group {
        [_] => Ok(BTreeSet::new()),
        _ => overtaken(&mut transaction, &members).await,
    };
    let stored = match overtaken {
        Ok(overtaken) => {
            let members = members.into_iter().enumerate().filter(|(index, _)| !overtaken.contains(index));
            let members: Vec<_> = members.map(|(_, member)| member).collect();
            match store(&mut transaction, &members).await {
                Ok(numbers) => {
                    let appends = members.iter().map(|(_, append)| *append);
                    audited(&mut transaction, appends).await.map(|()| (overtaken, numbers))
                }
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    match stored {
        Ok((overtaken, numbers)) => {
            transaction.commit().await?;
            let mut numbers = numbers.into_iter();
            let answer = |index| {
                let numbers = if overtaken.contains(&index) { None } else { numbers.next() };
                numbers.ok_or(StoreError::Conflict)
            };
            Ok(Some((0..group.len()).map(answer).collect()))
        }
        Err(error) => {
            transaction.rollback().await?;
            Ok((group.len() == 1).then(|| vec![Err(error)]))
        }
    }
}

/// Stores those members that can be stored.
async fn apart(pool: &Pool, group: &[Job]) -> Result<Vec<Answer>, sqlx::Error> {
    let mut transaction = pool.begin_with(dialect::BEGIN_WRITE).await?;
    let mut outcomes = Vec::with_capacity(group.len());
    for job in group {
        outcomes.push(in_savepoint(&mut transaction, &job.pharmacy, &job.append).await);
    }
    let stored = group.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
    match audited(&mut transaction, stored.map(|(job, _)| &job.append)).await {
        Ok(()) => transaction.commit().await?,
        Err(error) => {
            transaction.rollback().await?;
            return Ok(one_for_all(group.len(), error));
        }
    }
    Ok(outcomes)
}

/// Writes what the audit log says of these appends. Last of all, since the end of the log is one for everybody: whoever
/// has it waits for nothing more.
async fn audited(
    connection: &mut Connection,
    appends: impl Iterator<Item = &Append>,
) -> Result<(), StoreError> {
    let lines: Vec<_> = appends.flat_map(|append| append.audit.iter().cloned()).collect();
    audit::add(connection, &lines).await
}

fn one_for_all(members: usize, error: StoreError) -> Vec<Answer> {
    let cause = Arc::new(error);
    (0..members).map(|_| Err(not_committed(&cause))).collect()
}

/// What each member of a group hears when the whole was not committed: the same decision for all.
fn not_committed(cause: &Arc<StoreError>) -> StoreError {
    let error = NotCommitted(Arc::clone(cause));
    match &**cause {
        StoreError::Busy(_) => StoreError::Busy(Box::new(error)),
        StoreError::Conflict | StoreError::Broken(_) => StoreError::broken(error),
    }
}

async fn in_savepoint(connection: &mut Connection, pharmacy: &OdsCode, append: &Append) -> Answer {
    sqlx::query("SAVEPOINT one").execute(&mut *connection).await?;
    let outcome = store(connection, &[(pharmacy, append)]).await;
    if outcome.is_err() {
        sqlx::query("ROLLBACK TO one").execute(&mut *connection).await?;
    }
    sqlx::query("RELEASE one").execute(&mut *connection).await?;
    outcome.map(|numbers| numbers.into_iter().flatten().collect())
}
