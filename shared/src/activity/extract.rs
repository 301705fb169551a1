//! The items of one consultation that are handed on: to the data warehouse, to the contractor, to the next supplier. The
//! list is the data dictionary too, so neither can say what the other does not.
//!
//! The official list (Annex B) was not obtained: the items are the working minimum of medicines.md 6.4, under the PRSB
//! headings, provisional as a whole.

use super::age::age_band;
use super::facts::Facts;
use crate::claim;
use crate::consultation::{Consultation, Signature, summarise};
use crate::pathway::{self, Heading};
use crate::register::Supplied;
use crate::time;
use serde::{Deserialize, Serialize};

/// What an item would tell about somebody; decides what is left of it where nobody may be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveals {
    /// Nothing: stays as it is.
    Nothing,
    /// Who it is: a keyed hash stands in its place, the same for the same value.
    Who,
    /// Something that few may share (age band, sex, district): left out where fewer share it than allowed.
    Rare,
    /// Leads to somebody at once (name, address, phone, day of birth), or is in free words: left out.
    Person,
}

impl Reveals {
    /// What the dictionary says of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "kept",
            Self::Who => "keyed hash",
            Self::Rare => "left out where few share it",
            Self::Person => "left out",
        }
    }
}

/// One column.
pub struct Item {
    pub name: &'static str,
    /// The PRSB heading or part of the record it belongs to.
    pub heading: &'static str,
    pub meaning: &'static str,
    /// Allowed values or the form of it.
    pub values: &'static str,
    pub reveals: Reveals,
    pub read: fn(&Extract) -> &str,
}

macro_rules! items {
    ($($heading:literal { $($name:ident: $reveals:ident, $meaning:literal, $values:literal;)+ })+) => {
        /// The items of one consultation, as text; empty where it is not recorded.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Extract { $($( #[doc = $meaning] #[serde(skip_serializing_if = "String::is_empty")] pub $name: String, )+)+ }

        /// Every column, in order.
        pub const ITEMS: &[Item] = &[$($( Item {
            name: stringify!($name), heading: $heading, meaning: $meaning, values: $values, reveals: Reveals::$reveals,
            read: |extract| &extract.$name,
        }, )+)+];
    };
}

items! {
    "Record" {
        consultation: Who, "The consultation; lines of medicines name it too.", "UUID";
        pharmacy: Nothing, "Pharmacy.", "ODS code";
        amendment: Nothing, "0 as first signed, then the number of the amendment.", "whole number";
    }
    "Referral" {
        channel: Nothing, "How the patient came.", "itk111, bars, itk3, forwarded, email, phone, walkin";
        referrer_type: Nothing, "Kind of referrer.", "NHS111, GP, UTC, … (referrals.md 4.1)";
        referrer_ods: Nothing, "Organisation that referred.", "ODS code";
        referrer_name: Nothing, "Organisation that referred, in words.", "text";
        referral_reference: Who, "The referrer's case references.", "text, a space between";
        referral_id: Who, "Id of the referral message.", "text";
        referred_at: Nothing, "When it was referred, or else received.", "RFC 3339";
        received_at: Nothing, "When the pharmacy had it.", "RFC 3339";
        due_at: Nothing, "By when the patient was to be contacted.", "RFC 3339";
        strand: Nothing, "What it was referred for.", "UMS, MI, CP";
        disposition: Nothing, "NHS Pathways disposition.", "Dx code";
        contacted_at: Nothing, "First contact with the patient.", "RFC 3339";
    }
    "Patient demographics" {
        nhs_number: Who, "NHS number.", "10 digits";
        nhs_number_status: Nothing, "Whether it was verified.", "verified, unverified";
        family_name: Person, "Family name.", "text";
        given_name: Person, "Given names.", "text";
        birth_date: Person, "Date of birth.", "YYYY-MM-DD";
        age_band: Rare, "Age on the day of the consultation.", "0, 1 to 4, 5 to 11, … 85 and over";
        sex: Rare, "Sex.", "male, female, other, unknown";
        address: Person, "Address, commas between its lines.", "text";
        postcode: Person, "Postcode.", "SW1A 1AA";
        postcode_district: Rare, "Outward part of the postcode.", "SW1A";
        phone: Person, "Phone number.", "text";
    }
    "GP practice" {
        gp_ods: Nothing, "Registered practice.", "ODS code";
        gp_name: Nothing, "Registered practice, in words.", "text";
    }
    "Consultation" {
        day: Nothing, "Day of the consultation, in England.", "YYYY-MM-DD";
        started_at: Nothing, "When it began.", "RFC 3339";
        signed_at: Nothing, "When it was signed.", "RFC 3339";
        minutes: Nothing, "From its beginning until the signature.", "whole number";
        pathway: Nothing, "Pathway file and version.", "id@version";
        service_code: Nothing, "The service, SNOMED CT.", "SNOMED CT code";
        condition_code: Nothing, "The pathway's condition, SNOMED CT.", "SNOMED CT code";
        setting: Nothing, "Where the patient was seen.", "premises, patients-home, care-home, remote";
        method: Nothing, "How.", "FTF, TELEPHONE, TELEMEDICINE";
        pharmacist: Who, "Who signed, by GPhC number.", "7 digits";
        pharmacist_name: Person, "Who signed.", "text";
        consent_service: Nothing, "Consent to the consultation.", "yes, no";
        consent_by: Nothing, "Who consented.", "patient, parent, attorney, best-interests, …";
        consent_record: Nothing, "Permission to look at the GP record.", "given, emergency, refused, not-needed";
        consent_told: Nothing, "Told who receives the record.", "yes, no";
        gp_objection: Nothing, "Objects to the GP being told.", "yes, no";
    }
    "Presenting complaints or issues" {
        complaint: Person, "What the patient came with.", "text";
        presenting: Person, "Presenting complaints as the GP reads them.", "text";
    }
    "History" { history: Person, "History as the GP reads it.", "text"; }
    "Red flags" { red_flags: Person, "Red flags asked and found, as the GP reads them.", "text"; }
    "Clinical summary" { clinical_summary: Person, "The summary that the GP reads.", "text"; }
    "Information and advice given" { advice: Person, "Advice, leaflets, safety-netting.", "text"; }
    "Plan and requested actions" { plan: Person, "What the GP is asked to do.", "text"; }
    "Outcome" {
        outcome: Nothing, "Outcome by the pathway's id.", "id of the pathway file";
        outcome_words: Nothing, "Outcome in words.", "text";
        outcome_code: Nothing, "Outcome as NHSBSA codes it.", "ADVICE_ONLY, ONWARD_REFERRAL, … (referrals.md 4.5)";
        closure_reason: Nothing, "Why it was closed without a consultation.", "code (referrals.md 4.5)";
        gateway: Nothing, "Whether the pathway's gateway was crossed.", "crossed, not-crossed, open, none";
        gateways: Nothing, "Which were, by id.", "ids, a space between";
        onward_service: Nothing, "To whom the patient was sent on.", "pharmacy, gp, out-of-hours, …";
        onward_urgency: Nothing, "How urgently.", "urgent, routine";
        onward_ods: Nothing, "To which organisation.", "ODS code";
        onward_reason: Person, "Why.", "text";
    }
    "Payment" {
        service: Nothing, "The service it counts as.", "minor-illness, urgent-supply, clinical-pathway";
        verdict: Nothing, "Whether it is payable by the rules alone.", "payable, hold, not-payable";
        why: Nothing, "Why not, in words.", "text";
        charge: Nothing, "Whether a charge was paid.", "exempt, paid, free";
        exemption: Nothing, "Exemption.", "code (medicines.md 4.2)";
        exemption_evidence: Nothing, "Evidence of it.", "seen, not-seen";
    }
    "Medications" { medicines: Nothing, "How many lines were supplied; they stand in a file of their own.", "whole number"; }
}

/// One column of the file of medicines.
pub struct SupplyItem {
    pub name: &'static str,
    pub meaning: &'static str,
    pub values: &'static str,
    pub reveals: Reveals,
    pub read: fn(&Supplied) -> String,
}

macro_rules! supply_items {
    ($($name:literal: $reveals:ident, $meaning:literal, $values:literal, $read:expr;)+) => {
        /// Every column of the file of medicines, in order.
        pub const SUPPLY_ITEMS: &[SupplyItem] = &[$( SupplyItem {
            name: $name, meaning: $meaning, values: $values, reveals: Reveals::$reveals, read: $read,
        }, )+];
    };
}

supply_items! {
    "consultation": Who, "The consultation.", "UUID", |line| line.consultation.clone();
    "line": Who, "The line in it.", "UUID", |line| line.line.clone();
    "supplied_at": Nothing, "When it was handed over.", "RFC 3339", |line| line.supplied_at.clone();
    "name": Nothing, "Name as dm+d has it, or as typed.", "text", |line| line.name.clone();
    "dmd_code": Nothing, "dm+d.", "SNOMED CT code", |line| line.code.clone();
    "dmd_level": Nothing, "Level of the code.", "VMP, AMP, VMPP, AMPP", |line| line.level.clone();
    "form": Nothing, "Form.", "text", |line| line.form.clone();
    "strength": Nothing, "Strength.", "text", |line| line.strength.clone();
    "quantity": Nothing, "How much.", "number", |line| line.quantity.clone();
    "unit": Nothing, "Of what.", "text", |line| line.unit.clone();
    "days": Nothing, "For how many days.", "whole number", |line| line.days.clone();
    "directions": Person, "Directions.", "text", |line| line.directions.clone();
    "supply_type": Nothing, "By which right.", "emergency-supply, patient-group-direction, over-the-counter, …", |line| line.supply_type.clone();
    "legal_document": Nothing, "Patient group direction.", "id@version", |line| line.legal_document.clone();
    "legal_class": Nothing, "Legal class.", "POM, P, GSL", |line| line.legal_class.clone();
    "schedule": Nothing, "Control category of dm+d.", "0000 to 0010", |line| line.schedule.clone();
    "exception": Nothing, "Recorded as made outside the rules.", "yes, no", |line| if line.is_exception() { "yes" } else { "no" }.to_owned();
    "batch": Nothing, "Batch.", "text", |line| line.batch.clone();
    "expiry": Nothing, "Expiry.", "YYYY-MM or YYYY-MM-DD", |line| line.expiry.clone();
}

/// The items of a record as it was signed.
pub fn extract(record: &Consultation, signature: &Signature, facts: &Facts) -> Extract {
    let (referral, patient) = (&record.referral, &record.patient);
    let answer = |id: &str| record.answers.get(id).map(ToString::to_string).unwrap_or_default();
    let told = |at: Option<i64>| at.map(time::stored).unwrap_or_default();
    let started = time::read(&record.visit.started_at);
    let minutes = started.map(|started| (facts.signed_at - started).max(0) / 60_000);
    let mut extract = Extract {
        consultation: record.id.clone(),
        pharmacy: record.pharmacy.clone(),
        amendment: signature.amendment.to_string(),
        channel: referral.channel.clone(),
        referrer_type: referral.referrer_type.clone(),
        referrer_ods: referral.referrer_ods.clone(),
        referrer_name: referral.referrer_name.clone(),
        referral_reference: referral.case_references().collect::<Vec<_>>().join(" "),
        referral_id: referral.message_id.clone(),
        referred_at: if referral.referred_at.is_empty() {
            &referral.received_at
        } else {
            &referral.referred_at
        }
        .clone(),
        received_at: time::stored(facts.received_at),
        due_at: referral.due_at.clone(),
        strand: referral.strand.clone(),
        disposition: referral.disposition.clone(),
        contacted_at: told(facts.contacted_at),
        nhs_number: patient.nhs_number.clone(),
        nhs_number_status: patient.nhs_number_status.clone(),
        family_name: patient.family_name.clone(),
        given_name: patient.given_name.clone(),
        birth_date: patient.birth_date.clone(),
        age_band: facts.date().map(|day| age_band(&patient.birth_date, day)).unwrap_or_default(),
        sex: patient.sex.clone(),
        address: patient.address.lines().map(str::trim).collect::<Vec<_>>().join(", "),
        postcode: patient.postcode.clone(),
        postcode_district: patient.postcode.split_whitespace().next().unwrap_or_default().to_owned(),
        phone: patient.phone.clone(),
        gp_ods: patient.gp_ods.clone(),
        gp_name: patient.gp_name.clone(),
        day: facts.day.clone(),
        started_at: record.visit.started_at.clone(),
        signed_at: signature.at.clone(),
        minutes: minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
        pathway: record.pathway.clone(),
        setting: facts.setting.clone(),
        method: facts.method.clone(),
        pharmacist: signature.gphc.trim().to_owned(),
        pharmacist_name: facts.person.clone(),
        consent_service: answer("consent-service"),
        consent_by: answer("consent-by"),
        consent_record: answer("consent-record"),
        consent_told: answer("consent-told"),
        gp_objection: answer("gp-objection"),
        complaint: referral.complaint.clone(),
        outcome: facts.outcome.clone(),
        outcome_words: facts.outcome_words.clone(),
        closure_reason: facts.closed.clone(),
        gateway: facts.gateway.code().to_owned(),
        onward_service: record.onward.service.clone(),
        onward_urgency: facts.onward.clone(),
        onward_ods: record.onward.ods.clone(),
        onward_reason: record.onward.reason.clone(),
        service: facts.service.clone(),
        verdict: facts.verdict.clone(),
        why: facts.why.clone(),
        charge: record.charge.status.clone(),
        exemption: record.charge.exemption.clone(),
        exemption_evidence: record.charge.evidence.clone(),
        medicines: facts.supplied.len().to_string(),
        ..Extract::default()
    };
    if let claim::Verdict::Payable(payable) = claim::assess(record, signature, &claim::Allowed::new()) {
        extract.gateways = payable.gateways.join(" ");
    }
    if let Some(pathway) = pathway::find(&record.pathway) {
        let summary = summarise(record, pathway);
        let words = |heading: Heading| summary.words(heading.code()).unwrap_or_default().to_owned();
        extract.service_code.clone_from(&pathway.service.code);
        extract.condition_code =
            pathway.condition.as_ref().map(|condition| condition.code.clone()).unwrap_or_default();
        let outcome = pathway.outcomes.iter().find(|outcome| outcome.id == record.outcome.code);
        extract.outcome_code = outcome.map(|outcome| outcome.code.clone()).unwrap_or_default();
        extract.presenting = words(Heading::PresentingComplaintsOrIssues);
        extract.history = words(Heading::History);
        extract.red_flags = words(Heading::RedFlags);
        extract.clinical_summary = words(Heading::ClinicalSummary);
        extract.advice = words(Heading::InformationAndAdviceGiven);
        extract.plan = words(Heading::PlanAndRequestedActions);
    }
    extract
}
