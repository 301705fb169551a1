//! What the worker holds while the vault is open, and how it does what the page asks.

use super::messages::{Ask, EditedChange, Failed, Origin, Parts as PartsSaid, Progress, RowNews, Said};
use super::serve::{say, say_trouble, say_unhurried, say_with};
use crate::platform::clock;
use crate::platform::database::Database;
use crate::platform::trouble::Trouble;
use crate::sync::machine::{self, Machine};
use crate::sync::whole;
use crate::vault::list::MANY;
use crate::vault::opened::Sealer;
use crate::vault::pages::{self, PagedRow};
use crate::vault::store::{self, Parts, SetAside, UNOPENABLE};
use crate::vault::{compaction, format, window};
use futures_util::lock::Mutex;
use shared::authorship::Actor;
use shared::consultation::{Document, WorkListRow};
use shared::ids::ConsultationId;
use shared::sync::device::{Input, Position};
use shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Rows told at once: little enough that the page takes them in between two frames, on an old tablet too.
const SLICE: usize = 32;
/// Milliseconds of quiet before tidying begins, so that it never delays what somebody waits for.
const BEFORE_TIDYING: u32 = 20_000;

/// What is known of a document that lies here without opening anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stamp {
    pub saved_at: Option<Millis>,
    pub sent_at: Option<Millis>,
    /// When something last happened to it; `None` while somebody must still look at it.
    pub finished_at: Option<Millis>,
}

/// The worker while the vault is open.
pub struct Backroom {
    pub database: Database,
    sealer: RefCell<Rc<Sealer>>,
    pub machine: Machine,
    /// Whose proofs the server has been shown since unlocking.
    pub claimed: RefCell<BTreeSet<Actor>>,
    pub on_screen: Cell<Option<ConsultationId>>,
    pub stamps: RefCell<BTreeMap<ConsultationId, Stamp>>,
    /// Held while rows are read to be written again.
    pub rows: Mutex<()>,
    /// Documents that have ended a worker of this version of the app.
    stuck: RefCell<BTreeSet<ConsultationId>>,
    /// Said to be damaged and asked for once already since unlocking.
    pub fetched: RefCell<BTreeSet<ConsultationId>>,
    pub progress: Cell<Option<Progress>>,
    pub days: Cell<u32>,
    signed_in: Cell<bool>,
    /// Something that should be sent cannot be: said once.
    pub said_damaged: Cell<bool>,
    /// Edits told before the machine knew what waits.
    early: RefCell<Option<Vec<EditedChange>>>,
}

impl Backroom {
    pub async fn open(
        database: &str,
        sealer: Sealer,
        deadly: BTreeSet<ConsultationId>,
    ) -> Result<Rc<Self>, Trouble> {
        let database = Database::open(database, |trouble| say_trouble(&trouble)).await?;
        let room = Rc::new(Self {
            database,
            sealer: RefCell::new(Rc::new(sealer)),
            machine: Machine::default(),
            claimed: RefCell::default(),
            on_screen: Cell::new(None),
            stamps: RefCell::default(),
            rows: Mutex::new(()),
            stuck: RefCell::default(),
            fetched: RefCell::default(),
            progress: Cell::new(None),
            days: Cell::new(window::DAYS),
            signed_in: Cell::new(false),
            said_damaged: Cell::new(false),
            early: RefCell::new(Some(Vec::new())),
        });
        room.remember_deadly(&deadly).await?;
        Ok(room)
    }

    /// The keys as they are now; they may change while the vault is open.
    pub fn sealer(&self) -> Rc<Sealer> {
        self.sealer.borrow().clone()
    }

    async fn remember_deadly(&self, deadly: &BTreeSet<ConsultationId>) -> Result<(), Trouble> {
        let mut writes = Vec::new();
        for id in deadly {
            let why = SetAside { why: Trouble::Deadly.to_string() };
            writes.push(store::put_state(&self.sealer(), store::aside_key(id), &why).await?);
            writes.push(store::marker(stuck_key(id)));
        }
        self.database.write(&writes).await?;
        let stuck = self.database.keys_under("state", STUCK).await?;
        *self.stuck.borrow_mut() = stuck.iter().filter_map(|key| read_stuck_key(key)).collect();
        Ok(())
    }

    /// Tells the list, then syncs, then tidies.
    pub async fn begin(self: &Rc<Self>, signed_in: bool) {
        self.signed_in.set(signed_in || self.signed_in.get());
        if let Err(trouble) = self.list().await {
            say_trouble(&trouble);
        }
        say(&Said::AllListed);
        if let Err(trouble) = self.start_sync().await {
            say_trouble(&trouble);
        }
        let room = self.clone();
        spawn_local(async move { machine::watch(&room).await });
        whole::fetch_missing(self).await;
        clock::sleep(BEFORE_TIDYING).await;
        if let Err(trouble) = self.tidy().await {
            say_trouble(&trouble);
        }
    }

    async fn tidy(self: &Rc<Self>) -> Result<(), Trouble> {
        window::evict(self).await?;
        compaction::run(self).await
    }

    async fn list(self: &Rc<Self>) -> Result<(), Trouble> {
        let sealer = self.sealer();
        let unsent = store::load_unsent(&self.database).await?;
        let aside: BTreeMap<ConsultationId, String> =
            store::open_under(&self.database, &sealer, "state", "aside/")
                .await?
                .read(|plain| format::from_json::<SetAside>(&plain))?
                .whole
                .into_iter()
                .filter_map(|(key, aside)| Some((key["aside/".len()..].parse().ok()?, aside.why)))
                .collect();
        let torn = self.torn(unsent.keys().copied()).await?;
        let looked = {
            let _alone = self.rows.lock().await;
            pages::look_through(&self.database, &sealer, async |rows| {
                let news = rows.into_iter().map(|row| {
                    self.stamp(&row);
                    let set_aside = if torn.contains(&row.id) {
                        Some(UNOPENABLE.to_owned())
                    } else {
                        aside.get(&row.id).cloned()
                    };
                    let waits = unsent.contains_key(&row.id);
                    news(row, waits, set_aside)
                });
                tell(news.collect(), Origin::Disk);
                // The page's questions are answered meanwhile.
                clock::sleep(0).await;
            })
            .await?
        };
        let damaged = looked.damaged.iter().map(|id| RowNews {
            id: *id,
            row: WorkListRow { id: id.to_string(), ..WorkListRow::default() },
            unsent: unsent.contains_key(id),
            set_aside: Some(UNOPENABLE.to_owned()),
            saved_at: None,
            sent_at: None,
        });
        tell(damaged.collect(), Origin::Disk);
        for id in looked.damaged.iter().chain(&torn) {
            whole::want(self, id).await?;
        }
        if !looked.damaged_pages.is_empty() {
            self.read_log_again(&looked.damaged_pages).await?;
        }
        if looked.wants_tidying() {
            let _alone = self.rows.lock().await;
            pages::tidy(&self.database, &sealer).await?;
        }
        Ok(())
    }

    /// Whose rows were on a damaged page nobody knows, so the log is read again from its beginning.
    async fn read_log_again(&self, damaged: &[String]) -> Result<(), Trouble> {
        let position = Position { cursor: 0, ..self.position().await? };
        let mut writes = pages::drop_pages(damaged);
        writes.push(store::put_state(&self.sealer(), "position".to_owned(), &position).await?);
        self.database.write(&writes).await
    }

    /// Documents of which a change that waits to be sent does not open.
    async fn torn(
        &self,
        waiting: impl Iterator<Item = ConsultationId>,
    ) -> Result<BTreeSet<ConsultationId>, Trouble> {
        let mut torn = BTreeSet::new();
        for id in waiting {
            if !store::load_changes(&self.database, &self.sealer(), &id).await?.damaged.is_empty() {
                torn.insert(id);
            }
        }
        Ok(torn)
    }

    async fn position(&self) -> Result<Position, Trouble> {
        match store::get_state(&self.database, &self.sealer(), "position").await {
            Ok(position) => Ok(position.unwrap_or_default()),
            // From the beginning: everything is fetched again, and nothing is lost.
            Err(Trouble::Unsealable) => Ok(Position::default()),
            Err(trouble) => Err(trouble),
        }
    }

    async fn start_sync(self: &Rc<Self>) -> Result<(), Trouble> {
        let position = self.position().await?;
        let mut unsent = store::load_unsent(&self.database).await?;
        // Work that does not open stays; only that of others must not wait for it.
        let torn = self.torn(unsent.keys().copied().collect::<Vec<_>>().into_iter()).await?;
        unsent.retain(|id, _| !torn.contains(id) && !self.is_stuck(id));
        let signed_in = self.signed_in.get();
        machine::feed(self, Input::Unlocked { position, unsent, signed_in }, None).await;
        let early = self.early.take().unwrap_or_default();
        self.edited(&early).await;
        if self.signed_in.get() && !signed_in {
            machine::feed(self, Input::SignedIn, None).await;
        }
        Ok(())
    }

    /// Does what the page asks.
    pub async fn hear(self: Rc<Self>, ask: Ask, keys: Option<Sealer>) {
        match ask {
            Ask::Open { .. } => {}
            Ask::NewKeys => {
                if let Some(keys) = keys {
                    *self.sealer.borrow_mut() = Rc::new(keys);
                }
            }
            Ask::Load { ask, id } => self.load(ask, &id).await,
            Ask::OnScreen(id) => self.on_screen.set(id),
            Ask::Edited { changes } => self.edited(&changes).await,
            Ask::SignedIn => {
                self.signed_in.set(true);
                machine::feed(&self, Input::SignedIn, None).await;
                whole::fetch_missing(&self).await;
            }
            Ask::News(upto) => machine::feed(&self, Input::News(upto), None).await,
            Ask::Online => machine::feed(&self, Input::Online, None).await,
            Ask::Keep(screen) => {
                // A screen that was not kept is only missed for a moment at the next unlock.
                if let Ok(write) = pages::screen_write(&self.sealer(), &screen).await {
                    let _ = self.database.write(&[write]).await;
                }
            }
            Ask::Window { days } => {
                let fewer = days < self.days.replace(days);
                if fewer && let Err(trouble) = window::evict(&self).await {
                    say_trouble(&trouble);
                }
            }
        }
    }

    async fn edited(self: &Rc<Self>, changes: &[EditedChange]) {
        if let Some(early) = self.early.borrow_mut().as_mut() {
            early.extend_from_slice(changes);
            return;
        }
        for change in changes {
            self.stamps.borrow_mut().entry(change.id).or_default().saved_at = Some(change.at);
            let input = Input::Edited { document: change.id, change: change.hash, created: change.created };
            machine::feed(self, input, None).await;
        }
    }

    async fn load(self: &Rc<Self>, ask: u32, id: &ConsultationId) {
        let loaded = match self.try_out(id).await {
            // Perhaps the server's copy is whole.
            Err(Trouble::Damaged) if whole::fetch(self, id).await.is_ok() => self.try_out(id).await,
            loaded => loaded,
        };
        match loaded {
            Ok((parts, _)) => {
                let (bases, changes) = parts.bytes();
                let outcome = Ok(PartsSaid { bases: bases.len() });
                say_with(&Said::Loaded { ask, outcome }, &[bases, changes].concat());
            }
            Err(trouble) => say(&Said::Loaded { ask, outcome: Err(Failed::from(&trouble)) }),
        }
    }

    /// Opens a document from what is on disk; one with a part that does not open is refused
    /// ([`Trouble::Damaged`]): a record with a hole in it must not be worked from.
    pub async fn try_out(&self, id: &ConsultationId) -> Result<(Parts, Document), Trouble> {
        if self.is_stuck(id) {
            return Err(Trouble::Deadly);
        }
        let parts = store::load_parts(&self.database, &self.sealer(), id).await?;
        if !parts.is_whole() {
            return Err(Trouble::Damaged);
        }
        if parts.is_empty() {
            return Err(Trouble::NotHere);
        }
        let (bases, changes) = parts.bytes();
        // Whatever happens between these two lines is this document's doing.
        say(&Said::Touching(Some(*id)));
        let opened = Document::from_parts(&bases, &changes).and_then(|mut document| {
            document.row()?;
            Ok(document)
        });
        say(&Said::Touching(None));
        Ok((parts, opened?))
    }

    pub fn is_stuck(&self, id: &ConsultationId) -> bool {
        self.stuck.borrow().contains(id)
    }

    pub fn is_held(&self, id: &ConsultationId) -> bool {
        self.stamps.borrow().contains_key(id)
    }

    /// Notes a row that lies here.
    pub fn stamp(&self, row: &PagedRow) {
        let stamp = Stamp {
            saved_at: row.stored.saved_at,
            sent_at: row.stored.sent_at,
            finished_at: window::finished_at(&row.stored.row),
        };
        self.stamps.borrow_mut().insert(row.id, stamp);
    }
}

/// Markers of documents that end whatever opens them, by version of the app: a newer one may be able to.
const STUCK: &str = "stuck/";

fn stuck_key(id: &ConsultationId) -> String {
    format!("{STUCK}{id}/{}", env!("CARGO_PKG_VERSION"))
}

fn read_stuck_key(key: &str) -> Option<ConsultationId> {
    let (id, version) = key.strip_prefix(STUCK)?.split_once('/')?;
    (version == env!("CARGO_PKG_VERSION")).then(|| id.parse().ok())?
}

/// Tells rows, a slice at a time; a few are somebody's work, many were read or pulled.
pub fn tell(rows: Vec<RowNews>, from: Origin) {
    let say = if rows.len() < MANY { say } else { say_unhurried };
    for slice in rows.chunks(SLICE) {
        say(&Said::Rows { rows: slice.to_vec(), from });
    }
}

/// A row as the page hears of it.
pub fn news(row: PagedRow, unsent: bool, set_aside: Option<String>) -> RowNews {
    let PagedRow { id, stored } = row;
    RowNews { id, row: stored.row, unsent, set_aside, saved_at: stored.saved_at, sent_at: stored.sent_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_app_tries_again_what_ended_an_older_one() {
        let id = ConsultationId::from_bytes([3; 16]);
        assert_eq!(read_stuck_key(&stuck_key(&id)), Some(id));
        assert_eq!(read_stuck_key(&format!("stuck/{id}/0.0.1")), None);
    }
}
