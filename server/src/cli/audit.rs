//! `satchel audit`: is the log whole, and the log as a table.

use super::Failure;
use crate::app::App;
use crate::audit::csv::{self, Row};
use crate::audit::{Readable, chain};
use crate::store::{AuditHead, AuditSearch};
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::consultation::hex;
use shared::ids::OdsCode;
use shared::time::{Millis, london, stored};
use std::io::Write;

/// Lines that are in memory at once.
const PAGE: u32 = 1000;

/// Who did what, when: the log of the whole server.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Walks the whole log and says whether a line was changed, taken out, put in or moved
    Verify {
        /// An end that an earlier run printed and that was kept elsewhere: it must still be in the log
        #[arg(long, value_name = "PLACE:HASH", value_parser = head)]
        kept: Option<AuditHead>,
    },
    /// Writes the log as CSV, oldest first
    Export {
        /// Only this pharmacy's
        #[arg(long, value_name = "ODS")]
        pharmacy: Option<OdsCode>,
        /// First day, for example 2026-11-22
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// Last day
        #[arg(long, value_name = "DAY")]
        to: Option<Date>,
    },
}

fn head(text: &str) -> Result<AuditHead, String> {
    chain::read(text).ok_or_else(|| "This is not an end as satchel audit verify prints it.".to_owned())
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::Verify { kept } => verify(app, kept, out).await,
        Command::Export { pharmacy, from, to } => export(app, pharmacy, from, to, out).await,
    }
}

async fn verify(app: &App, kept: Option<AuditHead>, out: &mut impl Write) -> Result<(), Failure> {
    let whole = chain::verify(&*app.store, kept.as_ref()).await?;
    match whole.from_to {
        Some((from, to)) => {
            writeln!(out, "{} lines, from {} to {}, whole.", whole.lines, stored(from), stored(to))?;
        }
        None => writeln!(out, "The log is empty.")?,
    }
    writeln!(out, "It ends with {}", chain::written(&whole.head))?;
    eprintln!(
        "Keep this end outside the server. Whoever can write to the whole database could write the log anew; \
         satchel audit verify --kept END shows it."
    );
    Ok(())
}

async fn export(
    app: &App,
    pharmacy: Option<OdsCode>,
    from: Option<Date>,
    to: Option<Date>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    app.audit(None, pharmacy.as_ref(), "audit-exported", "").await?;
    let mut search = AuditSearch {
        pharmacy,
        from: from.map(begins).transpose()?,
        until: to.map(|day| begins(day.saturating_add(1.day()))).transpose()?,
        oldest_first: true,
        ..AuditSearch::default()
    };
    out.write_all(&csv::head()?)?;
    let mut readable = Readable::default();
    loop {
        let found = app.store.audit_lines(&search, PAGE).await?;
        let Some(last) = found.last() else { return Ok(()) };
        search.after = Some(last.place);
        let mut lines = Vec::with_capacity(found.len());
        for line in &found {
            lines.push(readable.line(&*app.store, line).await?);
        }
        let rows = found.iter().zip(&lines).map(|(stored, line)| Row {
            line,
            pharmacy: stored.entry.pharmacy.as_ref(),
            hash: stored.hash.map(|hash| hex(&hash)).unwrap_or_default(),
        });
        out.write_all(&csv::rows(rows)?)?;
    }
}

/// When a day begins in England.
fn begins(day: Date) -> Result<Millis, Failure> {
    Ok(day.to_zoned(london())?.timestamp().as_millisecond())
}
