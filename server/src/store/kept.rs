//! Messages kept as they came: every version of a referral, e-mails, letters.

use super::StoreError;
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use uuid::{Builder, Uuid};

/// One message as it came. The same bytes under the same id are one message, however often they come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMessage {
    /// Made of channel, pharmacy, the sender's id and the bytes.
    pub id: Uuid,
    pub pharmacy: OdsCode,
    /// As [`shared::consultation::Referral::channel`].
    pub channel: String,
    /// The sender's id of it: BaRS `Bundle.id`, e-mail `Message-ID`, MESH message id.
    pub message_id: String,
    /// BaRS `X-Request-Id`; empty on other channels.
    pub request_id: String,
    pub content_type: String,
    /// SHA-256 of the bytes before they were sealed.
    pub hash: [u8; 32],
    /// Sealed with the server's secret; the place is `kept/` and the id.
    pub sealed: Vec<u8>,
    pub received_at: Millis,
    /// Which consultation it became or belongs to; it is destroyed with it. `None` while a person has not decided.
    pub consultation: Option<ConsultationId>,
}

impl KeptMessage {
    /// What `id` is made of.
    pub fn id(channel: &str, pharmacy: &OdsCode, message_id: &str, hash: &[u8; 32]) -> Uuid {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"satchel kept message v1\n")
            .chain_update(channel)
            .chain_update("\n")
            .chain_update(pharmacy.as_str())
            .chain_update("\n")
            .chain_update(message_id.to_lowercase())
            .chain_update("\n")
            .chain_update(hash)
            .finalize()
            .into();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        Builder::from_custom_bytes(first).into_uuid()
    }

    /// The same, of that consultation where none is known yet.
    #[must_use]
    pub fn about(&self, consultation: Option<ConsultationId>) -> Self {
        Self { consultation: self.consultation.or(consultation), ..self.clone() }
    }
}

/// Messages as they came. They are put in by an [`super::Append`], or alone while nobody has decided about them.
#[async_trait]
pub trait KeptStore {
    /// Keeps one by itself; keeping it again changes nothing.
    async fn keep_message(&self, message: &KeptMessage) -> Result<(), StoreError>;

    async fn kept_message(&self, id: &Uuid) -> Result<Option<KeptMessage>, StoreError>;

    /// Those of one consultation, newest first.
    async fn kept_messages_of(&self, consultation: &ConsultationId) -> Result<Vec<KeptMessage>, StoreError>;

    /// Those that came under this id of the sender's, in any case of letters, newest first.
    async fn kept_messages_under(
        &self,
        channel: &str,
        pharmacy: &OdsCode,
        message_id: &str,
    ) -> Result<Vec<KeptMessage>, StoreError>;

    /// It belongs to that consultation from now on. `false` where there is none such, or it belongs to another one.
    async fn kept_message_belongs(
        &self,
        id: &Uuid,
        consultation: &ConsultationId,
    ) -> Result<bool, StoreError>;
}
