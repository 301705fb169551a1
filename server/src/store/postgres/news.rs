//! News between servers by LISTEN and NOTIFY: said after the commit, several logs at once, never relied upon.

use super::Pool;
use crate::problem::chain;
use crate::store::{HINTS_WAITING, Hint};
use shared::ids::OdsCode;
use sqlx::postgres::PgListener;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;

const CHANNEL: &str = "satchel_news";

/// PostgreSQL refuses 8000 bytes and more.
const LONGEST: usize = 7900;

/// Commits within this time after news was said share the next message: NOTIFY is not free for the database.
const PAUSE: Duration = Duration::from_millis(5);

/// How long after losing the database it is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// News is lost when a server dies between commit and NOTIFY; others find it in the table after this at the latest.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Tells other servers how far the logs have come.
#[derive(Debug, Clone)]
pub struct Announcer(mpsc::UnboundedSender<BTreeMap<OdsCode, u64>>);

impl Announcer {
    /// Starts the task that speaks, over a pool of its own. It ends with the last announcer.
    pub fn start(pool: Pool) -> Self {
        let (say, mut said) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while said.recv_many(&mut waiting, usize::MAX).await > 0 {
                for payload in payloads(waiting.drain(..)) {
                    let told =
                        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&pool);
                    if let Err(error) = told.await {
                        tracing::warn!(cause = %chain(&error), "other servers were not told of news; they look for it");
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self(say)
    }

    /// Says it soon; returns at once.
    pub fn logs_reached(&self, reached: BTreeMap<OdsCode, u64>) {
        if !reached.is_empty() {
            // The task ends only while the process stops.
            let _ = self.0.send(reached);
        }
    }
}

/// Lines `FA123 40`, the latest number for each pharmacy, in as few messages as they fit into.
fn payloads(waiting: impl Iterator<Item = BTreeMap<OdsCode, u64>>) -> Vec<String> {
    let mut latest = BTreeMap::new();
    for (pharmacy, seq) in waiting.flatten() {
        let reached = latest.entry(pharmacy).or_insert(seq);
        *reached = seq.max(*reached);
    }
    let mut payloads = vec![String::new()];
    for (pharmacy, seq) in latest {
        let line = format!("{pharmacy} {seq}\n");
        match payloads.last_mut() {
            Some(last) if last.len() + line.len() <= LONGEST => last.push_str(&line),
            _ => payloads.push(line),
        }
    }
    payloads
}

/// What a message says; lines that another version may have written are left out.
fn read(payload: &str) -> impl Iterator<Item = Hint> {
    payload.lines().filter_map(|line| {
        let (pharmacy, seq) = line.split_once(' ')?;
        Some(Hint::Reached { pharmacy: pharmacy.parse().ok()?, seq: seq.parse().ok()? })
    })
}

/// The receiver of hints is gone.
struct Gone;

/// Starts listening, and looking now and then.
pub fn hints(pool: Pool) -> mpsc::Receiver<Hint> {
    let (hints, receiver) = mpsc::channel(HINTS_WAITING);
    let looking = hints.clone();
    tokio::spawn(async move {
        while looking.send(Hint::Look).await.is_ok() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    tokio::spawn(async move {
        loop {
            let heard = tokio::select! {
                heard = listen(&pool, &hints) => heard,
                () = hints.closed() => return,
            };
            match heard {
                Ok(Gone) => return,
                Err(error) => tracing::warn!(cause = %chain(&error), "news of other servers was cut off"),
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
    });
    receiver
}

/// Hears until the connection is lost. What was missed before is looked for once the new connection listens.
async fn listen(pool: &Pool, hints: &mpsc::Sender<Hint>) -> Result<Gone, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    if hints.send(Hint::Look).await.is_err() {
        return Ok(Gone);
    }
    while let Some(news) = listener.try_recv().await? {
        for hint in read(news.payload()) {
            if hints.send(hint).await.is_err() {
                return Ok(Gone);
            }
        }
    }
    Err(sqlx::Error::WorkerCrashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ods(text: &str) -> OdsCode {
        text.parse().expect("an ODS code")
    }

    #[test]
    fn news_of_many_commits_is_one_line_a_pharmacy() {
        let waiting = [[(ods("FA123"), 4), (ods("FB456"), 1)].into(), [(ods("FA123"), 5)].into()];
        let said = payloads(waiting.into_iter());
        assert_eq!(said, ["FA123 5\nFB456 1\n"]);
        let heard: Vec<Hint> = read(&said[0]).collect();
        assert_eq!(heard[0], Hint::Reached { pharmacy: ods("FA123"), seq: 5 });
        assert_eq!(heard.len(), 2);
    }

    #[test]
    fn news_of_every_pharmacy_in_england_fits_into_what_postgresql_takes() {
        let all: BTreeMap<OdsCode, u64> =
            (0..10_400).map(|n| (ods(&format!("F{n:05}")), u64::from(u32::MAX))).collect();
        let said = payloads([all].into_iter());
        assert!(said.iter().all(|payload| payload.len() < 8000));
        assert_eq!(said.iter().flat_map(|payload| read(payload)).count(), 10_400);
    }

    #[test]
    fn a_line_that_is_not_understood_spoils_no_other() {
        assert_eq!(read("?\nFA123\nFA123 x\nFA123 7\nFA123 7 8").count(), 1);
    }
}
