//! `satchel supplies`: the register of prescription-only medicines, a recall, the tokens of a month.

use super::Failure;
use super::table::Table;
use crate::app::App;
use crate::supplies::{self, csv};
use serde::Serialize;
use shared::ids::OdsCode;
use shared::register::{Entry, Given, TokenRow};
use std::io::Write;

/// What was handed over, as the signed records say it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The register of prescription-only medicines
    Register {
        #[command(flatten)]
        of: Of,
        /// First day, for example 2026-11-01
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day
        #[arg(long, value_name = "DAY")]
        to: String,
    },
    /// Everyone who was given a batch
    Recall {
        #[command(flatten)]
        of: Of,
        /// As it stands on the pack; spaces, hyphens and capitals do not matter
        #[arg(long)]
        batch: String,
        /// dm+d code, or words of the name: then also who was given it when nobody recorded a batch
        #[arg(long, default_value = "")]
        product: String,
    },
    /// The tokens of a month
    Tokens {
        #[command(flatten)]
        of: Of,
        /// For example 2026-11
        #[arg(long)]
        month: String,
    },
}

/// Whose, and how it is written.
#[derive(Debug, clap::Args)]
struct Of {
    #[arg(long, value_name = "ODS")]
    pharmacy: OdsCode,
    /// CSV instead of a table
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// One JSON value instead of a table
    #[arg(long)]
    json: bool,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::Register { of, from, to } => {
            app.pharmacy(&of.pharmacy).await?;
            let view = supplies::register(app, &of.pharmacy, &from, &to).await?;
            let subject = format!("{} to {}", view.from, view.to);
            app.audit(None, Some(&of.pharmacy), "pom-register-read", &subject).await?;
            of.write(out, &view, csv::register(&view.entries)?, || {
                (register(&view.entries), "Nothing was entered on these days.")
            })?;
            lacking(view.unreadable);
            Ok(())
        }
        Command::Recall { of, batch, product } => {
            app.pharmacy(&of.pharmacy).await?;
            let view = supplies::recall(app, &of.pharmacy, &batch, &product).await?;
            app.audit(None, Some(&of.pharmacy), "recall-searched", &shared::register::batch_key(&batch))
                .await?;
            let all: Vec<Given> = view.given.iter().chain(&view.batch_unknown).cloned().collect();
            of.write(out, &view, csv::recall(&all)?, || {
                (given(&all), "No signed record here says that anybody was given this batch.")
            })?;
            lacking(view.unreadable);
            Ok(())
        }
        Command::Tokens { of, month } => {
            app.pharmacy(&of.pharmacy).await?;
            let view = supplies::tokens(app, &of.pharmacy, &month).await?;
            app.audit(None, Some(&of.pharmacy), "tokens-read", &view.month).await?;
            of.write(out, &view, csv::tokens(&view.tokens)?, || {
                (tokens(&view.tokens), "No tokens in this month.")
            })
        }
    }
}

/// Beside the list and not in it, so that whoever reads it by machine is told too.
fn lacking(unreadable: u32) {
    match unreadable {
        0 => {}
        1 => eprintln!("1 signed record could not be read and is not in this list: tell support."),
        many => eprintln!("{many} signed records could not be read and are not in this list: tell support."),
    }
}

impl Of {
    fn write(
        &self,
        out: &mut impl Write,
        json: &impl Serialize,
        csv: Vec<u8>,
        table: impl FnOnce() -> (Table, &'static str),
    ) -> Result<(), Failure> {
        if self.json {
            serde_json::to_writer_pretty(&mut *out, json)?;
            writeln!(out)?;
        } else if self.csv {
            out.write_all(&csv)?;
        } else {
            let (table, empty) = table();
            table.print(out, empty)?;
        }
        Ok(())
    }
}

fn register(entries: &[Entry]) -> Table {
    let mut table =
        Table::new(&["Date", "Medicine", "Quantity", "Patient", "Nature of the emergency", "Note"]);
    for entry in entries {
        let mut notes = Vec::new();
        if !entry.exception.is_empty() {
            notes.push(format!("exception: {}", entry.exception));
        }
        if entry.late {
            notes.push(format!("entered after {}", entry.by));
        }
        if !entry.missing.is_empty() {
            notes.push(format!("not said: {}", entry.missing.join(", ")));
        }
        table.row([
            entry.date.clone(),
            entry.name.clone(),
            entry.quantity.clone(),
            entry.patient.clone(),
            entry.nature.clone(),
            notes.join("; "),
        ]);
    }
    table
}

fn given(given: &[Given]) -> Table {
    let mut table = Table::new(&["When", "Batch", "Expiry", "Product", "Patient", "Phone", "Consultation"]);
    for given in given {
        let batch = if given.batch.is_empty() { "not recorded" } else { &given.batch };
        table.row([
            super::consultations::when(&given.when),
            batch.to_owned(),
            given.expiry.clone(),
            given.product.clone(),
            given.patient.clone(),
            given.phone.clone(),
            given.consultation.clone(),
        ]);
    }
    table
}

fn tokens(tokens: &[TokenRow]) -> Table {
    let mut table = Table::new(&["Date", "Mark", "Patient", "Items", "Forms", "Charge", "Exemption", "Open"]);
    for token in tokens {
        table.row([
            token.date.clone(),
            token.mark.clone(),
            token.patient.clone(),
            token.items.len().to_string(),
            token.forms.to_string(),
            token.charge.clone(),
            token.exemption.clone(),
            token.open().unwrap_or_default().to_owned(),
        ]);
    }
    table
}
