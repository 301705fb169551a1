//! The referral that a BaRS message makes (BaRS App 5; field by field in referrals.md 4.1).

use super::message::Event;
use super::people::{concept, organisation_of, patient, person_name, phone};
use super::{Headers, Message, sections};
use crate::nhs::bars::codes::FLAGS;
use crate::nhs::fhir::Element;
use jiff::Timestamp;
use shared::consultation::{Patient, Referral};
use shared::time::{Millis, stored};

/// A referral without a time of its own is worth acting upon for so long (BaRS App 5).
const VALID_FOR: Millis = 24 * 60 * 60 * 1000;

/// Reads a new referral. `version` counts what came under its `ServiceRequest` before; 1 for the first.
pub fn read_referral(
    message: &Message<'_>,
    headers: &Headers,
    version: u64,
    now: Millis,
) -> (Referral, Patient) {
    debug_assert_eq!(message.event, Event::New, "only a new referral has one");
    let mut warnings = Vec::new();
    let patient = patient(message, &mut warnings);
    let (flags, said) = flags(message);
    let request = message.service_request;
    let sent_at = instant(message.bundle.text("timestamp"));
    let authored = instant(request.text("authoredOn")).or(sent_at);
    let mut referral = Referral {
        channel: "bars".to_owned(),
        message_id: message.bundle.text("id").to_owned(),
        document_set: document_set(message.source(), &message.service_request_id()),
        document_version: version,
        document_at: stored(sent_at.unwrap_or(now)),
        case_ids: case_ids(message),
        received_at: stored(now),
        referred_at: authored.map(stored).unwrap_or_default(),
        referrer_type: "GP".to_owned(),
        dos_service_id: headers.target.clone(),
        // a5t1 is for minor illness; the condition may be one that has a pathway.
        strand: "MI".to_owned(),
        complaint: sections::complaint(message),
        condition: sections::condition_code(message),
        addressed_for: "action".to_owned(),
        repeat_caller: flags.split(' ').any(|flag| flag == "RC"),
        valid_until: stored(valid_until(message, authored.unwrap_or(now))),
        warnings: said.into_iter().chain(warnings).collect::<Vec<_>>().join("\n"),
        flags,
        sender_consent: consent(message),
        sections: sections::sections(message),
        triage: sections::triage(message),
        reply_to: message.header.text("source.endpoint").to_owned(),
        ..Referral::default()
    };
    sender(message, headers, &mut referral);
    (referral, patient)
}

/// Versions of one referral have this in common. A sender's ids are its own only: another may use the same.
pub fn document_set(source: &str, service_request: &str) -> String {
    format!("bars/{source}/{service_request}")
}

/// Under what a cancellation may name the case: the sender's case number.
pub fn case_key(source: &str, number: &str) -> String {
    format!("bars/{source}/{number}")
}

/// `case-reference|…` is for people, `document|…` for a cancellation that names only the sender's case number.
fn case_ids(message: &Message<'_>) -> String {
    let mut ids = Vec::new();
    if let Some(number) = message.case_number() {
        ids.push(format!("case-reference|{number}"));
        ids.push(format!("document|{}", case_key(message.source(), &number)));
    }
    let encounter = message.follow(message.service_request, "encounter");
    let journey = encounter.map_or("", |encounter| encounter.text("episodeOfCare.reference"));
    if let Some(journey) = journey.rsplit(['/', ':']).next().filter(|journey| !journey.is_empty()) {
        ids.push(format!("journey|{journey}"));
    }
    ids.push(format!("service-request|{}", message.service_request_id()));
    let without_spaces = ids.into_iter().map(|id| id.split_whitespace().collect::<String>());
    without_spaces.collect::<Vec<_>>().join(" ")
}

fn valid_until(message: &Message<'_>, authored: Millis) -> Millis {
    let request = instant(message.service_request.text("occurrencePeriod.end"));
    let task = message.all("Task").find_map(|task| instant(task.text("restriction.period.end")));
    let start = instant(message.service_request.text("occurrencePeriod.start")).unwrap_or(authored);
    request.or(task).filter(|end| *end > start).unwrap_or(start.saturating_add(VALID_FOR))
}

/// The organisation and the person who refer; the headers say who is connected where the message does not.
fn sender(message: &Message<'_>, headers: &Headers, referral: &mut Referral) {
    let organisation =
        message.find(message.header.text("sender.reference")).map(organisation_of).unwrap_or_default();
    let (code, name) = &headers.organisation;
    referral.referrer_ods = if organisation.0.is_empty() { code.clone() } else { organisation.0 };
    let names = [organisation.1, name.clone(), message.header.text("source.name").to_owned()];
    referral.referrer_name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let requester = message.follow(message.service_request, "requester");
    let role = requester.filter(|found| found.kind == "PractitionerRole").or_else(|| {
        message.all("PractitionerRole").find(|role| {
            let of = message.find(role.text("practitioner.reference"));
            of.is_some_and(|of| requester.is_some_and(|requester| std::ptr::eq(of, requester)))
        })
    });
    let practitioner = match requester {
        Some(found) if found.kind == "PractitionerRole" => message.follow(found, "practitioner"),
        other => other,
    };
    let person = practitioner.map(person_name).unwrap_or_default();
    let is = role.map(|role| concept(role.first("code"))).unwrap_or_default();
    referral.referrer_person =
        [person, is].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let numbers = [
        practitioner.map(phone).unwrap_or_default(),
        role.map(phone).unwrap_or_default(),
        message.header.text("source.contact.value").to_owned(),
    ];
    referral.referrer_contact = numbers.into_iter().find(|number| !number.is_empty()).unwrap_or_default();
}

/// The codes of all flags that stand, and each in words: what concerns safety first.
fn flags(message: &Message<'_>) -> (String, Vec<String>) {
    let order = |code: &str| match code {
        "SG" => 0,
        "SS" => 1,
        "CW" => 2,
        _ => 3,
    };
    let mut found: Vec<(String, String)> = message
        .all("Flag")
        .filter(|flag| flag.text("status") != "entered-in-error")
        .map(|flag| {
            let coding =
                flag.all("category.coding").into_iter().find(|coding| coding.text("system") == FLAGS);
            let code = coding.map_or("", |coding| coding.text("code")).trim().to_owned();
            (code, in_words(flag))
        })
        .collect();
    found.sort_by_key(|(code, _)| order(code));
    let mut codes: Vec<String> = Vec::new();
    for (code, _) in found.iter().filter(|(code, _)| !code.is_empty() && !code.contains(char::is_whitespace))
    {
        if !codes.contains(code) {
            codes.push(code.clone());
        }
    }
    (codes.join(" "), found.into_iter().map(|(_, words)| words).filter(|words| !words.is_empty()).collect())
}

/// `Safeguarding Concern: Unspecified Safeguarding Concern Identified`.
fn in_words(flag: &Element) -> String {
    let category = concept(flag.first("category"));
    let codes = flag.all("code.coding").into_iter().map(|coding| {
        let display = coding.text("display");
        if display.is_empty() { coding.text("code") } else { display }.to_owned()
    });
    let mut said: Vec<String> = codes.filter(|code| !code.is_empty()).collect();
    let text = flag.text("code.text").trim();
    if !text.is_empty() {
        said.push(text.to_owned());
    }
    if flag.text("status") == "inactive" {
        said.push("no longer active".to_owned());
    }
    let said = sections::lines(&said.join(", ")).replace('\n', "; ");
    [category, said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

fn consent(message: &Message<'_>) -> String {
    let said = message.all("Consent").map(|consent| {
        let category = concept(consent.first("category"));
        let rule = concept(consent.first("policyRule"));
        [category, rule].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    });
    said.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// An instant or a day of FHIR.
pub fn instant(text: &str) -> Option<Millis> {
    let text = text.trim();
    let exact = text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
    exact.or_else(|| {
        let day: jiff::civil::Date = text.parse().ok()?;
        Some(day.to_zoned(shared::time::london()).ok()?.timestamp().as_millisecond())
    })
}
