//! E-mail as it leaves: through one mail server, encrypted, from one address.

mod message;
pub mod sink;
mod smtp;
#[cfg(test)]
mod tests;

use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use secrecy::SecretString;
use shared::time::Millis;

/// Domains whose mail is accredited as secure end to end (DCB1596), where the settings name none.
pub const SECURE_DOMAINS: [&str; 1] = ["nhs.net"];

/// The mail server and who writes.
#[derive(Debug, Clone)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: SecretString,
    /// `pharmacy.FA123@nhs.net`, or with a name: `Elm Pharmacy <pharmacy.FA123@nhs.net>`.
    pub from: String,
}

/// One e-mail. The subject holds no patient data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// One address, nothing around it.
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
    /// For good. In the mail server's words, its code first.
    #[error("The mail server refused the e-mail: {0}")]
    Refused(String),
    /// Ours to mend: password, certificate, an address that is none.
    #[error("{0}")]
    Misconfigured(String),
}

/// Sends e-mail.
#[derive(Clone)]
pub struct Mail {
    settings: MailSettings,
    from: Mailbox,
    tls: TlsParameters,
    secure_domains: Vec<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("host", &self.settings.host).finish_non_exhaustive()
    }
}

impl Mail {
    /// Encryption is required: without STARTTLS nothing is sent.
    pub fn new(settings: &MailSettings) -> Result<Self, MailError> {
        Self::trusting(settings, None)
    }

    /// As [`Self::new`]; the mail server's certificate may also come from an authority in this PEM.
    pub fn trusting(settings: &MailSettings, authority: Option<&[u8]>) -> Result<Self, MailError> {
        let from = settings.from.parse::<Mailbox>();
        let from =
            from.map_err(|_| MailError::Misconfigured("SATCHEL_SMTP_FROM is no e-mail address.".to_owned()))?;
        let mut tls = TlsParameters::builder(settings.host.clone());
        if let Some(pem) = authority {
            let authority = Certificate::from_pem(pem).map_err(|_| {
                MailError::Misconfigured(
                    "SATCHEL_SMTP_CA names a file that is no certificate in PEM.".to_owned(),
                )
            })?;
            tls = tls.add_root_certificate(authority);
        }
        let tls = tls.build().map_err(|error| MailError::Misconfigured(error.to_string()))?;
        let secure_domains = SECURE_DOMAINS.map(str::to_owned).to_vec();
        Ok(Self { settings: settings.clone(), from, tls, secure_domains })
    }

    /// The domains between which patients' data may go without more (DCB1596), and those below them.
    #[must_use]
    pub fn with_secure_domains(self, secure_domains: Vec<String>) -> Self {
        Self { secure_domains, ..self }
    }

    /// The address that writes, and that answers go to.
    pub fn from(&self) -> &str {
        self.from.email.as_ref()
    }

    /// A `Message-ID` of this sender for something that has one name for ever.
    pub fn message_id(&self, name: &str) -> String {
        format!("{name}@{}", self.from.email.domain())
    }

    /// The subject for an address: outside the secure domains, `[secure]` asks NHSmail to encrypt it.
    pub fn subject(&self, to: &str, subject: &str) -> String {
        let domain = to.rsplit_once('@').map(|(_, domain)| domain.trim().to_ascii_lowercase());
        let secure = domain.is_some_and(|domain| {
            let within = |known: &String| domain == *known || domain.ends_with(&format!(".{known}"));
            self.secure_domains.iter().any(within)
        });
        if secure { subject.to_owned() } else { format!("[secure] {subject}") }
    }

    /// The e-mail as its bytes, dated `at`. The same e-mail at the same time makes the same bytes.
    pub fn message(&self, mail: &Outgoing, at: Millis) -> Result<Vec<u8>, MailError> {
        message::compose(&self.from, mail, Some(at))
    }

    /// Writes and sends an e-mail, dated now.
    pub async fn send(&self, mail: &Outgoing) -> Result<(), MailError> {
        let message = message::compose(&self.from, mail, None)?;
        self.send_message(&mail.to, &message).await.map(|_| ())
    }

    /// Hands over bytes that [`Self::message`] made. Returns what the mail server said.
    pub async fn send_message(&self, to: &str, message: &[u8]) -> Result<String, MailError> {
        let to = message::address(to)?;
        smtp::hand_over(&self.settings, &self.tls, &self.from.email, to, message).await
    }
}
