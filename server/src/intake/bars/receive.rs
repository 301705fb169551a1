//! Takes one `$process-message`: known again by its ids, stored whole with the message as it came, or refused.

use super::answer::answer;
use super::{Event, Headers, Message, Outcome, Refusal, cancel, referral};
use crate::app::App;
use crate::intake::{Arrived, ExistingCase, Filed, NotTaken, Part, opened, take};
use crate::nhs::fhir::{Element, Format};
use crate::problem::chain;
use crate::store::{IntakeKey, KeptMessage, Pharmacy, RequestSeen, StoreError};
use sha2::{Digest as _, Sha256};
use shared::consultation::{Consultation, DocumentError};
use shared::ids::ConsultationId;

/// Bytes of the largest message taken. Real ones stay under 100 kB.
pub const MAX_BODY: usize = 5 * 1024 * 1024;
/// As messages of BaRS are kept.
pub const CHANNEL: &str = "bars";
/// How often a newer version is counted anew because another came at the same moment.
const TRIES: usize = 8;

/// The answer to a message that is stored now. After a refusal nothing of it is.
pub async fn receive(app: &App, headers: &Headers, format: Format, body: &[u8]) -> Result<Element, Refusal> {
    let hash: [u8; 32] = Sha256::digest(body).into();
    if body.len() > MAX_BODY {
        return Err(Refusal::new(
            Outcome::NotSupported,
            format!("A message has at most {MAX_BODY} bytes here."),
        ));
    }
    if app.store.bars_request(&headers.request_id, &hash, app.clock.now()).await? == RequestSeen::Otherwise {
        return Err(Refusal::new(Outcome::Conflict, "Another message came under this X-Request-Id."));
    }
    let pharmacy = pharmacy(app, &headers.target).await?;
    let bundle = format.read(body).map_err(|why| {
        Refusal::new(Outcome::Invalid, format!("The message cannot be read: {why}. Nothing was stored."))
    })?;
    let message = Message::read(&bundle, &headers.target)?;
    let kept = kept(app, headers, format, body, hash, &pharmacy, &message);
    known(app, &kept).await?;
    let consultation = match message.event {
        Event::New => new(app, headers, &pharmacy, &message, &kept).await?,
        Event::Cancel { .. } => cancelled(app, headers, &pharmacy, &message, &kept).await?,
    };
    Ok(answer(&message, &consultation, &app.config.origin_text(), app.clock.now()))
}

/// The pharmacy with that Directory of Services id.
pub async fn pharmacy(app: &App, dos_id: &str) -> Result<Pharmacy, Refusal> {
    let found = app.store.pharmacy_by_dos_id(dos_id).await?;
    found.ok_or_else(|| {
        Refusal::new(Outcome::NotFound, "No service with this id of the Directory of Services is here.")
    })
}

/// The message as it is kept, sealed.
fn kept(
    app: &App,
    headers: &Headers,
    format: Format,
    body: &[u8],
    hash: [u8; 32],
    pharmacy: &Pharmacy,
    message: &Message<'_>,
) -> KeptMessage {
    let message_id = message.bundle.text("id").to_owned();
    let id = KeptMessage::id(CHANNEL, &pharmacy.ods, &message_id, &hash);
    KeptMessage {
        id,
        pharmacy: pharmacy.ods.clone(),
        channel: CHANNEL.to_owned(),
        message_id,
        request_id: headers.request_id.to_string(),
        content_type: format.content_type().to_owned(),
        hash,
        sealed: app.server_keys.at_rest.seal(&format!("kept/{id}"), body),
        received_at: app.clock.now(),
        consultation: None,
    }
}

/// Refuses what is stored already: the same request again is a duplicate, its `Bundle.id` in another request no
/// workflow of BaRS.
async fn known(app: &App, kept: &KeptMessage) -> Result<(), Refusal> {
    let stored = app.store.kept_messages_under(CHANNEL, &kept.pharmacy, &kept.message_id).await?;
    if stored.is_empty() {
        return Ok(());
    }
    if stored.iter().any(|had| had.request_id == kept.request_id && had.hash == kept.hash) {
        return Err(Refusal::new(
            Outcome::Duplicate,
            "This message was stored before. Do not send it again.",
        ));
    }
    Err(Refusal::new(Outcome::Invariant, "This Bundle.id was used before. A new message has a new one."))
}

async fn new(
    app: &App,
    headers: &Headers,
    pharmacy: &Pharmacy,
    message: &Message<'_>,
    kept: &KeptMessage,
) -> Result<ConsultationId, Refusal> {
    for _ in 0..TRIES {
        let version = next_version(app, pharmacy, message).await?;
        // Only now: a copy stored since the first look would make this one its next version.
        known(app, kept).await?;
        let (referral, patient) = referral::read_referral(message, headers, version, app.clock.now());
        let part = Part::Report { referral: Box::new(referral), patient: Box::new(patient) };
        let arrived = Arrived { message_id: kept.message_id.clone(), parts: vec![part] };
        match take(app, pharmacy, &arrived, std::slice::from_ref(kept)).await?.first() {
            Some(Filed::New(id) | Filed::Changed(id)) => return Ok(*id),
            // Another copy was quicker, or another version came and took this one's number.
            Some(Filed::Known(_) | Filed::Nothing) | None => known(app, kept).await?,
        }
    }
    Err(StoreError::Conflict.into())
}

/// One more than the newest version that came under this `ServiceRequest`.
async fn next_version(app: &App, pharmacy: &Pharmacy, message: &Message<'_>) -> Result<u64, Refusal> {
    let set = referral::document_set(message.source(), &message.service_request_id());
    let key = IntakeKey::DocumentSet(format!("set|{}", set.to_lowercase()));
    let Some(id) = app.store.intake_document(&pharmacy.ods, &key).await? else { return Ok(1) };
    let Some(record) = record(app, pharmacy, &id).await? else { return Ok(1) };
    Ok(ExistingCase::of(id, &record).document_version + 1)
}

async fn cancelled(
    app: &App,
    headers: &Headers,
    pharmacy: &Pharmacy,
    message: &Message<'_>,
    kept: &KeptMessage,
) -> Result<ConsultationId, Refusal> {
    let unknown =
        || Refusal::new(Outcome::NotFound, "No referral with this ServiceRequest or case number came here.");
    let id = meant(app, pharmacy, message).await?.ok_or_else(unknown)?;
    let record = record(app, pharmacy, &id).await?.ok_or_else(unknown)?;
    let bytes = original(app, &id).await?.ok_or_else(unknown)?;
    let bundle = bytes.1.read(&bytes.0).map_err(|_| unknown())?;
    let original = Message::kept(&bundle)?;
    let arrived = cancel::withdrawal(message, headers, &record, &original, app.clock.now())?;
    match take(app, pharmacy, &arrived, std::slice::from_ref(kept)).await?.first() {
        Some(Filed::New(_) | Filed::Changed(_)) => {}
        // It was taken back before, which this message says again; it is kept like every other.
        Some(Filed::Known(_) | Filed::Nothing) | None => {
            known(app, kept).await?;
            app.store.keep_message(&kept.about(Some(id))).await?;
        }
    }
    Ok(id)
}

/// Which consultation a cancellation is about: by the id it has here, by the sender's, or by the case number.
async fn meant(
    app: &App,
    pharmacy: &Pharmacy,
    message: &Message<'_>,
) -> Result<Option<ConsultationId>, Refusal> {
    let (keys, ours) = cancel::names(message);
    for id in ours {
        let record = record(app, pharmacy, &id).await?;
        if record.is_some_and(|record| record.referral.channel == CHANNEL) {
            return Ok(Some(id));
        }
    }
    for key in keys {
        if let Some(id) = app.store.intake_document(&pharmacy.ods, &IntakeKey::DocumentSet(key)).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The newest referral that came for a consultation, as it came.
pub async fn original(app: &App, id: &ConsultationId) -> Result<Option<(Vec<u8>, Format)>, Refusal> {
    for kept in app.store.kept_messages_of(id).await? {
        let Some(format) = Format::of_content_type(&kept.content_type).filter(|_| kept.channel == CHANNEL)
        else {
            continue;
        };
        let Some(bytes) = app.server_keys.at_rest.open(&format!("kept/{}", kept.id), &kept.sealed) else {
            return Err(Refusal::new(Outcome::NoStore, "A kept message cannot be opened."));
        };
        let is_new = format.read(&bytes).is_ok_and(|bundle| {
            let requests = bundle.all("entry.resource");
            requests
                .iter()
                .any(|resource| resource.kind == "ServiceRequest" && resource.text("status") == "active")
        });
        if is_new {
            return Ok(Some((bytes, format)));
        }
    }
    Ok(None)
}

/// A consultation of that pharmacy as it stands.
pub async fn record(
    app: &App,
    pharmacy: &Pharmacy,
    id: &ConsultationId,
) -> Result<Option<Consultation>, Refusal> {
    let Some(stored) = app.store.document(&pharmacy.ods, id).await? else { return Ok(None) };
    Ok(Some(opened(&stored)?.read()?))
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let (outcome, words) = match &error {
            StoreError::Busy(_) | StoreError::Conflict => {
                (Outcome::Unavailable, "The store is busy. Send it again in a moment.")
            }
            StoreError::Broken(_) => {
                (Outcome::NoStore, "The store could not be read or written. Nothing was stored.")
            }
        };
        tracing::error!(cause = %chain(&error), "a BaRS request could not be served");
        Self::new(outcome, words)
    }
}

impl From<DocumentError> for Refusal {
    fn from(error: DocumentError) -> Self {
        tracing::error!(cause = %chain(&error), "a stored consultation could not be read");
        Self::new(Outcome::Exception, "A stored record could not be read. Nothing was stored.")
    }
}

impl From<NotTaken> for Refusal {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Store(error) => error.into(),
            NotTaken::Document(error) => error.into(),
        }
    }
}
