//! Letters from GP systems over MESH (ITK3 document bundles, FHIR STU3): onto the waiting list, and answered as asked.
//!
//! No ITK3 event refers a patient to a pharmacy (ITK-MessageEvent-2), so every document waits for a person.

mod answers;
mod narrative;
mod read;
#[cfg(test)]
mod tests;

pub use answers::{Answer, Taken, answers};
pub use read::{Asked, Letter, Unanswerable, read};

use crate::app::App;
use crate::intake::waiting::{Arriving, put};
use crate::nhs::mesh::{MeshError, Outgoing, Stamp};
use crate::outbox::inbound::Inbound;
use crate::store::{FOR_NOBODY, IncomingMessage, KeptMessage, Pharmacy, StoreError};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use shared::api::WaitingContent;
use shared::patient::NhsNumber;
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

/// What is written beside a letter of which the id is not its own.
const REUSED: &str = "Another letter came under the same message id. Compare the two.";

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
    let read = match read(&message.body) {
        // Answers are never answered.
        Err(Unanswerable::Answer) => {
            return Ok(TakenIn { answers: Vec::new(), outcome: "an answer, not a letter".to_owned() });
        }
        other => other,
    };
    let Some(pharmacy) = addressed(app, message, read.as_ref().ok()).await? else {
        tracing::warn!(message = %message.id, "a letter over MESH is for no pharmacy of this server; it is kept in the inbox");
        metrics::counter!("satchel_letters_for_nobody_total").increment(1);
        let answers = answers(message, owner(&message.mailbox), read.as_ref(), Taken::ForNobody);
        return Ok(TakenIn { answers, outcome: FOR_NOBODY.to_owned() });
    };
    let had = match &read {
        Ok(letter) => app.store.kept_messages_under("itk3", &pharmacy.ods, &letter.asked.header).await?,
        Err(_) => Vec::new(),
    };
    let taken = if is_duplicate(message, &had) {
        Taken::Before
    } else {
        wait(app, message, &pharmacy, &read, &had).await?;
        let known = match &read {
            Ok(letter) => knows(app, &pharmacy, letter).await?,
            Err(_) => false,
        };
        Taken::Now { known }
    };
    let answers = answers(message, pharmacy.ods.as_str(), read.as_ref(), taken);
    let codes: Vec<&str> = answers.iter().map(|answer| answer.code).collect();
    Ok(TakenIn { outcome: format!("letter, answered {}", codes.join(" ")), answers })
}

/// Onto the waiting list. `had` is what came under the same id before.
async fn wait(
    app: &App,
    message: &IncomingMessage,
    pharmacy: &Pharmacy,
    read: &Result<Letter, Unanswerable>,
    had: &[KeptMessage],
) -> Result<(), StoreError> {
    let mut content = read.as_ref().map_or_else(unreadable, |letter| letter.content.clone());
    if had.iter().any(|kept| kept.hash != hash(message)) {
        content.notes.push(REUSED.to_owned());
    }
    let arriving = Arriving {
        source: "itk3",
        message_id: read.as_ref().map_or(message.id.as_str(), |letter| letter.asked.header.as_str()),
        request_id: &message.id,
        content_type: "application/fhir+xml",
        bytes: &message.body,
        content: &content,
    };
    put(app, pharmacy, &arriving).await.map(drop)
}

fn hash(message: &IncomingMessage) -> [u8; 32] {
    Sha256::digest(&message.body).into()
}

/// The pharmacy whose mailbox it lay in; where one mailbox serves the server, the only pharmacy there is.
async fn addressed(
    app: &App,
    message: &IncomingMessage,
    letter: Option<&Letter>,
) -> Result<Option<Pharmacy>, StoreError> {
    let all = app.store.pharmacies().await?;
    let own = all.iter().find(|pharmacy| pharmacy.mailbox.eq_ignore_ascii_case(&message.mailbox));
    if let Some(own) = own {
        return Ok(Some(own.clone()));
    }
    let receiver = letter.map(|letter| letter.asked.receiver_ods.as_str()).unwrap_or_default();
    let named = all.iter().find(|pharmacy| pharmacy.ods.as_str().eq_ignore_ascii_case(receiver));
    Ok(named.or(if all.len() == 1 { all.first() } else { None }).cloned())
}

/// Whose a mailbox is by its name: `X26` of `X26OT111` (MESH mailbox ids are an ODS code, two letters and three digits).
fn owner(mailbox: &str) -> &str {
    let split = mailbox.len().checked_sub(5).and_then(|at| mailbox.split_at_checked(at));
    let is_kind = |kind: &str| {
        let (letters, digits) = kind.as_bytes().split_at(2);
        letters.iter().all(u8::is_ascii_alphabetic) && digits.iter().all(u8::is_ascii_digit)
    };
    match split {
        Some((ods, kind)) if !ods.is_empty() && is_kind(kind) => ods,
        _ => mailbox,
    }
}

/// The very same message came before, in another message of MESH: MESH itself removes no duplicates. Another message
/// under the same id is another message.
fn is_duplicate(message: &IncomingMessage, had: &[KeptMessage]) -> bool {
    let hash = hash(message);
    let mut same = had.iter().filter(|kept| kept.hash == hash).peekable();
    same.peek().is_some() && same.all(|kept| kept.request_id != message.id)
}

/// The patient has a record at this pharmacy.
async fn knows(app: &App, pharmacy: &Pharmacy, letter: &Letter) -> Result<bool, StoreError> {
    let Ok(number) = letter.content.field("nhs_number").parse::<NhsNumber>() else { return Ok(false) };
    Ok(!app.store.rows_of(&pharmacy.ods, &number, 1).await?.is_empty())
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
