//! A mailbox read over IMAP: each new mail is stored first and marked as seen after that, so none is lost between.

use super::take_in::{NotTakenIn, take_in};
use crate::app::App;
use crate::config::ImapSettings;
use crate::problem::chain;
use async_imap::Session;
use async_imap::error::Error as Refusal;
use futures_util::TryStreamExt as _;
use secrecy::ExposeSecret as _;
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
/// New, and not one that was found to be for nobody here.
const NEW: &str = "UNSEEN UNFLAGGED";

/// Why the mailbox was not read to its end; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error("The mail server cannot be reached.")]
    Unreachable(#[source] io::Error),
    #[error("SATCHEL_IMAP_CA names no file of certificates, or SATCHEL_IMAP_HOST no host.")]
    Misconfigured(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("The mail server did not do what it was asked.")]
    Refused(#[from] Refusal),
    #[error("The mail server stopped answering.")]
    Silent,
    #[error(transparent)]
    NotTakenIn(#[from] NotTakenIn),
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

/// One look over a connection that stands: stores what is new, oldest first, and marks it as seen. Answers how many.
pub async fn collect<S>(app: &App, stream: S, settings: &ImapSettings) -> Result<usize, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    let mut client = async_imap::Client::new(stream);
    // The greeting.
    client.read_response().await.map_err(ImapError::Unreachable)?;
    let session = client.login(&settings.user, settings.password.expose_secret()).await;
    let mut session = session.map_err(|(refusal, _)| refusal)?;
    session.select(&settings.mailbox).await?;
    let mut new: Vec<u32> = session.uid_search(NEW).await?.into_iter().collect();
    new.sort_unstable();
    let mut taken = 0;
    for uid in new.into_iter().take(AT_ONCE) {
        let Some(bytes) = fetch(&mut session, uid).await? else { continue };
        match take_in(app, &bytes).await {
            Ok(_) => {
                mark(&mut session, uid, "\\Seen").await?;
                taken += 1;
            }
            Err(NotTakenIn::Nobody) => {
                // Flagged for whoever looks into the mailbox; it stays new.
                mark(&mut session, uid, "\\Flagged").await?;
                metrics::counter!("satchel_mail_for_nobody_total").increment(1);
                tracing::warn!("an e-mail names no pharmacy of this server; it is flagged in the mailbox");
            }
            Err(error) => return Err(error.into()),
        }
    }
    session.logout().await?;
    Ok(taken)
}

/// The mail as it is, without marking it; a stand-in for one that is too large.
async fn fetch<S>(session: &mut Session<S>, uid: u32) -> Result<Option<Vec<u8>>, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Debug + Send,
{
    let sizes: Vec<_> = session.uid_fetch(uid.to_string(), "RFC822.SIZE").await?.try_collect().await?;
    if sizes.iter().any(|fetched| fetched.size.is_some_and(|size| size > LARGEST)) {
        let stand_in = format!(
            "Subject: An e-mail too large to take in\r\n\r\n\
             It is larger than 64 MB and lies in the mailbox under the number {uid}.\r\n"
        );
        return Ok(Some(stand_in.into_bytes()));
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
