//! The audit log: what a device adds to it, and what an auditor reads of it.

use crate::ids::{ConsultationId, DeviceId, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Names the patient whose lines are looked for: ten digits.
pub const AUDIT_NHS_NUMBER: &str = "x-satchel-nhs-number";

/// `POST /api/audit/device`: what somebody did on a device, perhaps with no network. Safe to repeat: each line is known by
/// its id. At most 200 at once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeviceAudit {
    pub lines: Vec<DeviceAuditLine>,
}

/// One thing done on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAuditLine {
    /// Made on the device, so that sending twice counts once.
    pub id: Uuid,
    /// Who had the vault open; not necessarily who sends it.
    pub person: PersonId,
    /// RFC 3339, by the device's clock.
    pub at: String,
    /// `opened-consultation`, `opened-history`, `printed`, `copied-nhs-number`, `opened-ncrs`,
    /// `opened-tracker`, `started-without-evidence`.
    pub action: String,
    pub consultation: ConsultationId,
    /// Where a reason is asked for; otherwise empty.
    pub why: String,
}

/// `GET /api/audit`: a page of this pharmacy's audit log, newest first. `GET /api/audit/export` answers the same as CSV,
/// oldest first, and is itself audited.
///
/// Query of both: `from`, `to` (days, `2026-11-22`), `person` (id), `action`, `consultation` (id); `before` (a place)
/// continues a page. An NHS number goes in the header [`AUDIT_NHS_NUMBER`] and never in the address, which is logged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditPage {
    pub lines: Vec<AuditLine>,
    /// Pass it as `before` for what is older; `None` at the end.
    pub next: Option<u64>,
    /// The actions there are in this pharmacy's log, for choosing among.
    pub actions: Vec<String>,
}

/// One line of the log. Never patient data: a patient is named by a keyed hash that only this server can make again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number in the chain.
    pub place: u64,
    /// RFC 3339, the server's time of writing.
    pub at: String,
    /// RFC 3339 by the device's clock, for what was done on a device; otherwise empty.
    pub done_at: String,
    pub person: Option<PersonId>,
    /// As they are named now; `Server` where nobody was signed in: its command line, or what it does by itself.
    pub name: String,
    pub device: Option<DeviceId>,
    pub device_label: String,
    /// A stable word: `signed-in`, `looked-up-patient`.
    pub action: String,
    /// The same in words.
    pub words: String,
    /// What it was done to: an id or a word.
    pub subject: String,
    /// Who or which device `subject` begins with, by name as it is now; empty where it is neither, or no longer known.
    pub about: String,
    /// Where a reason was given.
    pub why: String,
}
