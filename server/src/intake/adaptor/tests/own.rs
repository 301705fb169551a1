//! The adaptor's report of an invented call, beside the 111 message of the same call.

use super::*;

#[test]
fn json_and_xml_of_one_report_make_the_same_referral() {
    assert_eq!(made(JSON.as_bytes()), made(XML.as_bytes()));
    let wide: Vec<u8> = XML.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(made(&wide), made(XML.as_bytes()));
}

#[test]
fn the_adaptors_report_and_the_111_message_of_a_call_say_the_same_but_for_what_the_adaptor_leaves_out() {
    let (referral, patient) = made(JSON.as_bytes());
    let theirs = fields(&referral, &patient);
    let (referral, patient) = made_of_111(CDA.as_bytes());
    let ours = fields(&referral, &patient);
    let differ = differences(&ours, &theirs);
    let names: Vec<&str> = differ.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            // The labels of phones: the adaptor has no use for emergency contacts.
            "patient.other_phones",
            // The document's own id is not in it.
            "referral.case_ids",
            // Its id is the SOAP message's, not the ITK tracking id.
            "referral.message_id",
            // This fixture has two of the six questions.
            "triage Can the person swallow fluids?",
            "triage Disposition",
            "triage Is there a rash?",
            "triage Is there any difficulty breathing?",
        ],
        "{differ:#?}"
    );
    assert_eq!(theirs["referral.document_set"], ours["referral.document_set"], "one case for filing");
    assert!(theirs["referral.warnings"].contains("Safeguarding flag: ring the practice"));
}

#[test]
fn a_copy_is_for_information_and_has_no_clock() {
    let copy = JSON.replace("\"referral-1\"", "\"discharge-details-1\"");
    let (referral, _) = made(copy.as_bytes());
    assert_eq!((referral.addressed_for.as_str(), referral.due_at.as_str()), ("information", ""));
    assert_eq!(made(JSON.as_bytes()).0.due_at, "2026-11-22T10:15:00Z");
}

#[test]
fn a_number_that_was_not_traced_is_not_called_verified() {
    for code in ["02", "03", "", "1"] {
        let report = JSON.replace("\"code\": \"01\"", &format!("\"code\": \"{code}\""));
        assert_eq!(made(report.as_bytes()).1.nhs_number_status, "unverified", "{code}");
    }
    assert_eq!(made(JSON.as_bytes()).1.nhs_number_status, "verified");
}

#[test]
fn whom_it_is_for_is_read_from_either_half_of_the_address() {
    let addressed = |endpoint: &str| {
        let whole = "urn:nhs-uk:addressing:ods:FZ999:DOSServiceID:2099000001";
        read(JSON.replace(whole, endpoint).as_bytes(), now()).map(|report| report.addressed_to)
    };
    let ods = Address::Ods("FZ999".parse().expect("an ODS code"));
    let dos = Address::Dos("2099000001".to_owned());
    assert_eq!(addressed("urn:nhs-uk:addressing:ods:FZ999").expect("read"), [ods]);
    assert_eq!(addressed("urn:nhs-uk:addressing:DOSServiceID:2099000001").expect("read"), [dos]);
    assert!(matches!(addressed("https://elsewhere.example"), Err(NotAReport::NoAddress)));
}
