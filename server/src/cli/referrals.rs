//! `satchel referrals import`: takes 111 messages from files, exactly as `POST /itk/report` and `POST /adaptor/report` do.

use crate::app::App;
use crate::intake::itk111::Accepting;
use crate::intake::{Filed, adaptor, receive};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

/// Referrals that did not come over the network.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Takes ITK messages, or what the 111 Adaptor made of them, from files. One that is refused is named, and the others are taken all the same.
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Some files were not taken; each was named with its reason.
#[derive(Debug, thiserror::Error)]
#[error("{refused} of {all} files were not taken.")]
struct NotAll {
    refused: usize,
    all: usize,
}

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Command::Import { files } = args.command;
    let mut refused = 0;
    for path in &files {
        let name = path.display();
        let bytes = match tokio::fs::read(path).await {
            Ok(bytes) => bytes,
            Err(error) => {
                refused += 1;
                writeln!(out, "{name}: cannot be read: {error}")?;
                continue;
            }
        };
        match taken(app, &bytes).await {
            Ok(outcomes) => {
                for outcome in outcomes {
                    writeln!(out, "{name}: {}", in_words(outcome))?;
                }
            }
            Err(why) => {
                refused += 1;
                writeln!(out, "{name}: not taken: {why}")?;
            }
        }
    }
    if refused == 0 { Ok(()) } else { Err(NotAll { refused, all: files.len() }.into()) }
}

/// What became of each part of the message, or why it was not taken, in words.
async fn taken(app: &App, bytes: &[u8]) -> Result<Vec<Filed>, String> {
    if adaptor::is_fhir(bytes) {
        return adaptor::receive(app, bytes).await.map_err(|refused| refused.to_string());
    }
    let received = receive(app, bytes, &Accepting::anything(app.clock.now())).await;
    received.map(|received| received.outcomes).map_err(|fault| format!("{} {}", fault.text, fault.diagnostic))
}

fn in_words(outcome: Filed) -> String {
    match outcome {
        Filed::New(id) => format!("new consultation {id}"),
        Filed::Changed(id) => format!("consultation {id} was brought up to date"),
        Filed::Known(id) => format!("known already, consultation {id}"),
        Filed::Nothing => "withdraws something that never came here".to_owned(),
    }
}
