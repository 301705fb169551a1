//! The response to a referral that came by BaRS, made from exactly what was signed.

use super::{NotPrepared, Preparing};
use crate::intake::bars::reference;
use crate::nhs::bars::codes::dos_id;
use crate::nhs::bars::{Ended, Response, compose, target};
use crate::nhs::fhir::Format;
use crate::store::{DeliveryKind, FrozenMessage};
use shared::time::read;

/// Makes the message of a delivery that goes by BaRS.
pub fn prepare(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let referral = &preparing.signed.referral;
    if preparing.row.kind != DeliveryKind::ReferrerFeedback {
        return Err(NotPrepared::NextWay(
            "BaRS has no way for a pharmacy to refer a patient on, so nothing is sent by it.".to_owned(),
        ));
    }
    if dos_id(&referral.reply_to).is_none() {
        return Err(NotPrepared::NextWay("The referrer gave no address for an answer.".to_owned()));
    }
    let pharmacy = &preparing.sender.pharmacy;
    let signature = preparing.signature;
    let because = because(&preparing.signed.outcome.closure_reason);
    let composed = compose(&Response {
        consultation: &preparing.row.consultation,
        signed: preparing.signed,
        pharmacy: (pharmacy.ods.as_str(), &pharmacy.name, &pharmacy.phone),
        pharmacist: (&signature.name, &signature.gphc),
        ended: Ended::of_closure(&preparing.signed.outcome.closure_reason),
        because,
        reference: &reference(&preparing.row.consultation),
        at: read(&signature.at).unwrap_or(preparing.now),
    });
    Ok(FrozenMessage {
        target: target(&referral.reply_to),
        workflow: String::new(),
        subject: String::new(),
        local_id: composed.header_id.to_string(),
        content_type: Format::Json.content_type().to_owned(),
        payload: Format::Json.write(&composed.bundle),
        header_id: composed.header_id.to_string(),
    })
}

/// Why a referral was closed without a consultation, as the referrer reads it; empty for a consultation.
fn because(reason: &str) -> &'static str {
    match reason {
        "" => "",
        "no_contact" => "The patient made no contact.",
        "unable_to_contact" => "The patient could not be reached.",
        "did_not_attend" => "The patient did not attend.",
        "declined_by_patient" => "The patient declined.",
        "declined_by_clinician" => "Declined by the pharmacist.",
        "went_elsewhere" => "The patient went elsewhere.",
        "duplicate" => "The same referral came twice.",
        "service_not_needed" => "The service was no longer needed.",
        "rejected_by_pharmacy" => "Not for this pharmacy.",
        "cancelled_by_referrer" => "Cancelled by the referrer.",
        _ => "Closed without a consultation.",
    }
}
