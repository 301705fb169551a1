//! A register from a CSV file: read once to find what is wrong with it, and once more to store it.

use crate::store::{RegisterEntry, Registration, Source, Store, StoreError};
use jiff::civil::Date;
use shared::ids::GphcNumber;
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// Lines on their way between file and database.
const WAITING: usize = 256;
/// Bad lines that are named one by one.
const NAMED: usize = 50;
const LONGEST_NAME: usize = 200;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub taken: u64,
    pub left_out: u64,
    /// Lines of the list before.
    pub before: u64,
}

/// Why nothing was imported; the old list stands.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{} cannot be read. Nothing was imported.", .0.display())]
    Unreadable(PathBuf, #[source] csv::Error),
    #[error("The list has no column “{0}”. Nothing was imported.")]
    NoColumn(&'static str),
    #[error("The list holds no line. Nothing was imported.")]
    Empty,
    /// Each by its number.
    #[error("{} Nothing was imported. Correct them, or leave them out with --skip-bad.", .0.join("\n"))]
    BadLines(Vec<String>),
    #[error("The file was changed while it was read. Nothing was imported.")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("The work was interrupted. Nothing was imported.")]
    Interrupted,
}

/// Where the columns are, by their names.
struct Columns {
    number: usize,
    name: usize,
    status: Option<usize>,
    service: Option<usize>,
    dated: Option<usize>,
}

impl Columns {
    fn find(head: &csv::StringRecord, source: Source) -> Result<Self, ImportError> {
        let column = |wanted: &str| {
            head.iter()
                .position(|name| name.trim_start_matches('\u{feff}').trim().eq_ignore_ascii_case(wanted))
        };
        let needed = |wanted| column(wanted).ok_or(ImportError::NoColumn(wanted));
        let for_cppe = |wanted| match source {
            Source::Cppe => needed(wanted).map(Some),
            Source::Gphc => Ok(column(wanted)),
        };
        Ok(Self {
            number: needed("registration number")?,
            name: needed("name")?,
            status: match source {
                Source::Gphc => Some(needed("status")?),
                Source::Cppe => column("status"),
            },
            service: for_cppe("service")?,
            dated: for_cppe("date")?,
        })
    }

    fn entry(&self, line: &csv::StringRecord, source: Source) -> Result<RegisterEntry, String> {
        let cell = |place: usize| line.get(place).unwrap_or_default().trim();
        let optional = |place: Option<usize>| place.map(cell).unwrap_or_default();
        let number = cell(self.number)
            .parse::<GphcNumber>()
            .map_err(|_| "the registration number is not 7 digits beginning with 2 or 5".to_owned())?;
        let name = cell(self.name);
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err("the name is empty or cannot be kept".to_owned());
        }
        let status = match optional(self.status) {
            "" if source == Source::Cppe => Registration::Registered,
            status => status
                .parse()
                .map_err(|()| "the status is none of registered, suspended, removed".to_owned())?,
        };
        let (service, dated) = match source {
            Source::Gphc => (String::new(), String::new()),
            Source::Cppe => (optional(self.service).to_owned(), optional(self.dated).to_owned()),
        };
        if source == Source::Cppe && (service.is_empty() || dated.parse::<Date>().is_err()) {
            return Err("the service is empty, or the date is not written 2026-11-22".to_owned());
        }
        Ok(RegisterEntry { number, name: name.to_owned(), status, service, dated })
    }
}

/// Puts the list of a file in the place of the one before. Bad lines stop it, unless they are to be left out.
pub async fn import(
    store: &dyn Store,
    source: Source,
    path: &Path,
    skip_bad: bool,
) -> Result<Counts, ImportError> {
    let at = path.to_owned();
    let (good, bad) = spawn_blocking(move || look_through(&at, source)).await.map_err(interrupted)??;
    if !bad.is_empty() && !skip_bad {
        return Err(ImportError::BadLines(told(&bad)));
    }
    if good == 0 {
        return Err(ImportError::Empty);
    }
    let (entries, incoming) = mpsc::channel(WAITING);
    let at = path.to_owned();
    let leave_out: BTreeSet<u64> = bad.iter().map(|(line, _)| *line).collect();
    let left_out = leave_out.len() as u64;
    let sending = spawn_blocking(move || send(&at, source, &leave_out, good, &entries));
    let stored = store.replace_register(source, incoming).await;
    // A file that ends early or changes under us ends both; the file is the cause.
    sending.await.map_err(interrupted)??;
    Ok(Counts { taken: good, left_out, before: stored? })
}

fn interrupted(_: tokio::task::JoinError) -> ImportError {
    ImportError::Interrupted
}

fn told(bad: &[(u64, String)]) -> Vec<String> {
    let mut told: Vec<String> =
        bad.iter().take(NAMED).map(|(line, why)| format!("Line {line}: {why}.")).collect();
    if bad.len() > NAMED {
        told.push(format!("And {} lines more.", bad.len() - NAMED));
    }
    told
}

fn open(path: &Path) -> Result<csv::Reader<BufReader<File>>, ImportError> {
    let file = File::open(path).map_err(|error| ImportError::Unreadable(path.to_owned(), error.into()))?;
    Ok(csv::ReaderBuilder::new().flexible(true).from_reader(BufReader::new(file)))
}

/// How many lines are good, and which are not.
fn look_through(path: &Path, source: Source) -> Result<(u64, Vec<(u64, String)>), ImportError> {
    let unreadable = |error| ImportError::Unreadable(path.to_owned(), error);
    let mut reader = open(path)?;
    let columns = Columns::find(reader.headers().map_err(unreadable)?, source)?;
    let (mut good, mut bad, mut seen) = (0, Vec::new(), HashSet::new());
    let mut line = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut line) {
            Ok(false) => return Ok((good, bad)),
            Ok(true) => {}
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                let number = error.position().map_or(0, csv::Position::line);
                bad.push((number, "it is not text in UTF-8".to_owned()));
                continue;
            }
            Err(error) => return Err(unreadable(error)),
        }
        let number = line.position().map_or(0, csv::Position::line);
        match columns.entry(&line, source) {
            Ok(entry) if !seen.insert((entry.number.clone(), entry.service.clone())) => {
                bad.push((number, "the registration number was in an earlier line".to_owned()));
            }
            Ok(_) => good += 1,
            Err(why) => bad.push((number, why)),
        }
    }
}

fn send(
    path: &Path,
    source: Source,
    leave_out: &BTreeSet<u64>,
    good: u64,
    entries: &mpsc::Sender<Option<RegisterEntry>>,
) -> Result<(), ImportError> {
    let mut reader = open(path)?;
    let head = reader.headers().map_err(|error| ImportError::Unreadable(path.to_owned(), error))?;
    let columns = Columns::find(head, source)?;
    let mut sent = 0;
    let mut line = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut line) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => continue,
            Err(error) => return Err(ImportError::Unreadable(path.to_owned(), error)),
        }
        if line.position().is_some_and(|position| leave_out.contains(&position.line())) {
            continue;
        }
        let entry = columns.entry(&line, source).map_err(|_| ImportError::Changed)?;
        if entries.blocking_send(Some(entry)).is_err() {
            // The other end says why.
            return Ok(());
        }
        sent += 1;
    }
    if sent != good {
        return Err(ImportError::Changed);
    }
    let _ = entries.blocking_send(None);
    Ok(())
}
