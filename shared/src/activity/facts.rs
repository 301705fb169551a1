//! The facts of one signed consultation that figures are made of. No patient is in them.

use crate::claim::{self, Allowed, Verdict};
use crate::consultation::{Consultation, Signature, WorkListRow};
use crate::pathway::{self, Crossed};
use crate::referral;
use crate::time::{self, Millis};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Whether a clinical pathway's gateway was crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gateway {
    /// The service has none.
    #[default]
    None,
    Crossed,
    NotCrossed,
    /// An answer is missing that decides it.
    Open,
}

impl Gateway {
    pub const ALL: [Self; 4] = [Self::None, Self::Crossed, Self::NotCrossed, Self::Open];

    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Crossed => "crossed",
            Self::NotCrossed => "not-crossed",
            Self::Open => "open",
        }
    }

    /// The gateway of a code; `None` for every other word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gateway| gateway.code() == code)
    }
}

/// What is counted of one signed consultation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Day on which the patient was seen, or the record closed, in England: `2026-11-22`.
    pub day: String,
    /// As which service it is judged ([`claim::service`]): one that came by a pathway may count as minor illness. Empty
    /// where it is none that is claimed.
    pub service: String,
    /// `sore-throat`, without its version.
    pub pathway: String,
    /// As [`crate::consultation::Referral::channel`].
    pub channel: String,
    pub setting: String,
    pub method: String,
    /// Name of who signed.
    pub person: String,
    /// The pathway's outcome by its id.
    pub outcome: String,
    /// In words, as it was called then.
    pub outcome_words: String,
    /// Why it was closed without a consultation; empty where there was one.
    pub closed: String,
    pub gateway: Gateway,
    /// `urgent`, `routine`; empty: nobody was sent on.
    pub onward: String,
    /// Milliseconds since 1970: when it came, first contact with the patient, and the signature.
    pub received_at: Millis,
    pub contacted_at: Option<Millis>,
    pub signed_at: Millis,
    /// Names of what was handed over.
    pub supplied: Vec<String>,
    /// [`Verdict::code`], without what the contractor has settled, and why in words.
    pub verdict: String,
    pub why: String,
}

impl Facts {
    /// Of a record as it was signed.
    pub fn of(record: &Consultation, signature: &Signature) -> Self {
        let verdict = claim::assess(record, signature, &Allowed::new());
        let started = time::read(&record.visit.started_at);
        let signed_at = time::read(&signature.at).unwrap_or_default();
        let answer =
            |id: &str| record.answers.get(id).and_then(|answer| answer.as_text()).unwrap_or_default();
        let mut supplied: Vec<String> = record
            .medicines
            .values()
            .filter(|line| line.decision == "supplied")
            .map(|line| line.name.trim().to_owned())
            .collect();
        supplied.sort();
        let (gateway, outcome_words) = judged(record);
        Self {
            day: time::day(started.unwrap_or(signed_at)).to_string(),
            service: verdict.service().map(|service| service.id.clone()).unwrap_or_default(),
            pathway: record.pathway.split('@').next().unwrap_or_default().to_owned(),
            channel: record.referral.channel.clone(),
            setting: answer("setting").to_owned(),
            method: answer("method").to_owned(),
            person: signature.name.trim().to_owned(),
            outcome: record.outcome.code.clone(),
            outcome_words,
            closed: record.outcome.closure_reason.clone(),
            gateway,
            onward: record.onward.urgency.clone(),
            received_at: time::read(&record.referral.received_at)
                .or_else(|| time::read(&record.created_at))
                .unwrap_or(signed_at),
            contacted_at: contact(record, started),
            signed_at,
            supplied,
            verdict: verdict.code().to_owned(),
            why: if matches!(verdict, Verdict::Payable(_)) { String::new() } else { verdict.words() },
        }
    }

    /// The day as a date.
    pub fn date(&self) -> Option<Date> {
        self.day.parse().ok()
    }
}

fn judged(record: &Consultation) -> (Gateway, String) {
    let Some(pathway) = pathway::find(&record.pathway) else { return Default::default() };
    let assessment = pathway::assess_record(pathway, record);
    let gateway = match Crossed::of(&assessment.gateways) {
        Crossed::None => Gateway::None,
        Crossed::Yes => Gateway::Crossed,
        Crossed::No => Gateway::NotCrossed,
        Crossed::NotYet => Gateway::Open,
    };
    let words = pathway.outcomes.iter().find(|outcome| outcome.id == record.outcome.code);
    (gateway, words.map(|outcome| outcome.label.clone()).unwrap_or_default())
}

/// First contact: the first try that reached somebody, or the visit, whichever was first.
fn contact(record: &Consultation, started: Option<Millis>) -> Option<Millis> {
    let reached = record.attempts.values().filter(|attempt| referral::reached([*attempt]));
    reached.filter_map(|attempt| time::read(&attempt.at)).chain(started).min()
}

/// One signed consultation as it is counted: its facts, and what became of its notice and its claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    pub consultation: String,
    /// `FAMILY, Given`.
    pub patient: String,
    pub pharmacy: String,
    pub facts: Facts,
    /// When the GP had the notice; `None` so far.
    pub told_at: Option<Millis>,
    /// State of the claim of the latest signature, as deliveries have it; empty: none is made.
    pub claim: String,
    pub claim_detail: String,
}

impl Done {
    /// Of a line of the work list; `None` while nobody has signed.
    pub fn of_row(row: &WorkListRow) -> Option<Self> {
        let facts = Facts::clone(row.activity.as_ref()?);
        let told = matches!(row.notice.as_str(), "accepted");
        Some(Self {
            consultation: row.id.clone(),
            patient: row.patient_name.clone(),
            pharmacy: row.pharmacy.clone(),
            facts,
            told_at: time::read(&row.notice_at).filter(|_| told),
            claim: row.claim.clone(),
            claim_detail: String::new(),
        })
    }
}
