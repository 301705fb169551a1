//! A patient sent on to another pharmacy of this server: what crosses is a message, and the receiver makes a record of
//! its own. When that one is completed, the first pharmacy is told beside its record.

use super::{Arrived, Filed, NotTaken, Part, take};
use crate::app::App;
use crate::store::{KeptMessage, Pharmacy, StoreError};
use crate::sync::{EditError, server_edit};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::consultation::{Notice, Patient, Referral, ReportSection};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::stored;
use uuid::Uuid;

/// What one pharmacy hands to another. Frozen with the delivery, so every try is the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Handover {
    /// The patient is sent on.
    Referral(Box<HandedReferral>),
    /// The second pharmacy tells the first what came of it.
    Feedback {
        /// The first pharmacy's record.
        consultation: ConsultationId,
        /// Who tells it, in words.
        from: String,
        /// `Completed: …`, in words.
        words: String,
    },
}

/// A patient sent on: the referral as it first came, and what the first pharmacy did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HandedReferral {
    /// The first pharmacy's record; it is told what came of it.
    pub consultation: String,
    /// 0, then the number of the amendment: a newer one is a newer version.
    pub amendment: u64,
    pub from_ods: String,
    pub from_name: String,
    pub from_phone: String,
    /// Who signed there.
    pub from_person: String,
    /// RFC 3339.
    pub signed_at: String,
    /// As it came to the first pharmacy.
    pub referral: Referral,
    pub patient: Patient,
    /// Who agreed at the second pharmacy, and when, in words.
    pub agreed_with: String,
    /// Why the patient is sent on.
    pub reason: String,
    /// Which medicines were handed over already and what is still wanted, a line each.
    pub given: Vec<String>,
    /// What was done and tried there, a line each.
    pub done: Vec<String>,
}

/// Why a hand-over did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum NotHandedOver {
    /// It will never arrive.
    #[error("The pharmacy {0} is not served here any more.")]
    Nobody(OdsCode),
    /// It will never arrive.
    #[error("The record that this answers is not here any more.")]
    NoRecord,
    #[error(transparent)]
    Taken(#[from] NotTaken),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Edit(EditError),
}

impl From<EditError> for NotHandedOver {
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotThere => Self::NoRecord,
            other => Self::Edit(other),
        }
    }
}

/// Which record of another pharmacy a forwarded referral answers to (`Referral::reply_to`).
pub fn reply_address(pharmacy: &str, consultation: &str) -> String {
    format!("handover:{pharmacy}:{consultation}")
}

/// Reads what [`reply_address`] wrote; `None` for an address of another kind.
pub fn reply_target(reply_to: &str) -> Option<(OdsCode, ConsultationId)> {
    let (pharmacy, consultation) = reply_to.strip_prefix("handover:")?.split_once(':')?;
    Some((pharmacy.parse().ok()?, consultation.parse().ok()?))
}

/// Gives it to the other pharmacy. `delivery` is the id of the one effect: the same again changes nothing.
pub async fn hand_over(
    app: &App,
    to: &OdsCode,
    delivery: Uuid,
    bytes: &[u8],
    handover: &Handover,
) -> Result<Pharmacy, NotHandedOver> {
    let pharmacy = app.store.pharmacy(to).await?.ok_or_else(|| NotHandedOver::Nobody(to.clone()))?;
    match handover {
        Handover::Referral(handed) => {
            let arrived = arrived(app, delivery, handed);
            let kept = kept(app, &pharmacy, delivery, bytes);
            let filed = take(app, &pharmacy, &arrived, &[kept]).await?;
            let outcome = filed.first().map_or("nothing", |filed: &Filed| filed.as_str());
            metrics::counter!("satchel_forwarded_total", "outcome" => outcome).increment(1);
        }
        Handover::Feedback { consultation, from, words } => {
            let key = format!("handover-{delivery}");
            let at = stored(app.clock.now());
            let notice = Notice { kind: "forwarded".to_owned(), at, text: format!("{from} tells: {words}") };
            server_edit(app, &pharmacy.ods, consultation, |record| {
                record.notices.entry(key.clone()).or_insert_with(|| notice.clone());
            })
            .await?;
        }
    }
    Ok(pharmacy)
}

fn kept(app: &App, pharmacy: &Pharmacy, delivery: Uuid, bytes: &[u8]) -> KeptMessage {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let message_id = delivery.to_string();
    let id = KeptMessage::id("forwarded", &pharmacy.ods, &message_id, &hash);
    KeptMessage {
        id,
        pharmacy: pharmacy.ods.clone(),
        channel: "forwarded".to_owned(),
        message_id,
        request_id: String::new(),
        content_type: "application/json".to_owned(),
        hash,
        sealed: app.server_keys.at_rest.seal(&format!("kept/{id}"), bytes),
        received_at: app.clock.now(),
        consultation: None,
    }
}

/// As filing wants it: the original's case, times and report, sent by the first pharmacy.
fn arrived(app: &App, delivery: Uuid, handed: &HandedReferral) -> Arrived {
    let original = &handed.referral;
    let mut sections = vec![ReportSection {
        title: format!("Sent on by {} ({})", handed.from_name, handed.from_ods),
        text: [handed.reason.clone(), format!("Agreed with {}.", handed.agreed_with)]
            .into_iter()
            .chain(handed.done.clone())
            .filter(|line| !line.trim().is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
    }];
    if !handed.given.is_empty() {
        // Behind the reason and before all the rest: what was given already is not given again.
        sections.push(ReportSection {
            title: format!("Medicines handed over by {}", handed.from_name),
            text: handed.given.join("\n"),
        });
    }
    if !original.referrer_name.is_empty() {
        sections.push(ReportSection {
            title: "First referred by".to_owned(),
            text: [&original.referrer_name, &original.referrer_person, &original.referrer_contact]
                .into_iter()
                .filter(|part| !part.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        });
    }
    sections.extend(original.sections.iter().cloned());
    let referral = Referral {
        channel: "forwarded".to_owned(),
        message_id: delivery.to_string(),
        // The amended letter about one patient is a newer version of the first.
        document_set: format!("forwarded:{}", handed.consultation),
        document_version: handed.amendment + 1,
        document_at: handed.signed_at.clone(),
        received_at: stored(app.clock.now()),
        referred_at: handed.signed_at.clone(),
        referrer_type: "PHARMACY".to_owned(),
        referrer_ods: handed.from_ods.clone(),
        referrer_name: handed.from_name.clone(),
        referrer_person: handed.from_person.clone(),
        referrer_contact: handed.from_phone.clone(),
        addressed_for: "action".to_owned(),
        withdrawn: String::new(),
        sections,
        reply_to: reply_address(&handed.from_ods, &handed.consultation),
        agreed_with: handed.agreed_with.clone(),
        dos_service_id: String::new(),
        ..original.clone()
    };
    Arrived {
        message_id: delivery.to_string(),
        parts: vec![Part::Report {
            referral: Box::new(referral),
            patient: Box::new(known_here(&handed.patient)),
        }],
    }
}

/// Nothing that another pharmacy learnt counts as proved here: PDS is asked again in the background (practice 11).
fn known_here(patient: &Patient) -> Patient {
    Patient {
        nhs_number_status: if patient.nhs_number.is_empty() {
            String::new()
        } else {
            "unverified".to_owned()
        },
        traced_at: String::new(),
        pds_version: String::new(),
        nominated_pharmacy: String::new(),
        ..patient.clone()
    }
}

#[cfg(test)]
mod tests;
