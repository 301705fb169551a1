//! Makes what goes to another pharmacy of this server: the patient sent on, or what came of one who was.

use super::{NotPrepared, Preparing};
use crate::intake::forwarded::{HandedReferral, Handover, reply_target};
use crate::store::{DeliveryKind, FrozenMessage};
use shared::consultation::{Consultation, Summary};
use shared::letter::{ended, given};
use shared::referral::in_words;
use shared::time::{day_and_time, read};

/// The message for the delivery; every try sends the same.
pub async fn prepare(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let (target, handover) = match preparing.row.kind {
        DeliveryKind::OnwardReferral => onward(preparing).await?,
        DeliveryKind::ReferrerFeedback => feedback(preparing)?,
        DeliveryKind::GpNotice => {
            return Err(NotPrepared::NextWay("A practice is not a pharmacy of this server.".to_owned()));
        }
        DeliveryKind::Claim => {
            return Err(NotPrepared::NextWay("NHSBSA is not a pharmacy of this server.".to_owned()));
        }
    };
    let payload = serde_json::to_vec(&handover).map_err(|_| {
        NotPrepared::NextWay("The message for the other pharmacy could not be written.".to_owned())
    })?;
    Ok(FrozenMessage {
        target,
        workflow: "satchel-handover-1".to_owned(),
        subject: String::new(),
        local_id: preparing.row.id.to_string(),
        content_type: "application/json".to_owned(),
        payload,
        header_id: preparing.row.id.to_string(),
    })
}

async fn onward(preparing: &Preparing<'_>) -> Result<(String, Handover), NotPrepared> {
    let signed = preparing.signed;
    let onward = &signed.onward;
    let next = |words: &str| NotPrepared::NextWay(words.to_owned());
    let held = |words: &str| NotPrepared::Held(words.to_owned());
    if onward.service != "pharmacy" {
        return Err(next("The patient is not sent to another pharmacy."));
    }
    let target = onward.ods.parse().map_err(|_| next("The other pharmacy's ODS code is not known."))?;
    let from = &preparing.sender.pharmacy;
    if target == from.ods {
        return Err(held("The patient cannot be sent on to this same pharmacy."));
    }
    if preparing.app.store.pharmacy(&target).await?.is_none() {
        return Err(next("The other pharmacy does not work on this server."));
    }
    if onward.agreed_with.trim().is_empty() {
        return Err(held("Held: phone the other pharmacy first, and write down who agreed."));
    }
    if onward.consent.trim().is_empty() || onward.consent == "no" {
        return Err(held("Held: the patient has not agreed to the record going there."));
    }
    let agreed_at = read(&onward.agreed_at).map(|at| format!(", {}", day_and_time(at))).unwrap_or_default();
    let handed = HandedReferral {
        consultation: signed.id.clone(),
        amendment: preparing.row.amendment,
        from_ods: from.ods.to_string(),
        from_name: from.name.clone(),
        from_phone: from.phone.clone(),
        from_person: preparing.signature.name.clone(),
        signed_at: preparing.signature.at.clone(),
        referral: signed.referral.clone(),
        patient: signed.patient.clone(),
        agreed_with: format!("{}{agreed_at}", onward.agreed_with.trim()),
        reason: onward.reason.trim().to_owned(),
        given: given(signed),
        done: done(signed, preparing.summary),
    };
    Ok((target.to_string(), Handover::Referral(Box::new(handed))))
}

/// What was tried and what others may read of the record; nothing private is in a summary (practice 10).
fn done(signed: &Consultation, summary: &Summary) -> Vec<String> {
    let tried = in_words(signed.attempts.values());
    let told = summary.headings.iter().flat_map(|words| {
        std::iter::once(format!("{}:", words.title)).chain(words.text.lines().map(str::to_owned))
    });
    tried.lines().map(str::to_owned).chain(told).collect()
}

fn feedback(preparing: &Preparing<'_>) -> Result<(String, Handover), NotPrepared> {
    let signed = preparing.signed;
    let Some((pharmacy, consultation)) = reply_target(&signed.referral.reply_to) else {
        return Err(NotPrepared::NextWay(
            "The referral did not come from a pharmacy of this server.".to_owned(),
        ));
    };
    let words = ended(preparing.summary, signed);
    let from = preparing.sender.pharmacy.name.clone();
    Ok((pharmacy.to_string(), Handover::Feedback { consultation, from, words }))
}
