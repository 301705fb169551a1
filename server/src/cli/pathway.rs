//! `satchel pathway`: what the author and the approver of a pathway file need.

use super::Failure;
use crate::pathways::{self, Source, draw};
use shared::pathway::Pathway;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Pathway files: check one, or draw it for a clinician to review.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Names everything that is wrong with a file, with line numbers, runs its worked cases, and alters each of its
    /// conditions to see that a case notices
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Draws a file as a flow chart (SVG), for a clinician to review
    Draw {
        file: PathBuf,
        /// Where to write it; standard output where it is not given
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

/// Needs no settings and no database.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    match &args.command {
        Command::Check { files } => check(files, out),
        Command::Draw { file, out: to } => {
            let source = Source::new(text(file)?);
            let pathway = source.read().map_err(|faults| listed(file, &faults))?;
            let drawn = draw::svg(&pathway);
            match to {
                Some(path) => std::fs::write(path, drawn)
                    .map_err(|why| format!("{} cannot be written: {why}.", path.display()))?,
                None => out.write_all(drawn.as_bytes())?,
            }
            Ok(())
        }
    }
}

fn check(files: &[PathBuf], out: &mut impl Write) -> Result<(), Failure> {
    let mut wrong = String::new();
    for file in files {
        let source = Source::new(text(file)?);
        let faults = match source.read() {
            Ok(pathway) => {
                let faults = pathways::faults(&source, &pathway);
                if faults.is_empty() {
                    writeln!(out, "{}", sound(&pathway))?;
                }
                faults
            }
            Err(faults) => faults,
        };
        wrong.push_str(&listed(file, &faults));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.trim_end().into()) }
}

fn sound(pathway: &Pathway) -> String {
    format!(
        "{}: sound. {} questions, {} outcomes, {} gateways, {} worked cases; no condition can be altered unnoticed.",
        pathway.key(),
        pathway.fields.len(),
        pathway.outcomes.len(),
        pathway.gateways.len(),
        pathway.cases.len()
    )
}

fn listed(file: &Path, faults: &[pathways::Fault]) -> String {
    let mut listed = String::new();
    for fault in faults {
        let at = if fault.line == 0 {
            "common.toml".to_owned()
        } else {
            format!("{}:{}", file.display(), fault.line)
        };
        // Writing to a string cannot fail.
        let _ = writeln!(listed, "{at}: {fault}");
    }
    listed
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|why| format!("{} cannot be read: {why}.", file.display()).into())
}
