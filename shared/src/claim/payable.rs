//! Whether a signed consultation is payable, and why, in words.

use super::rules::{RULES, Service, service};
use crate::consultation::{Answer, Consultation, Signature};
use crate::pathway::{self, Crossed, Pathway};
use crate::supply;
use crate::time;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What the contractor has settled with its commissioner where the rules say *unknown* (practice 2): `SERVICE:SETTING`,
/// for instance `clinical-pathway:patients-home`.
pub type Allowed = BTreeSet<String>;

/// A consultation that is paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    pub service: &'static Service,
    /// CpcsType.
    pub claim_type: &'static str,
    /// Gateways that were crossed, by id; empty for services without.
    pub gateways: Vec<String>,
    /// Why it is payable.
    pub why: String,
}

/// What is to be done about claiming a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Payable(Payable),
    /// Nobody can say yet: what a person must find out or complete, a sentence each.
    Hold {
        service: Option<&'static Service>,
        why: Vec<String>,
    },
    /// It is not paid for: why, a sentence each.
    NotPayable {
        service: Option<&'static Service>,
        why: Vec<String>,
    },
}

impl Verdict {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Payable(_) => "payable",
            Self::Hold { .. } => "hold",
            Self::NotPayable { .. } => "not-payable",
        }
    }

    pub fn service(&self) -> Option<&'static Service> {
        match self {
            Self::Payable(payable) => Some(payable.service),
            Self::Hold { service, .. } | Self::NotPayable { service, .. } => *service,
        }
    }

    /// Why, in words for the pharmacist and for whoever verifies payments.
    pub fn words(&self) -> String {
        match self {
            Self::Payable(payable) => payable.why.clone(),
            Self::Hold { why, .. } | Self::NotPayable { why, .. } => why.join(" "),
        }
    }
}

/// Judges the record as it was signed. `allowed` is what the contractor has settled.
///
/// - An emergency that is still to be completed, a missing answer or place: hold.
/// - No consultation, no referral where one is needed, no gateway crossed, a supply outside the rules: not payable.
/// - A patient excluded from a pathway who came with a referral completes as minor illness (practice 3).
pub fn assess(record: &Consultation, signature: &Signature, allowed: &Allowed) -> Verdict {
    let not = |service, why: &str| Verdict::NotPayable { service, why: vec![why.to_owned()] };
    let hold = |service, why: &str| Verdict::Hold { service, why: vec![why.to_owned()] };
    let Some(pathway) = pathway::find(&record.pathway) else {
        return hold(None, "This version does not know the pathway of the record. Update Satchel.");
    };
    let named = |service: &&Service| service.codes.contains(&pathway.service.code);
    let Some(mut claimed) = RULES.services.iter().find(named) else {
        return not(None, "Consultations of this service are not claimed here.");
    };
    if !record.outcome.closure_reason.is_empty() {
        return not(Some(claimed), "No consultation took place, so nothing can be claimed.");
    }
    if signature.emergency {
        return hold(Some(claimed), "Cut short by an emergency: complete the record and sign it.");
    }
    let Some(day) = day(record) else {
        return hold(Some(claimed), "When the patient was seen is not recorded. Amend the record.");
    };
    let referral = &record.referral;
    let referred = !matches!(referral.channel.as_str(), "" | "walkin");
    let (mut gateways, mut why) = (Vec::new(), Vec::new());
    if claimed.needs_gateway {
        match gateway(record, pathway) {
            Ok(Passed::Crossed(passed)) => {
                why.push(format!("Gateway crossed: {}.", words(&passed)));
                gateways = passed.into_iter().map(|(id, _)| id).collect();
            }
            Ok(Passed::Not) => match service(&claimed.excluded_becomes).filter(|_| referred) {
                Some(becomes) => {
                    why.push(format!(
                        "No gateway was crossed; with a referral it completes as {}.",
                        becomes.label.to_lowercase()
                    ));
                    claimed = becomes;
                }
                None => {
                    return not(
                        Some(claimed),
                        "No gateway was crossed, and the patient came without a referral.",
                    );
                }
            },
            Err(open) => return hold(Some(claimed), open),
        }
    }
    if claimed.needs_referral && !referred {
        return not(
            Some(claimed),
            "There was no referral. Ask the referrer for one; without it this service is not paid.",
        );
    }
    if referred && claimed.not_from.contains(&referral.referrer_type) {
        return not(Some(claimed), "A general practice cannot refer to this service.");
    }
    if !supply::is_claimable(record) {
        return not(Some(claimed), "A supply was made outside the rules, or is not shown to be within them.");
    }
    if let Err(verdict) = place(record, pathway, claimed, day, allowed) {
        return verdict;
    }
    if signature.gphc.trim().is_empty() {
        return hold(
            Some(claimed),
            "The pharmacist’s GPhC number is missing. Add it, amend the record and sign again.",
        );
    }
    if referred {
        why.push("Referred.".to_owned());
    }
    Verdict::Payable(Payable {
        service: claimed,
        claim_type: claimed.claim_type_from(&referral.referrer_type),
        gateways,
        why: if why.is_empty() { "Completed.".to_owned() } else { why.join(" ") },
    })
}

/// The day on which the patient was seen: it decides month, fee and gateways.
pub(super) fn day(record: &Consultation) -> Option<Date> {
    time::read(&record.visit.started_at).map(time::day)
}

enum Passed {
    /// Id and label of each.
    Crossed(Vec<(String, String)>),
    Not,
}

fn gateway(record: &Consultation, pathway: &Pathway) -> Result<Passed, &'static str> {
    let assessment = pathway::assess_record(pathway, record);
    match Crossed::of(&assessment.gateways) {
        Crossed::Yes => {
            let crossed = assessment.gateways.iter().filter(|state| state.crossed == Some(true));
            Ok(Passed::Crossed(
                crossed.map(|state| (state.gateway.id.clone(), state.gateway.label.clone())).collect(),
            ))
        }
        Crossed::No | Crossed::None => Ok(Passed::Not),
        Crossed::NotYet => {
            Err("Answers are missing that decide whether a gateway was crossed. Amend the record.")
        }
    }
}

fn words(passed: &[(String, String)]) -> String {
    passed.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join("; ")
}

/// Was the setting allowed for that service on that day (practice 2)?
fn place(
    record: &Consultation,
    pathway: &Pathway,
    claimed: &'static Service,
    day: Date,
    allowed: &Allowed,
) -> Result<(), Verdict> {
    let answer = |id: &str| record.answers.get(id).and_then(Answer::as_text).unwrap_or_default();
    let (setting, method) = (answer("setting"), answer("method"));
    let hold = |why: String| Err(Verdict::Hold { service: Some(claimed), why: vec![why] });
    if setting.is_empty() {
        return hold("Where the patient was seen is not recorded. Amend the record.".to_owned());
    }
    let condition = pathway.condition.as_ref().map_or("", |condition| condition.code.as_str());
    let fits = |place: &&super::rules::Place| {
        place.services.contains(&claimed.id)
            && place.setting == setting
            && place.methods.iter().any(|known| known == method)
            && (place.condition.is_empty() || place.condition == condition)
            && place.from <= day
            && place.to.is_none_or(|to| day <= to)
    };
    // What is said of the condition itself stands before what is said of all.
    let rule = RULES.places.iter().filter(fits).max_by_key(|place| (!place.condition.is_empty(), place.from));
    match rule {
        Some(rule) if rule.allowed => Ok(()),
        Some(_) => Err(Verdict::NotPayable {
            service: Some(claimed),
            why: vec!["This service may not be given in this way at that place.".to_owned()],
        }),
        None if allowed.contains(&format!("{}:{setting}", claimed.id)) => Ok(()),
        None => hold(format!(
            "Whether {} may be given there is not known. Hold: ask the contractor.",
            claimed.label.to_lowercase()
        )),
    }
}
