//! `satchel device list` and `satchel device revoke`: a lost iPad, also when nobody can reach the screens.

use super::Failure;
use super::table::Table;
use crate::app::App;
use shared::ids::{DeviceId, OdsCode};
use std::io::Write;

/// Devices that have made themselves known.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lists devices in use.
    List {
        /// Of one pharmacy only.
        #[arg(long)]
        pharmacy: Option<OdsCode>,
    },
    /// Revokes a device: its sessions end, and it gives up what it has not sent and deletes its vault when it is next
    /// in touch.
    Revoke {
        /// As `satchel device list` shows it.
        id: DeviceId,
    },
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::List { pharmacy } => list(app, pharmacy, out).await,
        Command::Revoke { id } => revoke(app, id, out).await,
    }
}

async fn list(app: &App, only: Option<OdsCode>, out: &mut impl Write) -> Result<(), Failure> {
    let pharmacies = match only {
        Some(pharmacy) => vec![pharmacy],
        None => app.store.pharmacies().await?.into_iter().map(|pharmacy| pharmacy.ods).collect(),
    };
    let mut table = Table::new(&["Id", "Pharmacy", "Last in touch", "Device", "People"]);
    for pharmacy in &pharmacies {
        for device in app.store.devices(pharmacy).await? {
            let people: Vec<&str> = device.people.iter().map(|person| person.name.as_str()).collect();
            table.row([
                device.id.to_string(),
                pharmacy.to_string(),
                shared::time::stored(device.seen_at),
                device.label,
                people.join(", "),
            ]);
        }
    }
    table.print(out, "There are no devices.")?;
    Ok(())
}

async fn revoke(app: &App, id: DeviceId, out: &mut impl Write) -> Result<(), Failure> {
    let unknown = || format!("There is no device {id}. satchel device list shows those in use.");
    let device = app.store.device(&id).await?.ok_or_else(unknown)?;
    if app.store.revoke_device(&device.pharmacy, &id, app.clock.now()).await? {
        app.audit(None, Some(&device.pharmacy), "device-revoked", &id.to_string()).await?;
        writeln!(
            out,
            "{} was revoked. It is signed out now and deletes its vault when it is next in touch.",
            device.label
        )?;
    } else {
        writeln!(out, "{} was revoked before.", device.label)?;
    }
    Ok(())
}
