//! Real-time exemption checking: when the NHS may be asked, and what an answer means for the charge. The rules are the
//! PEC requirements of NHS Digital (medicines.md 3); their ids stand beside each decision.

use super::Id;
use super::charge::{AgeExempt, age_exempt, birth_date, confirmed_words, is_confirmed};
use crate::consultation::{Charge, Consultation, Lookup};
use crate::patient::Postcode;
use crate::patient::tracing::{DECEASED, RESTRICTED};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Endorsements of a prescriber by which an item is free: contraceptive, and free supply.
const FREE: [&str; 2] = ["CC", "FS"];

/// Whether the NHS is asked about an exemption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckPlan {
    Call,
    /// Not needed: what is known already decides.
    Skip(Because),
    /// Not possible or not allowed here: a signed declaration instead.
    NotFor(Because),
}

impl CheckPlan {
    /// Why nothing is asked; `None` where it is.
    pub fn because(&self) -> Option<&Because> {
        match self {
            Self::Call => None,
            Self::Skip(because) | Self::NotFor(because) => Some(because),
        }
    }
}

/// A reason with the requirement that it follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// `PEC-FR-30`.
    pub rule: String,
    pub words: String,
}

impl Because {
    fn new(rule: &str, words: &str) -> Self {
        Self { rule: rule.to_owned(), words: words.to_owned() }
    }

    /// Nothing was asked because nothing is to be paid anyhow (PEC-FR-20 to 22).
    fn is_free(&self) -> bool {
        matches!(self.rule.as_str(), "PEC-FR-20" | "PEC-FR-21" | "PEC-FR-22")
    }
}

/// What the record alone does not say.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// In England.
    pub today: Date,
    /// Released from prison with a form that says so.
    pub released_from_prison: bool,
    /// The prescriber's endorsements, item by item: `CC`, `FS`, `ACBS`, …
    pub endorsements: &'a [Vec<String>],
}

/// Whether the NHS may be asked about this patient's exemption, and needs to be. `prescription`: the EPS prescription
/// that is being dispensed; an urgent supply and a supply under a patient group direction have none.
pub fn may_call(record: &Consultation, prescription: Option<&Id>, asked: Asked<'_>) -> CheckPlan {
    let not_for = |rule, words| CheckPlan::NotFor(Because::new(rule, words));
    let skip = |rule, words| CheckPlan::Skip(Because::new(rule, words));
    if prescription.is_none() {
        return not_for(
            "PEC-FR-30",
            "The NHS checks exemptions only for an electronic prescription, and this supply has none. The patient or \
             their representative declares it on the dispensing token.",
        );
    }
    if !record.signatures.is_empty() {
        return not_for(
            "PEC-FR-52",
            "This record is signed: what was found or declared then stands, and nothing is checked again when it is \
             amended.",
        );
    }
    if let Some(because) = barred(record) {
        return CheckPlan::NotFor(because);
    }
    match birth_date(record).and_then(|born| age_exempt(born, asked.today)) {
        Some(AgeExempt::Under16) => {
            return skip("PEC-FR-20", "The patient is under 16 and pays nothing: nothing is checked.");
        }
        Some(AgeExempt::SixtyOrOver) => {
            return skip("PEC-FR-20", "The patient is 60 or over and pays nothing: nothing is checked.");
        }
        None => {}
    }
    if asked.released_from_prison {
        return skip("PEC-FR-21", "A form for somebody released from prison is free: nothing is checked.");
    }
    let free = |item: &Vec<String>| item.iter().any(|code| FREE.contains(&code.as_str()));
    if !asked.endorsements.is_empty() && asked.endorsements.iter().all(free) {
        return skip("PEC-FR-22", "Every item is endorsed as free of charge (CC or FS): nothing is checked.");
    }
    CheckPlan::Call
}

/// Who must not be asked about: only details that PDS confirmed may be sent (PEC-FR-3 to 8).
fn barred(record: &Consultation) -> Option<Because> {
    let because = |rule, words| Some(Because::new(rule, words));
    let noted = |kind: &str| record.notices.values().any(|notice| notice.kind == kind);
    if noted(DECEASED) {
        return because("PEC-FR-4", "PDS says that this patient has died. No exemption is checked.");
    }
    if noted(RESTRICTED) {
        return because(
            "PEC-FR-5",
            "This patient’s record is restricted: no details of theirs are sent. A declaration is signed instead.",
        );
    }
    let patient = &record.patient;
    if patient.traced_at.is_empty() || patient.nhs_number_status != "verified" {
        return because(
            "PEC-FR-3",
            "This patient’s details are not confirmed by PDS. Look the patient up first, or have a declaration signed.",
        );
    }
    let missing = [&patient.given_name, &patient.family_name].into_iter().any(|name| name.trim().is_empty());
    if missing || birth_date(record).is_none() || patient.postcode.parse::<Postcode>().is_err() {
        return because(
            "PEC-FR-6",
            "First name, family name, birth date and postcode are needed for a check, and not all are recorded. Look \
             the patient up again, or have a declaration signed.",
        );
    }
    None
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "result", content = "detail")]
pub enum Answer {
    /// An exemption of this type: `9005`, `9180`, …
    Found(String),
    /// None was found. That does not mean that there is none.
    NotFound,
    /// No answer, or none that can be read.
    Failed,
    /// Nothing was asked, and why.
    NotCalled(Because),
}

/// What an answer leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// For the record: every check leaves one, whatever came of it (PEC-FR-44).
    pub lookup: Lookup,
    /// Read by whoever is at the screen.
    pub words: String,
    pub needs_declaration: bool,
}

/// Puts an answer into the charge. What was found becomes the reason, with neither evidence nor declaration, and its
/// type is what a claim sends (PEC-FR-35, 43, 51); anything else leaves the charge as it is and asks for a signed
/// declaration (PEC-FR-40 to 42). `at`: RFC 3339. `by`: name of who asked.
pub fn apply(charge: &mut Charge, answer: &Answer, prescription: Option<&Id>, at: &str, by: &str) -> Applied {
    let look = |result: &str, status: &str, detail: &str| Lookup {
        kind: "exemption".to_owned(),
        at: at.to_owned(),
        by: by.to_owned(),
        source: "rtec".to_owned(),
        result: result.to_owned(),
        prescription: prescription.map(Id::short).unwrap_or_default(),
        status: status.to_owned(),
        detail: detail.to_owned(),
    };
    let declare = "A signed declaration is needed: ask the patient or their representative.";
    match answer {
        Answer::Found(code) if is_confirmed(code) => {
            *charge = Charge {
                status: "exempt".to_owned(),
                exemption: code.clone(),
                token: charge.token.clone(),
                token_at: charge.token_at.clone(),
                token_signed: charge.token_signed.clone(),
                ..Charge::default()
            };
            let words =
                format!("{} ({code}). No evidence and no declaration are asked for.", confirmed_words(code));
            Applied { lookup: look("found", code, confirmed_words(code)), words, needs_declaration: false }
        }
        Answer::NotFound => Applied {
            lookup: look("none", "", ""),
            words: format!(
                "The check confirmed nothing, which does not say that the patient has to pay. {declare}"
            ),
            needs_declaration: true,
        },
        // A type outside the published range says nothing that a claim could carry.
        Answer::Found(_) | Answer::Failed => Applied {
            lookup: look("failed", "", ""),
            words: format!("The exemption could not be checked. {declare}"),
            needs_declaration: true,
        },
        Answer::NotCalled(because) => Applied {
            lookup: look("not-called", &because.rule, &because.words),
            words: because.words.clone(),
            needs_declaration: !because.is_free(),
        },
    }
}

/// Why the charge may not be changed by hand: what the NHS found cannot be overridden (PEC-FR-36). `None`: it may.
pub fn locked(record: &Consultation) -> Option<String> {
    let code = super::charge::confirmed(record)?;
    Some(format!("{} ({code}). This cannot be changed here.", confirmed_words(code)))
}

#[cfg(test)]
mod tests;
