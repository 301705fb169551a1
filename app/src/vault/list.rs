//! The one place on the page that changes lines of the work list.

use super::pages::{self, FirstScreen};
use super::store::load_unsent;
use crate::platform::clock;
use crate::platform::database::Database;
use crate::platform::settings;
use crate::platform::trouble::Trouble;
use crate::state::{ListedRow, Satchel};
use crate::vault::opened::Sealer;
use crate::work_list::rows::Rows;
use crate::worker::messages::{Ask, Origin, RowNews};
use crate::worker::page;
use leptos::prelude::*;
use shared::ids::ConsultationId;
use std::collections::{BTreeSet, HashSet};
use wasm_bindgen_futures::spawn_local;

/// Lines of the first screen that are kept for the next unlock.
const KEPT: usize = 24;
/// As many lines at once are read or pulled, not worked on: they are shown together with what follows them.
pub const MANY: usize = 8;
/// Milliseconds until they are shown.
const SHOWN_AFTER: u32 = 250;

/// The list as it can be shown at once: the first screen as it was last kept.
pub async fn first(database: &Database, sealer: &Sealer) -> Result<Rows, Trouble> {
    let unsent: BTreeSet<ConsultationId> = load_unsent(database).await?.into_keys().collect();
    let mut rows = match pages::load_screen(database, sealer).await? {
        Some(screen) => {
            let listed: Vec<ListedRow> =
                screen.rows.iter().map(|news| line(news.clone(), unsent.contains(&news.id))).collect();
            Rows::begin_with(&screen, listed.into_iter())
        }
        None => Rows::default(),
    };
    rows.begin_reading();
    Ok(rows)
}

fn line(news: RowNews, unsent: bool) -> ListedRow {
    ListedRow {
        id: news.id,
        row: news.row,
        unsent,
        set_aside: news.set_aside,
        saved_at: news.saved_at,
        sent_at: news.sent_at,
    }
}

/// Takes in what the worker says of some lines.
pub fn hear(satchel: Satchel, news: Vec<RowNews>, from: Origin) {
    let changed = satchel.rows.with_untracked(|rows| {
        let keeps = |news: RowNews| merged(rows, news, from);
        news.into_iter().filter_map(keeps).collect::<Vec<_>>()
    });
    relist(satchel, changed);
}

/// One line: what was known here, and what has been heard.
fn merged(rows: &Rows, news: RowNews, from: Origin) -> Option<ListedRow> {
    let before = rows.get(&news.id);
    match from {
        // What this page has learnt since the worker read it is newer.
        Origin::Disk => rows.is_open_question(&news.id).then(|| {
            let unsent = news.unsent || before.is_some_and(|row| row.unsent);
            line(news, unsent)
        }),
        Origin::Document => {
            let mut row = before.cloned()?;
            if row.is_unopenable() {
                row.set_aside = None;
            }
            row.row = news.row;
            Some(row)
        }
        Origin::Server => {
            let unsent = news.unsent || before.is_some_and(|row| row.unsent);
            let aside = still_aside(before).or_else(|| news.set_aside.clone());
            let mut row = line(news, unsent);
            row.set_aside = aside;
            if let Some(before) = before {
                row.saved_at = before.saved_at.or(row.saved_at);
                // With work of our own on top, the server's summary is not the whole truth.
                if unsent {
                    row.row = before.row.clone();
                    row.sent_at = before.sent_at;
                }
            }
            Some(row)
        }
    }
}

/// A summary that did not open is replaced by the new one; work of our own that did not is still there.
fn still_aside(before: Option<&ListedRow>) -> Option<String> {
    let before = before.filter(|row| row.unsent || !row.is_unopenable())?;
    before.set_aside.clone()
}

/// Everything that lies here has been told.
pub fn complete(satchel: Satchel) {
    if satchel.keeper.get_value().opened().is_ok() {
        satchel.rows.update(|rows| {
            rows.sort();
            rows.complete();
        });
        changed(satchel);
    }
}

/// The line of the list as it stands now.
pub fn listed(satchel: Satchel, id: &ConsultationId) -> Option<ListedRow> {
    satchel.rows.with_untracked(|rows| rows.get(id).cloned())
}

/// Puts lines into the list, in the place of those they renew.
pub fn relist(satchel: Satchel, lines: Vec<ListedRow>) {
    // Work that ends after locking still reaches the disk, but nothing of it the screen.
    if lines.is_empty() || satchel.keeper.get_value().opened().is_err() {
        return;
    }
    if lines.len() < MANY {
        satchel.rows.update(|rows| rows.put(lines));
        changed(satchel);
        return;
    }
    // Ordering and drawing the list for each of a hundred slices would take longer than reading them.
    satchel.rows.update_untracked(|rows| rows.take_in(lines));
    if !satchel.keeper.get_value().0.list_due.replace(true) {
        spawn_local(async move {
            clock::sleep(SHOWN_AFTER).await;
            let keeper = satchel.keeper.get_value();
            if keeper.0.list_due.replace(false) && keeper.opened().is_ok() {
                satchel.rows.update(Rows::sort);
                changed(satchel);
            }
        });
    }
}

/// Takes a line out of the list.
pub fn unlist(satchel: Satchel, id: &ConsultationId) {
    unlist_all(satchel, &[*id]);
}

/// Takes lines out of the list.
pub fn unlist_all(satchel: Satchel, ids: &[ConsultationId]) {
    let gone: HashSet<ConsultationId> = ids.iter().copied().collect();
    satchel.rows.update(|rows| rows.remove(&gone));
    changed(satchel);
}

fn changed(satchel: Satchel) {
    satchel.keeper.get_value().0.screen_changed.set(true);
    count_waiting(satchel);
}

pub fn count_waiting(satchel: Satchel) {
    let (waiting, complete) = satchel.rows.with_untracked(|rows| (rows.unsent(), rows.is_complete()));
    // While lines are still being read, the markers' count from before unlocking is the better one.
    let waiting = if complete { waiting } else { waiting.max(satchel.waiting.get_untracked()) };
    if satchel.waiting.get_untracked() != waiting {
        satchel.waiting.set(waiting);
    }
    if complete && settings::waiting() != waiting {
        settings::set_waiting(waiting);
    }
}

/// Once a second: keeps the first screen for the next unlock, where it has changed and is whole.
pub fn keep_screen(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let complete = satchel.rows.with_untracked(Rows::is_complete);
    if keeper.opened().is_err() || !complete || !keeper.0.screen_changed.take() {
        return;
    }
    let now = clock::now();
    let screen = satchel.rows.with_untracked(|rows| {
        let (to_do, today, all) = rows.counts(now);
        let first = rows.most_pressing(now).into_iter().filter(|place| rows.is_to_do(*place));
        let rows = first.take(KEPT).map(|place| {
            let ListedRow { id, row, unsent, set_aside, saved_at, sent_at } = rows.at(place).clone();
            RowNews { id, row, unsent, set_aside, saved_at, sent_at }
        });
        FirstScreen { rows: rows.collect(), to_do, today, all }
    });
    page::tell(satchel, &Ask::Keep(screen));
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::WorkListRow;

    fn news(name: &str, unsent: bool) -> RowNews {
        let id = ConsultationId::from_bytes([3; 16]);
        let row = WorkListRow { patient_name: name.to_owned(), ..WorkListRow::default() };
        RowNews { id, row, unsent, set_aside: None, saved_at: Some(1), sent_at: Some(2) }
    }

    fn with(line: ListedRow) -> Rows {
        let mut rows = Rows::default();
        rows.put([line]);
        rows
    }

    #[test]
    fn what_was_recorded_here_is_not_hidden_by_what_the_server_has() {
        let rows = with(ListedRow { sent_at: None, ..line(news("Ours", false), true) });
        let merged = merged(&rows, news("Theirs", false), Origin::Server).expect("a line");
        assert_eq!((merged.row.patient_name.as_str(), merged.unsent, merged.sent_at), ("Ours", true, None));
    }

    #[test]
    fn what_was_read_from_disk_late_does_not_undo_what_happened_since() {
        let rows = with(line(news("Newer", false), true));
        assert!(merged(&rows, news("Older", false), Origin::Disk).is_none());
    }

    #[test]
    fn a_summary_that_did_not_open_is_mended_by_the_servers() {
        let torn = Some(crate::vault::store::UNOPENABLE.to_owned());
        let rows = with(ListedRow { set_aside: torn, ..line(news("", false), false) });
        let merged = merged(&rows, news("WINTERS, Hettie", false), Origin::Server).expect("a line");
        assert_eq!((merged.set_aside, merged.row.patient_name.as_str()), (None, "WINTERS, Hettie"));
    }
}
