//! `satchel directory import`: a pharmacy's address book from a CSV file.

use super::Failure;
use crate::app::App;
use crate::directory;
use shared::ids::OdsCode;
use std::io::Write;
use std::path::PathBuf;

/// A pharmacy's own address book of practices and other pharmacies.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Adds and changes entries, all of the file or nothing; a changed address has to be confirmed again
    Import {
        /// CSV in UTF-8 with the columns “name” and “email”, and where known “ods”, “kind”, “phone”, “note”
        file: PathBuf,
        /// ODS code of the pharmacy whose address book it is
        #[arg(long)]
        pharmacy: OdsCode,
    },
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    let Command::Import { file, pharmacy } = args.command;
    if app.store.pharmacy(&pharmacy).await?.is_none() {
        return Err(format!("There is no pharmacy {pharmacy} on this server.").into());
    }
    let size = std::fs::metadata(&file).map(|known| known.len());
    if size.is_ok_and(|size| size > directory::LARGEST_FILE as u64) {
        return Err(directory::NotTaken::TooLarge.into());
    }
    let bytes = std::fs::read(&file)
        .map_err(|error| format!("{} cannot be read: {error}. Nothing was imported.", file.display()))?;
    let done = directory::import(app, &pharmacy, &bytes).await?;
    let counts = format!("{} added, {} changed", done.added, done.changed);
    app.audit(None, Some(&pharmacy), "address-book-imported", &counts).await?;
    writeln!(
        out,
        "{counts}, {} as before. {} changed addresses have to be confirmed again, new ones for the first time.",
        done.unchanged, done.to_confirm_again
    )?;
    Ok(())
}
