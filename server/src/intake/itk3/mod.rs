//! Letters from GP systems over MESH (ITK3 document bundles, FHIR STU3): onto the waiting list, and answered as asked.
//!
//! No ITK3 event refers a patient to a pharmacy (ITK-MessageEvent-2), so every document waits for a person.

mod answers;
mod narrative;
mod read;
#[cfg(test)]
mod tests;

pub use answers::{Answer, answers};
pub use read::{Asked, Letter, Unanswerable, read};

use crate::app::App;
use crate::intake::waiting::{Arriving, put};
use crate::nhs::mesh::{MeshError, Outgoing, Stamp};
use crate::outbox::inbound::Inbound;
use crate::store::{IncomingMessage, Pharmacy, StoreError};
use async_trait::async_trait;
use shared::api::WaitingContent;
use uuid::Uuid;

/// Workflows of ITK3 document bundles (MESH workflow groups): GP Connect's and the transfers of care. What else lies in a
/// mailbox is for some other program, and left there.
const LETTERS: [&str; 6] = [
    "GPFED_CONSULT_REPORT",
    "GPCONNECT_SEND_DOCUMENT",
    "TOC_FHIR_IP_DISCH",
    "TOC_FHIR_EC_DISCH",
    "TOC_FHIR_MH_DISCH",
    "TOC_FHIR_OP_ATTEN",
];

/// Takes letters off the MESH mailboxes.
pub struct Letters;

#[async_trait]
impl Inbound for Letters {
    fn takes(&self, workflow: &str) -> bool {
        LETTERS.contains(&workflow)
    }

    async fn take_in(&self, app: &App, message: &IncomingMessage) -> Result<String, StoreError> {
        take_in(app, message).await
    }
}

/// What one message came to, before anything of it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenIn {
    /// To be sent, in this order; the same message again makes the same answers.
    pub answers: Vec<Answer>,
    /// Without patient data, for the inbox.
    pub outcome: String,
}

/// Takes a message in, and answers it as its sender asked. An error means: nothing of it is settled, do it again. Doing it
/// again makes one line on the list, and the same answers.
pub async fn take_in(app: &App, message: &IncomingMessage) -> Result<String, StoreError> {
    let taken = stored(app, message).await?;
    for answer in &taken.answers {
        send(app, &message.mailbox, answer).await?;
    }
    Ok(taken.outcome)
}

/// Stores what the message holds and decides what is answered; nothing leaves the server.
pub async fn stored(app: &App, message: &IncomingMessage) -> Result<TakenIn, StoreError> {
    let Some(pharmacy) = addressed(app, message).await? else {
        // What it holds stays in the inbox's own table.
        tracing::warn!(message = %message.id, "a letter over MESH is for no pharmacy of this server");
        return Ok(TakenIn { answers: Vec::new(), outcome: "for no pharmacy of this server".to_owned() });
    };
    let read = match read(&message.body) {
        // Answers are never answered.
        Err(Unanswerable::Answer) => {
            return Ok(TakenIn { answers: Vec::new(), outcome: "an answer, not a letter".to_owned() });
        }
        other => other,
    };
    let duplicate = is_duplicate(app, message, &pharmacy, read.as_ref().ok()).await?;
    if !duplicate {
        let content = read.as_ref().map_or_else(|error| unreadable(error), |letter| letter.content.clone());
        let arriving = Arriving {
            source: "itk3",
            message_id: read.as_ref().map_or(message.id.as_str(), |letter| letter.asked.header.as_str()),
            request_id: &message.id,
            content_type: "application/fhir+xml",
            bytes: &message.body,
            content: &content,
        };
        put(app, &pharmacy, &arriving).await?;
    }
    let known = match &read {
        Ok(letter) => knows(app, &pharmacy, letter).await?,
        Err(_) => false,
    };
    let answers = answers(message, &pharmacy, read.as_ref(), duplicate, known);
    let codes: Vec<&str> = answers.iter().map(|answer| answer.code).collect();
    Ok(TakenIn { outcome: format!("letter, answered {}", codes.join(" ")), answers })
}

/// The pharmacy whose mailbox it lay in; where one mailbox serves the server, the only pharmacy there is.
async fn addressed(app: &App, message: &IncomingMessage) -> Result<Option<Pharmacy>, StoreError> {
    let all = app.store.pharmacies().await?;
    let own = all.iter().find(|pharmacy| pharmacy.mailbox.eq_ignore_ascii_case(&message.mailbox));
    if let Some(own) = own {
        return Ok(Some(own.clone()));
    }
    let receiver = read(&message.body).ok().map(|letter| letter.asked.receiver_ods).unwrap_or_default();
    let named = all.iter().find(|pharmacy| pharmacy.ods.as_str().eq_ignore_ascii_case(&receiver));
    Ok(named.or(if all.len() == 1 { all.first() } else { None }).cloned())
}

/// The sender's message came before, in another message of MESH. MESH itself removes no duplicates.
async fn is_duplicate(
    app: &App,
    message: &IncomingMessage,
    pharmacy: &Pharmacy,
    letter: Option<&Letter>,
) -> Result<bool, StoreError> {
    let Some(letter) = letter else { return Ok(false) };
    let had = app.store.kept_messages_under("itk3", &pharmacy.ods, &letter.asked.header).await?;
    Ok(!had.is_empty() && had.iter().all(|kept| kept.request_id != message.id))
}

/// The patient has a record at this pharmacy.
async fn knows(app: &App, pharmacy: &Pharmacy, letter: &Letter) -> Result<bool, StoreError> {
    let number = letter.content.field("nhs_number");
    if number.is_empty() {
        return Ok(false);
    }
    let rows = app.store.rows(Some(&pharmacy.ods)).await?;
    Ok(rows.iter().any(|row| row.nhs_number == number))
}

fn unreadable(error: &Unanswerable) -> WaitingContent {
    WaitingContent {
        kind: "unreadable".to_owned(),
        subject: "A message over MESH that could not be read".to_owned(),
        notes: vec![format!("{error} Open the original.")],
        ..WaitingContent::default()
    }
}

/// From the mailbox that the letter lay in.
async fn send(app: &App, mailbox: &str, answer: &Answer) -> Result<(), StoreError> {
    let here = app.mesh.all().find(|client| client.mailbox() == mailbox);
    let Some(mesh) = here else { return Ok(()) };
    let stamp = Stamp { at: app.clock.now(), nonce: Uuid::new_v4() };
    let outgoing = Outgoing {
        to: &answer.to,
        workflow: &answer.workflow,
        local_id: &answer.local_id,
        subject: "ITK response",
        content_type: "application/xml",
        body: &answer.body,
    };
    match mesh.send(stamp, &outgoing).await {
        Ok(_) => Ok(()),
        // An address that MESH does not know never becomes one by sending again.
        Err(MeshError::Refused { code, .. }) => {
            tracing::warn!(%code, "MESH refused an answer to a letter");
            Ok(())
        }
        Err(error) => Err(StoreError::Busy(Box::new(error))),
    }
}
