//! A mailbox read over IMAP: each new mail is stored first and remembered as read after that, so none is lost between.

use super::progress::Progress;
use super::stand_in::{HEAD, stand_in};
use super::take_in::{NotTakenIn, take_in};
use crate::app::App;
use crate::config::ImapSettings;
use crate::problem::chain;
use crate::store::StoreError;
use async_imap::Session;
use async_imap::error::Error as Refusal;
use futures_util::TryStreamExt as _;
use jiff::ToSpan as _;
use jiff::civil::Date;
use secrecy::ExposeSecret as _;
use shared::time::day;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// How often the mailbox is read.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Longer than one round takes at a server that still works.
const PATIENCE: Duration = Duration::from_mins(5);
/// So many at one look.
const AT_ONCE: usize = 100;
/// What is larger is named on the list and left in the mailbox, in bytes.
const LARGEST: u32 = 64 * 1024 * 1024;
/// At the first look a mail that somebody has opened is news for so many days.
const NEWS_DAYS: i64 = 14;

/// Why the mailbox was not read to its end; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error("The mail server cannot be reached.")]
    Unreachable(#[source] io::Error),
    #[error("SATCHEL_IMAP_CA names no file of certificates, or SATCHEL_IMAP_HOST no host.")]
    Misconfigured(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("The mail server did not do what it was asked.")]
    Refused(#[from] Refusal),
    #[error("The mail server did not send an e-mail that it has.")]
    NotSent,
    #[error("The mail server stopped answering.")]
    Silent,
    #[error(transparent)]
    NotTakenIn(#[from] NotTakenIn),
    #[error("How far the mailbox was read could not be looked up or stored.")]
    Store(#[from] StoreError),
}

/// Reads the mailbox until the server closes.
pub async fn run(app: App) {
    let Some(settings) = app.config.arrivals.imap.clone() else { return };
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        let round = tokio::time::timeout(PATIENCE, look(&app, &settings)).await;
        if let Err(error) = round.unwrap_or(Err(ImapError::Silent)) {
            tracing::warn!(cause = %chain(&error), "the mailbox could not be read; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}

async fn look(app: &App, settings: &ImapSettings) -> Result<usize, ImapError> {
    let connector = TlsConnector::from(Arc::new(encryption(settings)?));
    let name = ServerName::try_from(settings.host.clone());
    let name = name.map_err(|error| ImapError::Misconfigured(error.into()))?;
    let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await;
    let stream = connector.connect(name, stream.map_err(ImapError::Unreachable)?).await;
    collect(app, stream.map_err(ImapError::Unreachable)?, settings).await
}

fn encryption(settings: &ImapSettings) -> Result<ClientConfig, ImapError> {
    let wrong = |error: Box<dyn std::error::Error + Send + Sync>| ImapError::Misconfigured(error);
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(&settings.ca).map_err(|error| wrong(error.into()))?;
    for certificate in certificates {
        // One of many that is broken is no reason to trust none of the others.
        let _ = roots.add(certificate.map_err(|error| wrong(error.into()))?);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| wrong(error.into()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

impl ImapError {
    /// Nothing more comes over this connection, or nothing can be stored: the others would fail as well.
    fn is_the_end(&self) -> bool {
        matches!(self, Self::Refused(Refusal::Io(_) | Refusal::ConnectionLost) | Self::Store(_))
    }
}

/// One look over a connection that stands: stores what is new, oldest first. A mail that cannot be taken in keeps none
/// beside it from being read, and is tried again. Answers how many were taken in.
pub async fn collect<S>(app: &App, stream: S, settings: &ImapSettings) -> Result<usize, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    let mut client = async_imap::Client::new(stream);
    // The greeting.
    client.read_response().await.map_err(ImapError::Unreachable)?;
    let session = client.login(&settings.user, settings.password.expose_secret()).await;
    let mut session = session.map_err(|(refusal, _)| refusal)?;
    let validity = session.select(&settings.mailbox).await?.uid_validity.unwrap_or_default();
    let mut progress = Progress::of(app, settings, validity).await?;
    find(&mut session, &mut progress, day(app.clock.now())).await?;
    let mut taken = 0;
    for uid in progress.pending.iter().copied().take(AT_ONCE).collect::<Vec<_>>() {
        // Before the try: one over which the server hangs up or falls silent must not be the first again.
        progress.trying(uid);
        progress.remember(app, settings).await?;
        match one(app, &mut session, validity, uid).await {
            Ok(is_ours) => {
                progress.done(uid);
                taken += usize::from(is_ours);
            }
            Err(error) if error.is_the_end() => return Err(error),
            Err(error) => {
                metrics::counter!("satchel_mail_not_taken_in_total").increment(1);
                tracing::warn!(uid, cause = %chain(&error), "an e-mail could not be taken in; it is tried again");
            }
        }
    }
    progress.remember(app, settings).await?;
    session.logout().await?;
    Ok(taken)
}

/// Looks for what has come since the last look; at the first one, for what nobody has opened and what came lately.
async fn find<S>(session: &mut Session<S>, progress: &mut Progress, today: Date) -> Result<(), ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    if let Some(to) = progress.found_to {
        let after = session.uid_search(format!("UID {}:*", to.saturating_add(1))).await?;
        // Where there is none after it, a server answers with its last (RFC 3501, 6.4.8).
        progress.found(after.into_iter().filter(|uid| *uid > to).collect());
    } else {
        // A search that is refused finds nothing: too much is taken in then, never too little.
        let before = today.saturating_sub(NEWS_DAYS.days()).strftime("%-d-%b-%Y");
        let old = session.uid_search(format!("SEEN BEFORE {before}")).await?;
        let all = session.uid_search("ALL").await?;
        let last = all.iter().max().copied();
        progress.found(all.into_iter().filter(|uid| !old.contains(uid)).collect());
        progress.found_to = progress.found_to.max(last);
    }
    Ok(())
}

/// Takes one mail in; `false` where it is gone or for nobody here.
async fn one<S>(app: &App, session: &mut Session<S>, validity: u32, uid: u32) -> Result<bool, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    let Some(bytes) = fetch(session, validity, uid).await? else {
        let there = session.uid_search("ALL").await?;
        return if there.is_empty() || there.contains(&uid) { Err(ImapError::NotSent) } else { Ok(false) };
    };
    match take_in(app, &bytes).await {
        Ok(_) => Ok(true),
        Err(NotTakenIn::Nobody) => {
            // Flagged for whoever looks into the mailbox.
            mark(session, uid, "\\Flagged").await?;
            metrics::counter!("satchel_mail_for_nobody_total").increment(1);
            tracing::warn!("an e-mail names no pharmacy of this server; it is flagged in the mailbox");
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// The mail as it is, without marking it; a stand-in for one that is too large.
async fn fetch<S>(session: &mut Session<S>, validity: u32, uid: u32) -> Result<Option<Vec<u8>>, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    let sizes: Vec<_> = session.uid_fetch(uid.to_string(), "RFC822.SIZE").await?.try_collect().await?;
    if sizes.iter().any(|fetched| fetched.size.is_some_and(|size| size > LARGEST)) {
        let head = format!("BODY.PEEK[HEADER]<0.{HEAD}>");
        let fetched: Vec<_> = session.uid_fetch(uid.to_string(), head).await?.try_collect().await?;
        let head = fetched.iter().find_map(|fetched| fetched.header()).unwrap_or_default();
        return Ok(Some(stand_in(head, &format!("the mailbox under the number {uid} of {validity}"))));
    }
    let fetched: Vec<_> = session.uid_fetch(uid.to_string(), "BODY.PEEK[]").await?.try_collect().await?;
    Ok(fetched.iter().find_map(|fetched| fetched.body().map(<[u8]>::to_vec)))
}

async fn mark<S>(session: &mut Session<S>, uid: u32, flag: &str) -> Result<(), ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    let marked = session.uid_store(uid.to_string(), format!("+FLAGS ({flag})")).await?;
    let _: Vec<_> = marked.try_collect().await?;
    Ok(())
}
