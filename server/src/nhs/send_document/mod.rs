//! GP Connect Send Document, first version (ITK007C, FHIR STU3): the letter as a PDF inside an ITK3 message.
//!
//! The specification is written for practices and urgent care: check the licence before it is switched on.

mod document;
#[cfg(test)]
pub(super) mod tests;

use super::gp_connect::{
    Addressee, Held, Message, Notice, Pharmacist, Pharmacy, Series, address, identified, surname_first,
};
use document::Writing;
use shared::consultation::Patient;
use shared::time::Millis;
use uuid::Uuid;

/// MESH workflow of the message; answers come under the same with `_ACK`.
pub const WORKFLOW: &str = "GPFED_CONSULT_REPORT";
/// MESH workflow of the practice's answers.
pub const ACK_WORKFLOW: &str = "GPFED_CONSULT_REPORT_ACK";
/// A PDF beyond this is not tried: systems answer 20015. Ours; the specification names no number.
pub const LARGEST: usize = 5 * 1024 * 1024;

/// What a message is made from. The same values make the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct SendDocument<'a> {
    /// Also the message's sender reference.
    pub consultation: Uuid,
    /// 0 for the first signature, then the amendment that was signed.
    pub amendment: u64,
    /// The amendment whose document this one replaces.
    pub replaces: Option<u64>,
    pub addressee: Addressee<'a>,
    pub pharmacy: Pharmacy<'a>,
    pub pharmacist: Pharmacist<'a>,
    pub patient: &'a Patient,
    pub signed_at: Millis,
    pub pdf: &'a [u8],
}

/// Makes the message, or says what it is waiting for.
pub fn compose(record: &SendDocument<'_>) -> Result<Message, Held> {
    let who = identified(record.patient)?;
    let series = Series::SendDocument;
    let notice = Notice { series, consultation: record.consultation, amendment: record.amendment };
    // As the specification has it, on the message and inside it.
    let subject = format!(
        "Consultation report for {}, NHS Number {}, seen at {}, ODS Code {}, Version {}",
        surname_first(record.patient),
        who.number,
        record.pharmacy.name,
        record.pharmacy.ods,
        record.amendment + 1,
    );
    let body = Writing { record, who: &who, notice, about: &subject }.message();
    Ok(Message {
        to: address(record.addressee, &who),
        subject,
        local_id: record.pharmacy.ods.to_string(),
        bundle_id: notice.id("bundle"),
        header_id: notice.id("message-header"),
        composition_id: notice.id("composition"),
        body,
    })
}
