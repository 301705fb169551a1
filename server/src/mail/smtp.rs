//! One conversation with the mail server (RFC 5321, submission with STARTTLS), told apart by how far it came.
//!
//! Until the message itself is on its way nothing was handed over, and it can be tried again. From then on only the
//! server's own word says what became of it: silence is *unknown*, and nothing is sent again by itself.

use super::{MailError, MailSettings};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret as _;
use std::time::Duration;
use tokio_rustls::rustls::Error as TlsError;

/// For each step before the message. All of them and the message fit into the lease of a delivery.
const STEP: Duration = Duration::from_secs(20);
/// For the message and the server's word on it (RFC 5321, 4.5.3.2.6, asks for ten minutes; our leases end before).
const MESSAGE: Duration = Duration::from_secs(150);

/// Hands one message over for one recipient. Returns what the server said when it took it.
pub async fn hand_over(
    settings: &MailSettings,
    tls: &TlsParameters,
    from: &Address,
    to: Address,
    message: &[u8],
) -> Result<String, MailError> {
    let mut server = connect(settings, tls).await?;
    let credentials = Credentials::new(settings.user.clone(), settings.password.expose_secret().to_owned());
    match step(server.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await? {
        Ok(_) => {}
        Err(error) if error.is_permanent() || error.is_client() => {
            server.abort().await;
            return Err(MailError::Misconfigured(
                "The mail server does not take this server’s user name and password. Nothing was sent."
                    .to_owned(),
            ));
        }
        Err(error) => return Err(MailError::Busy(Box::new(error))),
    }
    envelope(&mut server, Mail::new(Some(from.clone()), Vec::new())).await?;
    envelope(&mut server, Rcpt::new(to, Vec::new())).await?;
    envelope(&mut server, Data).await?;
    let taken = match tokio::time::timeout(MESSAGE, server.message(message)).await {
        Ok(Ok(response)) => said(&response),
        Ok(Err(error)) if error.is_transient() => return Err(MailError::Busy(Box::new(error))),
        Ok(Err(error)) if error.is_permanent() => return Err(refused(&error)),
        Ok(Err(error)) => return Err(MailError::Unknown(Box::new(error))),
        Err(late) => return Err(MailError::Unknown(Box::new(late))),
    };
    // It is taken. Whether the goodbye is heard changes nothing.
    let _ = tokio::time::timeout(STEP, server.quit()).await;
    Ok(taken)
}

/// Connected and encrypted, or nothing at all is said.
async fn connect(settings: &MailSettings, tls: &TlsParameters) -> Result<AsyncSmtpConnection, MailError> {
    let hello = ClientId::default();
    let server = (settings.host.as_str(), settings.port);
    let connected = step(AsyncSmtpConnection::connect_tokio1(server, Some(STEP), &hello, None, None)).await?;
    let mut server = connected.map_err(|error| MailError::Busy(Box::new(error)))?;
    if !server.can_starttls() {
        server.abort().await;
        return Err(MailError::Misconfigured(
            "The mail server does not offer encryption (STARTTLS). Nothing was sent.".to_owned(),
        ));
    }
    match step(server.starttls(tls.clone(), &hello)).await? {
        Ok(()) => Ok(server),
        Err(error) if error.is_tls() || names_certificate(&error) => Err(MailError::Misconfigured(
            "The mail server’s certificate is not one that this server trusts. Nothing was sent.".to_owned(),
        )),
        Err(error) => Err(MailError::Busy(Box::new(error))),
    }
}

/// What fails here has handed nothing over yet.
async fn envelope(
    server: &mut AsyncSmtpConnection,
    command: impl std::fmt::Display,
) -> Result<(), MailError> {
    match step(server.command(command)).await? {
        Ok(_) => Ok(()),
        Err(error) => {
            let failure =
                if error.is_permanent() { refused(&error) } else { MailError::Busy(Box::new(error)) };
            // A server that does not answer is not waited for twice.
            let _ = tokio::time::timeout(Duration::from_secs(5), server.abort()).await;
            Err(failure)
        }
    }
}

async fn step<T>(doing: impl Future<Output = T>) -> Result<T, MailError> {
    tokio::time::timeout(STEP, doing).await.map_err(|late| MailError::Busy(Box::new(late)))
}

fn refused(error: &Error) -> MailError {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let words = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    MailError::Refused(format!("{code} {words}").trim().to_owned())
}

fn said(response: &Response) -> String {
    let words: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), words.join(" ")).trim().to_owned()
}

/// A handshake that breaks off is a connection error to lettre; what broke it stands further inside.
fn names_certificate(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let tls = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if matches!(tls.and_then(|tls| tls.downcast_ref()), Some(TlsError::InvalidCertificate(_))) {
            return true;
        }
        cause = inner.source();
    }
    false
}
