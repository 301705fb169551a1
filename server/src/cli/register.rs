//! `satchel register import`: the GPhC's or CPPE's list, and what it says of the people here.

use super::Failure;
use crate::app::App;
use crate::register::{self, Likeness, Standing};
use crate::store::Source;
use std::io::Write;
use std::path::PathBuf;

/// Lists of who is registered and who declared competence. Neither body has a public interface, so they come as files.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Puts a list in the place of the one before, and compares everybody here with it
    Import {
        /// CSV with the columns “registration number”, “name”, “status”; for cppe also “service” and “date”
        file: PathBuf,
        /// gphc or cppe
        #[arg(long)]
        source: Source,
        /// Leaves bad lines out instead of importing nothing
        #[arg(long)]
        skip_bad: bool,
    },
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    let Command::Import { file, source, skip_bad } = args.command;
    let counts = register::import(&*app.store, source, &file, skip_bad).await?;
    app.audit(None, None, "register-imported", &format!("{} {}", source.name(), counts.taken)).await?;
    writeln!(
        out,
        "Imported {} lines in the place of {}; {} left out.",
        counts.taken, counts.before, counts.left_out
    )?;
    match source {
        Source::Gphc => compare(app, out).await,
        Source::Cppe => declared(app, out).await,
    }
}

/// Who here has declared competence, so that an administrator can file it as evidence.
async fn declared(app: &App, out: &mut impl Write) -> Result<(), Failure> {
    for person in app.store.registered_people().await? {
        let Some(number) = &person.gphc else { continue };
        for entry in app.store.registered(Source::Cppe, number).await? {
            let doubt = match register::likeness(&entry.name, &person.name) {
                Likeness::Same => "",
                Likeness::Near | Likeness::Other => " Under another name: check before filing it.",
            };
            let (service, dated) = (&entry.service, &entry.dated);
            writeln!(out, "Declared: {} ({number}), {service}, {dated}.{doubt}", person.name)?;
        }
    }
    Ok(())
}

/// Compares everybody here with the list.
async fn compare(app: &App, out: &mut impl Write) -> Result<(), Failure> {
    for person in app.store.registered_people().await? {
        let Some(number) = &person.gphc else { continue };
        let standing = register::look_up(&*app.store, number, &person.name).await?;
        let checked = standing == Standing::Checked;
        if checked != person.gphc_checked {
            app.store.set_gphc_checked(&person.id, checked).await?;
            app.audit(None, None, "gphc-checked", &person.id.to_string()).await?;
        }
        match standing {
            Standing::Checked => {}
            Standing::NotChecked(why) => writeln!(out, "Not checked: {} ({number}). {why}", person.name)?,
            Standing::Barred(status) => writeln!(
                out,
                "ATTENTION: {} ({number}) is {status} on the register. Remove them in Settings if this is right.",
                person.name
            )?,
        }
    }
    Ok(())
}
