//! `satchel dmd`: the dictionary of medicines; importing a release, looking at it, and making one to try with.

use super::{Failure, open};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::dmd::synthetic::{self, Size, Synthetic};
use crate::dmd::{self, Asked, Counts, Imported, OnTerminal, Outcome};
use jiff::civil::Date;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use shared::time::stored;
use std::io::Write;
use std::path::PathBuf;

/// The dictionary of medicines and devices (dm+d), which devices search.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Checks a release of dm+d and puts it in the place of the one in use, all or nothing
    Import {
        /// The zip from TRUD (item 24), or the folder it was unpacked to; the supplementary release (item 25) beside it
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Takes a release with far fewer products than the one in use
        #[arg(long)]
        accept_fewer: bool,
    },
    /// Says which release is in use, and what took the place of an old code
    Status {
        /// Code of a product, ingredient or unit of an older release
        #[arg(long)]
        code: Option<u64>,
    },
    /// Writes an invented release in the real schema, for trying things out: a zip where the path ends so, or a folder
    Synthetic {
        path: PathBuf,
        /// small: about 600 generic products; full: as large as the real one
        #[arg(long, value_enum, default_value = "small")]
        size: Size,
        /// Day of the first release, 2026-11-16; the Monday before today where it is not given
        #[arg(long)]
        first: Option<Date>,
        /// How many weeks later: each changes a little
        #[arg(long, default_value_t = 0)]
        week: u16,
    },
}

pub async fn run(config: Config, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::Import { paths, accept_fewer } => {
            import(&open(config).await?, paths, accept_fewer, out).await
        }
        Command::Status { code } => status(&open(config).await?, code, out).await,
        Command::Synthetic { path, size, first, week } => {
            let asked = Synthetic { size, first: first.unwrap_or_else(last_monday), week };
            let shown = path.display().to_string();
            tokio::task::spawn_blocking(move || synthetic::write(&asked, &path))
                .await?
                .map_err(|error| format!("{shown} cannot be written: {error}."))?;
            writeln!(
                out,
                "Wrote an invented release of {} to {shown}. It is not for clinical use.",
                asked.date()
            )?;
            Ok(())
        }
    }
}

/// The day of dm+d's releases.
fn last_monday() -> Date {
    let at = Timestamp::from_millisecond(Clock::Real.now()).unwrap_or_default();
    monday_before(Zoned::new(at, TimeZone::UTC).date())
}

/// The Monday of the week that a day is in.
pub fn monday_before(day: Date) -> Date {
    day.saturating_sub(jiff::Span::new().days(i64::from(day.weekday().to_monday_zero_offset())))
}

async fn import(
    app: &App,
    paths: Vec<PathBuf>,
    accept_fewer: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let asked = Asked { paths, source: "file".to_owned(), accept_fewer, now: app.clock.now() };
    let imported = dmd::import(&*app.store, asked, Box::new(OnTerminal::new())).await?;
    if imported.outcome == Outcome::InUseNow {
        app.audit(None, None, "dmd-imported", &imported.release).await?;
    }
    tell(&imported, out)?;
    Ok(())
}

fn tell(imported: &Imported, out: &mut impl Write) -> std::io::Result<()> {
    let release = &imported.release;
    if imported.outcome == Outcome::Same {
        return writeln!(out, "The release of {release} is in use already. Nothing was changed.");
    }
    match &imported.before {
        Some(before) => {
            writeln!(out, "The release of {release} is in use now, in the place of that of {before}.")?;
        }
        None => writeln!(out, "The release of {release} is in use now, the first on this server.")?,
    }
    counts(&imported.counts, out)?;
    let (core, full) = (imported.core_bytes as f64 / 1e6, imported.full_bytes as f64 / 1e6);
    writeln!(
        out,
        "For devices: {core:.2} MB, with brands {full:.2} MB. Replaced codes: {}.",
        imported.replaced
    )?;
    if !imported.absent.is_empty() {
        writeln!(out, "Not there, and done without: {}.", imported.absent.join(", "))?;
    }
    if imported.warnings.total > 0 {
        writeln!(out, "Odd, but taken ({}):{}", imported.warnings.total, imported.warnings)?;
    }
    let Some(changes) = &imported.changes else { return Ok(()) };
    for (words, kind) in changes.kinds() {
        writeln!(out, "{} {words}.", kind.count)?;
        for example in &kind.examples {
            writeln!(out, "  {example}")?;
        }
        let more = kind.count - kind.examples.len() as u64;
        if more > 0 {
            writeln!(out, "  … and {more} more")?;
        }
    }
    Ok(())
}

fn counts(counts: &Counts, out: &mut impl Write) -> std::io::Result<()> {
    let Counts { vtm, vmp, amp, vmpp, ampp, gtin, ingredients, rows, searchable } = counts;
    writeln!(
        out,
        "{vtm} VTMs, {vmp} VMPs, {amp} AMPs, {vmpp} VMPPs, {ampp} AMPPs, {gtin} barcodes, {ingredients} ingredients in \
         {rows} rows; {searchable} products can be found."
    )
}

async fn status(app: &App, code: Option<u64>, out: &mut impl Write) -> Result<(), Failure> {
    let Some(release) = app.store.dmd_release().await? else {
        writeln!(out, "There is no dictionary of medicines yet. Import one with “satchel dmd import PATH”.")?;
        return Ok(());
    };
    if let Some(code) = code {
        match app.store.dmd_replaced(code).await? {
            Some(replaced) => writeln!(out, "{code} is now {} ({}).", replaced.new, replaced.kind)?,
            None => writeln!(out, "Nothing took the place of {code} in the release of {}.", release.release)?,
        }
        return Ok(());
    }
    let from = release.source.split(' ').next().unwrap_or_default();
    writeln!(out, "Release of {}, imported {} ({from}).", release.release, stored(release.imported_at))?;
    counts(&serde_json::from_str(&release.counts).unwrap_or_default(), out)?;
    for file in release.files.iter().filter(|file| file.name != "ledger") {
        writeln!(
            out,
            "{}: {} bytes packed, {} whole, SHA-256 {}",
            file.name,
            file.bytes,
            file.whole,
            dmd::hex(&file.sha256)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_release_is_of_a_monday() {
        let monday = date(2026, 11, 16);
        for day in 16..=22 {
            assert_eq!(monday_before(date(2026, 11, day)), monday);
        }
    }
}
