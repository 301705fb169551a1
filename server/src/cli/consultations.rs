//! `satchel consultations`: the work list, from the server's own summary rows.

use super::table::Table;
use crate::app::App;
use shared::consultation::{Status, WorkListRow};
use shared::ids::OdsCode;
use shared::time::{day_and_time, read};
use std::error::Error;
use std::io::Write;

/// The work list of one pharmacy or of all, newest first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
    /// Only this pharmacy's.
    #[arg(long, value_name = "ODS")]
    pharmacy: Option<OdsCode>,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let rows = app.store.rows(args.pharmacy.as_ref()).await?;
    app.audit(None, args.pharmacy.as_ref(), "listed-consultations", &rows.len().to_string()).await?;
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        writeln!(out)?;
        return Ok(());
    }
    let mut table = Table::new(&["Received", "Due", "Status", "Asked for", "Patient", "GP notice", "Id"]);
    for row in rows {
        table.row([
            when(&row.received_at),
            when(&row.due_at),
            status(&row),
            row.disposition,
            row.patient_name,
            row.notice,
            row.id,
        ]);
    }
    table.print(out, "No consultations.")?;
    Ok(())
}

/// As people in England read it; empty stays empty.
pub(super) fn when(stored: &str) -> String {
    read(stored).map(day_and_time).unwrap_or_default()
}

fn status(row: &WorkListRow) -> String {
    let word = match row.status {
        Status::Received => "received",
        Status::Open => "open",
        Status::Completed => "completed",
        Status::Closed => "closed",
        Status::Withdrawn => "withdrawn",
    };
    if row.has_notice { format!("{word}, new message") } else { word.to_owned() }
}
