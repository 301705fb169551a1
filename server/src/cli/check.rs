//! `satchel check`: are the settings, the database and the pathways fit to serve with?

use super::Failure;
use crate::clock::Clock;
use crate::config::Config;
use crate::pathways::approval;
use crate::store;
use jiff::civil::Date;
use shared::pathway::{self, Clinical, ClinicalStatus, Pathway};
use shared::time::day;
use std::collections::BTreeSet;
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
    match &config.mail {
        Some(mail) => {
            writeln!(out, "settings  e-mail through {} from {}", mail.settings.host, mail.settings.from)?;
        }
        None => writeln!(out, "settings  e-mail not set: no e-mail leaves this server")?,
    }
    match &config.cis2 {
        Some(cis2) => writeln!(out, "settings  CIS2 at {}", cis2.settings.issuer)?,
        None => writeln!(out, "settings  CIS2 not set: people sign in with passkeys alone")?,
    }
    match &config.platform {
        Some(platform) => writeln!(out, "settings  NHS API platform at {}", platform.settings.base_url)?,
        None => writeln!(out, "settings  NHS API platform not set: no API of the NHS is asked")?,
    }
    let store = store::open(&config.database_url, config.database_connections).await?;
    let rows = store.rows(None).await?.len();
    writeln!(
        out,
        "database  {}: {} pharmacies, {rows} consultations",
        store::without_password(&config.database_url),
        store.pharmacies().await?.len()
    )?;

    let mut refusals = Vec::new();
    let today = day(Clock::Real.now());
    for pathway in pathway::all() {
        let problems = pathway::check(pathway);
        writeln!(out, "pathway   {}: {:?}", pathway.key(), pathway.clinical.status)?;
        refusals.extend(problems.iter().map(|problem| format!("pathway {}: {problem}", pathway.key())));
        if args.live {
            refusals.extend(not_live(&pathway.key(), &pathway.clinical, today));
            refusals.extend(not_approved(pathway, &config.pathway_approvers)?);
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

/// Why patients must not meet this pathway today; `None` where they may (practice 35).
fn not_live(key: &str, clinical: &Clinical, today: Date) -> Option<String> {
    (!clinical.is_live(today)).then(|| {
        format!(
            "pathway {key} is not approved for use with patients today: it is {:?}, for {} to {}.",
            clinical.status, clinical.valid_from, clinical.valid_to
        )
    })
}

/// Why the approval that a pathway carries does not count; `None` where it does, or where it claims none.
fn not_approved(pathway: &Pathway, trusted: &BTreeSet<String>) -> Result<Option<String>, Failure> {
    if pathway.clinical.status != ClinicalStatus::Approved {
        return Ok(None);
    }
    let key = pathway.key();
    let text = pathway::file_text(&key).ok_or("a pathway of this program is in none of its files")?;
    let common = serde_json::from_str(pathway::common_text())?;
    let digest = approval::digest(&serde_json::from_str(text)?, &common);
    let verdict = approval::verify(&pathway.clinical, &digest, trusted);
    Ok(verdict.err().map(|why| format!("pathway {key}: {why}.")))
}

fn found(is_there: bool) -> &'static str {
    if is_there { "found" } else { "not built yet" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    #[test]
    fn an_approved_pathway_is_live_from_its_first_day_to_its_last() {
        let mut clinical = pathway::all().first().expect("a pathway").clinical.clone();
        let (first, last) = (clinical.valid_from, clinical.valid_to);
        assert!(not_live("x@1", &clinical, first).is_some(), "a draft never is");
        clinical.status = ClinicalStatus::Approved;
        for today in [first, last] {
            assert_eq!(not_live("x@1", &clinical, today), None);
        }
        for today in [first - 1.day(), last + 1.day()] {
            let refusal = not_live("x@1", &clinical, today).expect("a refusal");
            assert!(refusal.contains("today") && refusal.contains(&last.to_string()), "{refusal}");
        }
    }
}
