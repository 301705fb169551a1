//! Which documents stay on this device (practice 32): what is unsent, unfinished, of today, or of the last days.
//! Everything else is with the server, and leaves. It runs in the worker.

use super::erasing;
use super::pages;
use super::store::{load_unsent, under, unsent_under};
use crate::platform::clock;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use crate::worker::backroom::Backroom;
use shared::consultation::{Status, WorkListRow};
use shared::ids::ConsultationId;
use shared::time::{self, Millis};
use std::collections::BTreeSet;

/// Days that finished work stays, where nothing else was chosen.
pub const DAYS: u32 = 30;
/// The fewest and the most that may be chosen.
pub const FEWEST_DAYS: u32 = 1;
pub const MOST_DAYS: u32 = 366;

const DAY: Millis = 24 * 60 * 60 * 1000;
/// Documents that leave in one transaction.
const BATCH: usize = 512;

/// When something last happened to a finished document; `None` while somebody must still look at it.
pub fn finished_at(row: &WorkListRow) -> Option<Millis> {
    let unfinished = matches!(row.status, Status::Received | Status::Open);
    let disputed = row.amending || row.has_notice || row.clashes > 0 || row.late_entries > 0;
    let undelivered = !row.notice.is_empty() && !matches!(row.notice.as_str(), "accepted" | "not-required");
    if unfinished || disputed || undelivered {
        return None;
    }
    let touched = [&row.received_at, &row.due_at, &row.signed_at, &row.notice_at];
    // A summary without a single time says nothing about its age.
    touched.into_iter().filter_map(|text| time::read(text)).max()
}

/// Is something that was finished then older than what is kept?
pub fn is_past(finished_at: Millis, days: u32, now: Millis) -> bool {
    finished_at + Millis::from(days.clamp(FEWEST_DAYS, MOST_DAYS)) * DAY < now
}

/// May a document with this summary leave by now?
pub fn is_over(row: &WorkListRow, days: u32, now: Millis) -> bool {
    finished_at(row).is_some_and(|at| is_past(at, days, now))
}

/// Lets go of what is older than the window. Never of what waits to be sent, nor of what is on the screen.
pub async fn evict(room: &Backroom) -> Result<(), Trouble> {
    let now = clock::now();
    let waiting = load_unsent(&room.database).await?;
    let over: Vec<ConsultationId> = room
        .stamps
        .borrow()
        .iter()
        .filter(|(id, stamp)| {
            // What the server has not confirmed is here only.
            let sent = stamp.sent_at.is_some() && !waiting.contains_key(id);
            let with_server = sent && room.machine.is_with_server(id);
            let past = stamp.finished_at.is_some_and(|at| is_past(at, room.days.get(), now));
            with_server && past && room.on_screen.get() != Some(**id)
        })
        .map(|(id, _)| *id)
        .collect();
    for batch in over.chunks(BATCH) {
        let batch: BTreeSet<ConsultationId> = batch.iter().copied().collect();
        let gone = {
            let _alone = room.rows.lock().await;
            // Work begun since the look at the markers stays, row and all.
            let waiting = load_unsent(&room.database).await?;
            let batch: BTreeSet<ConsultationId> =
                batch.into_iter().filter(|id| !waiting.contains_key(id)).collect();
            let mut writes = pages::removal(&room.database, &room.sealer(), &batch, false).await?;
            for id in &batch {
                for store in ["bases", "changes"] {
                    let parts = Write::DeleteUnder { store, prefix: under(id) };
                    writes.push(parts.unless(unsent_under(id)));
                }
            }
            room.database.write(&writes).await?;
            batch
        };
        erasing::forgotten(room, &gone);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: Status) -> WorkListRow {
        WorkListRow {
            status,
            received_at: "2026-10-01T09:00:00Z".to_owned(),
            signed_at: "2026-10-02T10:00:00Z".to_owned(),
            notice: "accepted".to_owned(),
            notice_at: "2026-10-02T10:05:00Z".to_owned(),
            ..WorkListRow::default()
        }
    }

    fn at(text: &str) -> Millis {
        time::read(text).expect("an instant")
    }

    #[test]
    fn finished_work_stays_thirty_days_after_the_last_that_happened_to_it() {
        let done = row(Status::Completed);
        assert!(!is_over(&done, DAYS, at("2026-11-01T10:04:00Z")));
        assert!(is_over(&done, DAYS, at("2026-11-01T10:06:00Z")));
        assert!(!is_over(&done, 60, at("2026-11-01T10:06:00Z")));
    }

    #[test]
    fn what_is_unfinished_disputed_or_not_with_the_gp_never_leaves() {
        let held = WorkListRow { notice: "held".to_owned(), ..row(Status::Completed) };
        let late = WorkListRow { late_entries: 1, ..row(Status::Completed) };
        for row in [row(Status::Received), row(Status::Open), held, late] {
            assert_eq!(finished_at(&row), None);
        }
    }

    #[test]
    fn a_summary_without_a_time_is_not_taken_for_an_old_one() {
        let bare = WorkListRow { status: Status::Closed, ..WorkListRow::default() };
        assert_eq!(finished_at(&bare), None);
    }
}
