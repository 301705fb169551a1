//! Every request NHS England's 111 Adaptor publishes, compared with the FHIR the adaptor makes of it.

use super::*;
use serde_json::Value;
use std::path::PathBuf;

fn samples() -> Option<Vec<PathBuf>> {
    let entries = std::fs::read_dir(crate::samples::samples("nhs111/doc")?).expect("a folder");
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with("-itk-request.xml"))
        .collect();
    found.sort();
    Some(found)
}

fn resources<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    let entries = bundle["entry"].as_array().expect("entries");
    entries.iter().map(|entry| &entry["resource"]).filter(|found| found["resourceType"] == kind).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_published_request_is_taken_and_says_what_the_adaptor_says() {
    let Some(requests) = samples() else { return };
    assert!(requests.len() >= 9, "the folder is there but its requests are not");
    for request in requests {
        let name = request.to_string_lossy().into_owned();
        let body = std::fs::read(&request).expect("a sample");
        let report =
            read(&body, &Accepting::anything(now())).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        let (referral, patient) = newest(&report);
        let expected =
            std::fs::read(name.replace("-itk-request.xml", "-fhir-result.json")).expect("its pair");
        let bundle: Value = serde_json::from_slice(&expected).expect("JSON");

        let person = resources(&bundle, "Patient")[0];
        assert_eq!(patient.family_name, person["name"][0]["family"].as_str().expect("a name"), "{name}");
        assert_eq!(patient.given_name, person["name"][0]["given"][0].as_str().expect("a name"), "{name}");
        assert_eq!(patient.birth_date, person["birthDate"].as_str().expect("a date"), "{name}");
        assert_eq!(patient.postcode, person["address"][0]["postalCode"].as_str().unwrap_or(""), "{name}");
        check_nhs_number(&name, patient, &referral.warnings, person);

        let disposition = resources(&bundle, "ProcedureRequest")[0]["code"]["coding"][0].clone();
        let code = disposition["code"].as_str().expect("a code").replace("DispoCode", "");
        assert_eq!(referral.disposition, code, "{name}");
        assert_eq!(referral.disposition_text, disposition["display"].as_str().expect("text"), "{name}");

        let asked = resources(&bundle, "ReferralRequest")[0];
        let made = asked["occurrencePeriod"]["start"].as_str().and_then(shared::time::read);
        assert_eq!(shared::time::read(&referral.document_at), made, "{name}");

        let complaints: Vec<String> = resources(&bundle, "Observation")
            .iter()
            .filter_map(|o| o["valueString"].as_str())
            .map(one_line)
            .collect();
        assert!(!referral.complaint.is_empty(), "{name}");
        if let Some(complaint) = complaints.first() {
            assert_eq!(&one_line(&referral.complaint), complaint, "{name}");
        }
        assert!(referral.sections.len() >= 5, "{name}: {:?}", referral.sections);
        assert_eq!(
            referral.triage.is_empty(),
            resources(&bundle, "QuestionnaireResponse").is_empty(),
            "{name}: triage is shown exactly where there is one"
        );
        assert!(!referral.referrer_name.is_empty() && !referral.case_ids.is_empty(), "{name}");
        assert!(referral.sender_consent.contains("Consent given for electronic record sharing"), "{name}");
    }
}

fn check_nhs_number(name: &str, patient: &Patient, warnings: &str, person: &Value) {
    let identifier = &person["identifier"][0];
    let given = identifier["value"].as_str().unwrap_or("");
    if let Ok(number) = given.parse::<shared::patient::NhsNumber>() {
        assert_eq!(patient.nhs_number, number.as_str(), "{name}");
        let code = &identifier["extension"][0]["valueCodeableConcept"]["coding"][0]["code"];
        let status = if code == "01" { "verified" } else { "unverified" };
        assert_eq!(patient.nhs_number_status, status, "{name}");
    } else {
        assert_eq!((patient.nhs_number.as_str(), patient.nhs_number_status.as_str()), ("", ""), "{name}");
        let zeros = given.bytes().all(|b| b == b'0');
        assert_eq!(warnings.contains(&format!("not valid: {given}")), !zeros, "{name}");
    }
}

#[test]
fn the_services_and_the_strands_of_the_published_requests_are_told_apart() {
    let Some(requests) = samples() else { return };
    for request in requests {
        let name = request.to_string_lossy().into_owned();
        let body = std::fs::read(&request).expect("a sample");
        let report = read(&body, &Accepting::anything(now())).expect("a report");
        let (referral, patient) = newest(&report);
        if name.contains("dx86") {
            assert_eq!((referral.strand.as_str(), referral.due_at.as_str()), ("UMS", "2021-04-06T23:29:25Z"));
            let triage: Vec<&str> = referral.triage.iter().map(|line| line.answer.as_str()).collect();
            assert_eq!(&triage[..4], ["more", "a prescription request", "no", "no"]);
            assert!(patient.location_now.starts_with("12A\nOtter Close"), "{}", patient.location_now);
        }
        if name.contains("ic24-itk-ooh-referral-dx07") {
            assert_eq!((referral.strand.as_str(), referral.due_at.as_str()), ("MI", "2021-05-11T20:58:52Z"));
            assert_eq!((patient.gp_ods.as_str(), patient.location_now.as_str()), ("", ""));
        }
        if name.contains("primary-emergency") {
            assert!(referral.warnings.contains("Clinical discriminator: Myocardial infarction"));
            assert!(referral.sender_consent.contains("Permission to view: 01, from 19 May 2011"));
            assert!(referral.sections.iter().any(|section| section.title == "SUBSUB3"));
            assert!(referral.sections.iter().any(|section| section.title == "Appointment"));
            assert_eq!(referral.referrer_contact, "Call Centre Manager, 08001111111");
        }
    }
}

#[test]
fn the_triage_of_a_request_is_the_triage_of_the_case_that_was_decoded_from_it() {
    let Some(decoded) = crate::samples::samples("nhs111/decoded") else { return };
    let Some(requests) = samples() else { return };
    let mut compared = 0;
    for request in requests {
        let name = request.file_name().expect("a name").to_string_lossy().into_owned();
        let case = decoded.join(name.replace("-itk-request.xml", "-pathways-case.xml"));
        let Ok(case) = std::fs::read(&case) else { continue };
        let text = xml::decode(&case).expect("text");
        let case = triage::read(xml::parse(&text).expect("XML").root_element()).expect("a case");
        let body = std::fs::read(&request).expect("a sample");
        let report = read(&body, &Accepting::anything(now())).expect("a report");
        let shown = &newest(&report).0.triage;
        assert_eq!(shown, &case.lines, "{name}");
        for line in shown {
            assert!(!line.answer.is_empty(), "{name}: {}", line.question);
            let readable =
                |text: &str| !text.contains('<') && !text.starts_with("==") && !text.contains("STRING:");
            assert!(readable(&line.question) && readable(&line.answer), "{name}: {line:?}");
        }
        compared += 1;
    }
    assert_eq!(compared, 3, "each decoded case has its request");
}
