//! `satchel export`: what is handed on of signed consultations, and everything for another supplier.

use super::Failure;
use super::consultation::Whole;
use crate::activity::span;
use crate::app::App;
use crate::exports::{self, File, Wanted};
use crate::intake::opened;
use crate::supplies;
use futures_util::StreamExt as _;
use shared::ids::{ConsultationId, OdsCode};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::pin;

/// Signed consultations as files, for the data warehouse, the contractor, or another supplier.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Consultations and medicines of some days, a file each for a month. What is there already is left as it is
    Days {
        #[arg(long, value_name = "ODS")]
        pharmacy: OdsCode,
        /// First day, for example 2026-11-01
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day
        #[arg(long, value_name = "DAY")]
        to: String,
        /// FHIR NDJSON instead of CSV
        #[arg(long)]
        fhir: bool,
        /// Who receives it: nobody can be recognised in it then
        #[arg(long, value_name = "RECIPIENT")]
        marked_for: Option<String>,
        /// The folder to write into
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
    },
    /// Every record of a pharmacy, readable and as it is stored, for another supplier. Run again, it goes on
    Whole {
        #[arg(long, value_name = "ODS")]
        pharmacy: OdsCode,
        /// The folder to write into
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
    },
    /// The data dictionary as CSV
    Dictionary,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::Days { pharmacy, from, to, fhir, marked_for, into } => {
            app.pharmacy(&pharmacy).await?;
            let (first, last) = span(&from, &to)?;
            let wanted = Wanted { pharmacy, from: first.to_string(), to: last.to_string(), marked_for };
            days(app, &wanted, if fhir { &File::FHIR } else { &File::CSV }, &into, out).await
        }
        Command::Whole { pharmacy, into } => {
            app.pharmacy(&pharmacy).await?;
            whole(app, &pharmacy, &into, out).await
        }
        Command::Dictionary => Ok(out.write_all(&exports::dictionary()?)?),
    }
}

async fn days(
    app: &App,
    wanted: &Wanted,
    files: &[File],
    into: &Path,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let unreadable = supplies::catch_up(app, &wanted.pharmacy).await?;
    fs::create_dir_all(into).map_err(|why| cannot(into, &why))?;
    let (from, to) = span(&wanted.from, &wanted.to)?;
    for part in exports::parts(from, to) {
        for file in files {
            let name = format!("{}-{}", part.month, file.name());
            let (place, begun) = (into.join(&name), into.join(format!("{name}.part")));
            if place.exists() {
                writeln!(out, "{name} is there already")?;
                continue;
            }
            let what = format!("{name}, {} to {}", part.from, part.to);
            app.audit(None, Some(&wanted.pharmacy), "records-exported", &what).await?;
            let mut written = fs::File::create(&begun).map_err(|why| cannot(&begun, &why))?;
            let mut pieces = pin!(exports::stream(app, wanted, *file, &part).await?);
            while let Some(piece) = pieces.next().await {
                written.write_all(&piece?).map_err(|why| cannot(&begun, &why))?;
            }
            written.sync_all().map_err(|why| cannot(&begun, &why))?;
            // Under its name only once it is whole, so that a run that broke off goes on here.
            fs::rename(&begun, &place).map_err(|why| cannot(&place, &why))?;
            writeln!(out, "{name}")?;
        }
    }
    fs::write(into.join("dictionary.csv"), exports::dictionary()?).map_err(|why| cannot(into, &why))?;
    lacking(unreadable);
    Ok(())
}

async fn whole(app: &App, pharmacy: &OdsCode, into: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let folder = into.join("consultations");
    fs::create_dir_all(&folder).map_err(|why| cannot(&folder, &why))?;
    app.audit(None, Some(pharmacy), "records-exported", "every record, for another supplier").await?;
    let (mut written, mut there, mut unreadable) = (0_u64, 0_u64, 0_u32);
    for row in app.store.rows(Some(pharmacy)).await? {
        let id: ConsultationId = row.id.parse()?;
        let Some(stored) = app.store.document(pharmacy, &id).await? else { continue };
        let Ok(mut document) = opened(&stored) else {
            unreadable += 1;
            continue;
        };
        let heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
        let readable = folder.join(format!("{id}.json"));
        if is_of(&readable, &heads) {
            there += 1;
            continue;
        }
        let bytes = folder.join(format!("{id}.automerge"));
        fs::write(&bytes, document.save()).map_err(|why| cannot(&bytes, &why))?;
        let mut whole = Whole::of(document, app.store.deliveries_of(&id).await?)?.json();
        whole["heads"] = heads.into();
        fs::write(&readable, serde_json::to_vec_pretty(&whole)?).map_err(|why| cannot(&readable, &why))?;
        written += 1;
    }
    writeln!(out, "{written} records written, {there} were there already: {}", folder.display())?;
    writeln!(
        out,
        "Also: satchel export days, satchel supplies register and tokens, satchel deliveries --json, satchel audit export."
    )?;
    lacking(unreadable);
    Ok(())
}

/// Whether that file holds a record with these heads.
fn is_of(file: &Path, heads: &[String]) -> bool {
    let Ok(text) = fs::read(file) else { return false };
    let value: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
    value.is_some_and(|value| value.get("heads") == serde_json::to_value(heads).ok().as_ref())
}

fn cannot(place: &Path, why: &std::io::Error) -> Failure {
    format!("{} cannot be written: {why}. Choose another folder or make room.", place.display()).into()
}

fn lacking(unreadable: u32) {
    match unreadable {
        0 => {}
        1 => eprintln!("1 record could not be read and is not in it: tell support."),
        many => eprintln!("{many} records could not be read and are not in it: tell support."),
    }
}
