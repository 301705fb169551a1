//! What is promised about 111 messages, on invented reports and on NHS England's published ones.

mod broken;
mod published;
mod refused;
mod taken;

use super::*;
pub use crate::intake::Withdrawal;
pub use shared::consultation::{Patient, Referral};

pub const MINOR_ILLNESS: &str = include_str!("../fixtures/minor-illness-dx28.xml");
pub const BARE_ODS: &str = include_str!("../fixtures/bare-ods-number.xml");
pub const NO_NHS_NUMBER: &str = include_str!("../fixtures/no-nhs-number.xml");
pub const REPEAT_CALLER: &str = include_str!("../fixtures/repeat-caller.xml");
pub const NULLIFICATION: &str = include_str!("../fixtures/nullification.xml");
pub const COPY: &str = include_str!("../fixtures/copy-for-information.xml");

pub const ALL: [&str; 6] = [MINOR_ILLNESS, BARE_ODS, NO_NHS_NUMBER, REPEAT_CALLER, NULLIFICATION, COPY];

/// 22 November 2026, 22:00 in England; later than every invented report but one.
pub fn now() -> Millis {
    shared::time::read("2026-11-22T22:00:00Z").expect("an instant")
}

pub fn take(body: &str) -> Report {
    read(body.as_bytes(), &Accepting::anything(now())).expect("a report")
}

pub fn refuse(body: &[u8]) -> Fault {
    read(body, &Accepting::anything(now())).expect_err("a fault")
}

/// The newest report of a message.
pub fn newest(report: &Report) -> (&Referral, &Patient) {
    match &report.arrived.parts[0] {
        Part::Report { referral, patient } => (referral, patient),
        Part::Withdrawal(withdrawal) => panic!("a withdrawal: {withdrawal:?}"),
    }
}
