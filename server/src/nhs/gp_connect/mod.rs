//! GP Connect Update Record: the notice to the patient's practice, and what its system answers (referrals.md 9, 10.2).

mod acknowledgement;
mod content;
mod decision;
pub(in crate::nhs) mod ids;
mod practice;
mod update_record;
pub(in crate::nhs) mod xml;

#[cfg(test)]
pub(super) mod tests;

pub use acknowledgement::{Ack, Level, NotAnAck, Outcome, meaning_of_report, read};
pub use content::{Coded, Content, Heading, Measurement};
pub use decision::{NoticeDecision, notice_decision};
pub use practice::answers;
pub use update_record::{
    ACK_WORKFLOW, Addressee, CONTENT_TYPE, DateOrder, Message, Pharmacist, Pharmacy, UpdateRecord, WORKFLOW,
    compose,
};

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
    #[error(
        "Held: practice systems do not take notices of urgent medicine supply by this route. \
         Tell the practice by e-mail or phone."
    )]
    NotCarried,
}
