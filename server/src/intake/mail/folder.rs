//! The drop folder: whatever fetches the mail puts each one into `new/` whole; it goes to `cur/` once it is stored.

use super::stand_in::{HEAD, stand_in};
use super::take_in::{NotTakenIn, take_in};
use crate::app::App;
use crate::problem::chain;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::AsyncReadExt as _;

/// So many at one look, so that a flood of mail does not keep the server from closing.
const AT_ONCE: usize = 100;
/// What is larger is moved aside and named on the list, but never read into memory.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// Takes in what lies in the folder, oldest name first. What could not be stored stays where it is.
pub async fn look_into(app: &App, folder: &Path) -> io::Result<usize> {
    let (new, cur) = (folder.join("new"), folder.join("cur"));
    fs::create_dir_all(&new).await?;
    fs::create_dir_all(&cur).await?;
    let mut files = Vec::new();
    let mut listing = fs::read_dir(&new).await?;
    while let Some(entry) = listing.next_entry().await? {
        // A link could lead out of the folder.
        if entry.file_type().await?.is_file() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            files.push(entry.path());
        }
    }
    files.sort();
    let mut taken = 0;
    for file in files.into_iter().take(AT_ONCE) {
        match take(app, &file).await {
            Ok(()) => {
                put_away(&file, &cur).await?;
                taken += 1;
            }
            Err(NotTakenIn::Nobody) => {
                let aside = folder.join("nobody");
                fs::create_dir_all(&aside).await?;
                put_away(&file, &aside).await?;
                metrics::counter!("satchel_mail_for_nobody_total").increment(1);
                tracing::warn!("an e-mail names no pharmacy of this server; it lies in the folder nobody");
            }
            Err(error) => {
                tracing::warn!(cause = %chain(&error), "an e-mail could not be stored; it stays in the folder");
            }
        }
    }
    Ok(taken)
}

async fn take(app: &App, file: &Path) -> Result<(), NotTakenIn> {
    let large = fs::metadata(file).await.map_err(NotTakenIn::File)?.len() > LARGEST_FILE;
    if large {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut head = Vec::new();
        let whole = fs::File::open(file).await.map_err(NotTakenIn::File)?;
        whole.take(HEAD as u64).read_to_end(&mut head).await.map_err(NotTakenIn::File)?;
        let mail = stand_in(&head, &format!("the mail folder of the server, in cur, as {name}"));
        return take_in(app, &mail).await.map(drop);
    }
    let bytes = fs::read(file).await.map_err(NotTakenIn::File)?;
    take_in(app, &bytes).await.map(drop)
}

/// Moves it; one of the same name that lies there already stays.
async fn put_away(file: &Path, to: &Path) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut place: PathBuf = to.join(&name);
    let mut number = 1;
    while fs::try_exists(&place).await? {
        place = to.join(format!("{number}-{name}"));
        number += 1;
    }
    fs::rename(file, place).await
}
