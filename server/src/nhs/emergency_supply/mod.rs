//! The emergency-supply message of Digital Medicines 1.2.9 (ITK010D, FHIR STU3): in production and deprecated, so it is
//! sent only where it is switched on. It is older than Update Record: the practice reads its sections as HTML.

mod document;
mod sections;
#[cfg(test)]
pub(super) mod tests;

use super::gp_connect::{
    Addressee, Held, Message, Notice, Pharmacist, Pharmacy, Series, Supply, address, identified,
};
use document::Writing;
use shared::consultation::{Patient, Summary};
use shared::ids::ConsultationId;
use shared::letter;
use shared::time::Millis;
use uuid::Uuid;

/// MESH workflow of the message; answers come under the same with `_ACK`.
pub const WORKFLOW: &str = "DIGMED_EMG_MED";
/// MESH workflow of the practice's answers.
pub const ACK_WORKFLOW: &str = "DIGMED_EMG_MED_ACK";

/// What a message is made from. The same values make the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct EmergencySupply<'a> {
    /// Also the message's sender reference and the encounter's id.
    pub consultation: Uuid,
    /// 0 for the first signature, then the amendment that was signed.
    pub amendment: u64,
    /// The amendment whose message this one replaces.
    pub replaces: Option<u64>,
    pub addressee: Addressee<'a>,
    pub pharmacy: Pharmacy<'a>,
    /// On one line; empty where unknown.
    pub pharmacy_address: &'a str,
    pub pharmacist: Pharmacist<'a>,
    pub patient: &'a Patient,
    pub summary: &'a Summary,
    /// At least one.
    pub supplies: &'a [Supply],
    pub seen_at: Millis,
    pub signed_at: Millis,
}

/// Makes the message, or says what it is waiting for.
pub fn compose(record: &EmergencySupply<'_>) -> Result<Message, Held> {
    let who = identified(record.patient)?;
    if record.supplies.is_empty() || record.patient.gp_ods.trim().is_empty() {
        return Err(Held::NothingToTell);
    }
    let series = Series::EmergencySupply;
    let notice = Notice { series, consultation: record.consultation, amendment: record.amendment };
    let reference = letter::reference(&ConsultationId(record.consultation));
    Ok(Message {
        to: address(record.addressee, &who),
        // The specification asks for nothing here, so nothing about the patient stands on the outside.
        subject: format!("Emergency supply of medicines, reference {reference}"),
        local_id: record.pharmacy.ods.to_string(),
        bundle_id: notice.id("bundle"),
        header_id: notice.id("message-header"),
        composition_id: notice.id("composition"),
        body: Writing { record, who: &who, notice }.message(),
    })
}
