//! The GP Connect Update Record message (ITK014M, FHIR STU3): what the practice is told about one signed consultation.

mod clinical;
mod document;

use super::Held;
use super::addressing::{Addressee, address, identified, surname_first};
use super::content::{Content, Heading};
use super::ids::{Notice, Series};
use super::xml::Coding;
use crate::nhs::mesh::Outgoing;
use document::Writing;
use shared::consultation::Patient;
use shared::ids::{GphcNumber, OdsCode};
use shared::time::Millis;
use uuid::Uuid;

/// MESH workflow of the message; answers come under the same with `_ACK`.
pub const WORKFLOW: &str = "GPCONNECT_UPDATE_RECORD";
/// MESH workflow of the practice's answers.
pub const ACK_WORKFLOW: &str = "GPCONNECT_UPDATE_RECORD_ACK";
/// What a FHIR XML message is, as MESH labels it.
pub const CONTENT_TYPE: &str = "application/fhir+xml";

/// Minor illness and the clinical pathways alike (referrals.md 10.2).
const SERVICE: Coding<'static> =
    Coding::snomed("1577041000000109", "Community Pharmacist Consultation Service for minor illness");

/// The pharmacy that saw the patient.
#[derive(Debug, Clone, Copy)]
pub struct Pharmacy<'a> {
    pub ods: &'a OdsCode,
    pub name: &'a str,
    /// Empty where unknown.
    pub phone: &'a str,
    /// Its MESH mailbox.
    pub mailbox: &'a str,
}

/// The pharmacist who signed.
#[derive(Debug, Clone, Copy)]
pub struct Pharmacist<'a> {
    pub name: &'a str,
    pub gphc: &'a GphcNumber,
}

/// What a notice is made from. The same values make the same bytes, on every try and after every restart.
#[derive(Debug, Clone, Copy)]
pub struct UpdateRecord<'a> {
    /// Also the message's sender reference and the encounter's id.
    pub consultation: Uuid,
    /// 0 for the first signature, then the amendment that was signed.
    pub amendment: u64,
    /// The amendment whose notice this one replaces (practice 21); none for the first notice.
    pub replaces: Option<u64>,
    pub addressee: Addressee<'a>,
    pub pharmacy: Pharmacy<'a>,
    pub pharmacist: Pharmacist<'a>,
    pub patient: &'a Patient,
    /// When the consultation began.
    pub seen_at: Millis,
    /// When it was signed; the message's own time.
    pub signed_at: Millis,
    pub content: &'a Content,
}

/// A notice ready to be frozen: bytes, and what MESH must be told about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `mex-to`.
    pub to: String,
    /// `mex-subject`; names the patient, as the specification asks.
    pub subject: String,
    /// `mex-localid`: the sending pharmacy's ODS code, by the specification.
    pub local_id: String,
    pub bundle_id: Uuid,
    /// What the practice's answers refer to.
    pub header_id: Uuid,
    /// What a replacement refers to.
    pub composition_id: Uuid,
    /// FHIR XML.
    pub body: Vec<u8>,
}

impl Message {
    pub fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            to: &self.to,
            workflow: WORKFLOW,
            local_id: &self.local_id,
            subject: &self.subject,
            content_type: CONTENT_TYPE,
            body: &self.body,
        }
    }
}

/// Makes the notice, or says what it is waiting for.
///
/// An urgent action for the GP is not what this message is for (GP Connect Update Record): nothing in it asks for one to
/// be done, and the screen asks for the call.
pub fn compose(record: &UpdateRecord<'_>) -> Result<Message, Held> {
    let who = identified(record.patient)?;
    if !record.content.headings.iter().any(|(heading, _)| *heading == Heading::ClinicalSummary) {
        return Err(Held::NothingToTell);
    }
    let series = Series::UpdateRecord;
    let notice = Notice { series, consultation: record.consultation, amendment: record.amendment };
    let writing = Writing { record, who: &who, notice };
    Ok(Message {
        to: address(record.addressee, &who),
        subject: format!(
            "{} for {}, NHS Number: {}, seen at {}, ODS code: {}, version {}",
            SERVICE.display,
            surname_first(record.patient),
            who.number,
            record.pharmacy.name,
            record.pharmacy.ods,
            record.amendment + 1,
        ),
        local_id: record.pharmacy.ods.to_string(),
        bundle_id: notice.id("bundle"),
        header_id: notice.id("message-header"),
        composition_id: notice.id("composition"),
        body: writing.message(),
    })
}
