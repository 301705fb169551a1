//! The one-row summary of a consultation: all that lists and search may read (design 2.5).

use super::record::Consultation;
use crate::activity::Facts;
use serde::{Deserialize, Serialize};

/// Letters of a complaint that a list shows: a report may be all of five megabytes, and every device has every row.
const LONGEST_COMPLAINT: usize = 500;

/// Where a consultation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Arrived; nobody has recorded anything.
    Received,
    /// Someone has begun.
    Open,
    /// Signed.
    Completed,
    /// Ended without a consultation, with a reason.
    Closed,
    /// Withdrawn by its sender before anyone began.
    Withdrawn,
}

/// What the work list shows and the server's own list prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkListRow {
    pub id: String,
    pub pharmacy: String,
    pub status: Status,
    /// `minor-illness@1`.
    pub pathway: String,
    pub channel: String,
    /// `Dx28`.
    pub disposition: String,
    /// RFC 3339.
    pub received_at: String,
    /// RFC 3339; empty when nothing was promised.
    pub due_at: String,
    /// `FAMILY, Given`.
    pub patient_name: String,
    /// Ten digits or empty.
    pub nhs_number: String,
    /// `1952-03-04` or empty.
    pub birth_date: String,
    pub postcode: String,
    /// Why, in a line; the beginning of what the sender wrote.
    pub complaint: String,
    /// Name of who is going, or empty.
    pub taken_by: String,
    /// State of the GP notice (`record::Delivery::state`); empty before signing.
    pub notice: String,
    /// To whom the notice goes, in words.
    pub notice_to: String,
    /// State of the NHSBSA claim of the latest signature; empty where none is made.
    pub claim: String,
    /// When the latest delivery changed, RFC 3339.
    pub notice_at: String,
    /// RFC 3339; empty until signed.
    pub signed_at: String,
    /// Something arrived after it was started and nobody has signed since.
    pub has_notice: bool,
    pub repeat_caller: bool,
    /// Number of fields two people disagree on.
    pub clashes: u32,
    /// Number of entries made at the same time as a signature, which a person must decide on.
    pub late_entries: u32,
    /// An amendment is open and not signed.
    pub amending: bool,
    /// `action` or `information`; empty when not said.
    pub addressed_for: String,
    /// Until when the sender wants it acted upon, RFC 3339; empty when not said.
    pub valid_until: String,
    /// The sender warns of something; what, stands in the record only.
    pub has_warnings: bool,
    /// Tries to reach the patient.
    pub attempts: u32,
    /// When the latest of them was, RFC 3339; empty for none.
    pub attempted_at: String,
    /// In one of them somebody spoke to the patient.
    pub reached: bool,
    /// Worst state of the deliveries other than the GP notice; empty where there are none.
    pub other_deliveries: String,
    /// What is counted of it; `None` until signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<Box<Facts>>,
}

impl Default for WorkListRow {
    fn default() -> Self {
        Self {
            id: String::new(),
            pharmacy: String::new(),
            status: Status::Received,
            pathway: String::new(),
            channel: String::new(),
            disposition: String::new(),
            received_at: String::new(),
            due_at: String::new(),
            patient_name: String::new(),
            nhs_number: String::new(),
            birth_date: String::new(),
            postcode: String::new(),
            complaint: String::new(),
            taken_by: String::new(),
            notice: String::new(),
            notice_to: String::new(),
            claim: String::new(),
            notice_at: String::new(),
            signed_at: String::new(),
            has_notice: false,
            repeat_caller: false,
            clashes: 0,
            late_entries: 0,
            amending: false,
            addressed_for: String::new(),
            valid_until: String::new(),
            has_warnings: false,
            attempts: 0,
            attempted_at: String::new(),
            reached: false,
            other_deliveries: String::new(),
            activity: None,
        }
    }
}

impl super::Document {
    /// The row that stands for this document in every list.
    pub fn row(&mut self) -> Result<WorkListRow, super::DocumentError> {
        let record = self.read()?;
        let activity = self.signed()?.map(|(signed, signature)| Box::new(Facts::of(&signed, &signature)));
        let clashes = u32::try_from(self.clashes()?.len()).unwrap_or(u32::MAX);
        let late_entries = u32::try_from(self.late_entries()?.len()).unwrap_or(u32::MAX);
        let signed_at = record.signatures.values().map(|s| s.at.clone()).max().unwrap_or_default();
        let delivery = record.gp_notice();
        let attempted_at = record.attempts.values().map(|attempt| attempt.at.clone()).max();
        let has_notice = record.notices.values().any(|notice| notice.at > signed_at);
        Ok(WorkListRow {
            status: status(&record),
            amending: record.is_being_amended(),
            patient_name: record.patient.list_name(),
            notice: delivery.map(|d| d.state.clone()).unwrap_or_default(),
            notice_to: delivery.map(|d| d.to.clone()).unwrap_or_default(),
            notice_at: delivery.map(|d| d.at.clone()).unwrap_or_default(),
            claim: record.claim().map(|claim| claim.state.clone()).unwrap_or_default(),
            has_warnings: record.is_warned_of(),
            attempts: u32::try_from(record.attempts.len()).unwrap_or(u32::MAX),
            attempted_at: attempted_at.unwrap_or_default(),
            reached: crate::referral::reached(record.attempts.values()),
            other_deliveries: record.other_deliveries().to_owned(),
            received_at: if record.referral.received_at.is_empty() {
                record.created_at.clone()
            } else {
                record.referral.received_at.clone()
            },
            id: record.id,
            pharmacy: record.pharmacy,
            pathway: record.pathway,
            channel: record.referral.channel,
            disposition: record.referral.disposition,
            due_at: record.referral.due_at,
            nhs_number: record.patient.nhs_number,
            birth_date: record.patient.birth_date,
            postcode: record.patient.postcode,
            complaint: record.referral.complaint.chars().take(LONGEST_COMPLAINT).collect(),
            taken_by: record.visit.taken_by,
            repeat_caller: record.referral.repeat_caller,
            addressed_for: record.referral.addressed_for,
            valid_until: record.referral.valid_until,
            signed_at,
            has_notice,
            clashes,
            late_entries,
            activity,
        })
    }
}

fn status(record: &Consultation) -> Status {
    if !record.signatures.is_empty() {
        if record.outcome.closure_reason.is_empty() { Status::Completed } else { Status::Closed }
    } else if record.has_begun() {
        Status::Open
    } else if !record.referral.withdrawn.is_empty() {
        Status::Withdrawn
    } else {
        Status::Received
    }
}

impl super::Patient {
    /// `FAMILY, Given`, as every list and banner shows it; empty when nothing is known.
    pub fn list_name(&self) -> String {
        match (self.family_name.trim(), self.given_name.trim()) {
            ("", "") => String::new(),
            (family, "") => family.to_uppercase(),
            ("", given) => given.to_owned(),
            (family, given) => format!("{}, {given}", family.to_uppercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::consultation::{Consultation, Referral};
    use crate::ids::ConsultationId;

    fn report(version: u64, warnings: &str) -> Referral {
        Referral {
            document_set: "SET".into(),
            document_version: version,
            warnings: warnings.into(),
            ..Referral::default()
        }
    }

    fn warned(shown: Referral, beside: Referral) -> bool {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([1; 16]);
        let mut record = Consultation::new(id, &pharmacy, "minor-illness@1", 0);
        record.referral = shown;
        record.earlier_reports.insert("M".to_owned(), beside);
        record.is_warned_of()
    }

    #[test]
    fn a_warning_in_a_newer_report_kept_beside_marks_the_line_too() {
        assert!(warned(report(1, "Safeguarding"), report(2, "")));
        assert!(warned(report(1, ""), report(2, "Safeguarding")));
        assert!(!warned(report(2, ""), report(1, "Taken back in the newer one")));
        assert!(!warned(report(1, ""), report(1, "")));
    }
}
