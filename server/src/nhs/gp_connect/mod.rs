//! GP Connect Update Record: the notice to the patient's practice, and what its system answers (referrals.md 9, 10.2).

mod acknowledgement;
mod addressing;
mod content;
mod decision;
pub(in crate::nhs) mod ids;
pub(super) mod message;
pub(super) mod people;
mod practice;
#[cfg(test)]
mod published;
pub(super) mod supply;
#[cfg(test)]
pub(super) mod tests;
mod update_record;
mod vital_signs;
pub(in crate::nhs) mod xml;

pub use acknowledgement::{Ack, Level, NotAnAck, Outcome, meaning_of_report, read};
pub use addressing::{Addressee, DateOrder};
pub use content::{Coded, Content, Finding, Heading};
pub use decision::{NoticeDecision, notice_decision};
pub use practice::{answers, refuses};
pub use supply::Supply;
pub use update_record::{
    ACK_WORKFLOW, CONTENT_TYPE, Message, Pharmacist, Pharmacy, UpdateRecord, WORKFLOW, compose,
};
pub use vital_signs::{Arm, Measurement, READINGS, Reading, SIGNS, Sign, Source};

pub(super) use addressing::{Identified, address, identified, surname_first};
pub(super) use ids::{Notice, Series};
pub(super) use message::{Frame, hl7_uk, stu3};
#[cfg(test)]
pub(crate) use supply::tests::line as supplied_line;
pub(super) use xml::{Coding, Fhir, urn};

/// Why a notice that is due is not sent yet. It is shown with these words and never lost (practice 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    #[error("Held, needs tracing: the NHS number is not verified. Phone or e-mail the practice.")]
    NeedsTracing,
    #[error("Held: the date of birth is missing. Add it by an amendment, and the practice will be told.")]
    NoBirthDate,
    #[error("Held: the surname is missing. Add it by an amendment, and the practice will be told.")]
    NoSurname,
    #[error("Held: there is nothing to tell the practice yet. Complete the consultation and sign it again.")]
    NothingToTell,
}
