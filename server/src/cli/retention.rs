//! `satchel retention`: what is due, legal holds, destruction with a certificate (practice 36).

use super::Failure;
use super::table::Table;
use crate::app::App;
use crate::retention::{self, Due, Ledger};
use crate::store::LegalHold;
use serde_json::json;
use shared::ids::{ConsultationId, OdsCode};
use shared::retention::Keep;
use std::io::Write;

/// How long records are kept, and their end.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Records whose time is over
    Due {
        /// Only this pharmacy's
        #[arg(long, value_name = "ODS")]
        pharmacy: Option<OdsCode>,
        /// All records, with the day until which each is kept
        #[arg(long)]
        all: bool,
        /// One JSON array instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Keeps a record whatever its age
    Hold {
        id: ConsultationId,
        /// A complaint's or a court's reference; no patient data
        #[arg(long)]
        reason: String,
        /// Who decided
        #[arg(long)]
        by: String,
    },
    /// Ends a legal hold
    EndHold { id: ConsultationId },
    /// Destroys one record whose time is over, here and on every device, and certifies it
    Destroy {
        id: ConsultationId,
        /// Who decided
        #[arg(long)]
        by: String,
    },
    /// Certificates of everything that was destroyed
    Certificates,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    let ledger = Ledger::at(&app.config.certificates);
    match args.command {
        Command::Due { pharmacy, all, json } => {
            let mut due = retention::review(app, pharmacy.as_ref()).await?;
            let now = app.clock.now();
            due.retain(|due| all || due.keep.is_over(now) || due.keep == Keep::Unknown);
            if json {
                let lines: Vec<_> = due.iter().map(view).collect();
                serde_json::to_writer_pretty(&mut *out, &lines)?;
                writeln!(out)?;
            } else {
                table(&due).print(out, "No record's time is over.")?;
            }
        }
        Command::Hold { id, reason, by } => {
            let hold = LegalHold { document: id, reason, placed_by: by, at: app.clock.now() };
            if !app.store.put_legal_hold(&hold).await? {
                return Err("There is no such record.".into());
            }
            app.audit(None, None, "legal-hold", &id.to_string()).await?;
            writeln!(out, "Held: {id} is kept until the hold is ended.")?;
        }
        Command::EndHold { id } => {
            if !app.store.end_legal_hold(&id).await? {
                return Err("This record is not on hold.".into());
            }
            app.audit(None, None, "legal-hold-ended", &id.to_string()).await?;
            writeln!(out, "The hold on {id} has ended.")?;
        }
        Command::Destroy { id, by } => {
            let certificate = retention::destroy(app, &ledger, &id, &by, app.clock.now()).await?;
            writeln!(out, "{}", certificate.to_json())?;
        }
        Command::Certificates => {
            for certificate in ledger.all()? {
                writeln!(out, "{}", certificate.to_json())?;
            }
        }
    }
    Ok(())
}

fn kept_until(keep: Keep) -> String {
    match keep {
        Keep::Until(day) => day.to_string(),
        Keep::WhileOpen => "open".to_owned(),
        Keep::Unknown => "unknown".to_owned(),
    }
}

fn view(due: &Due) -> serde_json::Value {
    json!({
        "id": due.id,
        "pharmacy": due.pharmacy,
        "class": due.class.name(),
        "kept_until": kept_until(due.keep),
        "received_at": due.row.received_at,
        "legal_hold": due.hold,
    })
}

fn table(due: &[Due]) -> Table {
    let mut table = Table::new(&["Kept until", "Class", "Received", "Legal hold", "Id"]);
    for due in due {
        table.row([
            kept_until(due.keep),
            due.class.name().to_owned(),
            due.row.received_at.clone(),
            due.hold.clone().unwrap_or_default(),
            due.id.to_string(),
        ]);
    }
    table
}
