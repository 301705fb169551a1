//! Every request NHS England's 111 Adaptor publishes, compared field by field with what the adaptor made of it.

use super::*;
use std::collections::BTreeSet;

const NOT_ASKED: &str =
    "The adaptor passes on answers only: what the triage said without asking is not in it.";
const TYPED: &str = "What the call handler typed beside the answer is not passed on by the adaptor.";
const CHANGED: &str =
    "We say which answer was changed during the call, and put it last; the adaptor does not pass that on.";

/// In every sample, or in the one that is named: the field in which our referral is not what the adaptor made of the
/// same message, and why that is right.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "*",
        "referral.message_id",
        "We keep the ITK tracking id, by which a sender counts; the adaptor passes on the id of the SOAP message only.",
    ),
    (
        "*",
        "referral.case_ids",
        "We also keep the document's own id, which a withdrawal may name; the adaptor does not pass it on.",
    ),
    ("adastra-itk-ooh-referral-dx06", "triage Disposition", NOT_ASKED),
    ("adastra-itk-ooh-referral-dx06", "triage Service found", NOT_ASKED),
    ("adastra-itk-ooh-referral-dx86", "triage Disposition", NOT_ASKED),
    ("adastra-itk-ooh-referral-dx86", "triage Service found", NOT_ASKED),
    ("conformance-example-adastra-ooh", "triage Disposition", NOT_ASKED),
    ("conformance-example-adastra-ooh", "triage Service found", NOT_ASKED),
    ("example-adastra-ooh", "triage Disposition", NOT_ASKED),
    ("example-adastra-ooh", "triage Service found", NOT_ASKED),
    ("adastra-itk-ooh-referral-dx06", "triage What is the main problem?", TYPED),
    (
        "adastra-itk-ooh-referral-dx86",
        "triage FROM WHAT YOU HAVE HEARD IS A CONSULTATION WITH A PRESCRIBER NEEDED?",
        CHANGED,
    ),
    (
        "adastra-itk-ooh-referral-dx86",
        "triage Have you been bleeding RED BLOOD very heavily IN THE LAST 2 HOURS?",
        CHANGED,
    ),
    ("adastra-itk-ooh-referral-dx86", "triage What is the reason for the contact?", CHANGED),
    ("primary-emergency", "patient.caller", "The adaptor passes on the use of one number of two."),
    (
        "primary-emergency",
        "patient.other_phones",
        "FHIR has no word for a holiday home's number; the adaptor writes home.",
    ),
    (
        "primary-emergency",
        "referral.referrer_type",
        "That the document is one of Integrated Urgent Care is said by its code, which the adaptor does not pass on.",
    ),
    (
        "primary-emergency",
        "referral.sender_consent",
        "How the permission to view was given is not passed on, only for how long.",
    ),
    (
        "primary-emergency",
        "referral.warnings",
        "Clinical discriminators are not passed on; the reader of the adaptor's report says that an appointment is missing.",
    ),
    (
        "primary-emergency",
        "section Appointment",
        "The adaptor refers to an appointment that it does not pass on.",
    ),
    ("primary-emergency", "triage Dispatch 19 minute ambulance", NOT_ASKED),
    ("primary-emergency", "triage Speak to Clinician from our Service immediately", NOT_ASKED),
    ("primary-emergency", "triage Has he been bleeding very heavily IN THE LAST HOUR?", CHANGED),
    ("primary-emergency", "triage What is the reason for ending the assessment?", CHANGED),
    ("primary-emergency", "triage WHAT IS THE REASON FOR TRANSFER TO A CLINICIAN?", TYPED),
];

#[test]
fn every_difference_from_the_adaptor_has_a_reason() {
    let Some(folder) = crate::samples::samples("nhs111/doc") else { return };
    let mut compared = 0;
    let mut problems = Vec::new();
    let mut met: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut requests: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with("-itk-request.xml"))
        .collect();
    requests.sort();
    for request in &requests {
        let path = request.to_string_lossy();
        let sample = request.file_name().expect("a name").to_string_lossy().replace("-itk-request.xml", "");
        let (referral, patient) = made_of_111(&std::fs::read(request).expect("a sample"));
        let ours = fields(&referral, &patient);
        let result = path.replace("-itk-request.xml", "-fhir-result.json");
        let (referral, patient) = made(&std::fs::read(result).expect("its pair"));
        let theirs = fields(&referral, &patient);
        compared += ours.len();
        let differ = differences(&ours, &theirs);
        let explained = |field: &str| {
            DIFFERENCES.iter().find(|(of, named, _)| (*of == "*" || *of == sample) && *named == field)
        };
        for (field, (ours, theirs)) in &differ {
            match explained(field) {
                Some((of, named, _)) => {
                    met.insert((of, named));
                }
                None => {
                    problems.push(format!("{sample}: {field}\n   ours:   {ours:?}\n   theirs: {theirs:?}"));
                }
            }
        }
        for (of, field, _) in DIFFERENCES.iter().filter(|(of, ..)| *of == sample || *of == "*") {
            if !differ.contains_key(*field) {
                problems.push(format!("{sample}: {field} is listed under {of:?} and does not differ"));
            }
        }
    }
    for (of, field, reason) in DIFFERENCES {
        assert!(!reason.is_empty(), "{field} has no reason");
        if !met.contains(&(*of, *field)) {
            problems.push(format!("{of}: {field} is listed and was never met"));
        }
    }
    assert!(requests.len() >= 9 && compared > 500, "{} pairs, {compared} fields", requests.len());
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), problems.join("\n"));
}
