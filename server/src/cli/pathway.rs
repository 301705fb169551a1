//! `satchel pathway`: what the author and the approver of a pathway file need.

use super::Failure;
use crate::clock::Clock;
use crate::pathways::{self, Source, approval, draw};
use p256::ecdsa::SigningKey;
use shared::pathway::Pathway;
use shared::time::stored;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Pathway files: check one, draw it for a clinician to review, approve it.
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
    /// Signs that the content of a file is approved, and writes that into the file. Nothing in it may be wrong
    Approve {
        file: PathBuf,
        /// Who approves: name, role, registration
        #[arg(long)]
        approver: String,
        /// The approver's key; made, and its public half shown, where there is no such file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
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
        Command::Approve { file, approver, key } => approve(file, approver, key, out),
    }
}

fn approve(file: &Path, approver: &str, key: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let approver = approver.trim();
    if approver.is_empty() {
        return Err("Say who approves it: name, role, registration.".into());
    }
    let content = text(file)?;
    let source = Source::new(content.clone());
    let pathway = source.read().map_err(|faults| listed(file, &faults))?;
    let faults = pathways::faults(&source, &pathway);
    if !faults.is_empty() {
        return Err(format!("{}\nNothing was approved.", listed(file, &faults).trim_end()).into());
    }
    let key = approvers_key(key, out)?;
    let table: toml::Table = content.parse()?;
    let common = serde_json::from_str(shared::pathway::common_text())?;
    let digest = approval::digest(&serde_json::to_value(&table)?, &common);
    let signed = approval::sign(&key, &digest, approver, &stored(Clock::Real.now()));
    let written = approval::written(&content, approver, &signed).ok_or_else(|| {
        format!(
            "{} has no [clinical] table with a status and an approver, each on a line of its own.",
            file.display()
        )
    })?;
    std::fs::write(file, written).map_err(|why| format!("{} cannot be written: {why}.", file.display()))?;
    writeln!(out, "{}: approved by {approver}. SHA-256 {digest}", pathway.key())?;
    writeln!(out, "Servers take it where SATCHEL_PATHWAY_APPROVERS holds {}", signed.key)?;
    Ok(())
}

/// The key in the file; a new one where there is none.
fn approvers_key(file: &Path, out: &mut impl Write) -> Result<SigningKey, Failure> {
    if !file.exists() {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let made = options.open(file).and_then(|mut made| made.write_all(approval::new_key().as_bytes()));
        made.map_err(|why| format!("{} cannot be written: {why}.", file.display()))?;
        writeln!(
            out,
            "A new key was made: {}. Keep it where only the approver can read it.",
            file.display()
        )?;
    }
    approval::read_key(&text(file)?)
        .ok_or_else(|| format!("{} holds no key that this command made.", file.display()).into())
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
