//! Messages that are refused, each with a fault that names what is wrong.

use super::*;

#[track_caller]
fn refused_for(body: &str, words: &str) {
    let fault = refuse(body.as_bytes());
    assert_eq!((fault.code, fault.itk_code), (FaultCode::Client, 1000), "{fault:?}");
    assert!(fault.text.contains(words), "{fault:?}");
}

#[test]
fn what_is_not_xml_is_refused() {
    for body in ["", "{}", "not xml", "<a><b></a>", "MZ\u{0}\u{1}"] {
        refused_for(body, "not well-formed XML");
    }
    assert!(refuse(&[0x80, 0x81, 0x82]).text.contains("not readable text"));
    assert!(refuse(&[0xFF, 0xFE, 0x00, 0xD8]).text.contains("not readable text"));
}

#[test]
fn an_entity_bomb_is_refused_before_it_can_expand() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
                <x>&b;&b;&b;</x>";
    refused_for(bomb, "document type definition");
    let outside = "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><x>&f;</x>";
    refused_for(outside, "document type definition");
}

#[test]
fn an_entity_bomb_in_an_attachment_is_not_read_and_the_referral_is() {
    use base64::Engine as _;
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><PathwaysCase><triageLine>&a;</triageLine></PathwaysCase>";
    let encoded = base64::engine::general_purpose::STANDARD.encode(bomb);
    let (start, rest) = MINOR_ILLNESS.split_once("representation=\"B64\">").expect("an attachment");
    let (_, end) = rest.split_once("</value>").expect("its end");
    let report = take(&format!("{start}representation=\"B64\">{encoded}</value>{end}"));
    assert!(newest(&report).0.triage.is_empty());
}

#[test]
fn twenty_megabytes_are_refused_and_five_are_the_limit() {
    let fault = refuse(&vec![b' '; 20 * 1024 * 1024]);
    assert_eq!(fault.text, "The message is too large.");
    let padded = format!("{MINOR_ILLNESS}{}", " ".repeat(MAX_BODY - MINOR_ILLNESS.len()));
    assert_eq!(take(&padded).arrived.parts.len(), 1);
    assert!(refuse(format!("{padded} ").as_bytes()).text.contains("too large"));
}

#[test]
fn nesting_and_numbers_of_elements_are_bounded() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    refused_for(&deep, "nested too deeply");
    let many = format!("<a>{}</a>", "<b/>".repeat(600_000));
    refused_for(&many, "too many elements");
}

#[test]
fn another_kind_of_envelope_is_refused() {
    refused_for("<html/>", "not a SOAP 1.1 envelope");
    let newer = MINOR_ILLNESS
        .replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    refused_for(&newer, "not a SOAP 1.1 envelope");
}

#[test]
fn an_action_that_is_not_the_service_is_refused() {
    let body = MINOR_ILLNESS.replacen("SendNHS111Report-v2-0</wsa:Action>", "Other-v1-0</wsa:Action>", 1);
    refused_for(&body, "Action is not the service");
    assert_eq!(refuse(body.as_bytes()).relates_to, "A1B0B7C2-51A3-4E0C-8F51-0D3A6E4C0101");
}

#[test]
fn another_service_is_refused() {
    refused_for(&MINOR_ILLNESS.replace("SendNHS111Report", "SendSomethingElse"), "not offered here");
}

#[test]
fn wrong_counts_are_refused() {
    refused_for(&MINOR_ILLNESS.replace("manifest count=\"1\"", "manifest count=\"2\""), "manifest items");
    refused_for(&MINOR_ILLNESS.replace("payloads count=\"1\"", "payloads count=\"0\""), "number of payloads");
    refused_for(&MINOR_ILLNESS.replace("payloads count=\"1\"", "payloads"), "number of payloads");
}

#[test]
fn a_manifest_that_names_what_is_not_enclosed_or_one_thing_twice_is_refused() {
    refused_for(&MINOR_ILLNESS.replace("payload id=\"uuid_0101\"", "payload id=\"uuid_9\""), "not enclosed");
    refused_for(&REPEAT_CALLER.replace("uuid_0402", "uuid_0401"), "twice");
}

#[test]
fn a_message_without_a_patient_a_tracking_id_or_an_address_is_refused() {
    refused_for(&MINOR_ILLNESS.replace("recordTarget", "otherTarget"), "names no patient");
    refused_for(&MINOR_ILLNESS.replace("trackingid=", "other="), "trackingid");
    refused_for(&MINOR_ILLNESS.replace("itk:address ", "itk:other "), "names no pharmacy");
}

#[test]
fn another_kind_of_document_is_refused() {
    let body =
        MINOR_ILLNESS.replace("nhs111CDADocument-v2-0", "dischargeLetter-v1").replace("819551000000100", "1");
    refused_for(&body, "kind of document");
    refused_for(&MINOR_ILLNESS.replace("ClinicalDocument", "Letter"), "not a clinical document");
}

#[test]
fn an_asynchronous_reply_is_refused() {
    let body =
        MINOR_ILLNESS.replace("http://www.w3.org/2005/08/addressing/anonymous", "https://elsewhere.example");
    refused_for(&body, "same connection");
}

#[test]
fn an_unknown_header_that_must_be_understood_is_refused_as_soap_asks() {
    let body = MINOR_ILLNESS
        .replace("</soap:Header>", "<x:Route xmlns:x=\"urn:x\" soap:mustUnderstand=\"1\"/></soap:Header>");
    let fault = refuse(body.as_bytes());
    assert_eq!(fault.code, FaultCode::MustUnderstand);
    assert!(fault.diagnostic.contains("Route"));
}

#[test]
fn address_time_and_user_are_checked_only_when_configured() {
    let security = "<wsa:To>https://satchel.example/itk/report</wsa:To><w:Security xmlns:w=\"urn:w\"><w:Timestamp>\
                    <w:Created>2026-11-22T21:55:00Z</w:Created><w:Expires>2026-11-22T22:05:00Z</w:Expires>\
                    </w:Timestamp><w:UsernameToken><w:Username>downland</w:Username></w:UsernameToken></w:Security>";
    let body = MINOR_ILLNESS.replace("</soap:Header>", &format!("{security}</soap:Header>"));
    let strict = Accepting {
        expected_to: Some("https://satchel.example/itk/report"),
        check_timestamp: true,
        expected_user: Some("downland"),
        ..Accepting::anything(now())
    };
    assert!(read(body.as_bytes(), &strict).is_ok());
    assert!(read(MINOR_ILLNESS.as_bytes(), &Accepting::anything(now())).is_ok(), "nothing configured");

    let text = |accepting: Accepting<'_>| read(body.as_bytes(), &accepting).expect_err("a fault").text;
    assert!(
        text(Accepting { expected_to: Some("https://other.example"), ..strict }).contains("another address")
    );
    assert!(text(Accepting { now: now() + 600_000, ..strict }).contains("time window"));
    assert!(text(Accepting { now: now() - 600_000, ..strict }).contains("time window"));
    assert!(text(Accepting { expected_user: Some("other"), ..strict }).contains("user name"));
    let bare =
        read(MINOR_ILLNESS.as_bytes(), &Accepting { check_timestamp: true, ..Accepting::anything(now()) });
    assert!(bare.expect_err("a fault").text.contains("time stamp is missing"));
}

#[test]
fn a_fault_is_a_soap_fault_that_carries_the_reason_and_nothing_it_could_be_tricked_into() {
    let body = MINOR_ILLNESS.replace("uuid_0101\" mimetype", "&lt;/x&gt;\" mimetype");
    let fault = refuse(body.as_bytes());
    let sent = fault_body(&fault, uuid::Uuid::from_bytes([2; 16]), uuid::Uuid::from_bytes([3; 16]));
    let parsed = roxmltree::Document::parse(&sent).expect("XML");
    let text = |name: &str| {
        let node = parsed.descendants().find(|node| node.tag_name().name() == name).expect(name);
        node.text().unwrap_or("").to_owned()
    };
    assert_eq!(text("faultcode"), "soap:Client");
    assert_eq!(text("ErrorCode"), "1000");
    assert_eq!(text("ErrorText"), "The manifest names a document that is not enclosed.");
    assert_eq!(text("ErrorDiagnosticText"), "id: </x>.");
    assert_eq!(text("ErrorID"), "02020202-0202-0202-0202-020202020202");
}

#[test]
fn no_fault_repeats_anything_about_the_patient() {
    for body in [
        MINOR_ILLNESS.replace("</wsa:Action>", "x</wsa:Action>"),
        MINOR_ILLNESS.replace("payloads count=\"1\"", "payloads count=\"3\""),
        MINOR_ILLNESS.replace("</streetAddressLine>", "</streetLine>"),
        MINOR_ILLNESS.replace("patientRole", "patientPart"),
    ] {
        let fault = refuse(body.as_bytes());
        let told = format!("{fault:?}");
        for secret in ["Brambleworth", "9997001028", "Tamarisk", "1987"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
