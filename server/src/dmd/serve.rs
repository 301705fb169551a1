//! What devices ask about the dictionary: which release is in use, and its files.

use crate::store::{DmdFile, DmdRelease, Store, StoreError};
use shared::api::{FileInfo, MedicinesStatus};
use shared::time::stored;
use std::fmt::Write as _;
use std::io::Read as _;

/// The file of a name in a release.
fn file<'a>(release: &'a DmdRelease, name: &str) -> Option<&'a DmdFile> {
    release.files.iter().find(|file| file.name == name)
}

/// A hash as text.
pub fn hex(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// As devices are told; everything is empty where there is no dictionary yet.
pub async fn status(store: &dyn Store) -> Result<MedicinesStatus, StoreError> {
    let Some(release) = store.dmd_release().await? else { return Ok(MedicinesStatus::default()) };
    let info =
        |name| file(&release, name).map(|file| FileInfo { bytes: file.whole, sha256: hex(&file.sha256) });
    Ok(MedicinesStatus {
        built_at: stored(release.imported_at),
        core: info("core").unwrap_or_default(),
        full: info("full").unwrap_or_default(),
        release: release.release,
    })
}

/// A file as it was before it was packed, for who cannot unpack it; `None` where another release came into use.
pub async fn in_full(store: &dyn Store, file: &DmdFile) -> Result<Option<Vec<u8>>, StoreError> {
    let mut packed = Vec::with_capacity(usize::try_from(file.bytes).unwrap_or(0));
    for place in 0..file.chunks {
        let Some(chunk) = store.dmd_chunk(&file.sha256, place).await? else { return Ok(None) };
        packed.extend(chunk);
    }
    let limit = file.whole;
    let unpacked = tokio::task::spawn_blocking(move || {
        let mut whole = Vec::new();
        brotli::Decompressor::new(&packed[..], 64 * 1024).take(limit).read_to_end(&mut whole)?;
        Ok::<_, std::io::Error>(whole)
    });
    unpacked.await.map_err(StoreError::broken)?.map(Some).map_err(StoreError::broken)
}
