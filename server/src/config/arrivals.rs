//! What comes in by people: the mail folder and mailbox that are read, and when a pharmacy is alerted.

use super::reader::Reader;
use secrecy::SecretString;
use shared::ids::OdsCode;
use std::path::PathBuf;

/// How mail arrives, and the clock of alerts.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// Folder with `new/`, into which something else puts each e-mail whole; `None`: none is looked into.
    pub mail_folder: Option<PathBuf>,
    /// Whose an e-mail is that names no pharmacy of this server.
    pub mail_pharmacy: Option<OdsCode>,
    /// `None`: no mailbox is read.
    pub imap: Option<ImapSettings>,
    /// Minutes after which an unopened referral is alerted outside the app, and after which the alert is escalated.
    pub alert_minutes: u16,
    pub escalate_minutes: u16,
}

/// A mailbox that is read over IMAP, encrypted from the first byte.
#[derive(Debug, Clone)]
pub struct ImapSettings {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: SecretString,
    pub mailbox: String,
    /// PEM file with the certificates that the server's is signed by.
    pub ca: PathBuf,
}

/// Certificates that the machine trusts (Debian, and the container image).
const SYSTEM_CA: &str = "/etc/ssl/certs/ca-certificates.crt";

pub fn arrivals(settings: &mut Reader) -> Arrivals {
    let alert_minutes = settings.number("alert_minutes", 5, 1..=60);
    let escalate_minutes = settings.number("escalate_minutes", 30, 1..=240);
    if escalate_minutes < alert_minutes {
        settings.problem("escalate_minutes", "must not be less than SATCHEL_ALERT_MINUTES");
    }
    Arrivals {
        mail_folder: settings.text("mail_folder").map(PathBuf::from),
        mail_pharmacy: mail_pharmacy(settings),
        imap: imap(settings),
        alert_minutes,
        escalate_minutes,
    }
}

fn mail_pharmacy(settings: &mut Reader) -> Option<OdsCode> {
    let text = settings.text("mail_pharmacy")?;
    let code = text.parse().ok();
    if code.is_none() {
        settings.problem("mail_pharmacy", "must be a pharmacy’s ODS code, for example FA123");
    }
    code
}

/// The mailbox is set whole or not at all; port, folder and certificates have their usual values.
fn imap(settings: &mut Reader) -> Option<ImapSettings> {
    let host = settings.text("imap_host");
    let user = settings.text("imap_user");
    let password = settings.secret("imap_password");
    let port = settings.number("imap_port", 993, 1..=u16::MAX);
    let mailbox = settings.text("imap_mailbox").unwrap_or_else(|| "INBOX".to_owned());
    let ca = settings.text("imap_ca").map_or_else(|| PathBuf::from(SYSTEM_CA), PathBuf::from);
    let given = [host.is_some(), user.is_some(), password.is_some()];
    if let (Some(host), Some(user), Some(password)) = (host, user, password) {
        return Some(ImapSettings { host, port, user, password, mailbox, ca });
    }
    if given.contains(&true) {
        for (key, _) in
            ["imap_host", "imap_user", "imap_password"].iter().zip(given).filter(|(_, given)| !given)
        {
            settings.problem(key, "is missing: host, user and password of the mailbox belong together");
        }
    }
    None
}
