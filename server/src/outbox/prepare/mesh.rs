//! What every message over MESH to a practice is made of.

use super::{NotPrepared, Preparing};
use crate::nhs::gp_connect::{Addressee, CONTENT_TYPE, Message, Pharmacist, Pharmacy};
use crate::nhs::mesh::{MeshError, Stamp};
use crate::outbox::carrier::SendError;
use crate::problem::chain;
use crate::store::FrozenMessage;
use shared::ids::{GphcNumber, OdsCode};
use uuid::Uuid;

/// A mailbox set for the practice, or MESH's own way to it.
pub fn addressee<'a>(preparing: &Preparing<'a>) -> Addressee<'a> {
    let practice = preparing.signed.patient.gp_ods.parse::<OdsCode>().ok();
    let mailbox = practice.and_then(|practice| preparing.sender.practice_mailboxes.get(&practice));
    mailbox.map_or(Addressee::Registered(preparing.sender.date_order), |mailbox| Addressee::Mailbox(mailbox))
}

/// In which mailbox the practice takes messages of this workflow, as MESH says (MESH API, endpoint look-up); `None` where
/// nobody is asked: a mailbox is set for it, there is no MESH here, or MESH does not answer such questions.
///
/// A practice that takes them nowhere, or in several mailboxes, is told the next way at once, instead of after the five
/// days that MESH waits for somebody to collect a message.
pub async fn mailbox_for(preparing: &Preparing<'_>, workflow: &str) -> Result<Option<String>, NotPrepared> {
    let app = preparing.app;
    let Ok(practice) = preparing.signed.patient.gp_ods.parse::<OdsCode>() else { return Ok(None) };
    let Some(mesh) = app.mesh.of(&preparing.sender.pharmacy.ods) else { return Ok(None) };
    if preparing.sender.practice_mailboxes.contains_key(&practice) {
        return Ok(None);
    }
    let stamp = Stamp { at: preparing.now, nonce: Uuid::new_v4() };
    match mesh.look_up(stamp, &practice, workflow).await {
        Ok(found) => match found.as_slice() {
            [one] => Ok(Some(one.mailbox_id.clone())),
            [] => Err(NotPrepared::NextWay("The practice takes no such messages over MESH.".to_owned())),
            _ => Err(NotPrepared::NextWay("MESH names more than one mailbox of the practice.".to_owned())),
        },
        Err(MeshError::Busy { after }) => Err(NotPrepared::Later(SendError::Busy { after })),
        // Nothing has left yet, whatever became of the question.
        Err(error @ MeshError::Unreachable(_)) => {
            Err(NotPrepared::Later(SendError::Unreachable(Box::new(error))))
        }
        Err(error) => {
            tracing::warn!(delivery = %preparing.row.id, cause = %chain(&error), "MESH did not say which mailbox takes this message; it goes by MESH's own routing");
            Ok(None)
        }
    }
}

pub fn pharmacy<'a>(preparing: &Preparing<'a>) -> Pharmacy<'a> {
    let pharmacy = &preparing.sender.pharmacy;
    Pharmacy { ods: &pharmacy.ods, name: &pharmacy.name, phone: &pharmacy.phone, mailbox: &pharmacy.mailbox }
}

/// The registration of whoever signed.
pub struct Registered(GphcNumber);

impl Registered {
    pub fn named<'a>(&'a self, name: &'a str) -> Pharmacist<'a> {
        Pharmacist { name, gphc: &self.0 }
    }
}

/// Without it no message over MESH is made.
pub fn pharmacist(preparing: &Preparing<'_>) -> Result<Registered, NotPrepared> {
    preparing.signature.gphc.parse().map(Registered).map_err(|_| {
        NotPrepared::Held(
            "Held: the pharmacist’s GPhC number is missing. Add it, amend the record and sign again."
                .to_owned(),
        )
    })
}

pub fn frozen(message: Message, workflow: &str) -> FrozenMessage {
    FrozenMessage {
        target: message.to,
        workflow: workflow.to_owned(),
        subject: message.subject,
        local_id: message.local_id,
        content_type: CONTENT_TYPE.to_owned(),
        payload: message.body,
        header_id: message.header_id.to_string(),
    }
}
