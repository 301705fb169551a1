//! `satchel pharmacy add`: a pharmacy that this server serves.

use crate::app::App;
use crate::store::Pharmacy;
use shared::api::LONGEST_CONTACT_LIMIT_HOURS;
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
    /// Adds a pharmacy, or changes what is said about a known one and keeps the rest. Referrals reach it by ODS code
    /// or DoS id.
    #[command(alias = "set")]
    Add {
        /// Its ODS code, for example FA123.
        #[arg(long)]
        ods: OdsCode,
        /// Needed for a new one.
        #[arg(long)]
        name: Option<String>,
        /// A Directory of Services id; may be given several times.
        #[arg(long = "dos-id", value_name = "ID")]
        dos_ids: Vec<String>,
        /// Its MESH mailbox.
        #[arg(long)]
        mailbox: Option<String>,
        /// As dialled: it goes to practices with every notice.
        #[arg(long)]
        phone: Option<String>,
        /// On one line, commas between.
        #[arg(long)]
        address: Option<String>,
        /// Hours that its devices may be without contact before patients coming in are closed to them; 72 unless set.
        #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_CONTACT_LIMIT_HOURS)))]
        contact_limit: Option<u32>,
        /// Where it is told by e-mail that nobody has opened a new referral; empty for nowhere.
        #[arg(long, value_name = "ADDRESS", value_parser = email)]
        alert_email: Option<String>,
        /// Where it is told when still nobody has.
        #[arg(long, value_name = "ADDRESS", value_parser = email)]
        escalate_email: Option<String>,
    },
}

/// A new pharmacy without a name.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not known yet. Give its name too: --name NAME. Nothing was changed.")]
struct NoName(OdsCode);

/// A Directory of Services id that two pharmacies would answer to.
#[derive(Debug, thiserror::Error)]
#[error("The Directory of Services id {id} belongs to {owner} already. Nothing was changed.")]
struct Taken {
    id: String,
    owner: OdsCode,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Command::Add {
        ods,
        name,
        dos_ids,
        mailbox,
        phone,
        address,
        contact_limit,
        alert_email,
        escalate_email,
    } = args.command;
    for id in &dos_ids {
        if let Some(owner) = app.store.pharmacy_by_dos_id(id).await?
            && owner.ods != ods
        {
            return Err(Taken { id: id.clone(), owner: owner.ods }.into());
        }
    }
    let known = app.store.pharmacy(&ods).await?;
    let done = if known.is_some() { "is up to date" } else { "was added" };
    let new = || name.clone().map(|name| named(ods.clone(), name));
    let mut pharmacy = known.or_else(new).ok_or_else(|| NoName(ods.clone()))?;
    pharmacy.dos_ids.extend(dos_ids);
    pharmacy.dos_ids.sort();
    pharmacy.dos_ids.dedup();
    pharmacy.name = name.unwrap_or(pharmacy.name);
    pharmacy.mailbox = mailbox.map_or(pharmacy.mailbox, |mailbox| mailbox.to_ascii_uppercase());
    pharmacy.phone = phone.unwrap_or(pharmacy.phone);
    pharmacy.address = address.unwrap_or(pharmacy.address);
    app.store.put_pharmacy(&pharmacy).await?;
    app.audit(None, Some(&ods), "pharmacy-set", ods.as_str()).await?;
    if let Some(hours) = contact_limit {
        app.store.set_contact_limit(&ods, hours).await?;
        app.audit(None, Some(&ods), "contact-limit-set", &hours.to_string()).await?;
    }
    if alert_email.is_some() || escalate_email.is_some() {
        let mut addresses = app.store.alert_addresses(&ods).await?.unwrap_or_default();
        addresses.first = alert_email.unwrap_or(addresses.first);
        addresses.second = escalate_email.unwrap_or(addresses.second);
        app.store.set_alert_addresses(&ods, &addresses).await?;
        app.audit(None, Some(&ods), "alert-addresses-set", ods.as_str()).await?;
    }
    writeln!(out, "{ods} {done}.")?;
    Ok(())
}

/// An e-mail address, or nothing.
fn email(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.parse::<lettre::Address>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err("this is no e-mail address".to_owned())
    }
}

/// A pharmacy of which only code and name are known.
fn named(ods: OdsCode, name: String) -> Pharmacy {
    let none = String::new;
    Pharmacy { ods, name, dos_ids: Vec::new(), mailbox: none(), phone: none(), address: none() }
}
