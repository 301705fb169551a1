//! `satchel invite`: the one-time link for a pharmacy's first person, or for anybody.

use super::Failure;
use crate::app::App;
use crate::session;
use shared::ids::OdsCode;
use shared::people::Role;
use std::io::Write;

/// Prints a one-time enrolment link.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// ODS code, for example FA123; may be left out where there is only one pharmacy
    #[arg(long)]
    pharmacy: Option<OdsCode>,
    /// pharmacist, technician, administrator or auditor
    #[arg(long, default_value = "pharmacist")]
    role: Role,
}

pub async fn run(app: &App, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let pharmacy = chosen(app, args.pharmacy.as_ref()).await?;
    let link = session::invite(app, &pharmacy, args.role, None).await?;
    writeln!(out, "{}", link.link)?;
    eprintln!("Works once, until {}.", link.expires_at);
    Ok(())
}

/// The pharmacy that was named, or the only one.
async fn chosen(app: &App, named: Option<&OdsCode>) -> Result<OdsCode, Failure> {
    let known: Vec<OdsCode> = app.store.pharmacies().await?.into_iter().map(|known| known.ods).collect();
    match (named, known.as_slice()) {
        (Some(named), known) if known.contains(named) => Ok(named.clone()),
        (Some(named), _) => Err(format!(
            "There is no pharmacy {named}. Add it first: satchel pharmacy add --ods {named} --name NAME"
        )
        .into()),
        (None, [only]) => Ok(only.clone()),
        (None, []) => {
            Err("There is no pharmacy yet. Add one first: satchel pharmacy add --ods CODE --name NAME".into())
        }
        (None, several) => {
            let several: Vec<&str> = several.iter().map(OdsCode::as_str).collect();
            Err(format!("Say which pharmacy: --pharmacy and one of {}.", several.join(", ")).into())
        }
    }
}
