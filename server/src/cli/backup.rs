//! `satchel backup`: everything into one file while the server runs; or a look into such a file.

use super::Failure;
use crate::app::App;
use crate::backup::{self, Contents};
use crate::retention::Ledger;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

/// Writes everything into one new file, checked before it gets its name.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file. It holds patients' records: keep it where only the pharmacy can read it.
    path: PathBuf,
    /// Reads a backup to its end and says what is in it; writes nothing.
    #[arg(long, conflicts_with = "scrub")]
    check: bool,
    /// Takes records out of a backup that were destroyed since it was made.
    #[arg(long)]
    scrub: bool,
}

pub async fn run(app: &App, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    if args.check {
        say(&backup::contents(&args.path).await?, "Whole", out)?;
        return Ok(());
    }
    if args.scrub {
        let gone: BTreeSet<_> = gone(app).await?.into_iter().map(|(document, _)| document).collect();
        let taken_out = backup::scrub(&args.path, gone).await?;
        writeln!(out, "Taken out: {taken_out} records that were destroyed. The backup is whole.")?;
        return Ok(());
    }
    app.audit(None, None, "backed-up", "").await?;
    let made = backup::back_up(&*app.store, &app.server_keys.id, app.clock.now(), &args.path).await?;
    say(&made, "Backed up and read back", out)?;
    writeln!(
        out,
        "Keep the server's secret key apart from it: a restore needs both (docs/configuration.md)."
    )?;
    Ok(())
}

/// Everything that was destroyed, as the database and the certificates know it.
pub async fn gone(app: &App) -> Result<Vec<(shared::ids::ConsultationId, shared::ids::OdsCode)>, Failure> {
    let mut gone: Vec<_> = app
        .store
        .destroyed()
        .await?
        .into_iter()
        .map(|destroyed| (destroyed.document, destroyed.pharmacy))
        .collect();
    for certificate in Ledger::at(&app.config.certificates).all()? {
        if !gone.iter().any(|(document, _)| *document == certificate.document) {
            gone.push((certificate.document, certificate.pharmacy));
        }
    }
    Ok(gone)
}

pub fn say(contents: &Contents, what: &str, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(
        out,
        "{what}: {} consultations, {} rows, {} bytes; made {} by Satchel {}.",
        contents.documents, contents.rows, contents.bytes, contents.head.made_at, contents.head.satchel
    )?;
    Ok(())
}
