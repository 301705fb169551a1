//! What is not taken: the negative tests of the NHS's own test pack for App 5, and what its rules say beyond them.

use super::{CANCEL, NEW, TARGET, header_map, refusal, xml};
use crate::intake::bars::{Headers, Message, Outcome, content_format, context};
use axum::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

#[track_caller]
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the fixture has {from}");
    text.replace(from, to)
}

#[track_caller]
fn outcome(from: &str, to: &str) -> Outcome {
    refusal(&changed(NEW, from, to)).outcome
}

#[test]
fn a_use_case_that_is_missing_unknown_or_withdrawn_is_refused() {
    let case = r#"<coding><system value="https://fhir.nhs.uk/CodeSystem/usecases-categories-bars"/><code value="a5t1"/><display value="Primary Care to Community Pharmacy"/></coding>"#;
    assert_eq!(outcome(case, ""), Outcome::Invariant);
    assert_eq!(outcome("value=\"a5t1\"", "value=\"elsewhere\""), Outcome::Invariant);
    assert_eq!(outcome("value=\"a5t1\"", "value=\"a5t2\""), Outcome::NotSupported);
    assert_eq!(outcome("<code value=\"referral\"/>", "<code value=\"validation\"/>"), Outcome::Invariant);
    let before = changed(NEW, "value=\"a5t1\"", "value=\"referraltopharmacy\"");
    assert!(Message::read(&xml(&before), TARGET).is_ok(), "as older test packs write it");
}

#[test]
fn no_contact_of_rank_one_two_of_them_or_no_phone_is_refused() {
    let [one, two] = ["1", "2"].map(|rank| format!("<valuePositiveInt value=\"{rank}\"/>"));
    assert_eq!(outcome(&one, "<valuePositiveInt value=\"3\"/>"), Outcome::Invariant);
    assert_eq!(outcome(&two, &one), Outcome::Invariant);
    assert_eq!(outcome("<system value=\"phone\"/>", "<system value=\"fax\"/>"), Outcome::Required);
}

#[test]
fn a_wrong_event_reason_or_definition_is_refused() {
    assert_eq!(outcome("\"servicerequest-request\"", "\"servicerequest-response\""), Outcome::Invariant);
    assert_eq!(outcome("<code value=\"new\"/>", "<code value=\"newish\"/>"), Outcome::Invariant);
    assert_eq!(outcome("<code value=\"new\"/>", "<code value=\"delete\"/>"), Outcome::NotSupported);
    assert_eq!(
        outcome("request-referral\"/>\n      </MessageHeader>", "x\"/></MessageHeader>"),
        Outcome::Invariant
    );
}

#[test]
fn an_update_that_does_not_take_the_referral_back_is_refused() {
    assert_eq!(refusal(&changed(CANCEL, "\"revoked\"", "\"active\"")).outcome, Outcome::Invariant);
    assert_eq!(refusal(&changed(CANCEL, "\"revoked\"", "\"completed\"")).outcome, Outcome::Invariant);
    assert_eq!(outcome("<code value=\"new\"/>", "<code value=\"update\"/>"), Outcome::Invariant);
    assert_eq!(
        outcome("<status value=\"active\"/>\n        <intent", "<status value=\"revoked\"/><intent"),
        Outcome::Invariant
    );
}

#[test]
fn a_care_plan_encounter_task_or_intent_in_another_state_is_refused() {
    assert_eq!(
        outcome("<status value=\"completed\"/>\n        <intent", "<status value=\"draft\"/><intent"),
        Outcome::Invariant
    );
    assert_eq!(outcome("<status value=\"triaged\"/>", "<status value=\"planned\"/>"), Outcome::Invariant);
    assert_eq!(outcome("<status value=\"requested\"/>", "<status value=\"draft\"/>"), Outcome::Invariant);
    assert_eq!(outcome("<intent value=\"plan\"/>", "<intent value=\"order\"/>"), Outcome::Invariant);
}

#[test]
fn a_consent_that_is_missing_or_not_for_direct_care_is_refused() {
    assert_eq!(outcome("value=\"DRC\"", "value=\"RES\""), Outcome::Invariant);
    assert_eq!(outcome("value=\"IMPLIED\"", "value=\"OPTIN\""), Outcome::Invariant);
    assert_eq!(outcome("Consent>", "Basic>"), Outcome::Required);
}

#[test]
fn a_version_that_is_missing_or_not_served_is_refused() {
    assert_eq!(outcome("<versionId value=\"1.2.0\"/>", ""), Outcome::Invariant);
    assert_eq!(outcome("\"1.2.0\"", "\"2.0.0\""), Outcome::Version);
    let beta = changed(NEW, "\"1.2.0\"", "\"1.0.0-beta\"");
    assert!(Message::read(&xml(&beta), TARGET).is_ok());
}

#[test]
fn a_bundle_that_is_no_message_for_this_service_is_refused() {
    assert_eq!(outcome("<type value=\"message\"/>", "<type value=\"batch\"/>"), Outcome::Invariant);
    assert_eq!(outcome("|2099000001\"", "|2099000002\""), Outcome::Invariant);
    assert_eq!(outcome("|2099000777\"", "\""), Outcome::Required);
    assert_eq!(outcome("<id value=\"5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417\"/>", ""), Outcome::Required);
    assert_eq!(outcome("\"5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417\"", "\"a b\""), Outcome::Value);
    assert_eq!(
        outcome("<focus><reference value=\"urn:uuid:0b5e", "<focus><reference value=\"urn:uuid:ffff"),
        Outcome::Invariant
    );
}

fn with(name: &'static str, value: &str) -> Result<Headers, Outcome> {
    let mut headers = header_map();
    headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"));
    Headers::read(&headers).map_err(|refusal| refusal.outcome)
}

#[test]
fn each_header_that_must_be_there_is_missed() {
    for name in [
        "nhsd-target-identifier",
        "nhsd-end-user-organisation",
        "nhsd-requesting-software",
        "x-request-id",
        "x-correlation-id",
    ] {
        let mut headers = header_map();
        headers.remove(name);
        let refusal = Headers::read(&headers).expect_err("missed");
        assert_eq!(refusal.outcome, Outcome::Required, "{name}");
        assert!(refusal.words.contains(name), "{}", refusal.words);
        assert_eq!(with(name, "%%%").expect_err("not readable"), Outcome::Value, "{name}");
    }
    let mut headers = header_map();
    headers.remove("content-type");
    assert_eq!(content_format(&headers).expect_err("missed").outcome, Outcome::Required);
    headers.insert("content-type", HeaderValue::from_static("text/plain"));
    assert_eq!(content_format(&headers).expect_err("not FHIR").outcome, Outcome::NotAcceptable);
}

#[test]
fn a_target_is_read_in_either_alphabet_of_base64_padded_or_not() {
    // Its last letters differ between the alphabets.
    let target = r#"{"system":"https://fhir.nhs.uk/Id/dos-service-id","value":"2099000001","n":"ÿ~~?>"}"#;
    for text in [
        STANDARD.encode(target),
        STANDARD_NO_PAD.encode(target),
        URL_SAFE.encode(target),
        URL_SAFE_NO_PAD.encode(target),
    ] {
        assert_eq!(with("nhsd-target-identifier", &text).expect("read").target, "2099000001", "{text}");
    }
    for other in [r#"{"system":"tests","value":"1"}"#, r#"{"value":"1"}"#, r#"{"system":1}"#, "[]", "x"] {
        assert_eq!(
            with("nhsd-target-identifier", &STANDARD.encode(other)).expect_err("none"),
            Outcome::Value
        );
    }
}

#[test]
fn who_asks_is_read_from_the_headers() {
    let headers = Headers::read(&header_map()).expect("headers");
    assert_eq!(headers.organisation, ("A99998".to_owned(), "Larch Court Health Centre".to_owned()));
}

#[test]
fn a_context_that_is_missing_or_malformed_is_refused() {
    let outcome = |given| context(given).map_err(|refusal| refusal.outcome);
    assert_eq!(outcome(None), Err(Outcome::Required));
    assert_eq!(outcome(Some("2099000001")), Err(Outcome::Invalid));
    assert_eq!(outcome(Some("https://fhir.nhs.uk/Id/dos-service-id|")), Err(Outcome::Invalid));
    assert_eq!(outcome(Some("https://fhir.nhs.uk/Id/dos-service-id|2099000001")), Ok("2099000001"));
}
