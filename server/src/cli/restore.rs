//! `satchel restore`: a backup in the place of everything; a running server goes on with it.

use super::{Failure, backup::gone, backup::say};
use crate::app::App;
use crate::backup::{self, Restore};
use std::io::Write;
use std::path::PathBuf;

/// Puts a backup in the place of everything the database holds. The file is checked to its end first.
#[derive(Debug, clap::Args)]
pub struct Args {
    path: PathBuf,
    /// Gives up another server's consultations for those in the backup
    #[arg(long)]
    replace: bool,
}

pub async fn run(app: &App, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let asked = Restore {
        server: app.server_keys.id.clone(),
        now: app.clock.now(),
        replace: args.replace,
        destroyed: gone(app).await?,
    };
    let (restored, _) = backup::restore(&*app.store, asked, &args.path).await?;
    app.audit(None, None, "restored", &restored.head.made_at).await?;
    say(&restored, "Restored", out)?;
    writeln!(
        out,
        "Devices give back by themselves what is newer than the backup, as soon as they are unlocked and online.\n\
         Nothing is sent to practices until they have. To send without waiting for a device that will not come back:\n  \
         satchel deliveries release --pharmacy ODS"
    )?;
    Ok(())
}
