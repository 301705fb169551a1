//! Messages to send and what came back, as rows: one effect for each (consultation, kind, amendment), by one of several ways.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// What a delivery is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryKind {
    /// Telling the patient's practice.
    GpNotice,
    /// Sending the patient on: to another pharmacy, a practice, a department, a dentist.
    OnwardReferral,
    /// Telling who referred the patient what came of it.
    ReferrerFeedback,
    /// Claiming the consultation from NHSBSA.
    Claim,
}

/// By which way a delivery goes. Several may be planned for one; they are tried in order ([`NewDelivery::position`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// GP Connect Update Record over MESH.
    UpdateRecord,
    /// The older emergency-supply message (digital medicines) over MESH.
    EmergencySupply,
    /// GP Connect Send Document: a PDF in ITK3 over MESH.
    SendDocument,
    /// Secure e-mail with a PDF.
    Email,
    /// BaRS, over HTTP.
    Bars,
    /// An ITK3 business response over MESH.
    Itk3,
    /// Another pharmacy on this very server.
    Handover,
    /// NHSBSA's Manage Your Service, over HTTP.
    Mys,
    /// Paper: a person prints it and hands it over, and says so.
    Print,
}

/// How far a delivery has come. Each is shown in the record only when it is true (design 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// Ready, and will be sent.
    Queued,
    /// Planned, and sent only if the ways before it fail.
    Standby,
    /// Complete but waiting for something a person must do first, for instance tracing the patient.
    Held,
    /// MESH took it; nothing has come back.
    Sent,
    /// The practice's system says that the message arrived and can be read (infrastructure acknowledgement).
    Received,
    /// The practice's system took it for this patient (business acknowledgement): *with the GP*.
    Accepted,
    /// The practice's system would not have it.
    Refused,
    /// Not known to have arrived, or cannot be sent: a person must act.
    NeedsAttention,
    /// Nothing is to be sent, and why is known.
    NotRequired,
}

macro_rules! words {
    ($name:ident, $($variant:ident = $word:literal),+) => {
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the record, the store and every list.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or_else(|| UnknownWord(text.to_owned()))
            }
        }
    };
}
words!(
    DeliveryKind,
    GpNotice = "gp-notice",
    OnwardReferral = "onward-referral",
    ReferrerFeedback = "referrer-feedback",
    Claim = "claim"
);
words!(
    Route,
    UpdateRecord = "update-record",
    EmergencySupply = "emergency-supply",
    SendDocument = "send-document",
    Email = "email",
    Bars = "bars",
    Itk3 = "itk3",
    Handover = "handover",
    Mys = "mys",
    Print = "print"
);
words!(
    DeliveryState,
    Queued = "queued",
    Standby = "standby",
    Held = "held",
    Sent = "sent",
    Received = "received",
    Accepted = "accepted",
    Refused = "refused",
    NeedsAttention = "needs-attention",
    NotRequired = "not-required"
);

impl DeliveryState {
    /// Whether a person has to do something.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Self::Held | Self::Refused | Self::NeedsAttention)
    }
}

/// A stored word that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not a word of the outbox")]
pub struct UnknownWord(pub String);

/// The bytes to send and where to, frozen before the first try. Every try sends exactly these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenMessage {
    /// A MESH mailbox or `GPPROVIDER_…`; an e-mail address; a BaRS target (`NHSD-Target-Identifier`, decoded); the ODS
    /// code of a pharmacy on this server.
    pub target: String,
    /// MESH workflow id; empty on other ways.
    pub workflow: String,
    /// MESH or e-mail subject, without patient data in an e-mail's; empty on other ways.
    pub subject: String,
    /// MESH local id, e-mail `Message-ID`, BaRS `X-Correlation-Id`.
    pub local_id: String,
    pub content_type: String,
    pub payload: Vec<u8>,
    /// What an answer names: `MessageHeader.id` inside the payload; the `Message-ID` of an e-mail. Never the same twice.
    pub header_id: String,
}

/// A delivery as planning makes it. Putting the same one in again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub id: Uuid,
    pub consultation: ConsultationId,
    pub pharmacy: OdsCode,
    pub kind: DeliveryKind,
    /// 0 for the first signature, then the amendment that was signed.
    pub amendment: u64,
    pub route: Route,
    /// 0 for the way that is tried first.
    pub position: u32,
    /// `Queued`, `Standby`, `Held`, `NeedsAttention` or `NotRequired`.
    pub state: DeliveryState,
    /// To whom, in words.
    pub addressee: String,
    /// Why, in words for the pharmacist.
    pub detail: String,
    /// Present where it could be made at once; otherwise it is made, and frozen, before the first try
    /// ([`crate::outbox::prepare`]).
    pub message: Option<FrozenMessage>,
    /// When a person must be told that no answer has come (practice 20).
    pub answer_by: Option<Millis>,
    pub created_at: Millis,
}

/// A delivery as it stands. Read it, change it, [`OutboxStore::put_delivery`] it: a version that has moved on refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub id: Uuid,
    pub consultation: ConsultationId,
    pub pharmacy: OdsCode,
    pub kind: DeliveryKind,
    pub amendment: u64,
    pub route: Route,
    pub position: u32,
    pub state: DeliveryState,
    /// This way failed for good or brought no answer in time: the next one is gone instead, where there is one.
    pub gave_way: bool,
    /// A try may have handed the message over without anybody here hearing of it.
    pub may_have_left: bool,
    pub addressee: String,
    pub detail: String,
    /// Empty where there is nothing to send.
    pub target: String,
    pub header_id: Option<String>,
    pub attempts: u32,
    pub next_at: Option<Millis>,
    pub answer_by: Option<Millis>,
    pub lease_owner: Option<String>,
    pub lease_until: Option<Millis>,
    pub mesh_message_id: Option<String>,
    /// Response codes of the infrastructure and the business acknowledgement (referrals.md 9.2).
    pub inf_status: String,
    pub bus_status: String,
    pub last_error: String,
    pub version: u64,
    pub created_at: Millis,
    /// When state or detail changed last.
    pub changed_at: Millis,
}

impl DeliveryRow {
    /// Whether a person has to do something about this way. One that gave way is taken care of by the next one, but for
    /// a fault of ours, of which somebody must know.
    pub fn needs_a_person(&self) -> bool {
        // What is held of claims is looked at in the month, not with what somebody waits for.
        let month = self.kind == DeliveryKind::Claim && self.state == DeliveryState::Held;
        self.state.needs_a_person() && !month && !(self.gave_way && self.state == DeliveryState::Refused)
    }

    /// No try has handed it over, for all that is known.
    pub fn never_left(&self) -> bool {
        self.mesh_message_id.is_none() && !self.may_have_left
    }

    /// Nothing more is expected of this way, and none after it is needed.
    pub fn is_settled(&self) -> bool {
        match self.state {
            DeliveryState::Accepted => true,
            DeliveryState::Sent | DeliveryState::Received => !self.gave_way && self.answer_by.is_none(),
            _ => false,
        }
    }

    /// Another way of the same delivery.
    pub fn is_way_of(&self, other: &Self) -> bool {
        (self.consultation, self.kind, self.amendment) == (other.consultation, other.kind, other.amendment)
    }
}

/// Something that lay in one of our MESH mailboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMessage {
    pub mailbox: String,
    /// MESH's name for it.
    pub id: String,
    pub sender: String,
    pub workflow: String,
    /// For a report of MESH itself: the message it is about; empty otherwise.
    pub about: String,
    pub code: String,
    pub description: String,
    pub body: Vec<u8>,
    /// Whether this program is meant. What is not stays in the mailbox.
    pub ours: bool,
    pub received_at: Millis,
}

/// The outcome of a message to none of our pharmacies. Its body is not wiped: nothing else keeps it.
pub const FOR_NOBODY: &str = "for no pharmacy of this server";

/// The outbox and the inbox beside it.
#[async_trait]
pub trait OutboxStore {
    /// Takes up to `most` deliveries that are due by one of these ways, for `worker` alone until `until`. Counts the
    /// attempt before it is made. Where the try before was never written down, the row says that its message may have
    /// left and has no last error. An amendment waits while an earlier message of the same kind about the same record is
    /// still to be sent.
    async fn lease_deliveries(
        &self,
        worker: &str,
        routes: &[Route],
        now: Millis,
        until: Millis,
        most: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError>;

    /// Freezes a message that was made after planning, in a row that was read before; a version that has moved on, or a
    /// message that is there already, is a [`StoreError::Conflict`].
    async fn freeze_message(
        &self,
        row: &DeliveryRow,
        message: &FrozenMessage,
        now: Millis,
    ) -> Result<(), StoreError>;

    /// The frozen message; `None` where there is nothing to send.
    async fn frozen_message(&self, id: Uuid) -> Result<Option<FrozenMessage>, StoreError>;

    /// Writes a row that was read before. Another version by now is a [`StoreError::Conflict`]: read it again.
    async fn put_delivery(&self, row: &DeliveryRow, now: Millis) -> Result<(), StoreError>;

    async fn delivery(&self, id: Uuid) -> Result<Option<DeliveryRow>, StoreError>;

    /// The delivery whose message has this `MessageHeader.id`, in any case of letters.
    async fn delivery_by_header(&self, header_id: &str) -> Result<Option<DeliveryRow>, StoreError>;

    /// The delivery that MESH took under this name.
    async fn delivery_by_mesh_id(&self, mesh_message_id: &str) -> Result<Option<DeliveryRow>, StoreError>;

    /// Deliveries of one pharmacy or of all, newest first.
    async fn deliveries(&self, pharmacy: Option<&OdsCode>) -> Result<Vec<DeliveryRow>, StoreError>;

    /// Deliveries about one consultation, oldest first.
    async fn deliveries_of(&self, consultation: &ConsultationId) -> Result<Vec<DeliveryRow>, StoreError>;

    /// Deliveries of which a way stands by although all before it gave way, or one before it has settled them.
    async fn ways_to_decide(&self, most: u32) -> Result<Vec<DeliveryRow>, StoreError>;

    /// Deliveries whose answer should have come before `now`; those on standby expect none.
    async fn overdue_deliveries(&self, now: Millis) -> Result<Vec<DeliveryRow>, StoreError>;

    /// Deliveries whose document does not yet say what the row says.
    async fn unshown_deliveries(&self, most: u32) -> Result<Vec<DeliveryRow>, StoreError>;

    /// The document says what this version of the row says. A row that has changed since stays on the list.
    async fn delivery_shown(&self, row: &DeliveryRow) -> Result<(), StoreError>;

    /// Stores what lay in a mailbox; storing it again changes nothing.
    async fn keep_incoming(&self, message: &IncomingMessage) -> Result<(), StoreError>;

    /// What came to our mailboxes for nobody here: another program's messages, those that could not be fetched, and those
    /// handled as [`FOR_NOBODY`]. What is left of them has its outcome as the description.
    async fn left_incoming(&self) -> Result<Vec<IncomingMessage>, StoreError>;

    /// Whether it is stored already, and if so whether it is ours.
    async fn knows_incoming(&self, mailbox: &str, id: &str) -> Result<Option<bool>, StoreError>;

    /// What has been stored and not yet acted upon: answers and reports first, then what was tried longest ago.
    async fn unhandled_incoming(&self, most: u32) -> Result<Vec<IncomingMessage>, StoreError>;

    /// Acting upon it came to nothing now; the others come before it the next time.
    async fn incoming_tried(&self, mailbox: &str, id: &str, now: Millis) -> Result<(), StoreError>;

    /// It has been acted upon; `outcome` says how, without patient data. What a message of somebody else's said is kept
    /// where it belongs by then, and no longer here; an answer or a report is, and what is [`FOR_NOBODY`].
    async fn incoming_handled(
        &self,
        mailbox: &str,
        id: &str,
        outcome: &str,
        now: Millis,
    ) -> Result<(), StoreError>;
}
