//! `satchel claims`: a month as it stands, the evidence behind it, the report of a failure of IT.

use super::Failure;
use super::table::Table;
use crate::activity;
use crate::app::App;
use shared::claim::{Month, pounds};
use shared::ids::OdsCode;
use shared::paper::claims::ItFailure;
use std::io::Write;
use std::path::PathBuf;

/// What was claimed from NHSBSA.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// A month: done, payable, claimed, accepted, rejected, missing, and what it brings
    Month {
        #[command(flatten)]
        of: Of,
        /// One JSON value instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Everything that stands behind a month's claims, as a PDF for whoever verifies payments
    Evidence {
        #[command(flatten)]
        of: Of,
        /// The PDF to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// The report that NHSBSA wants where a failure of IT made claims late, as a PDF
    ItFailure {
        #[command(flatten)]
        of: Of,
        /// What failed
        #[arg(long)]
        what: String,
        /// From when
        #[arg(long, default_value = "")]
        from: String,
        /// Until when
        #[arg(long, default_value = "")]
        until: String,
        /// The supplier's reference of the incident
        #[arg(long, default_value = "")]
        reference: String,
        /// Who reports it
        #[arg(long)]
        by: String,
        /// The PDF to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Whose, and which month.
#[derive(Debug, clap::Args)]
struct Of {
    #[arg(long, value_name = "ODS")]
    pharmacy: OdsCode,
    /// For example 2026-11
    #[arg(long)]
    month: String,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::Month { of, json } => {
            app.pharmacy(&of.pharmacy).await?;
            let view = activity::month(app, &of.pharmacy, &of.month).await?;
            app.audit(None, Some(&of.pharmacy), "claim-month-read", &view.month).await?;
            if json {
                serde_json::to_writer_pretty(&mut *out, &view)?;
                writeln!(out)?;
                return Ok(());
            }
            shown(&view, out)
        }
        Command::Evidence { of, out: file } => {
            let pharmacy = app.pharmacy(&of.pharmacy).await?;
            let pdf = activity::evidence(app, &pharmacy, &of.month).await?;
            app.audit(None, Some(&of.pharmacy), "claim-evidence-printed", &of.month).await?;
            written(&file, &pdf, out)
        }
        Command::ItFailure { of, what, from, until, reference, by, out: file } => {
            let pharmacy = app.pharmacy(&of.pharmacy).await?;
            let failure =
                ItFailure { what: &what, from: &from, until: &until, reference: &reference, by: &by };
            let pdf = activity::it_failure(app, &pharmacy, &of.month, &failure).await?;
            app.audit(None, Some(&of.pharmacy), "it-failure-reported", &of.month).await?;
            written(&file, &pdf, out)
        }
    }
}

fn written(file: &PathBuf, bytes: &[u8], out: &mut impl Write) -> Result<(), Failure> {
    std::fs::write(file, bytes)
        .map_err(|why| format!("{} cannot be written: {why}. Choose another place.", file.display()))?;
    writeln!(out, "Written: {}", file.display())?;
    Ok(())
}

fn shown(view: &Month, out: &mut impl Write) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "Service",
        "Done",
        "Payable",
        "Accepted",
        "On its way",
        "Rejected",
        "On hold",
        "Missing",
        "Not payable",
        "Expected",
    ]);
    for service in &view.services {
        table.row([
            service.label.clone(),
            service.done.to_string(),
            service.payable().to_string(),
            service.accepted.to_string(),
            service.waiting.to_string(),
            service.rejected.to_string(),
            service.held.to_string(),
            service.missing.to_string(),
            service.not_payable.to_string(),
            pounds(service.expected),
        ]);
    }
    table.print(out, "")?;
    writeln!(out, "Expected in all: {}; claim by {}.", pounds(view.expected), view.by)?;
    if !view.mend.is_empty() {
        let mut mend = Table::new(&["Day", "Patient", "Service", "Claim", "Why", "Consultation"]);
        for one in &view.mend {
            mend.row([
                one.day.clone(),
                one.patient.clone(),
                one.service.clone(),
                one.standing.clone(),
                one.why.clone(),
                one.consultation.clone(),
            ]);
        }
        mend.print(out, "")?;
    }
    writeln!(out, "{}", view.source)?;
    Ok(())
}
