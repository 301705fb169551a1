//! The letter by GP Connect Send Document, where it is switched on.

use super::letter::{notice, pdf, replaces_this_way};
use super::mesh::{addressee, frozen, mailbox_for, pharmacist, pharmacy};
use super::{NotPrepared, Preparing};
use crate::nhs::send_document::{LARGEST, SendDocument, WORKFLOW, compose};
use crate::store::{FrozenMessage, Route};
use shared::time::read;

/// The notice to the patient's practice.
pub async fn gp_notice(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    if !preparing.sender.switched_on.contains(&Route::SendDocument) {
        return Err(NotPrepared::NextWay("GP Connect Send Document is not switched on here.".to_owned()));
    }
    let letter = notice(preparing)?;
    let pdf = pdf(&letter).await?;
    if pdf.len() > LARGEST {
        return Err(NotPrepared::NextWay("The notice is too large for GP Connect Send Document.".to_owned()));
    }
    let gphc = pharmacist(preparing)?;
    // Only whether the practice takes it: the address stays that of the patient (Send Document, message routing).
    mailbox_for(preparing, WORKFLOW).await?;
    let composed = compose(&SendDocument {
        consultation: preparing.row.consultation.0,
        amendment: preparing.signature.amendment,
        replaces: replaces_this_way(preparing.row, preparing.others),
        addressee: addressee(preparing),
        pharmacy: pharmacy(preparing),
        pharmacist: gphc.named(&preparing.signature.name),
        patient: &preparing.signed.patient,
        signed_at: read(&preparing.signature.at).unwrap_or(preparing.row.created_at),
        pdf: &pdf,
    });
    composed.map(|message| frozen(message, WORKFLOW)).map_err(|held| NotPrepared::Held(held.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::Bench;
    use super::*;
    use crate::nhs::fhir::Element;
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    async fn bench(on: &str) -> Bench {
        let mut bench = Bench::with(&[("send_document", on)]).await;
        bench.row.route = Route::SendDocument;
        bench
    }

    #[tokio::test]
    async fn it_is_not_sent_unless_it_is_switched_on() {
        let answer = bench("false").await.prepared().await;
        assert!(
            matches!(&answer, Err(NotPrepared::NextWay(words)) if words.contains("not switched on")),
            "{answer:?}"
        );
    }

    #[tokio::test]
    async fn the_practice_gets_the_very_pdf_of_the_letter() {
        let bench = bench("true").await;
        let frozen = bench.prepared().await.expect("a message");
        assert_eq!(frozen.workflow, "GPFED_CONSULT_REPORT");
        assert_eq!(frozen.target, "GPPROVIDER_9990548609_19520304_O’Sample");
        let text = String::from_utf8(frozen.payload).expect("text");
        let message = Element::from_xml(&text).expect("FHIR");
        let found = text.split("<content value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let pdf = STANDARD.decode(found.expect("an attachment")).expect("base64");
        assert!(pdf.starts_with(b"%PDF-"));
        assert_eq!(message.kind, "Bundle");
    }

    #[tokio::test]
    async fn an_unverified_number_is_held_on_this_way_too() {
        let mut bench = bench("true").await;
        bench.signed.patient.nhs_number_status = "unverified".to_owned();
        assert!(matches!(bench.prepared().await, Err(NotPrepared::Held(_))));
    }
}
