//! A mail server that keeps everything and passes nothing on: for the demonstration and for tests. It insists on
//! encryption and on a password, as NHSmail does.

mod certificate;
mod page;
mod session;

use super::{Mail, MailError, MailSettings};
use certificate::Certificate;
use secrecy::SecretString;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// How many e-mails are kept; then the oldest go.
const MOST: usize = 200;
/// Name and password in one. It guards nothing: only made-up patients are ever in there.
const SECRET: &str = "demonstration";

/// One e-mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    /// As it came, without the dots that SMTP doubles.
    pub message: Vec<u8>,
}

/// What the mail server does with the next e-mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    /// Takes it.
    #[default]
    Takes,
    /// Offers no encryption.
    Plain,
    /// Knows no password.
    LocksOut,
    /// 451 to the recipient.
    Busy,
    /// 550 to the recipient.
    RefusesRecipient,
    /// 451 to the message.
    BusyWithMessage,
    /// 552 to the message.
    TooLarge,
    /// Hangs up at the greeting.
    HangsUp,
    /// Takes the message, keeps it, and hangs up without a word.
    TakesAndHangsUp,
}

/// The mail server. It lives as long as the process.
#[derive(Clone)]
pub struct Sink(Arc<Inner>);

struct Inner {
    taken: Mutex<Vec<Taken>>,
    mood: Mutex<Mood>,
    port: u16,
    authority: String,
}

/// Why there is no mail server.
#[derive(Debug, thiserror::Error)]
pub enum NoSink {
    #[error("No port could be listened on.")]
    Port(#[from] std::io::Error),
    #[error("No certificate could be made.")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Sink {
    /// Listens on a free port of this machine.
    pub async fn start() -> Result<Self, NoSink> {
        let unusable = |error: Box<dyn std::error::Error + Send + Sync>| NoSink::Certificate(error);
        let certificate = Certificate::for_this_machine().map_err(|error| unusable(error.into()))?;
        let authority = certificate.pem();
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.into()))?
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(certificate.der)],
                PrivatePkcs8KeyDer::from(certificate.key).into(),
            )
            .map_err(|error| unusable(error.into()))?;
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let sink = Self(Arc::new(Inner { taken: Mutex::default(), mood: Mutex::default(), port, authority }));
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sink, acceptor) = (serving.clone(), acceptor.clone());
                tokio::spawn(async move { session::serve(&sink, stream, &acceptor).await });
            }
        });
        Ok(sink)
    }

    /// How e-mail is sent through it.
    pub fn settings(&self) -> MailSettings {
        MailSettings {
            host: "localhost".to_owned(),
            port: self.0.port,
            user: SECRET.to_owned(),
            password: SecretString::from(SECRET),
            from: "Elm Pharmacy <pharmacy.fa123@nhs.net>".to_owned(),
        }
    }

    /// The authority of its certificate, in PEM.
    pub fn authority(&self) -> &str {
        &self.0.authority
    }

    /// A sender that sends through it and trusts it.
    pub fn mail(&self) -> Result<Mail, MailError> {
        Mail::trusting(&self.settings(), Some(self.authority().as_bytes()))
    }

    /// What it has taken, oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on, for new connections.
    pub fn be(&self, mood: Mood) {
        *self.0.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    fn mood(&self) -> Mood {
        *self.0.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, taken: Taken) {
        let mut all = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MOST {
            all.remove(0);
        }
        all.push(taken);
    }
}
