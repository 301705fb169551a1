//! Onto the waiting list and off it: the message as it came, sealed, and what was read of it.

use crate::app::App;
use crate::store::{KeptMessage, Pharmacy, StoreError, WaitingRow};
use sha2::{Digest as _, Sha256};
use shared::api::{WaitingContent, WaitingView};
use shared::time::stored;
use uuid::Uuid;

/// A message that a person must decide about.
pub struct Arriving<'a> {
    /// `email` or `itk3`.
    pub source: &'static str,
    /// The sender's id.
    pub message_id: &'a str,
    /// The carrier's own id of it; empty where there is none.
    pub request_id: &'a str,
    pub content_type: &'static str,
    /// As it came.
    pub bytes: &'a [u8],
    pub content: &'a WaitingContent,
}

fn place(id: &Uuid) -> String {
    format!("waiting/{id}")
}

/// Stores the message and its line, both or neither. The same message again changes nothing; answers its id.
pub async fn put(app: &App, pharmacy: &Pharmacy, arriving: &Arriving<'_>) -> Result<Uuid, StoreError> {
    let hash: [u8; 32] = Sha256::digest(arriving.bytes).into();
    let id = KeptMessage::id(arriving.source, &pharmacy.ods, arriving.message_id, &hash);
    let now = app.clock.now();
    let at_rest = &app.server_keys.at_rest;
    let content = serde_json::to_vec(arriving.content).map_err(StoreError::broken)?;
    let message = KeptMessage {
        id,
        pharmacy: pharmacy.ods.clone(),
        channel: arriving.source.to_owned(),
        message_id: arriving.message_id.to_owned(),
        request_id: arriving.request_id.to_owned(),
        content_type: arriving.content_type.to_owned(),
        hash,
        sealed: at_rest.seal(&format!("kept/{id}"), arriving.bytes),
        received_at: now,
        consultation: None,
    };
    let row = WaitingRow {
        id,
        pharmacy: pharmacy.ods.clone(),
        source: arriving.source.to_owned(),
        arrived_at: now,
        sealed: at_rest.seal(&place(&id), &content),
        settled: None,
    };
    app.store.put_waiting(&row, &message).await?;
    Ok(id)
}

/// One line of the list, opened. What this server cannot open is listed as unreadable, not left out.
pub fn view(app: &App, row: &WaitingRow) -> WaitingView {
    let opened = app.server_keys.at_rest.open(&place(&row.id), &row.sealed);
    let content = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let settled = row.settled.as_ref();
    WaitingView {
        id: row.id.to_string(),
        source: row.source.clone(),
        arrived_at: stored(row.arrived_at),
        content: content.unwrap_or_else(|| WaitingContent {
            kind: "unreadable".to_owned(),
            notes: vec![
                "This server cannot open what it read of this message. Open the original.".to_owned(),
            ],
            ..WaitingContent::default()
        }),
        settled_as: settled.map(|settled| settled.what.to_string()).unwrap_or_default(),
        settled_by: settled.map(|settled| settled.by.clone()).unwrap_or_default(),
        consultation: settled
            .and_then(|settled| settled.consultation)
            .map(|id| id.to_string())
            .unwrap_or_default(),
    }
}

/// The message as it came; `None` where it is not kept here or cannot be opened.
pub async fn original(app: &App, row: &WaitingRow) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let kept = app.store.kept_message(&row.id).await?;
    Ok(kept.and_then(|kept| {
        let bytes = app.server_keys.at_rest.open(&format!("kept/{}", kept.id), &kept.sealed)?;
        Some((kept.content_type, bytes))
    }))
}
