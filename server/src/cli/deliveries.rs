//! `satchel deliveries`: the outbox, what needs a person, and another try.

use super::consultations::when;
use super::table::Table;
use crate::app::App;
use crate::outbox;
use shared::api::DeliveryView;
use shared::ids::OdsCode;
use shared::time::stored;
use std::error::Error;
use std::io::Write;
use uuid::Uuid;

/// What is to be sent, what was sent, and what became of it; newest first.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
    /// Only this pharmacy's.
    #[arg(long, value_name = "ODS")]
    pharmacy: Option<OdsCode>,
    /// Only what waits for a person.
    #[arg(long)]
    attention: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lets a pharmacy's messages go that a restore holds back, without waiting for its devices any longer.
    Release {
        #[arg(long, value_name = "ODS")]
        pharmacy: OdsCode,
    },
    /// Sends one delivery again at once.
    Retry {
        /// The delivery's id, as the list shows it.
        id: Uuid,
    },
    /// Goes the next way at once instead of this one.
    NextWay {
        /// The delivery's id, as the list shows it.
        id: Uuid,
    },
    /// Says that it was done by hand: on the phone, on paper.
    Done {
        /// The delivery's id, as the list shows it.
        id: Uuid,
        /// What was done, in a few words without the patient's data.
        words: String,
    },
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    match args.command {
        Some(Command::Retry { id }) => {
            let row = outbox::retry(app, id, None).await?;
            app.audit(None, Some(&row.pharmacy), "delivery-retried", &id.to_string()).await?;
            writeln!(out, "Delivery {id} is queued. A running server sends it within seconds.")?;
            return Ok(());
        }
        Some(Command::NextWay { id }) => {
            let row = outbox::next_way(app, id, None).await?;
            app.audit(None, Some(&row.pharmacy), "delivery-next-way", &id.to_string()).await?;
            writeln!(out, "Delivery {id} gave way. A running server goes the next way within seconds.")?;
            return Ok(());
        }
        Some(Command::Done { id, words }) => {
            let row = outbox::done(app, id, None, "the command line", &words).await?;
            app.audit(None, Some(&row.pharmacy), "delivery-done", &id.to_string()).await?;
            writeln!(out, "Delivery {id} is marked as done.")?;
            return Ok(());
        }
        Some(Command::Release { pharmacy }) => {
            app.pharmacy(&pharmacy).await.map_err(|problem| problem.to_string())?;
            outbox::hold::release(app, &pharmacy).await?;
            writeln!(out, "Messages of {pharmacy} go out now.")?;
            return Ok(());
        }
        None => {}
    }
    let all = app.store.deliveries(args.pharmacy.as_ref()).await?;
    let mut rows = all.clone();
    rows.retain(|row| !args.attention || outbox::needs_attention(row, &all));
    if args.json {
        let rows: Vec<DeliveryView> = rows.iter().map(|row| outbox::view(row, &all)).collect();
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        writeln!(out)?;
        return Ok(());
    }
    let mut table = Table::new(&["Changed", "Kind", "Way", "State", "Tries", "To", "Why", "Id"]);
    for row in rows {
        table.row([
            when(&stored(row.changed_at)),
            row.kind.to_string(),
            row.route.to_string(),
            row.state.to_string(),
            row.attempts.to_string(),
            row.addressee,
            row.detail,
            row.id.to_string(),
        ]);
    }
    table.print(out, "The outbox is empty.")?;
    for left in app.store.left_incoming().await? {
        writeln!(
            out,
            "Left in the MESH mailbox {} since {}: message {} {} {}",
            left.mailbox,
            when(&stored(left.received_at)),
            left.id,
            left.workflow,
            left.description
        )?;
    }
    for hold in app.store.outbox_holds().await? {
        let waits_for: Vec<String> = hold.waits_for.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "Held since the restore of {}: nothing of {} is sent until these devices have been online: {}.",
            when(&stored(hold.since)),
            hold.pharmacy,
            waits_for.join(", ")
        )?;
    }
    Ok(())
}
