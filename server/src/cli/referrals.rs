//! `satchel referrals import`: takes 111 messages from files, exactly as `POST /itk/report` does.

use crate::app::App;
use crate::intake::itk111::Accepting;
use crate::intake::{Filed, receive};
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
    /// Takes ITK messages from files. One that is refused is named, and the others are taken all the same.
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
        match receive(app, &bytes, &Accepting::anything(app.clock.now())).await {
            Ok(received) => {
                for outcome in received.outcomes {
                    writeln!(out, "{name}: {}", in_words(outcome))?;
                }
            }
            Err(fault) => {
                refused += 1;
                writeln!(out, "{name}: not taken: {} {}", fault.text, fault.diagnostic)?;
            }
        }
    }
    if refused == 0 { Ok(()) } else { Err(NotAll { refused, all: files.len() }.into()) }
}

fn in_words(outcome: Filed) -> String {
    match outcome {
        Filed::New(id) => format!("new consultation {id}"),
        Filed::Changed(id) => format!("consultation {id} was brought up to date"),
        Filed::Known(id) => format!("known already, consultation {id}"),
        Filed::Nothing => "withdraws something that never came here".to_owned(),
    }
}
