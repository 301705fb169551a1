//! What a message does to the consultations already here: a new one, a newer report, or a notice beside one.

use super::{Arrived, Part, Withdrawal};
use shared::consultation::{Consultation, Notice, Patient, Referral};
use shared::ids::{ConsultationId, OdsCode};
use shared::pathway::{self, Pathway, Strand};
use shared::time::{Millis, day_and_time, read, stored};

/// The pathway that opens for a referral: that of the condition the sender named, else that of the strand (`UMS`, `MI`,
/// `CP`). The pharmacist may turn it into another.
pub fn pathway_for(referral: &Referral) -> String {
    let newest = |strand| pathway::current(strand).map(Pathway::key).unwrap_or_default();
    match referral.strand.as_str() {
        "UMS" => newest(Strand::UrgentMedicineSupply),
        _ => pathway::of_condition(&referral.condition)
            .map_or_else(|| newest(Strand::MinorIllness), Pathway::key),
    }
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
    /// [`Consultation::has_begun`]: from here on nothing is replaced (practice 13).
    pub started: bool,
    pub for_action: bool,
    /// As [`Referral::due_at`] of the shown report.
    pub due_at: String,
    pub withdrawn: bool,
    /// Messages that took the report back after it was started.
    pub withdrawals: Vec<String>,
    /// As [`Patient::nhs_number`].
    pub nhs_number: String,
    pub family_name: String,
    pub birth_date: String,
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
            started: record.has_begun(),
            for_action: shown.addressed_for != "information",
            due_at: shown.due_at.clone(),
            withdrawn: !shown.withdrawn.is_empty(),
            withdrawals: record
                .notices
                .iter()
                .filter(|(_, notice)| notice.kind == "withdrawn")
                .map(|(message, _)| message.clone())
                .collect(),
            nhs_number: record.patient.nhs_number.clone(),
            family_name: record.patient.family_name.clone(),
            birth_date: record.patient.birth_date.clone(),
        }
    }

    fn has_seen(&self, message_id: &str) -> bool {
        holds_message(&self.message_ids, message_id)
    }

    /// Senders reuse ids; what they say about one person must not take the place of what is known about another.
    fn is_about_another(&self, patient: &Patient) -> bool {
        let differ = |had: &str, came: &str| {
            let (had, came) = (had.trim(), came.trim());
            !had.is_empty() && !came.is_empty() && had.to_lowercase() != came.to_lowercase()
        };
        if !self.nhs_number.is_empty() && !patient.nhs_number.is_empty() {
            return self.nhs_number != patient.nhs_number;
        }
        differ(&self.birth_date, &patient.birth_date) && differ(&self.family_name, &patient.family_name)
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
    New { referral: Box<Referral>, patient: Box<Patient>, earlier: Vec<Referral>, pathway: String },
    /// A newer version of a report nobody has started on: it takes the place of the shown one.
    Update {
        consultation: ConsultationId,
        referral: Box<Referral>,
        patient: Box<Patient>,
        earlier: Vec<Referral>,
        pathway: String,
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
                let key = keep_one(record, referral);
                record.notices.insert(key, notice.clone());
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

/// Whether one of the kept ids is of that message; what follows the slash tells its parts apart.
fn holds_message(ids: &[String], message_id: &str) -> bool {
    ids.iter().any(|id| id.split('/').next().unwrap_or(id).eq_ignore_ascii_case(message_id))
}

/// Keeps reports among the earlier ones; what is there already stays as it is.
fn keep(record: &mut Consultation, reports: &[Referral]) {
    for report in reports {
        keep_one(record, report);
    }
}

/// Under its message id, or beside it where another version came under the same one. Answers under which.
fn keep_one(record: &mut Consultation, report: &Referral) -> String {
    let again = (2..).map(|time| format!("{}/sent-{time}", report.message_id));
    let mut keys = std::iter::once(report.message_id.clone()).chain(again);
    let mut fits = |key: &String| {
        record.earlier_reports.get(key).is_none_or(|had| {
            (had.document_version, &had.document_at) == (report.document_version, &report.document_at)
        })
    };
    let key = keys.find(&mut fits).unwrap_or_default();
    record.earlier_reports.entry(key.clone()).or_insert_with(|| report.clone());
    key
}

/// Decides what a message does to what is stored, at the moment `now` of its arrival. `existing` are the addressed
/// pharmacy's consultations that share a message id, a document set or a case id with it; more do no harm.
pub fn file(arrived: &Arrived, existing: &[ExistingCase], now: Millis) -> Vec<Filing> {
    let mut filings = Vec::new();
    let mut reports = arrived.parts.iter().filter_map(|document| match document {
        Part::Report { referral, patient } => Some((referral, patient)),
        Part::Withdrawal(_) => None,
    });
    if let Some((newest, patient)) = reports.next() {
        let earlier: Vec<Referral> = reports.map(|(referral, _)| referral.as_ref().clone()).collect();
        filings.push(file_report(newest, patient, earlier, &arrived.message_id, existing, now));
    }
    for document in &arrived.parts {
        if let Part::Withdrawal(withdrawal) = document {
            filings.push(file_withdrawal(withdrawal, &arrived.message_id, existing, now));
        }
    }
    filings
}

fn file_report(
    newest: &Referral,
    patient: &Patient,
    mut earlier: Vec<Referral>,
    message_id: &str,
    existing: &[ExistingCase],
    now: Millis,
) -> Filing {
    let pathway = pathway_for(newest);
    let mut referral = Box::new(newest.clone());
    let mut of_patient = existing.iter().filter(|case| !case.is_about_another(patient));
    let Some(case) = of_patient.clone().find(|case| case.is_case_of(newest)) else {
        if let Some(had) = of_patient.find(|case| case.has_seen(message_id)) {
            return Filing::AlreadyHave { consultation: had.consultation };
        }
        return Filing::New { referral, patient: Box::new(patient.clone()), earlier, pathway };
    };
    let consultation = case.consultation;
    // Some senders give a newer version the tracking id of the first; the same version is the same message again.
    if case.has_seen(message_id) && newest.document_version <= case.document_version {
        return Filing::AlreadyHave { consultation };
    }
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
        let notice = Notice { kind: "new-version".to_owned(), at: stored(now), text: news(newest) };
        return Filing::NoticeBeside { consultation, notice, referral, earlier };
    }
    // A later copy for information does not take the duty to act away, nor by when.
    if case.for_action && referral.addressed_for == "information" {
        "action".clone_into(&mut referral.addressed_for);
        referral.due_at.clone_from(&case.due_at);
    }
    Filing::Update { consultation, referral, patient: Box::new(patient.clone()), earlier, pathway }
}

fn file_withdrawal(
    withdrawal: &Withdrawal,
    message_id: &str,
    existing: &[ExistingCase],
    now: Millis,
) -> Filing {
    let reason =
        if withdrawal.reason.is_empty() { "No reason was given." } else { withdrawal.reason.as_str() };
    let of_set = || existing.iter().filter(|case| case.holds_set(&withdrawal.document_set));
    let found = of_set()
        .find(|case| case.holds_id("document", &withdrawal.document_id))
        .or_else(|| of_set().next())
        .or_else(|| existing.iter().find(|case| case.holds_id("document", &withdrawal.document_id)));
    let Some(case) = found else {
        return Filing::NothingToWithdraw {
            document_set: withdrawal.document_set.clone(),
            reason: reason.to_owned(),
        };
    };
    let consultation = case.consultation;
    if holds_message(&case.withdrawals, message_id) {
        return Filing::AlreadyHave { consultation };
    }
    let when = read(&withdrawal.at).map(day_and_time);
    if case.started {
        let when = when.map(|when| format!(" on {when}")).unwrap_or_default();
        let text = format!("The sender has withdrawn this referral{when}. {reason}");
        // By when it came: a withdrawal written before a signature may arrive after it.
        let notice = Notice { kind: "withdrawn".to_owned(), at: stored(now), text };
        let seen = case.has_seen(message_id);
        let notice_id = if seen { format!("{message_id}/withdrawn") } else { message_id.to_owned() };
        return Filing::WithdrawBeside { consultation, notice_id, notice };
    }
    // A withdrawal sent again after a newer version came does not take that version back.
    let outdated =
        read(&withdrawal.at).is_some_and(|at| read(&case.document_at).is_some_and(|shown| at < shown));
    if case.withdrawn || outdated {
        return Filing::AlreadyHave { consultation };
    }
    let reason = when.map_or_else(|| reason.to_owned(), |when| format!("{when}: {reason}"));
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
    let earlier = earlier.into_iter().map(|report| (report.message_id.clone(), report));
    Consultation {
        referral,
        patient,
        earlier_reports: earlier.collect(),
        ..Consultation::new(id, pharmacy, pathway, now)
    }
}

#[cfg(test)]
mod tests;
