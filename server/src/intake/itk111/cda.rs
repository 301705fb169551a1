//! The clinical document: what the 111 service reports about one patient, as our referral.

use super::envelope::{Envelope, Payload};
use super::fault::Fault;
use super::people::{self, organisation, person_name, shown};
use super::sections::{self, Section};
use super::{Accepting, Address, entries, first_said, times, xml};
use crate::intake::{Part, Withdrawal};
use roxmltree::Node;
use shared::consultation::{Patient, Referral, ReportSection};
use shared::referral::{due_at, strand};
use shared::time::{Millis, stored};

/// Document kinds taken as a report (SNOMED CT): the NHS 111 report and the Integrated Urgent Care report.
const REPORT_KINDS: [&str; 2] = ["819551000000100", INTEGRATED_URGENT_CARE];
const INTEGRATED_URGENT_CARE: &str = "1066271000000101";

/// Parts of profile ids that are taken, in any version.
const REPORT_PROFILES: [&str; 2] = ["nhs111", "integratedurgentcare"];

/// Reads one payload of the envelope.
pub fn read(
    payload: &Payload<'_, '_>,
    envelope: &Envelope<'_, '_>,
    accepting: &Accepting<'_>,
) -> Result<Part, Fault> {
    let document = payload.content;
    if !xml::named(document, "ClinicalDocument") {
        return Err(Fault::client(
            "A payload is not a clinical document.",
            format!("Element: {}.", document.tag_name().name()),
        ));
    }
    let profile = payload.profile.to_lowercase();
    let kind = xml::child(document, "code").map(|code| xml::attribute(code, "code")).unwrap_or_default();
    if profile.contains("nullification") {
        return Ok(Part::Withdrawal(nullification(document)));
    }
    if !REPORT_KINDS.contains(&kind) && !REPORT_PROFILES.iter().any(|known| profile.contains(known)) {
        return Err(Fault::client(
            "This kind of document is not taken here.",
            format!("profileid: {}; code: {kind}.", payload.profile),
        ));
    }
    report(document, envelope, accepting)
}

fn nullification(document: Node<'_, '_>) -> Withdrawal {
    let parent = xml::below(document, &["relatedDocument", "parentDocument"]);
    let id_of = |name: &'static str| {
        parent
            .and_then(|parent| xml::child(parent, name))
            .map(|id| xml::attribute(id, "root"))
            .filter(|id| !id.is_empty())
    };
    let own_set = xml::child(document, "setId").map(|set| xml::attribute(set, "root")).unwrap_or_default();
    let sections = xml::child(document, "component").map(sections::gather).unwrap_or_default();
    let said: Vec<String> = sections.into_iter().map(|section| section.section.text).collect();
    Withdrawal {
        document_set: id_of("setId").unwrap_or(own_set).to_owned(),
        document_id: id_of("id").unwrap_or_default().to_owned(),
        reason: said.join("\n"),
        at: effective_time(document).map(stored).unwrap_or_default(),
    }
}

fn effective_time(document: Node<'_, '_>) -> Option<Millis> {
    times::instant(xml::attribute(xml::child(document, "effectiveTime")?, "value"))
}

fn report(
    document: Node<'_, '_>,
    envelope: &Envelope<'_, '_>,
    accepting: &Accepting<'_>,
) -> Result<Part, Fault> {
    let mut warnings = Vec::new();
    let patient = people::patient(document, &mut warnings).ok_or_else(|| {
        Fault::client("The report names no patient.", "recordTarget/patientRole/patient is missing.")
    })?;
    let encounter = xml::below(document, &["componentOf", "encompassingEncounter"]);
    let mut referral = Referral {
        channel: "itk111".to_owned(),
        message_id: envelope.tracking_id.clone(),
        document_set: root_of(document, "setId"),
        document_version: version(document),
        document_at: effective_time(document).map(stored).unwrap_or_default(),
        case_ids: case_ids(document, encounter),
        received_at: stored(accepting.now),
        dos_service_id: dos_service(envelope),
        addressed_for: if envelope.for_action { "action" } else { "information" }.to_owned(),
        repeat_caller: envelope.repeat_caller,
        ..Referral::default()
    };
    let sent = sent_at(document, encounter);
    referral.referred_at = sent.map(stored).unwrap_or_default();
    sender(document, envelope, &mut referral);
    disposition(encounter, &mut referral);
    // A sender's clock that runs ahead must not give the patient longer to wait.
    let counted_from = sent.unwrap_or(accepting.now).min(accepting.now);
    // Who is only told has promised nobody anything.
    let due = due_at(&referral.disposition, &referral.disposition_text, counted_from);
    referral.due_at = due.filter(|_| envelope.for_action).map(stored).unwrap_or_default();
    strand(&referral.disposition).clone_into(&mut referral.strand);
    content(document, &patient, warnings, &mut referral);
    Ok(Part::Report { referral: Box::new(referral), patient: Box::new(patient) })
}

fn root_of(document: Node<'_, '_>, name: &'static str) -> String {
    xml::child(document, name)
        .map(|id| {
            let root = xml::attribute(id, "root");
            if root.is_empty() { xml::attribute(id, "extension") } else { root }
        })
        .unwrap_or_default()
        .to_owned()
}

fn version(document: Node<'_, '_>) -> u64 {
    xml::child(document, "versionNumber")
        .and_then(|number| xml::attribute(number, "value").parse().ok())
        .unwrap_or(1)
}

/// `case-reference|… case-id|… journey|… document|…`; the last is the document's own id, which a withdrawal names.
fn case_ids(document: Node<'_, '_>, encounter: Option<Node<'_, '_>>) -> String {
    let mut ids: Vec<String> = Vec::new();
    for id in encounter.into_iter().flat_map(|encounter| xml::children(encounter, "id")) {
        push_id(&mut ids, case_system(xml::attribute(id, "root")), xml::attribute(id, "extension"));
    }
    push_id(&mut ids, "document", &root_of(document, "id"));
    ids.join(" ")
}

/// What an id of the encounter is, by its root.
pub fn case_system(root: &str) -> &str {
    match root {
        "2.16.840.1.113883.2.1.3.2.4.18.34" => "case-reference",
        "2.16.840.1.113883.2.1.3.2.4.18.35" => "case-id",
        "2.16.840.1.113883.2.1.3.2.4.18.49" => "journey",
        other => other,
    }
}

/// Adds `system|value`, without the spaces that part the ids.
pub fn push_id(ids: &mut Vec<String>, system: &str, value: &str) {
    let value: String = value.split_whitespace().collect();
    if !value.is_empty() {
        ids.push(format!("{system}|{value}"));
    }
}

fn dos_service(envelope: &Envelope<'_, '_>) -> String {
    let found = envelope.addressed_to.iter().find_map(|address| match address {
        Address::Dos(id) => Some(id.clone()),
        Address::Ods(_) => None,
    });
    found.unwrap_or_default()
}

/// When the call ended, else when the author wrote, else when the document was made.
fn sent_at(document: Node<'_, '_>, encounter: Option<Node<'_, '_>>) -> Option<Millis> {
    let time = |node: Node<'_, '_>| times::instant(xml::attribute(node, "value"));
    encounter
        .and_then(|encounter| xml::below(encounter, &["effectiveTime", "high"]))
        .and_then(time)
        .or_else(|| xml::below(document, &["author", "time"]).and_then(time))
        .or_else(|| effective_time(document))
}

fn sender(document: Node<'_, '_>, envelope: &Envelope<'_, '_>, referral: &mut Referral) {
    let author = xml::below(document, &["author", "assignedAuthor"]);
    let from = author.and_then(|author| xml::child(author, "representedOrganization")).map(organisation);
    let custodian =
        xml::below(document, &["custodian", "assignedCustodian", "representedCustodianOrganization"]);
    let keeper = custodian.map(organisation).unwrap_or_default();
    let (ods, name) = from.unwrap_or_default();
    let envelope_sender = envelope.sender.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default();
    referral.referrer_ods = first_said([ods, keeper.0, envelope_sender]);
    referral.referrer_name = first_said([name, keeper.1]);
    if let Some(author) = author {
        let person = xml::child(author, "assignedPerson").map(person_name).unwrap_or_default();
        let role = xml::child(author, "code").map(shown).unwrap_or_default();
        referral.referrer_person =
            [person, role].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    }
    referral.referrer_contact = call_back(document, author).unwrap_or_default();
    let kind = xml::child(document, "code").map(|code| xml::attribute(code, "code")).unwrap_or_default();
    referrer_type(&referral.referrer_name, kind == INTEGRATED_URGENT_CARE)
        .clone_into(&mut referral.referrer_type);
}

/// Which kind of service it is, by its name and whether its report is one of Integrated Urgent Care.
pub fn referrer_type(name: &str, integrated_urgent_care: bool) -> &'static str {
    if name.to_lowercase().contains("111 online") {
        "NHS111_ONLINE"
    } else if integrated_urgent_care {
        "IUC_CAS"
    } else {
        "NHS111"
    }
}

/// The number for professionals to ring, when the report names one.
fn call_back(document: Node<'_, '_>, author: Option<Node<'_, '_>>) -> Option<String> {
    let named = xml::children(document, "participant")
        .filter(|participant| xml::attribute(*participant, "typeCode") == "CALLBCK")
        .filter_map(|participant| xml::child(participant, "associatedEntity"));
    named.chain(author).find_map(|entity| {
        let number = xml::children(entity, "telecom").find_map(people::contact)?;
        let person = xml::child(entity, "associatedPerson").map(person_name).unwrap_or_default();
        Some(if person.is_empty() { number } else { format!("{person}, {number}") })
    })
}

fn disposition(encounter: Option<Node<'_, '_>>, referral: &mut Referral) {
    let Some(coded) = encounter.and_then(|encounter| xml::child(encounter, "dischargeDispositionCode"))
    else {
        return;
    };
    referral.disposition = disposition_code(xml::attribute(coded, "code"));
    referral.disposition_text = xml::squeeze(xml::attribute(coded, "displayName"));
}

/// `Dx87` from `DispoCodeDx87`, `dx87` or `DX87`; another kind of code as it was sent.
pub fn disposition_code(sent: &str) -> String {
    let lower = sent.to_ascii_lowercase();
    let found = lower.rmatch_indices("dx").find_map(|(at, _)| {
        let digits: String = lower[at + 2..].chars().take_while(char::is_ascii_alphanumeric).collect();
        digits.starts_with(|first: char| first.is_ascii_digit()).then_some(digits)
    });
    match found {
        Some(digits) if digits.len() == 1 => format!("Dx0{digits}"),
        Some(digits) => format!("Dx{digits}"),
        None => sent.to_owned(),
    }
}

fn content(document: Node<'_, '_>, patient: &Patient, mut warnings: Vec<String>, referral: &mut Referral) {
    let sections: Vec<Section> = xml::children(document, "component").flat_map(sections::gather).collect();
    let found = entries::read(document);
    if xml::anywhere(document, "confidentialityCode").any(|code| xml::attribute(code, "code") == "V") {
        warnings.push("The sender marked this report very restricted.".to_owned());
    }
    warnings.extend(sections.iter().filter_map(Section::warning));
    warnings.extend(found.warnings);
    warnings.dedup();
    referral.warnings = warnings.join("\n");
    referral.sender_consent = consent(document, found.consent);
    referral.complaint = sections::complaint(&sections, &found.triage.condition, &referral.disposition_text);
    referral.sections = sections.into_iter().map(|section| section.section).collect();
    referral.sections.extend(found.sections);
    if let Some(incident) = people::incident_elsewhere(document, patient) {
        referral.sections.push(ReportSection { title: "Where it happened".to_owned(), text: incident });
    }
    referral.triage = found.triage.lines;
}

fn consent(document: Node<'_, '_>, permissions: Vec<String>) -> String {
    xml::children(document, "authorization")
        .filter_map(|authorization| xml::below(authorization, &["consent", "code"]))
        .map(shown)
        .filter(|words| !words.is_empty())
        .chain(permissions)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::disposition_code;

    #[test]
    fn a_disposition_is_found_behind_any_prefix_and_keeps_its_zeros() {
        for (sent, read) in [
            ("Dx86", "Dx86"),
            ("DispoCodeDx87", "Dx87"),
            ("DX28", "Dx28"),
            ("dx6", "Dx06"),
            ("Dx011", "Dx011"),
            ("Dx0121", "Dx0121"),
            ("SSO", "SSO"),
            ("", ""),
            ("dxé", "dxé"),
        ] {
            assert_eq!(disposition_code(sent), read);
        }
    }
}
