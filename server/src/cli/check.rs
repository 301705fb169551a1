//! `satchel check`: are the settings, the database and the pathways fit to serve with?

use super::Failure;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{PeopleStore as _, RecordStore as _, SqliteStore};
use shared::pathway;
use shared::time::day;
use std::io::Write;

/// Checks settings, database and pathways, and says what it found.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Refuse what real patients must not meet: simulators, and pathways nobody has approved
    #[arg(long)]
    live: bool,
}

pub async fn run(config: &Config, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "settings  listen {}, origin {}", config.listen, config.origin_text())?;
    writeln!(
        out,
        "settings  web app {}, {}",
        config.dist.display(),
        found(config.dist.join("index.html").is_file())
    )?;
    match &config.mesh {
        Some(mesh) => writeln!(out, "settings  MESH mailbox {} at {}", mesh.mailbox, mesh.base_url)?,
        None => writeln!(out, "settings  MESH not set: no notice reaches a practice")?,
    }
    let store = SqliteStore::open(&config.database_url).await?;
    let rows = store.rows(None).await?.len();
    writeln!(
        out,
        "database  {}: {} pharmacies, {rows} consultations",
        config.database_url,
        store.pharmacies().await?.len()
    )?;

    let mut refusals = Vec::new();
    let today = day(Clock::Real.now());
    for pathway in pathway::all() {
        let problems = pathway::check(pathway);
        writeln!(out, "pathway   {}: {:?}", pathway.key(), pathway.clinical.status)?;
        refusals.extend(problems.iter().map(|problem| format!("pathway {}: {problem}", pathway.key())));
        if args.live && !pathway.clinical.is_live(today) {
            refusals.push(format!("pathway {} is not approved for use with patients today.", pathway.key()));
        }
    }
    if args.live && config.demo {
        refusals.push("SATCHEL_DEMO is set: simulators are not for patients.".to_owned());
    }
    if args.live && config.mesh.is_none() {
        refusals.push("MESH is not set: practices would not be told.".to_owned());
    }
    if refusals.is_empty() {
        writeln!(out, "All is well.")?;
        Ok(())
    } else {
        Err(refusals.join("\n").into())
    }
}

fn found(is_there: bool) -> &'static str {
    if is_there { "found" } else { "not built yet" }
}
