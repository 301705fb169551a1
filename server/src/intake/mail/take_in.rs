//! An e-mail on its way onto the waiting list: which pharmacy it is for, what it says, and whether its case is here.

use super::copies;
use super::fields::read_fields;
use super::parse::{self, Mail};
use crate::app::App;
use crate::intake::waiting::{Arriving, put};
use crate::store::{Pharmacy, StoreError};
use crate::sync::EditError;
use shared::api::WaitingContent;
use shared::time::day;
use std::io;
use uuid::Uuid;

/// Why an e-mail is not on the list.
#[derive(Debug, thiserror::Error)]
pub enum NotTakenIn {
    /// It names no pharmacy of ours, and there is more than one: somebody must look at it.
    #[error("The e-mail names no pharmacy of this server.")]
    Nobody,
    /// Try again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Try again.
    #[error("The e-mail is stored, and could not be put beside its consultation.")]
    Edit(#[from] EditError),
    #[error("The file could not be read.")]
    File(#[source] io::Error),
}

/// Puts an e-mail where a person decides about it; the same again changes nothing. Answers under which id it is kept.
pub async fn take_in(app: &App, bytes: &[u8]) -> Result<Uuid, NotTakenIn> {
    let mail = parse::read(bytes);
    let pharmacy = addressed(app, &mail).await?.ok_or(NotTakenIn::Nobody)?;
    let content = content(&mail, app);
    let arriving = Arriving {
        source: "email",
        message_id: &mail.message_id,
        request_id: "",
        content_type: "message/rfc822",
        bytes,
        content: &content,
    };
    let id = put(app, &pharmacy, &arriving).await?;
    copies::join(app, &pharmacy, id, &content).await?;
    Ok(id)
}

/// The pharmacy whose mailbox it went to (`pharmacy.FA123@nhs.net`, the shared mailboxes of community pharmacies in
/// NHSmail); else the one of the settings, else the only one there is.
async fn addressed(app: &App, mail: &Mail) -> Result<Option<Pharmacy>, StoreError> {
    for recipient in &mail.recipients {
        let local = recipient.split('@').next().unwrap_or_default();
        for code in local.split('.').filter_map(|part| part.to_uppercase().parse().ok()) {
            if let Some(pharmacy) = app.store.pharmacy(&code).await? {
                return Ok(Some(pharmacy));
            }
        }
    }
    if let Some(ods) = &app.config.arrivals.mail_pharmacy {
        return app.store.pharmacy(ods).await;
    }
    let mut all = app.store.pharmacies().await?;
    Ok(if all.len() == 1 { all.pop() } else { None })
}

fn content(mail: &Mail, app: &App) -> WaitingContent {
    let read = read_fields(&mail.text, day(app.clock.now()));
    let mut notes = read.notes;
    if !mail.unreadable.is_empty() {
        notes.insert(0, mail.unreadable.clone());
    }
    let mut content = WaitingContent {
        kind: String::new(),
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        subject: mail.subject.clone(),
        message_id: mail.message_id.clone(),
        sent_at: mail.sent(),
        text: mail.text.clone(),
        cut: mail.cut,
        fields: read.fields,
        attachments: mail.attachments.clone(),
        notes,
    };
    content.kind = kind(&content, !mail.unreadable.is_empty()).to_owned();
    content
}

/// A guess, for the order and the words of the list only.
fn kind(content: &WaitingContent, unreadable: bool) -> &'static str {
    let heading = content.subject.to_lowercase();
    let from_111 = heading.contains("111") || content.from.to_lowercase().contains("111");
    if unreadable {
        "unreadable"
    } else if from_111 && !content.field("case_reference").is_empty() {
        "copy-of-111"
    } else if heading.contains("referral") || !content.field("family_name").is_empty() {
        "referral"
    } else {
        "other"
    }
}
