//! The waiting list: what came from people and becomes a referral only when a person has read it.

use serde::{Deserialize, Serialize};

/// Header in which `GET /api/waiting` says how many messages wait: the list holds the longest waiting of them.
pub const WAITING_TOTAL: &str = "x-satchel-waiting";

/// One line of `GET /api/waiting`, longest waiting first; `GET /api/waiting/{id}` is the same of one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingView {
    /// Also names the original: `GET /api/waiting/{id}/original`.
    pub id: String,
    /// `email` or `itk3` (a letter over MESH).
    pub source: String,
    /// RFC 3339.
    pub arrived_at: String,
    pub content: WaitingContent,
    /// `consultation`, `joined`, `not-a-referral`; empty while nobody has decided.
    pub settled_as: String,
    /// Name of who decided; empty for the server.
    pub settled_by: String,
    /// Which consultation it became or joined; may be empty.
    pub consultation: String,
}

/// What was read of a message. Nothing in it is sure until a person has compared it with the original.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingContent {
    /// `referral`, `copy-of-111`, `letter`, `other`, `unreadable`: a guess.
    pub kind: String,
    /// Who sent it, as it says: `Elm Road Surgery <elm.road@nhs.net>`. Anybody can write that.
    pub from: String,
    /// Where an answer goes.
    pub reply_to: String,
    pub subject: String,
    /// The sender's id of it, without angle brackets.
    pub message_id: String,
    /// When it says it was sent, RFC 3339; empty when it does not.
    pub sent_at: String,
    /// Plain words, lines kept.
    pub text: String,
    /// There is more text in the original.
    pub cut: bool,
    pub fields: Vec<WaitingField>,
    pub attachments: Vec<WaitingAttachment>,
    /// What whoever reads it should know: two values for one thing, too large to read.
    pub notes: Vec<String>,
}

/// One value that stands in the text, under a name that this program knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingField {
    /// `family_name`, `given_name`, `sex`, `birth_date`, `nhs_number`, `address`, `postcode`, `phone`, `gp_name`,
    /// `gp_ods`, `complaint`, `referrer_name`, `referrer_person`, `referrer_contact`, `case_reference`, `disposition`.
    pub field: String,
    /// As the record would hold it.
    pub value: String,
    /// It was written under its own label; otherwise it was taken out of something longer.
    pub sure: bool,
}

/// One file that came with it; it stays in the original.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingAttachment {
    pub name: String,
    pub content_type: String,
    pub bytes: u64,
}

/// `POST /api/waiting/{id}/settle`: what a person decided about it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingSettlement {
    /// `consultation`, `joined` or `not-a-referral`.
    pub what: String,
    /// Which consultation; empty for `not-a-referral`.
    pub consultation: String,
}

impl WaitingContent {
    /// The value read for a field; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|field| field.field == name).map_or("", |field| field.value.as_str())
    }
}
