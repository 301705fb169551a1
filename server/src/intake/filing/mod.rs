//! What a 111 message does to the consultations already here: a new one, a newer report, or a notice beside one.

use super::itk111::{CdaReport, Nullification, Report};
use shared::consultation::{Consultation, Notice, Outcome, Patient, Referral, SCHEMA, Visit};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::{Millis, day_and_time, read, stored};
use std::collections::BTreeMap;

/// The pathway file that opens for a strand (`UMS`, `MI`, `CP`).
pub fn pathway_for(strand: &str) -> &'static str {
    if strand == "UMS" { "urgent-medicine-supply@1" } else { "minor-illness@1" }
}

/// What must be known of a stored consultation to file a message against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingCase {
    pub consultation: ConsultationId,
    /// Every message that has already reached it.
    pub message_ids: Vec<String>,
    pub document_set: String,
    /// The newest version that has reached it, shown or beside.
    pub document_version: u64,
    /// Time of that version, RFC 3339.
    pub document_at: String,
    /// As [`Referral::case_ids`], of the shown report and all earlier ones.
    pub case_ids: String,
    /// Someone has recorded something: from here on nothing is replaced (practice 13).
    pub started: bool,
    pub for_action: bool,
    pub withdrawn: bool,
}

impl ExistingCase {
    /// Reads it off the record.
    pub fn of(consultation: ConsultationId, record: &Consultation) -> Self {
        let shown = &record.referral;
        let newest = record
            .earlier_reports
            .values()
            .filter(|report| report.document_set == shown.document_set)
            .chain([shown])
            .max_by_key(|report| age(report.document_version, &report.document_at))
            .unwrap_or(shown);
        let reports = || record.earlier_reports.values().chain([shown]);
        Self {
            consultation,
            message_ids: reports()
                .map(|report| report.message_id.clone())
                .chain(record.notices.keys().cloned())
                .filter(|id| !id.is_empty())
                .collect(),
            document_set: shown.document_set.clone(),
            document_version: newest.document_version,
            document_at: newest.document_at.clone(),
            case_ids: reports().map(|report| report.case_ids.as_str()).collect::<Vec<_>>().join(" "),
            started: started(record),
            for_action: shown.addressed_for != "information",
            withdrawn: !shown.withdrawn.is_empty(),
        }
    }

    fn has_seen(&self, tracking_id: &str) -> bool {
        self.message_ids.iter().any(|seen| {
            let message = seen.split('/').next().unwrap_or(seen);
            message.eq_ignore_ascii_case(tracking_id)
        })
    }

    fn holds_set(&self, document_set: &str) -> bool {
        !document_set.is_empty() && self.document_set.eq_ignore_ascii_case(document_set)
    }

    fn holds_id(&self, system: &str, value: &str) -> bool {
        !value.is_empty()
            && self
                .case_ids
                .split(' ')
                .filter_map(|id| id.split_once('|'))
                .any(|(had_system, had)| had_system == system && had.eq_ignore_ascii_case(value))
    }

    fn is_case_of(&self, referral: &Referral) -> bool {
        if !referral.document_set.is_empty() {
            return self.holds_set(&referral.document_set);
        }
        // Without a set, only an id that no other case can have: call numbers start again each day at some senders.
        referral.case_ids.split(' ').filter_map(|id| id.split_once('|')).any(|(system, value)| {
            matches!(system, "case-reference" | "document") && self.holds_id(system, value)
        })
    }
}

/// What to do with one message, decided without touching anything.
#[derive(Debug, Clone, PartialEq)]
pub enum Filing {
    /// The same message, or the same version of the same document.
    AlreadyHave { consultation: ConsultationId },
    /// Make a consultation with [`new_consultation`].
    New { referral: Box<Referral>, patient: Box<Patient>, earlier: Vec<Referral>, pathway: &'static str },
    /// A newer version of a report nobody has started on: it takes the place of the shown one.
    Update {
        consultation: ConsultationId,
        referral: Box<Referral>,
        patient: Box<Patient>,
        earlier: Vec<Referral>,
        pathway: &'static str,
    },
    /// A newer version of one that was started: kept beside, with a notice (practice 13).
    NoticeBeside {
        consultation: ConsultationId,
        notice: Notice,
        referral: Box<Referral>,
        earlier: Vec<Referral>,
    },
    /// An older version that arrived late: readable, nothing more.
    Earlier { consultation: ConsultationId, earlier: Vec<Referral> },
    /// The sender took the report back before anyone started.
    Withdraw { consultation: ConsultationId, reason: String },
    /// The sender took back a report that was started on: a notice, under `notice_id`.
    WithdrawBeside { consultation: ConsultationId, notice_id: String, notice: Notice },
    /// A withdrawal of something that never came here.
    NothingToWithdraw { document_set: String, reason: String },
}

impl Filing {
    /// The stored consultation it concerns; `None` for a new one or none.
    pub fn consultation(&self) -> Option<ConsultationId> {
        match self {
            Self::AlreadyHave { consultation }
            | Self::Update { consultation, .. }
            | Self::NoticeBeside { consultation, .. }
            | Self::Earlier { consultation, .. }
            | Self::Withdraw { consultation, .. }
            | Self::WithdrawBeside { consultation, .. } => Some(*consultation),
            Self::New { .. } | Self::NothingToWithdraw { .. } => None,
        }
    }

    /// Writes the decision into the record it concerns; to be called inside the edit of that document.
    pub fn apply(&self, record: &mut Consultation) {
        match self {
            Self::Update { referral, patient, earlier, pathway, .. } => {
                keep(record, earlier);
                let replaced = std::mem::replace(&mut record.referral, referral.as_ref().clone());
                keep(record, &[replaced]);
                record.patient = patient.as_ref().clone();
                (*pathway).clone_into(&mut record.pathway);
            }
            Self::NoticeBeside { notice, referral, earlier, .. } => {
                keep(record, earlier);
                keep(record, &[referral.as_ref().clone()]);
                record.notices.insert(referral.message_id.clone(), notice.clone());
            }
            Self::Earlier { earlier, .. } => keep(record, earlier),
            Self::Withdraw { reason, .. } => reason.clone_into(&mut record.referral.withdrawn),
            Self::WithdrawBeside { notice_id, notice, .. } => {
                record.notices.insert(notice_id.clone(), notice.clone());
            }
            Self::AlreadyHave { .. } | Self::New { .. } | Self::NothingToWithdraw { .. } => {}
        }
    }
}

/// Whether anything was recorded, decided or signed; taking the visit on is not yet starting it.
fn started(record: &Consultation) -> bool {
    !record.visit.started_at.is_empty()
        || !record.answers.is_empty()
        || !record.outcome.code.is_empty()
        || !record.outcome.closure_reason.is_empty()
        || !record.signatures.is_empty()
}

/// Keeps reports among the earlier ones, by message id; what is there already stays as it is.
fn keep(record: &mut Consultation, reports: &[Referral]) {
    for report in reports {
        record.earlier_reports.entry(report.message_id.clone()).or_insert_with(|| report.clone());
    }
}

/// Decides what a message does to what is stored. `existing` are the addressed pharmacy's consultations that share
/// a message id, a document set or a case id with it; more do no harm.
pub fn file(report: &Report, existing: &[ExistingCase]) -> Vec<Filing> {
    if let Some(had) = existing.iter().find(|case| case.has_seen(&report.tracking_id)) {
        return vec![Filing::AlreadyHave { consultation: had.consultation }];
    }
    let mut filings = Vec::new();
    let mut reports = report.documents.iter().filter_map(|document| match document {
        CdaReport::Report { referral, patient } => Some((referral, patient)),
        CdaReport::Nullification(_) => None,
    });
    if let Some((newest, patient)) = reports.next() {
        let earlier: Vec<Referral> = reports.map(|(referral, _)| referral.as_ref().clone()).collect();
        filings.push(file_report(newest, patient, earlier, existing));
    }
    for document in &report.documents {
        if let CdaReport::Nullification(withdrawal) = document {
            filings.push(file_withdrawal(withdrawal, &report.tracking_id, existing));
        }
    }
    filings
}

fn file_report(
    newest: &Referral,
    patient: &Patient,
    mut earlier: Vec<Referral>,
    existing: &[ExistingCase],
) -> Filing {
    let pathway = pathway_for(&newest.strand);
    let mut referral = Box::new(newest.clone());
    let Some(case) = existing.iter().find(|case| case.is_case_of(newest)) else {
        return Filing::New { referral, patient: Box::new(patient.clone()), earlier, pathway };
    };
    let consultation = case.consultation;
    let had = age(case.document_version, &case.document_at);
    let came = age(newest.document_version, &newest.document_at);
    let now_for_action = newest.addressed_for == "action" && !case.for_action;
    if came < had {
        earlier.insert(0, newest.clone());
        return Filing::Earlier { consultation, earlier };
    }
    if came == had && !now_for_action {
        return Filing::AlreadyHave { consultation };
    }
    if case.started {
        let notice =
            Notice { kind: "new-version".to_owned(), at: newest.received_at.clone(), text: news(newest) };
        return Filing::NoticeBeside { consultation, notice, referral, earlier };
    }
    // A later copy for information does not take the duty to act away.
    if case.for_action {
        "action".clone_into(&mut referral.addressed_for);
    }
    Filing::Update { consultation, referral, patient: Box::new(patient.clone()), earlier, pathway }
}

fn file_withdrawal(withdrawal: &Nullification, tracking_id: &str, existing: &[ExistingCase]) -> Filing {
    let reason =
        if withdrawal.reason.is_empty() { "No reason was given." } else { withdrawal.reason.as_str() };
    let found = existing
        .iter()
        .find(|case| case.holds_set(&withdrawal.document_set))
        .or_else(|| existing.iter().find(|case| case.holds_id("document", &withdrawal.document_id)));
    let Some(case) = found else {
        return Filing::NothingToWithdraw {
            document_set: withdrawal.document_set.clone(),
            reason: reason.to_owned(),
        };
    };
    let consultation = case.consultation;
    if case.started {
        let text = format!("The sender has withdrawn this referral. {reason}");
        let notice = Notice { kind: "withdrawn".to_owned(), at: withdrawal.at.clone(), text };
        return Filing::WithdrawBeside { consultation, notice_id: tracking_id.to_owned(), notice };
    }
    // A withdrawal sent again after a newer version came does not take that version back.
    let outdated =
        read(&withdrawal.at).is_some_and(|at| read(&case.document_at).is_some_and(|shown| at < shown));
    if case.withdrawn || outdated {
        return Filing::AlreadyHave { consultation };
    }
    let when = read(&withdrawal.at).map(day_and_time).unwrap_or_default();
    let reason = if when.is_empty() { reason.to_owned() } else { format!("{when}: {reason}") };
    Filing::Withdraw { consultation, reason }
}

/// Newer is greater: the version counts, the time only between equal versions.
fn age(version: u64, at: &str) -> (u64, Option<Millis>) {
    (version, read(at))
}

/// What the notice about a newer version says.
fn news(referral: &Referral) -> String {
    let mut text =
        "The sender has sent a newer version of this referral. Your record has not been changed; the newer \
                    version can be read with the earlier reports."
            .to_owned();
    let asked = [referral.disposition.as_str(), referral.disposition_text.as_str()].join(" ");
    if !asked.trim().is_empty() {
        text = format!("{text}\nIt asks for: {}", asked.trim());
    }
    if !referral.warnings.is_empty() {
        text = format!("{text}\nWarnings: {}", referral.warnings.replace('\n', "; "));
    }
    text
}

/// The first record of a consultation, whatever brought it: 111, a file, the demonstration, a walk-in.
pub fn new_consultation(
    id: ConsultationId,
    pharmacy: &OdsCode,
    now: Millis,
    pathway: &str,
    referral: Referral,
    patient: Patient,
    earlier: Vec<Referral>,
) -> Consultation {
    Consultation {
        schema: SCHEMA,
        id: id.to_string(),
        pharmacy: pharmacy.as_str().to_owned(),
        pathway: pathway.to_owned(),
        created_at: stored(now),
        referral,
        earlier_reports: earlier.into_iter().map(|report| (report.message_id.clone(), report)).collect(),
        notices: BTreeMap::new(),
        patient,
        visit: Visit::default(),
        answers: BTreeMap::new(),
        observations: BTreeMap::new(),
        medicines: BTreeMap::new(),
        outcome: Outcome::default(),
        notes: "".into(),
        signatures: BTreeMap::new(),
        amendments: BTreeMap::new(),
        deliveries: BTreeMap::new(),
        authors: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
