//! `satchel pharmacy add`: a pharmacy that this server serves.

use crate::app::App;
use crate::store::Pharmacy;
use shared::ids::OdsCode;
use std::error::Error;
use std::io::Write;

/// Pharmacies of this server.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Adds a pharmacy, or brings what is known about it up to date. Referrals reach it by ODS code or DoS id.
    Add {
        /// Its ODS code, for example FA123.
        #[arg(long)]
        ods: OdsCode,
        #[arg(long)]
        name: String,
        /// A Directory of Services id; may be given several times.
        #[arg(long = "dos-id", value_name = "ID")]
        dos_ids: Vec<String>,
        /// Its MESH mailbox.
        #[arg(long, default_value = "")]
        mailbox: String,
        /// As dialled: it goes to practices with every notice.
        #[arg(long, default_value = "")]
        phone: String,
        /// On one line, commas between.
        #[arg(long, default_value = "")]
        address: String,
    },
}

/// A Directory of Services id that two pharmacies would answer to.
#[derive(Debug, thiserror::Error)]
#[error("The Directory of Services id {id} belongs to {owner} already. Nothing was changed.")]
struct Taken {
    id: String,
    owner: OdsCode,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Command::Add { ods, name, dos_ids, mailbox, phone, address } = args.command;
    for id in &dos_ids {
        if let Some(owner) = app.store.pharmacy_by_dos_id(id).await?
            && owner.ods != ods
        {
            return Err(Taken { id: id.clone(), owner: owner.ods }.into());
        }
    }
    let known = app.store.pharmacy(&ods).await?.is_some();
    let mailbox = mailbox.to_ascii_uppercase();
    app.store.put_pharmacy(&Pharmacy { ods: ods.clone(), name, dos_ids, mailbox, phone, address }).await?;
    writeln!(out, "{ods} {}.", if known { "is up to date" } else { "was added" })?;
    Ok(())
}
