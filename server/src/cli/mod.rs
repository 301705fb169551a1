//! The subcommands of `satchel`, one file each.

mod audit;
mod backup;
mod check;
mod claims;
mod consultation;
mod consultations;
mod deliveries;
pub mod demo;
mod device;
mod directory;
mod dmd;
mod export;
mod invite;
mod pathway;
mod pharmacy;
mod practice;
mod referrals;
mod register;
mod restore;
mod retention;
mod serve;
mod supplies;
mod table;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::problem::chain;
use crate::store;
use clap::{Parser, Subcommand};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// NHS community-pharmacy consultations that work offline.
#[derive(Debug, Parser)]
#[command(name = "satchel", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Check(check::Args),
    Claims(claims::Args),
    Invite(invite::Args),
    Pathway(pathway::Args),
    Pharmacy(pharmacy::Args),
    Practice(practice::Args),
    Consultations(consultations::Args),
    Consultation(consultation::Args),
    Deliveries(deliveries::Args),
    Device(device::Args),
    Directory(directory::Args),
    Dmd(dmd::Args),
    Export(export::Args),
    Referrals(referrals::Args),
    Register(register::Args),
    Audit(audit::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Retention(retention::Args),
    Supplies(supplies::Args),
}

/// What a subcommand fails with; printed with its causes.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads the command line and does what it says.
pub async fn main() -> ExitCode {
    match run(CommandLine::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", chain(&*failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    let demo = matches!(&command, Command::Serve(args) if args.demo);
    let out = &mut std::io::stdout();
    // Whoever writes a file has no server.
    if let Command::Pathway(args) = &command {
        return pathway::run(args, out);
    }
    let config = Config::from_environment(demo)?;
    match command {
        Command::Pathway(args) => pathway::run(&args, out),
        Command::Serve(_) => serve::run(config).await,
        Command::Check(args) => check::run(&config, &args, out).await,
        Command::Claims(args) => claims::run(&open(config).await?, args, out).await,
        Command::Export(args) => export::run(&open(config).await?, args, out).await,
        Command::Invite(args) => invite::run(&open(config).await?, &args, out).await,
        Command::Pharmacy(args) => pharmacy::run(&open(config).await?, args, out).await,
        Command::Practice(args) => practice::run(&open(config).await?, args, out).await,
        Command::Consultations(args) => consultations::run(&open(config).await?, args, out).await,
        Command::Consultation(args) => consultation::run(&open(config).await?, args, out).await,
        Command::Deliveries(args) => deliveries::run(&open(config).await?, args, out).await,
        Command::Device(args) => device::run(&open(config).await?, args, out).await,
        Command::Directory(args) => directory::run(&open(config).await?, args, out).await,
        Command::Dmd(args) => dmd::run(config, args, out).await,
        Command::Audit(args) => audit::run(&open(config).await?, args, out).await,
        Command::Backup(args) => backup::run(&open(config).await?, &args, out).await,
        Command::Restore(args) => restore::run(&open(config).await?, &args, out).await,
        Command::Retention(args) => retention::run(&open(config).await?, args, out).await,
        Command::Supplies(args) => supplies::run(&open(config).await?, args, out).await,
        Command::Register(args) => register::run(&open(config).await?, args, out).await,
        Command::Referrals(args) => referrals::run(&open(config).await?, args, out).await,
    }
}

/// Opens the store that the settings name and brings everything together.
async fn open(config: Config) -> Result<App, Failure> {
    let store = store::open(&config.database_url, config.database_connections).await?;
    Ok(App::new(config, Clock::Real, store).await?)
}

/// Starts the log, on standard error: standard output is for what was asked.
fn start_log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| {
        format!("SATCHEL_LOG is not a filter such as info or satchel=debug: “{}”.", config.log)
    })?;
    // Further down lettre writes whole e-mails and the password into the log.
    let filter = filter.add_directive("lettre=info".parse()?);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => log.json().flatten_event(true).init(),
        LogFormat::Text => log.compact().init(),
    }
    Ok(())
}
