//! Backup and restore while the server runs: one file for either database, checked before it is trusted.
//!
//! A restore begins another life of the data: a new epoch, log numbers that go on, the outbox held until devices have
//! given back what was lost. Records destroyed meanwhile stay destroyed, devices removed meanwhile stay removed.

mod file;

pub use file::{FileError, Head};

use crate::store::{Layout, NewLife, Store, StoreError, TableRow};
use file::{Reader, Writer};
use shared::ids::{ConsultationId, Epoch, OdsCode};
use shared::time::{Millis, stored};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// Rows on their way between database and file.
const WAITING: usize = 64;
/// Devices seen this long before a restore, or later, are waited for before anything is sent again.
const WAIT_FOR_DEVICES_SEEN: Millis = 30 * 24 * 60 * 60 * 1000;

/// Why nothing was backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{} exists already. Choose another name; a backup never overwrites.", .0.display())]
    Exists(PathBuf),
    #[error(
        "This backup is of a newer version of Satchel's database ({found}, this one has {known}). Update first."
    )]
    NewerDatabase { found: i64, known: i64 },
    #[error(
        "This backup is of another server's data, and this database holds consultations. \
         To give them up for those in the backup, restore with --replace."
    )]
    OtherServer,
    #[error("The work was interrupted.")]
    Interrupted,
}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.into())
    }
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub head: Head,
    pub rows: u64,
    pub documents: u64,
    /// Of the file.
    pub bytes: u64,
}

/// Writes everything, as it is at one moment, into a new file, and reads the file back before it gets its name.
///
/// `server` tells this server's data from another's. The server may go on working meanwhile.
pub async fn back_up(
    store: &dyn Store,
    server: &str,
    now: Millis,
    path: &Path,
) -> Result<Contents, BackupError> {
    if path.exists() {
        return Err(BackupError::Exists(path.to_owned()));
    }
    let unfinished = path.with_added_extension("partial");
    let head = Head {
        made_at: stored(now),
        satchel: env!("CARGO_PKG_VERSION").to_owned(),
        server: server.to_owned(),
        layout: store.layout().await?,
    };
    let (rows, incoming) = mpsc::channel(WAITING);
    let layout = head.layout.clone();
    let writing = {
        let unfinished = unfinished.clone();
        spawn_blocking(move || write(&unfinished, &head, incoming))
    };
    let dumped = store.dump(&layout, rows).await;
    let written = writing.await.map_err(|_| BackupError::Interrupted)?;
    // A disk that is full ends both; the disk is the cause.
    written?;
    dumped?;
    let checked = contents(&unfinished).await?;
    std::fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(checked)
}

fn write(path: &Path, head: &Head, mut rows: mpsc::Receiver<TableRow>) -> Result<(), BackupError> {
    // It holds patients' records: nobody else on this machine may read it.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut writer = Writer::begin(BufWriter::new(file), head)?;
    while let Some(row) = rows.blocking_recv() {
        writer.row(&row)?;
    }
    let (mut out, _) = writer.finish()?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(())
}

/// Reads a backup to its end and says what is in it.
pub async fn contents(path: &Path) -> Result<Contents, BackupError> {
    let path = path.to_owned();
    spawn_blocking(move || {
        let file = File::open(&path)?;
        let bytes = file.metadata()?.len();
        let mut reader = Reader::open(BufReader::new(file))?;
        let table = place(&reader.head.layout, "document");
        let (mut rows, mut documents) = (0, 0);
        while let Some(row) = reader.next_row()? {
            rows += 1;
            documents += u64::from(Some(row.table) == table);
        }
        Ok(Contents { head: reader.head, rows, documents, bytes })
    })
    .await
    .map_err(|_| BackupError::Interrupted)?
}

fn place(layout: &Layout, table: &str) -> Option<usize> {
    layout.tables.iter().position(|found| found.name == table)
}

/// What a restore is to go by.
#[derive(Debug, Clone)]
pub struct Restore {
    /// Which server's data this is.
    pub server: String,
    pub now: Millis,
    /// Give up another server's data for the backup.
    pub replace: bool,
    /// Destroyed according to certificates kept outside the database.
    pub destroyed: Vec<(ConsultationId, OdsCode)>,
}

/// Puts a backup in the place of everything. The whole file is checked first; then it is one transaction.
pub async fn restore(
    store: &dyn Store,
    asked: Restore,
    path: &Path,
) -> Result<(Contents, Epoch), BackupError> {
    let found = contents(path).await?;
    let known = store.layout().await?.schema;
    if found.head.layout.schema > known {
        return Err(BackupError::NewerDatabase { found: found.head.layout.schema, known });
    }
    let occupied = !store.rows(None).await?.is_empty();
    if found.head.server != asked.server && occupied && !asked.replace {
        return Err(BackupError::OtherServer);
    }
    let life = NewLife {
        epoch: Epoch(Uuid::new_v4()),
        at: asked.now,
        destroyed: asked.destroyed,
        devices_since: asked.now - WAIT_FOR_DEVICES_SEEN,
    };
    let (rows, incoming) = mpsc::channel(WAITING);
    let reading = {
        let path = path.to_owned();
        spawn_blocking(move || read(&path, &rows))
    };
    let loaded = store.load(&found.head.layout, incoming, &life).await;
    let read = reading.await.map_err(|_| BackupError::Interrupted)?;
    loaded?;
    read?;
    Ok((found, life.epoch))
}

fn read(path: &Path, rows: &mpsc::Sender<Option<TableRow>>) -> Result<(), BackupError> {
    let mut reader = Reader::open(BufReader::new(File::open(path)?))?;
    while let Some(row) = reader.next_row()? {
        if rows.blocking_send(Some(row)).is_err() {
            // The other end says why.
            return Ok(());
        }
    }
    // Only now is it known to be the same whole file that was checked.
    let _ = rows.blocking_send(None);
    Ok(())
}

/// Writes a backup anew without the records that were destroyed since, and puts it in the place of the old one.
///
/// Answers how many records were taken out.
pub async fn scrub(path: &Path, destroyed: BTreeSet<ConsultationId>) -> Result<u64, BackupError> {
    let path = path.to_owned();
    spawn_blocking(move || scrubbed(&path, &destroyed)).await.map_err(|_| BackupError::Interrupted)?
}

fn scrubbed(path: &Path, destroyed: &BTreeSet<ConsultationId>) -> Result<u64, BackupError> {
    let mut reader = Reader::open(BufReader::new(File::open(path)?))?;
    let layout = reader.head.layout.clone();
    // In which column each table names the record that a row is about.
    let about: Vec<Option<usize>> = layout
        .tables
        .iter()
        .map(|table| {
            let column = match table.name.as_str() {
                "document" => "id",
                "delivery" => "consultation",
                "destroyed" => return None,
                _ => "document",
            };
            table.columns.iter().position(|name| name == column)
        })
        .collect();
    let documents = place(&layout, "document");
    let unfinished = path.with_added_extension("partial");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let mut writer = Writer::begin(BufWriter::new(file), &reader.head)?;
    let mut taken_out = 0;
    while let Some(row) = reader.next_row()? {
        let named = about[row.table].and_then(|column| match &row.cells[column] {
            crate::store::Cell::Text(id) => id.parse::<ConsultationId>().ok(),
            _ => None,
        });
        if named.is_some_and(|id| destroyed.contains(&id)) {
            taken_out += u64::from(Some(row.table) == documents);
        } else {
            writer.row(&row)?;
        }
    }
    let (mut out, _) = writer.finish()?;
    out.flush()?;
    out.get_ref().sync_all()?;
    std::fs::rename(&unfinished, path)?;
    Ok(taken_out)
}
