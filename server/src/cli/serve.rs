//! `satchel serve`: everything that runs until the server is told to close.

use super::{Failure, demo, start_log};
use crate::activity;
use crate::alerts;
use crate::api;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::dmd;
use crate::intake;
use crate::organisations;
use crate::outbox;
use crate::patients;
use crate::problem::chain;
use crate::session;
use crate::store;
use crate::supplies;
use crate::sync;
use axum::serve::ListenerExt as _;
use shared::people::Role;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long open requests may take to end once the server is closing.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// Log numbers never come again after a restore, so a late look costs devices a detour and nothing else.
const LOOK_FOR_RESTORE_EVERY: Duration = Duration::from_secs(1);

/// Serves the app and the API.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Adds simulated NHS systems and one pharmacy with invented patients, and prints an enrolment link
    #[arg(long)]
    pub demo: bool,
}

pub async fn run(mut config: Config) -> Result<(), Failure> {
    start_log(&config)?;
    log_panics_without_their_words();
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        format!(
            "SATCHEL_LISTEN: {} cannot be listened on ({error}). Is Satchel running already?",
            config.listen
        )
    })?;
    config.listen = listener.local_addr()?;
    if config.origin.port() == Some(0) {
        // Port 0 lets the system choose; only an address without a host could not be given the port.
        let _ = config.origin.set_port(Some(config.listen.port()));
    }
    if !config.dist.join("index.html").is_file() {
        println!(
            "The web app is not in {}, so no page can be shown. Build it with script/build, or set SATCHEL_DIST.",
            config.dist.display()
        );
    }
    let store = store::open(&config.database_url, config.database_connections).await?;
    let app = App::new(config, Clock::Real, store).await?;
    if app.config.demo {
        demo::seed(&app).await?;
        demo::medicines(&app).await?;
        let link = session::invite(&app, &demo::PHARMACY.parse()?, Role::Pharmacist, None).await?;
        println!("Enrol as a pharmacist (works once): {}", link.link);
    }
    let sending = tokio::spawn(outbox::run(app.clone()));
    let keeping_up = tokio::spawn(organisations::run(app.clone()));
    let checking = tokio::spawn(patients::background::run(app.clone()));
    let reading_mail = tokio::spawn(intake::mail::run(app.clone()));
    let reading_mailbox = tokio::spawn(intake::mail::imap::run(app.clone()));
    let fetching_medicines = tokio::spawn(dmd::run(app.clone()));
    let alerting = tokio::spawn(alerts::run(app.clone()));
    let tidying = tokio::spawn(tidy(app.clone()));
    let noticing = tokio::spawn(notice_restores(app.clone()));
    let ringing = tokio::spawn(sync::ring_for_others(app.clone()));
    let reading_supplies = tokio::spawn(supplies::run(app.clone()));
    let watching = tokio::spawn(activity::watch::run(app.clone()));
    let closing = app.clone();
    let service = api::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    // Without it the end of a streamed answer waits 40 ms for the other side to confirm the beginning.
    let listener = listener.tap_io(|stream| {
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "a connection keeps small packets back");
        }
    });
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        told_to_close().await;
        tracing::info!("closing");
        closing.closing.send_replace(true);
    });
    println!("Ready: {}", app.config.origin_text());

    let mut told = app.closing.subscribe();
    let patience = async {
        // An error here means that the sender is gone, and then the server is closing too.
        let _ = told.wait_for(|closing| *closing).await;
        tokio::time::sleep(CLOSE_WITHIN).await;
    };
    tokio::select! {
        ended = server.into_future() => ended?,
        () = patience => tracing::warn!("some requests did not end in time and were cut off"),
    }
    keeping_up.abort();
    watching.abort();
    reading_mail.abort();
    reading_mailbox.abort();
    fetching_medicines.abort();
    alerting.abort();
    checking.abort();
    tidying.abort();
    noticing.abort();
    ringing.abort();
    reading_supplies.abort();
    if tokio::time::timeout(CLOSE_WITHIN, sending).await.is_err() {
        tracing::warn!("a delivery was under way; its lease ends in some minutes and it is looked at again");
    }
    Ok(())
}

/// What a panic says may quote a record; where it happened is enough to find it.
fn log_panics_without_their_words() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if sync::guard::is_trying() {
            tracing::info!(place, "a pushed change panicked when it was tried out, and is refused");
        } else {
            tracing::error!(place, "something panicked");
        }
    }));
}

/// Ctrl-C, or what a service manager sends.
async fn told_to_close() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Goes on with the restored data when somebody restores a backup while the server runs.
async fn notice_restores(app: App) {
    loop {
        tokio::time::sleep(LOOK_FOR_RESTORE_EVERY).await;
        match app.notice_restore().await {
            Ok(false) => {}
            Ok(true) => tracing::warn!("a backup was restored; devices give back what is newer"),
            Err(error) => {
                tracing::warn!(cause = %chain(&error), "it could not be seen whether a backup was restored");
            }
        }
    }
}

/// Forgets sessions and links that have expired.
async fn tidy(app: App) {
    loop {
        if let Err(error) = app.store.forget_expired(app.clock.now()).await {
            tracing::warn!(cause = %chain(&error), "expired sessions could not be forgotten; it is tried again");
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}
