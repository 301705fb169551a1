//! The summaries of the work list on disk: pages of many rows, single rows that are newer, and the first screen.
//!
//! A page is written with what one part of a pull brought, in the same transaction. A single row is newer than any
//! page; a page with a higher number is newer than one with a lower number. The first screen is only a copy for a
//! quick start: what the pages say takes its place within seconds.

use super::format;
use super::opened::Sealer;
use super::store::{StoredRow, open_under, under};
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use crate::worker::messages::RowNews;
use serde::{Deserialize, Serialize};
use shared::ids::ConsultationId;
use std::collections::BTreeSet;

/// Where the pages lie in the store of rows; consultation ids are hexadecimal and never begin so.
const PAGES: &str = "page/";
const SCREEN: &str = "screen";
/// Single rows begin with one of these.
const DIGITS: &str = "0123456789abcdef";
/// Fewer rows than this are written singly.
pub const WORTH_A_PAGE: usize = 16;
/// Rows in a page that tidying writes.
const PAGE: usize = 256;
/// More pages or single rows than this are tidied.
const MANY_PAGES: usize = 96;
const MANY_SINGLES: usize = 1_024;

/// One row of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PagedRow {
    pub id: ConsultationId,
    #[serde(flatten)]
    pub stored: StoredRow,
}

#[derive(Serialize, Deserialize)]
struct Page {
    rows: Vec<PagedRow>,
}

/// What the list shows first, and how many there are in each view.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FirstScreen {
    pub rows: Vec<RowNews>,
    pub to_do: usize,
    pub today: usize,
    pub all: usize,
}

/// What a look through all rows found.
#[derive(Debug, Default)]
pub struct Looked {
    pub singles: usize,
    pub pages: Vec<String>,
    /// Single rows that do not open.
    pub damaged: Vec<ConsultationId>,
    /// Pages that do not open; whose rows were on them nobody knows.
    pub damaged_pages: Vec<String>,
}

impl Looked {
    pub fn wants_tidying(&self) -> bool {
        self.pages.len() > MANY_PAGES || self.singles > MANY_SINGLES
    }
}

/// Tells every row that lies here, each once and as it is newest, in parts.
pub async fn look_through(
    database: &Database,
    sealer: &Sealer,
    mut tell: impl AsyncFnMut(Vec<PagedRow>),
) -> Result<Looked, Trouble> {
    let mut looked = Looked::default();
    let mut seen: BTreeSet<ConsultationId> = BTreeSet::new();
    for digit in DIGITS.chars() {
        let found = open_under(database, sealer, "rows", &digit.to_string()).await?;
        let found = found.read(|plain| format::from_json::<StoredRow>(&plain))?;
        looked.damaged.extend(found.damaged.iter().filter_map(|key| key.parse::<ConsultationId>().ok()));
        let rows: Vec<PagedRow> = found
            .whole
            .into_iter()
            .filter_map(|(key, stored)| Some(PagedRow { id: key.parse().ok()?, stored }))
            .collect();
        seen.extend(rows.iter().map(|row| row.id));
        looked.singles += rows.len();
        if !rows.is_empty() {
            tell(rows).await;
        }
    }
    seen.extend(&looked.damaged);
    looked.pages = database.keys_under("rows", PAGES).await?;
    for key in looked.pages.iter().rev() {
        match load_page(database, sealer, key).await {
            Ok(rows) => {
                let rows: Vec<PagedRow> = rows.into_iter().filter(|row| seen.insert(row.id)).collect();
                if !rows.is_empty() {
                    tell(rows).await;
                }
            }
            Err(Trouble::Unsealable) => looked.damaged_pages.push(key.clone()),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(looked)
}

async fn load_page(database: &Database, sealer: &Sealer, key: &str) -> Result<Vec<PagedRow>, Trouble> {
    let Some(sealed) = database.get("rows", key).await? else { return Ok(Vec::new()) };
    let plain = sealer.open("rows", key, &sealed).await?;
    let page: Page = format::from_json(&plain)?;
    Ok(page.rows)
}

/// The key of a new page, newer than all that are there.
pub async fn next_page(database: &Database) -> Result<String, Trouble> {
    let newest = database.keys_under("rows", PAGES).await?.pop();
    Ok(after(newest.as_deref()))
}

fn after(newest: Option<&str>) -> String {
    let number: u64 = newest.and_then(|key| key[PAGES.len()..].parse().ok()).unwrap_or(0);
    format!("{PAGES}{:08}", number + 1)
}

/// A page of rows; single rows of the same documents give way, unless work on them waits to be sent.
pub async fn page_writes(sealer: &Sealer, key: String, rows: Vec<PagedRow>) -> Result<Vec<Write>, Trouble> {
    let ids: Vec<ConsultationId> = rows.iter().map(|row| row.id).collect();
    let plain = format::to_json(&Page { rows });
    let value = sealer.seal("rows", &key, plain.as_bytes()).await?;
    let mut writes = vec![Write::Put { store: "rows", key, value }];
    writes.extend(ids.iter().map(|id| {
        let single = Write::Delete { store: "rows", key: id.to_string() };
        single.unless(super::store::unsent_under(id))
    }));
    Ok(writes)
}

/// Takes rows out of every page that has them, and out of the single rows; the single row that an edit leaves
/// stays while it waits, unless `even_waiting`.
pub async fn removal(
    database: &Database,
    sealer: &Sealer,
    ids: &BTreeSet<ConsultationId>,
    even_waiting: bool,
) -> Result<Vec<Write>, Trouble> {
    let singles = ids.iter().map(|id| {
        let single = Write::Delete { store: "rows", key: id.to_string() };
        if even_waiting { single } else { single.unless(super::store::unsent_under(id)) }
    });
    let mut writes: Vec<Write> = singles.collect();
    for key in database.keys_under("rows", PAGES).await? {
        let rows = match load_page(database, sealer, &key).await {
            Ok(rows) => rows,
            Err(Trouble::Unsealable) => continue,
            Err(trouble) => return Err(trouble),
        };
        if rows.iter().any(|row| ids.contains(&row.id)) {
            let rows: Vec<PagedRow> = rows.into_iter().filter(|row| !ids.contains(&row.id)).collect();
            if rows.is_empty() {
                writes.push(Write::Delete { store: "rows", key });
            } else {
                let plain = format::to_json(&Page { rows });
                let value = sealer.seal("rows", &key, plain.as_bytes()).await?;
                writes.push(Write::Put { store: "rows", key, value });
            }
        }
    }
    Ok(writes)
}

/// Puts pages that nobody can open away; their rows come again with the log.
pub fn drop_pages(keys: &[String]) -> Vec<Write> {
    keys.iter().map(|key| Write::Delete { store: "rows", key: key.clone() }).collect()
}

/// Many small pages and single rows become few pages, in one transaction.
pub async fn tidy(database: &Database, sealer: &Sealer) -> Result<(), Trouble> {
    let mut all = Vec::new();
    let looked = look_through(database, sealer, async |rows| all.extend(rows)).await?;
    let mut newest = looked.pages.last().cloned();
    let mut writes = Vec::new();
    for rows in all.chunks(PAGE) {
        let key = after(newest.as_deref());
        newest = Some(key.clone());
        writes.extend(page_writes(sealer, key, rows.to_vec()).await?);
    }
    let whole = looked.pages.iter().filter(|key| !looked.damaged_pages.contains(key));
    writes.extend(whole.map(|key| Write::Delete { store: "rows", key: key.clone() }));
    database.write(&writes).await
}

/// Seals the first screen.
pub async fn screen_write(sealer: &Sealer, screen: &FirstScreen) -> Result<Write, Trouble> {
    let plain = format::to_json(screen);
    let value = sealer.seal("rows", SCREEN, plain.as_bytes()).await?;
    Ok(Write::Put { store: "rows", key: SCREEN.to_owned(), value })
}

/// The first screen as it was last kept. One that does not open is only missed for a moment.
pub async fn load_screen(database: &Database, sealer: &Sealer) -> Result<Option<FirstScreen>, Trouble> {
    let Some(sealed) = database.get("rows", SCREEN).await? else { return Ok(None) };
    let Ok(plain) = sealer.open("rows", SCREEN, &sealed).await else { return Ok(None) };
    Ok(format::from_json(&plain).ok())
}

/// Everything of these documents, for ever: what they are, that they wait, why they were set aside.
pub fn erasure(ids: &BTreeSet<ConsultationId>) -> Vec<Write> {
    let mut writes = Vec::new();
    for id in ids {
        for store in ["bases", "changes", "quarantine"] {
            writes.push(Write::DeleteUnder { store, prefix: under(id) });
        }
        writes.push(Write::DeleteUnder { store: "state", prefix: super::store::unsent_under(id) });
        let noted = super::aside::decided_key(id);
        for key in
            [super::store::new_key(id), super::store::aside_key(id), super::store::fetch_key(id), noted]
        {
            writes.push(Write::Delete { store: "state", key });
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_page_is_newer_than_every_other_by_its_key() {
        assert_eq!(after(None), "page/00000001");
        assert_eq!(after(Some("page/00000099")), "page/00000100");
        assert!(after(Some("page/00000009")).as_str() > "page/00000009");
    }

    #[test]
    fn a_page_of_the_first_release_that_had_pages_is_read_for_ever() {
        let page: Page = format::from_json(include_bytes!("../../fixtures/page-v1.json")).expect("readable");
        assert_eq!(page.rows.len(), 1);
        assert_eq!(page.rows[0].id, ConsultationId::from_bytes([3; 16]));
        assert_eq!(page.rows[0].stored.row.patient_name, "WINTERS, Hettie");
        assert_eq!(page.rows[0].stored.sent_at, Some(1_795_000_000_000));
    }
}
