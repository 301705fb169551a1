//! `satchel practice route`: by which ways a practice is told, and in which order.

use super::table::Table;
use crate::app::App;
use crate::outbox;
use shared::ids::OdsCode;
use std::error::Error;
use std::io::Write;

/// How practices are told.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Shows the order of ways that a pharmacy has set, or sets it for one practice.
    Route {
        #[arg(long, value_name = "ODS")]
        pharmacy: OdsCode,
        /// The practice to set it for.
        practice: Option<OdsCode>,
        /// The ways in their order: update-record, emergency-supply, send-document, email, print.
        #[arg(requires = "practice", conflicts_with = "usual")]
        ways: Vec<String>,
        /// The usual order again.
        #[arg(long, requires = "practice")]
        usual: bool,
    },
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Command::Route { pharmacy, practice, ways, usual } = args.command;
    app.pharmacy(&pharmacy).await.map_err(|problem| problem.to_string())?;
    if let Some(practice) = &practice
        && (usual || !ways.is_empty())
    {
        outbox::set_practice_routes(app, &pharmacy, practice, &ways).await?;
        app.audit(None, Some(&pharmacy), "practice-routes-set", practice.as_str()).await?;
        writeln!(
            out,
            "{practice} is told {}.",
            if usual { "in the usual order".to_owned() } else { ways.join(", then ") }
        )?;
        return Ok(());
    }
    let mut table = Table::new(&["Practice", "Ways"]);
    for (told, routes) in app.store.practice_routes(&pharmacy).await? {
        if practice.as_ref().is_none_or(|practice| *practice == told) {
            let routes: Vec<&str> = routes.iter().map(|route| route.as_str()).collect();
            table.row([told.to_string(), routes.join(", ")]);
        }
    }
    table.print(out, "Every practice is told in the usual order.")?;
    Ok(())
}
