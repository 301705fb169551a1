//! A release becomes the one in use, whole or not at all.

use super::faults::Faults;
use super::ledger::{Changes, Ledger};
use super::part::Part;
use super::progress::Progress;
use super::read::{self, Read};
use super::source::{self, NotARelease};
use super::{products, replaced};
use crate::store::{DMD_CHUNK, DmdFile, DmdRelease, DmdReplaced, NewDmd, Store, StoreError};
use jiff::{Timestamp, ToSpan as _, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::medicines::file::Scope;
use shared::time::Millis;
use std::io::Write as _;
use std::path::PathBuf;

/// Counted up whenever other files come of the same release, so that importing it again builds them anew.
pub const BUILDER: u32 = 2;
/// Releases are published some days before the Monday in their names.
const DAYS_AHEAD: i32 = 14;
/// Below this part of the products of the release in use, in percent, something is missing.
const ENOUGH: u64 = 80;
/// Of Brotli: each step beyond doubles the memory of its tables, for a few per cent.
const QUALITY: u32 = 7;
const WINDOW: u32 = 22;

/// What is to be imported, and how.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Zips, folders and files of one release; the supplementary release may be among them.
    pub paths: Vec<PathBuf>,
    /// `file`, `demonstration`, or `trud` with what TRUD calls it.
    pub source: String,
    /// Takes a release with far fewer products than the one in use.
    pub accept_fewer: bool,
    pub now: Millis,
}

/// How much there is of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub vtm: u64,
    pub vmp: u64,
    pub amp: u64,
    pub vmpp: u64,
    pub ampp: u64,
    pub gtin: u64,
    pub ingredients: u64,
    /// Rows of all files.
    pub rows: u64,
    /// Products that devices can find.
    pub searchable: u64,
}

/// What is kept of a release to compare the next one with: its counts, and the parts it came without.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(flatten)]
    counts: Counts,
    /// `None` in what was kept before parts were: nothing can be said of them then.
    absent: Option<Vec<String>>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    InUseNow,
    /// This very release is in use already; nothing was changed.
    Same,
}

/// What is told of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub outcome: Outcome,
    /// Its day.
    pub release: String,
    pub counts: Counts,
    /// `None` where there was none before, or none that can be compared.
    pub changes: Option<Changes>,
    /// The release that was in use before.
    pub before: Option<String>,
    pub warnings: Faults,
    /// Parts that were not there, as `gtin`.
    pub absent: Vec<&'static str>,
    pub replaced: usize,
    /// Bytes of the files that devices fetch, as they travel.
    pub core_bytes: u64,
    pub full_bytes: u64,
}

/// Why a release was not taken. The one in use stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    NotARelease(#[from] NotARelease),
    #[error(
        "The release of {release} was refused: {} things in it are wrong. {}{faults}\nFetch the release again; where the same is wrong again, tell NHSBSA.",
        .faults.total, stays(.in_use.as_deref())
    )]
    Faulty { release: String, in_use: Option<String>, faults: Faults },
    #[error("The release of {release} is older than the one in use, of {in_use}. The one in use stays.")]
    Older { release: String, in_use: String },
    #[error(
        "The release is of {release}, which is yet to come. Is this machine’s clock right? Nothing was imported."
    )]
    Ahead { release: String },
    #[error(
        "The release of {release} has {now} {what} where the one in use, of {in_use}, has {before}. It is incomplete, and \
         was refused; the one in use stays. If it is meant, import it with --accept-fewer."
    )]
    Fewer { release: String, in_use: String, what: &'static str, now: u64, before: u64 },
    #[error(
        "The release of {release} comes without its {part} file (f_{part}….xml), which the one in use, of \
         {in_use}, has. It is incomplete, and was refused; the one in use stays. If it is meant, import it with \
         --accept-fewer."
    )]
    Lacks { release: String, in_use: String, part: &'static str },
    #[error("Another import was finished at the same moment. Look with “satchel dmd status”.")]
    Another,
    #[error("The dictionary could not be stored; the one in use stays.")]
    Store(#[source] StoreError),
    #[error("The files for devices could not be built; the release in use stays.")]
    Build(#[source] std::io::Error),
}

fn stays(in_use: Option<&str>) -> String {
    match in_use {
        Some(release) => format!("The one in use, of {release}, stays."),
        None => "Nothing was imported.".to_owned(),
    }
}

/// What is known of the release in use while another is looked at.
struct Before {
    release: DmdRelease,
    /// Its packed ledger; `None` where it was damaged.
    ledger: Option<Vec<u8>>,
}

/// Reads, checks, builds and puts in use. Everything that takes long is done beside the runtime.
pub async fn import(
    store: &dyn Store,
    asked: Asked,
    mut progress: Box<dyn Progress>,
) -> Result<Imported, ImportError> {
    let before = before(store).await.map_err(ImportError::Store)?;
    let replaces = before.as_ref().map(|before| before.release.imported_at);
    let worked = tokio::task::spawn_blocking(move || work(asked, before, &mut *progress)).await;
    let (imported, new) = worked.map_err(|failed| ImportError::Build(std::io::Error::other(failed)))??;
    if let Some(new) = new {
        store.put_dmd(&new, replaces).await.map_err(|error| match error {
            StoreError::Conflict => ImportError::Another,
            error => ImportError::Store(error),
        })?;
    }
    Ok(imported)
}

async fn before(store: &dyn Store) -> Result<Option<Before>, StoreError> {
    let Some(release) = store.dmd_release().await? else { return Ok(None) };
    let mut ledger = None;
    if let Some(file) = release.files.iter().find(|file| file.name == "ledger") {
        let mut bytes = Vec::new();
        for place in 0..file.chunks {
            bytes.extend(store.dmd_chunk(&file.sha256, place).await?.unwrap_or_default());
        }
        ledger = (bytes.len() as u64 == file.bytes).then_some(bytes);
    }
    Ok(Some(Before { release, ledger }))
}

fn work(
    asked: Asked,
    before: Option<Before>,
    progress: &mut dyn Progress,
) -> Result<(Imported, Option<NewDmd>), ImportError> {
    let mut files = source::open(&asked.paths)?;
    let release = files.date.to_string();
    let in_use = before.as_ref().map(|before| before.release.release.clone());
    let at = Timestamp::from_millisecond(asked.now).unwrap_or_default();
    let today = Zoned::new(at, TimeZone::UTC).date();
    if files.date > today.saturating_add(DAYS_AHEAD.days()) {
        return Err(ImportError::Ahead { release });
    }
    if let Some(in_use) = in_use.clone().filter(|in_use| *in_use > release) {
        return Err(ImportError::Older { release, in_use });
    }
    let read = read::read(&mut files, progress)?;
    if read.faults.total > 0 {
        return Err(ImportError::Faulty { release, in_use, faults: read.faults });
    }
    let counts = counts(&read);
    if let Some(Before { release: known, .. }) = &before
        && known.digest == read.digest
        && known.builder == BUILDER
    {
        return Ok((same(known, read), None));
    }
    if let Some(before) = before.as_ref().filter(|_| !asked.accept_fewer) {
        enough(&counts, &read.absent, &before.release, &release)?;
    }
    build(&asked, read, release, counts, before, progress).map_err(ImportError::Build)
}

fn counts(read: &Read) -> Counts {
    let dictionary = &read.dictionary;
    Counts {
        vtm: dictionary.moieties.len() as u64,
        vmp: dictionary.virtuals.len() as u64,
        amp: dictionary.actuals.len() as u64,
        vmpp: dictionary.virtual_packs.len() as u64,
        ampp: dictionary.actual_packs,
        gtin: dictionary.gtins,
        ingredients: dictionary.substances.len() as u64,
        rows: read.rows,
        searchable: 0,
    }
}

/// An extract, or a download that broke off between files, must not take the place of the whole.
fn enough(counts: &Counts, absent: &[Part], before: &DmdRelease, release: &str) -> Result<(), ImportError> {
    let Kept { counts: known, absent: known_absent } =
        serde_json::from_str(&before.counts).unwrap_or_default();
    if let Some(known_absent) = known_absent
        && let Some(part) = absent.iter().find(|part| known_absent.iter().all(|known| known != part.stem()))
    {
        return Err(ImportError::Lacks {
            release: release.to_owned(),
            in_use: before.release.clone(),
            part: part.stem(),
        });
    }
    let kinds = [
        ("VTMs", counts.vtm, known.vtm),
        ("VMPs", counts.vmp, known.vmp),
        ("AMPs", counts.amp, known.amp),
        ("packs", counts.ampp, known.ampp),
    ];
    match kinds.into_iter().find(|(_, now, before)| now * 100 < before * ENOUGH) {
        None => Ok(()),
        Some((what, now, count)) => Err(ImportError::Fewer {
            release: release.to_owned(),
            in_use: before.release.clone(),
            what,
            now,
            before: count,
        }),
    }
}

fn absent(parts: &[Part]) -> Vec<&'static str> {
    parts.iter().map(|part| part.stem()).collect()
}

fn same(known: &DmdRelease, read: Read) -> Imported {
    let bytes = |name: &str| known.files.iter().find(|file| file.name == name).map_or(0, |file| file.bytes);
    Imported {
        outcome: Outcome::Same,
        release: known.release.clone(),
        counts: serde_json::from_str(&known.counts).unwrap_or_default(),
        changes: None,
        before: Some(known.release.clone()),
        warnings: read.warnings,
        absent: absent(&read.absent),
        replaced: 0,
        core_bytes: bytes("core"),
        full_bytes: bytes("full"),
    }
}

fn build(
    asked: &Asked,
    read: Read,
    release: String,
    mut counts: Counts,
    before: Option<Before>,
    progress: &mut dyn Progress,
) -> std::io::Result<(Imported, Option<NewDmd>)> {
    progress.doing("Building the files for devices");
    let Read { dictionary, warnings, digest, absent: parts, .. } = read;
    let mut ledger = Ledger::default();
    let at = Timestamp::from_millisecond(asked.now).unwrap_or_default();
    let builder =
        products::builder(&dictionary, &release, at, &mut |product, name| ledger.note(product, name));
    let replaced: Vec<DmdReplaced> = replaced::flattened(&dictionary)
        .into_iter()
        .map(|one| DmdReplaced { old: one.old, new: one.new, kind: one.kind.to_owned() })
        .collect();
    ledger.sort();
    counts.searchable = ledger.len() as u64;
    // A ledger of another version is no reason to refuse a release: what changed is then not told.
    let names = &dictionary.names;
    let changes = before.as_ref().and_then(|before| ledger.since(names, before.ledger.as_deref()?).ok());
    let packed = ledger.packed(names)?;
    // Each step gives back its memory before the next one takes more.
    drop((ledger, dictionary));
    let mut built = vec![("ledger", Sha256::digest(&packed).into(), packed.len() as u64, packed)];
    for (name, scope) in [("core", Scope::Core), ("full", Scope::Full)] {
        let whole = builder.bytes(scope);
        progress.doing("Packing the files for devices");
        built.push((name, Sha256::digest(&whole).into(), whole.len() as u64, pack(&whole)?));
    }
    let (files, contents): (Vec<_>, Vec<_>) = built.into_iter().map(file).unzip();
    let bytes =
        |name: &str| files.iter().find(|file: &&DmdFile| file.name == name).map_or(0, |file| file.bytes);
    let imported = Imported {
        outcome: Outcome::InUseNow,
        release: release.clone(),
        counts,
        changes: changes.clone(),
        before: before.map(|before| before.release.release),
        warnings,
        absent: absent(&parts),
        replaced: replaced.len(),
        core_bytes: bytes("core"),
        full_bytes: bytes("full"),
    };
    let kept = Kept { counts, absent: Some(parts.iter().map(|part| part.stem().to_owned()).collect()) };
    let release = DmdRelease {
        release,
        digest,
        builder: BUILDER,
        imported_at: asked.now,
        source: asked.source.clone(),
        counts: serde_json::to_string(&kept)?,
        changes: serde_json::to_string(&changes.unwrap_or_default())?,
        files,
    };
    Ok((imported, Some(NewDmd { release, contents, replaced })))
}

fn file((name, sha256, whole, content): (&str, [u8; 32], u64, Vec<u8>)) -> (DmdFile, Vec<u8>) {
    let bytes = content.len() as u64;
    let chunks = content.len().div_ceil(DMD_CHUNK) as u32;
    (DmdFile { name: name.to_owned(), sha256, bytes, whole, chunks }, content)
}

fn pack(whole: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, QUALITY, WINDOW);
    packer.write_all(whole)?;
    packer.flush()?;
    Ok(packer.into_inner())
}
