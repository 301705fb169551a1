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
    /// ODS code, for example FA123
    #[arg(long)]
    pharmacy: OdsCode,
    /// pharmacist, technician, administrator or auditor
    #[arg(long)]
    role: Role,
}

pub async fn run(app: &App, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    if app.store.pharmacy(&args.pharmacy).await?.is_none() {
        return Err(format!(
            "There is no pharmacy {}. Add it first: satchel pharmacy add --ods {0} --name NAME",
            args.pharmacy
        )
        .into());
    }
    let link = session::invite(app, &args.pharmacy, args.role, None).await?;
    writeln!(out, "{}", link.link)?;
    eprintln!("Works once, until {}.", link.expires_at);
    Ok(())
}
