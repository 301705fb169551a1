//! What one consultation holds (data model: referrals.md 4). Codes, ids, dates are scalars; only notes are text.
//!
//! Every field added after the first release carries `missing =`; no field is renamed or reused.

use super::answer::Answers;
use super::signing::{Amendment, Signature};
use super::turn::Turn;
use crate::ids::{ConsultationId, OdsCode};
use crate::time::{self, Millis};
use autosurgeon::{Hydrate, Reconcile, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that `Consultation::schema` holds for documents made by this code.
pub const SCHEMA: u64 = 1;

/// The whole record. Sections are made with the document and never replaced as objects.
#[derive(Debug, Clone, Reconcile, Hydrate)]
pub struct Consultation {
    /// Which reading of these fields; see [`SCHEMA`].
    pub schema: u64,
    /// `ConsultationId` as text; also the GP message's sender reference.
    pub id: String,
    /// ODS code of the pharmacy this record belongs to, for ever.
    pub pharmacy: String,
    /// `minor-illness@1`: which pathway file, at which version, gives the answers their meaning.
    pub pathway: String,
    /// When the document was made, RFC 3339.
    pub created_at: String,
    pub referral: Referral,
    /// Earlier reports of the same case, readable for ever, by message id (practice 13).
    pub earlier_reports: BTreeMap<String, Referral>,
    /// What arrived after the consultation was started, by message id: shown beside, never applied (practice 13).
    pub notices: BTreeMap<String, Notice>,
    pub patient: Patient,
    pub visit: Visit,
    pub answers: Answers,
    /// Measured values by field id, in the unit the pathway file names.
    pub observations: Answers,
    /// Lines by a UUID given when the line was made.
    pub medicines: BTreeMap<String, Medicine>,
    pub outcome: Outcome,
    /// Free notes; merges letter by letter.
    pub notes: Text,
    /// By `person/amendment`, so two signatures made apart are both kept and seen.
    pub signatures: BTreeMap<String, Signature>,
    /// Opened changes of a signed record, by amendment number.
    pub amendments: BTreeMap<String, Amendment>,
    /// Written by the server only: what became of each message, by `kind/amendment`.
    pub deliveries: BTreeMap<String, Delivery>,
    /// Who is behind each Automerge actor, by its hex.
    pub authors: BTreeMap<String, Author>,
    /// Tries to reach the patient, by a UUID given when the entry was made.
    #[autosurgeon(missing = "BTreeMap::new")]
    pub attempts: BTreeMap<String, Attempt>,
    /// Calls to a practice or another service that were asked for and made, by a UUID.
    #[autosurgeon(missing = "BTreeMap::new")]
    pub calls: BTreeMap<String, Call>,
    /// To whom the patient is sent on.
    #[autosurgeon(missing = "Onward::default")]
    pub onward: Onward,
    /// What the patient pays for what was supplied.
    #[autosurgeon(missing = "Charge::default")]
    pub charge: Charge,
    /// Looks for prescriptions and exemptions, by a UUID given when the entry was made.
    #[autosurgeon(missing = "BTreeMap::new")]
    pub lookups: BTreeMap<String, Lookup>,
    /// Changes of pathway, by a UUID given when it was turned.
    #[autosurgeon(missing = "BTreeMap::new")]
    pub turns: BTreeMap<String, Turn>,
}

impl Consultation {
    /// An empty record, ready to be filled in and made into a document, once.
    pub fn new(id: ConsultationId, pharmacy: &OdsCode, pathway: &str, at: Millis) -> Self {
        Self {
            schema: SCHEMA,
            id: id.to_string(),
            pharmacy: pharmacy.to_string(),
            pathway: pathway.to_owned(),
            created_at: time::stored(at),
            referral: Referral::default(),
            earlier_reports: BTreeMap::new(),
            notices: BTreeMap::new(),
            patient: Patient::default(),
            visit: Visit::default(),
            answers: Answers::new(),
            observations: Answers::new(),
            medicines: BTreeMap::new(),
            outcome: Outcome::default(),
            notes: Text::default(),
            signatures: BTreeMap::new(),
            amendments: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            authors: BTreeMap::new(),
            attempts: BTreeMap::new(),
            calls: BTreeMap::new(),
            onward: Onward::default(),
            charge: Charge::default(),
            lookups: BTreeMap::new(),
            turns: BTreeMap::new(),
        }
    }

    /// Anything recorded, decided or signed: from here on nothing that arrives replaces anything (practice 13).
    /// Saying who is going is not yet beginning.
    pub fn has_begun(&self) -> bool {
        !self.visit.started_at.is_empty()
            || !self.answers.is_empty()
            || !self.observations.is_empty()
            || !self.medicines.is_empty()
            || !self.notes.as_str().is_empty()
            || self.outcome != Outcome::default()
            || !self.signatures.is_empty()
    }

    /// What became of the notice about the latest signature. `None` while nothing is known of that one, whatever
    /// is known of those before it.
    pub fn gp_notice(&self) -> Option<&Delivery> {
        self.latest("gp-notice/")
    }

    /// What became of the claim of the latest signature, as [`Self::gp_notice`].
    pub fn claim(&self) -> Option<&Delivery> {
        self.latest("claim/")
    }

    fn latest(&self, kind: &str) -> Option<&Delivery> {
        let numbered = self
            .deliveries
            .iter()
            .filter_map(|(key, delivery)| Some((key.strip_prefix(kind)?.parse::<u64>().ok()?, delivery)));
        let (amendment, latest) = numbered.max_by_key(|(amendment, _)| *amendment)?;
        self.signatures.values().all(|signature| signature.amendment <= amendment).then_some(latest)
    }

    /// State of the delivery, other than the GP notice, that most needs a person; empty where there are none.
    pub fn other_deliveries(&self) -> &str {
        const WORST_FIRST: [&str; 8] =
            ["needs-attention", "refused", "held", "queued", "sent", "received", "accepted", "not-required"];
        // A claim is looked at in its month; only one that NHSBSA would not have is told of here too.
        let counts = |delivery: &&Delivery| match delivery.kind.as_str() {
            "gp-notice" => false,
            "claim" => matches!(delivery.state.as_str(), "needs-attention" | "refused"),
            _ => true,
        };
        let states = || self.deliveries.values().filter(counts);
        WORST_FIRST
            .into_iter()
            .find(|state| states().any(|delivery| delivery.state == *state))
            .unwrap_or_default()
    }

    /// Whether the sender warns of something, in the report that is shown or in a newer one kept beside it.
    pub fn is_warned_of(&self) -> bool {
        let newer = self.earlier_reports.values().filter(|report| {
            report.document_set == self.referral.document_set
                && report.document_version > self.referral.document_version
        });
        newer.chain([&self.referral]).any(|report| !report.warnings.is_empty())
    }

    /// A signed record was opened for change, and nobody has signed the change yet.
    pub fn is_being_amended(&self) -> bool {
        let signed = self.signatures.values().map(|signature| signature.amendment + 1).max();
        signed.is_some_and(|signed| self.amendments.len() as u64 >= signed)
    }
}

/// Who wrote under one actor id, and how they had unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
pub struct Author {
    /// `PersonId` as text; empty for the server.
    pub person: String,
    pub name: String,
    /// `pharmacist`, `technician`, `administrator`, `server`.
    pub role: String,
    /// `passkey`, `passkey-and-pin`, `passphrase`, `server`.
    pub unlocked_by: String,
}

/// How the patient came, and what the sender said (referrals.md 4.1).
#[derive(Debug, Clone, PartialEq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// `itk111`, `bars`, `itk3`, `forwarded` (written by the server only); `email`, `phone`, `walkin`.
    pub channel: String,
    /// ITK trackingid, BaRS Bundle id, MESH id; empty for a walk-in.
    pub message_id: String,
    /// CDA setId; reports with one set are versions of each other.
    pub document_set: String,
    /// CDA versionNumber.
    pub document_version: u64,
    /// CDA effectiveTime, RFC 3339; the newest of several is shown.
    pub document_at: String,
    /// Sender's case references as `system|value`, space between.
    pub case_ids: String,
    /// When our server stored it, RFC 3339.
    pub received_at: String,
    /// The sender's time, RFC 3339; empty when not given.
    pub referred_at: String,
    /// By when the pharmacy should have spoken to the patient, RFC 3339; empty when nothing was promised.
    pub due_at: String,
    /// `NHS111`, `IUC_CAS`, `GP`, … (referrals.md 4.1).
    pub referrer_type: String,
    pub referrer_ods: String,
    pub referrer_name: String,
    pub referrer_person: String,
    pub referrer_contact: String,
    pub dos_service_id: String,
    /// `UMS` or `MI` or `CP` (referrals.md 2.2).
    pub strand: String,
    /// `Dx28`; upper-case D, no prefix.
    pub disposition: String,
    pub disposition_text: String,
    /// In the sender's words: what is wrong.
    pub complaint: String,
    /// `action` (primary recipient) or `information` (copy).
    pub addressed_for: String,
    /// Marked by the sender as a repeat caller.
    pub repeat_caller: bool,
    /// Sender's warnings in words, one a line: safeguarding, special notes.
    pub warnings: String,
    /// Consent and permission to view as the sender recorded them.
    pub sender_consent: String,
    /// The report's sections in order, as `title` and `text`.
    pub sections: Vec<ReportSection>,
    /// Questions and answers of the triage, in order.
    pub triage: Vec<TriageLine>,
    /// Withdrawn by the sender: the nullification's time and reason; empty when it stands.
    pub withdrawn: String,
    /// Until when the sender wants it acted upon (BaRS: 24 hours), RFC 3339; empty when not said.
    #[autosurgeon(missing = "String::new")]
    pub valid_until: String,
    /// The sender's flags by code, a space between: BaRS `SG SS RS RA IR RC RT AC API CW`.
    #[autosurgeon(missing = "String::new")]
    pub flags: String,
    /// Where an answer goes: BaRS `MessageHeader.source.endpoint`, an e-mail address, a MESH mailbox; empty where the
    /// channel takes none.
    #[autosurgeon(missing = "String::new")]
    pub reply_to: String,
    /// With whom the sender agreed it beforehand, in words; empty when not said.
    #[autosurgeon(missing = "String::new")]
    pub agreed_with: String,
    /// SNOMED code of the condition that the sender named; empty when in words only.
    #[autosurgeon(missing = "String::new")]
    pub condition: String,
}

impl Referral {
    /// The case numbers that people quote to the sender, of all that [`Self::case_ids`] holds (ITK 2.2).
    pub fn case_references(&self) -> impl Iterator<Item = &str> {
        self.case_ids.split_whitespace().filter_map(|id| id.strip_prefix("case-reference|"))
    }
}

/// One part of a referral message as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
pub struct ReportSection {
    pub title: String,
    /// Plain words, lines kept.
    pub text: String,
}

/// One question that was asked in triage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Reconcile, Hydrate, Serialize, Deserialize)]
pub struct TriageLine {
    pub question: String,
    pub answer: String,
}

/// Something that arrived for a consultation already started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
pub struct Notice {
    /// `new-version`, `withdrawn`, `cancelled`.
    pub kind: String,
    /// RFC 3339.
    pub at: String,
    /// What it says, in words.
    pub text: String,
}

/// Who the patient is (referrals.md 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Patient {
    /// Ten digits, or empty.
    pub nhs_number: String,
    /// `verified` (PDS or the 111 message said so), `unverified`, or empty without a number (practice 11).
    pub nhs_number_status: String,
    pub family_name: String,
    pub given_name: String,
    pub title: String,
    /// `1952-03-04`, or empty.
    pub birth_date: String,
    /// `male`, `female`, `other`, `unknown`.
    pub sex: String,
    /// Lines with a line break between.
    pub address: String,
    pub postcode: String,
    /// Where the patient is, when that is not at home.
    pub location_now: String,
    pub phone: String,
    pub other_phones: String,
    /// Who called, when not the patient: name, relationship, phone.
    pub caller: String,
    pub gp_ods: String,
    pub gp_name: String,
    /// When PDS confirmed who this is, RFC 3339; empty: *not traced*, known only from what was said.
    #[autosurgeon(missing = "String::new")]
    pub traced_at: String,
    /// The PDS version that was seen then.
    #[autosurgeon(missing = "String::new")]
    pub pds_version: String,
    /// ODS code of the nominated pharmacy as PDS had it then.
    #[autosurgeon(missing = "String::new")]
    pub nominated_pharmacy: String,
}

/// The visit itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Visit {
    /// Name of who said *I am taking this*, and when (practice 5).
    pub taken_by: String,
    pub taken_at: String,
    /// When staff recorded the first thing, RFC 3339; empty until then.
    pub started_at: String,
    pub ended_at: String,
    /// Name and GPhC number of the pharmacist who was responsible when it was started (practice 30).
    #[autosurgeon(missing = "String::new")]
    pub responsible_pharmacist: String,
}

/// A medicine asked for, recommended, supplied or refused (referrals.md 4.4).
///
/// What the dictionary said is copied here when the line is made, so no release of it is needed to read an old record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Medicine {
    pub name: String,
    /// dm+d code and level (`AMP`, `VMP`); empty when typed in words.
    pub code: String,
    pub level: String,
    /// `recommended`, `supplied`, `refused`, `referred`; empty while a supply is still being looked at.
    pub decision: String,
    pub reason: String,
    /// Where one is to be had, by the pathway's word: `premises`, `collected`, `delivered` (practice 1).
    pub supplied_from: String,
    pub directions: String,
    pub recorded_at: String,
    /// How much was handed over: `20`, `capsule`, and the unit's SNOMED code; empty while nothing was.
    #[autosurgeon(missing = "String::new")]
    pub quantity: String,
    #[autosurgeon(missing = "String::new")]
    pub unit: String,
    #[autosurgeon(missing = "String::new")]
    pub unit_code: String,
    /// For how many days that is; empty where it cannot be said.
    #[autosurgeon(missing = "String::new")]
    pub days: String,
    /// By which right: `emergency-supply`, `patient-group-direction`, `over-the-counter`, … (referrals.md 4.4).
    #[autosurgeon(missing = "String::new")]
    pub supply_type: String,
    /// When it was handed over, RFC 3339.
    #[autosurgeon(missing = "String::new")]
    pub supplied_at: String,
    #[autosurgeon(missing = "String::new")]
    pub form: String,
    #[autosurgeon(missing = "String::new")]
    pub strength: String,
    /// The dm+d release it was chosen from: `2026-11-16`; empty when typed in words.
    #[autosurgeon(missing = "String::new")]
    pub release: String,
    /// `POM`, `P`, `GSL`, `none` (not applicable); empty: unknown.
    #[autosurgeon(missing = "String::new")]
    pub legal_class: String,
    /// Control category of dm+d, `0000` none to `0010` Schedule 5 (medicines.md 1.4); empty: unknown.
    #[autosurgeon(missing = "String::new")]
    pub schedule: String,
    /// `medicine`, `appliance`; empty: unknown.
    #[autosurgeon(missing = "String::new")]
    pub product_kind: String,
    /// `medicines::Group` words, a space between: `inhaler`, `oral-contraceptive`, …
    #[autosurgeon(missing = "String::new")]
    pub groups: String,
    /// Ingredients as `code|name`, one a line; empty: unknown.
    #[autosurgeon(missing = "String::new")]
    pub ingredients: String,
    /// What was answered about this line, by the question's id in the rules: `immediate-need` to `yes`.
    #[autosurgeon(missing = "BTreeMap::new")]
    pub asked: BTreeMap<String, String>,
    /// The professional's reason for each warning that asks for one, by the warning's id.
    #[autosurgeon(missing = "BTreeMap::new")]
    pub judged: BTreeMap<String, String>,
    /// What was asked for, in the patient's words, where something else was supplied.
    #[autosurgeon(missing = "String::new")]
    pub requested: String,
    #[autosurgeon(missing = "String::new")]
    pub prescribed_by: String,
    /// When it was last supplied on prescription, in words.
    #[autosurgeon(missing = "String::new")]
    pub last_supplied: String,
    /// Less than asked for was supplied and the rest goes on: how much is still wanted, in words.
    #[autosurgeon(missing = "String::new")]
    pub owed: String,
    /// Coded reason of a refusal (referrals.md 4.4): `not-lawful`, `not-in-stock`, …
    #[autosurgeon(missing = "String::new")]
    pub no_supply_reason: String,
    /// It happened although the rules do not allow it: why, in words (practice 14). Never claimed.
    #[autosurgeon(missing = "String::new")]
    pub exception: String,
    /// What the rules said against it when the exception was recorded: ids, a space between.
    #[autosurgeon(missing = "String::new")]
    pub broken_rules: String,
    /// `PGD id@version` for a supply under a patient group direction.
    #[autosurgeon(missing = "String::new")]
    pub legal_document: String,
    /// Batch, and expiry as `2027-03` or `2027-03-31`.
    #[autosurgeon(missing = "String::new")]
    pub batch: String,
    #[autosurgeon(missing = "String::new")]
    pub expiry: String,
    /// GTIN that was scanned, 14 digits.
    #[autosurgeon(missing = "String::new")]
    pub gtin: String,
    /// Name of who collected it, when not the patient.
    #[autosurgeon(missing = "String::new")]
    pub collected_by: String,
    /// Digest of all that the rules read of this line, written last by `supply::confirm`. Where two edits met it does
    /// not fit, and somebody looks again before it counts.
    #[autosurgeon(missing = "String::new")]
    pub confirmed: String,
}

/// What the patient pays, why not, and who declared it (practice 23, 27).
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Charge {
    /// `exempt`, `paid`, `free`; empty: not asked.
    pub status: String,
    /// Code of the exemption in the dated list (medicines.md 4.2): `0005`, `W`, …
    pub exemption: String,
    /// `seen`, `not-seen`; empty: not asked.
    pub evidence: String,
    /// Pence paid a line, by the line's id.
    pub paid: BTreeMap<String, String>,
    /// `patient`, `representative`; empty: nobody declared.
    pub declared_by: String,
    pub declared_name: String,
    /// RFC 3339.
    pub declared_at: String,
    /// The strokes as an SVG path in a box of 600 by 200; empty: signed on paper or not at all.
    pub signature: String,
    /// How the token was made: `printed`, `copied`; empty: not made. And when, RFC 3339.
    pub token: String,
    pub token_at: String,
    /// The token itself was signed on paper: `yes`, `no`; empty: not asked.
    pub token_signed: String,
}

/// What a look at somebody's prescriptions or exemption found, kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Lookup {
    /// `prescription` or `exemption`.
    pub kind: String,
    /// RFC 3339.
    pub at: String,
    /// Name of who looked.
    pub by: String,
    /// `tracker`, `tracker-website`, `phone`, `summary-care-record`, `rtec`.
    pub source: String,
    /// `found`, `none`, `failed`, `not-called`.
    pub result: String,
    /// Prescription id as `HHHHHH-OOOOOO-HHHHHC`; empty where there is none.
    pub prescription: String,
    /// Its status in words, or the exemption's type.
    pub status: String,
    /// Items and what else was found, in words; never a cause of a failure.
    pub detail: String,
}

/// One try to reach the patient. Trying is not yet beginning ([`Consultation::has_begun`]).
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempt {
    /// RFC 3339.
    pub at: String,
    /// Name of who tried.
    pub by: String,
    /// `phone`, `text`, `video`, `visit`.
    pub how: String,
    /// `spoke`, `no-answer`, `voicemail`, `wrong-number`, `did-not-attend`.
    pub result: String,
    /// In words; may be empty.
    pub note: String,
}

/// One call that this record asks for: an urgent action is never left to a message alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Call {
    /// `gp-urgent`, `onward`, `notice-failed`.
    pub about: String,
    /// RFC 3339.
    pub at: String,
    /// Name of who called.
    pub by: String,
    pub number: String,
    /// Name and role of who answered.
    pub spoken_to: String,
    /// `agreed`, `told`, `no-answer`, `refused`.
    pub result: String,
    pub note: String,
}

/// To whom the patient is sent on, chosen from the directory or typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Onward {
    /// `pharmacy`, `gp`, `out-of-hours`, `emergency-department`, `dentist`, `optometrist`, `sexual-health`; empty: nobody.
    pub service: String,
    /// `urgent` or `routine`.
    pub urgency: String,
    pub ods: String,
    /// Directory of Services id.
    pub dos_service_id: String,
    pub name: String,
    pub address: String,
    pub phone: String,
    pub email: String,
    /// Name of who agreed there, and when by RFC 3339: another pharmacy is phoned first.
    pub agreed_with: String,
    pub agreed_at: String,
    /// The patient consents to the record going there.
    pub consent: String,
    /// Why, in words.
    pub reason: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The pathway's outcome id; empty until decided.
    pub code: String,
    /// For a referral closed without a consultation (referrals.md 4.5): `no_contact`, …
    pub closure_reason: String,
    /// Attempts made before closing, in words.
    pub attempts: String,
}

/// What became of one message about this consultation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// `gp-notice`, `onward-referral`, `referrer-feedback`, `claim`.
    pub kind: String,
    /// `queued`, `standby`, `held`, `sent`, `received` (technical yes), `accepted` (the practice's system took it),
    /// `refused`, `needs-attention`, `not-required`.
    pub state: String,
    /// RFC 3339 of the latest change.
    pub at: String,
    /// To whom, in words: `Elm Road Surgery`.
    pub to: String,
    /// Why, in words, where there is something to say.
    pub detail: String,
    /// By which way: `update-record`, `send-document`, `email`, `bars`, `handover`, `print`, …
    #[autosurgeon(missing = "String::new")]
    pub route: String,
}
