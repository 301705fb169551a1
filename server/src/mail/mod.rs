//! E-mail as it leaves: through one mail server, encrypted, from one address.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

/// Longer than any answer of a mail server that still works.
const PATIENCE: Duration = Duration::from_secs(60);

/// The mail server and who writes.
#[derive(Debug, Clone)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: SecretString,
    /// `pharmacy.FA123@nhs.net`.
    pub from: String,
}

/// One e-mail. The subject holds no patient data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub attachments: Vec<Attached>,
    /// Without the angle brackets. The same again is the same e-mail.
    pub message_id: String,
    /// `Message-ID` of what this answers; empty for nothing.
    pub in_reply_to: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// Why an e-mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Before anything was handed over: try again later.
    #[error("The mail server cannot be reached or is busy.")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It may have been taken: nothing more was heard.
    #[error("The mail server was not heard any more while it took the e-mail, so it may have been sent.")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// For good.
    #[error("The mail server refused the e-mail: {0}")]
    Refused(String),
    /// Ours to mend: password, certificate, an address that is none.
    #[error("{0}")]
    Misconfigured(String),
}

/// Sends e-mail.
#[derive(Clone)]
pub struct Mail {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mail {
    /// Encryption is required: without STARTTLS nothing is sent.
    pub fn new(settings: &MailSettings) -> Result<Self, MailError> {
        let from = settings.from.parse();
        let from =
            from.map_err(|_| MailError::Misconfigured("SATCHEL_SMTP_FROM is no e-mail address.".to_owned()))?;
        let relay = AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.host)
            .map_err(|error| MailError::Misconfigured(error.to_string()))?;
        let credentials =
            Credentials::new(settings.user.clone(), settings.password.expose_secret().to_owned());
        let transport = relay.port(settings.port).credentials(credentials).timeout(Some(PATIENCE)).build();
        Ok(Self { from, transport })
    }

    pub async fn send(&self, mail: &Outgoing) -> Result<(), MailError> {
        let message = compose(&self.from, mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(error.to_string())),
            Err(error) if error.is_timeout() => Err(MailError::Unknown(Box::new(error))),
            Err(error) => Err(MailError::Busy(Box::new(error))),
        }
    }
}

fn compose(from: &Mailbox, mail: &Outgoing) -> Result<Message, MailError> {
    let wrong = |error: lettre::error::Error| MailError::Misconfigured(error.to_string());
    let to = mail.to.parse::<Mailbox>();
    let to = to.map_err(|_| MailError::Misconfigured("The address is no e-mail address.".to_owned()))?;
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(&mail.subject)
        .message_id(Some(format!("<{}>", mail.message_id)));
    if !mail.in_reply_to.is_empty() {
        builder = builder.in_reply_to(format!("<{}>", mail.in_reply_to));
    }
    let mut body = MultiPart::mixed().singlepart(SinglePart::plain(mail.text.clone()));
    for attached in &mail.attachments {
        let kind = ContentType::parse(&attached.content_type)
            .map_err(|error| MailError::Misconfigured(error.to_string()))?;
        body = body.singlepart(Attachment::new(attached.name.clone()).body(attached.bytes.clone(), kind));
    }
    builder.multipart(body).map_err(wrong)
}
