//! What every message over MESH to a practice is made of.

use super::{NotPrepared, Preparing};
use crate::nhs::gp_connect::{Addressee, CONTENT_TYPE, Message, Pharmacist, Pharmacy};
use crate::store::FrozenMessage;
use shared::ids::{GphcNumber, OdsCode};

/// A mailbox set for the practice, or MESH's own way to it.
pub fn addressee<'a>(preparing: &Preparing<'a>) -> Addressee<'a> {
    let practice = preparing.signed.patient.gp_ods.parse::<OdsCode>().ok();
    let mailbox = practice.and_then(|practice| preparing.sender.practice_mailboxes.get(&practice));
    mailbox.map_or(Addressee::Registered(preparing.sender.date_order), |mailbox| Addressee::Mailbox(mailbox))
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
