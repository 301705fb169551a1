//! Reading, refusing and answering BaRS messages, without a store.

mod outcomes;
mod read;
mod refused;
mod samples;

use super::{Headers, Message, Refusal};
use crate::nhs::fhir::{Element, Format};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shared::time::Millis;

pub const NEW: &str = include_str!("../fixtures/new.xml");
pub const NEW_JSON: &str = include_str!("../fixtures/new.json");
pub const CANCEL: &str = include_str!("../fixtures/cancel.xml");
pub const TARGET: &str = "2099000001";
/// 22 Nov 2026, 14:13 UTC.
pub const NOW: Millis = 1_795_356_800_000;

pub fn xml(text: &str) -> Element {
    Format::Xml.read(text.as_bytes()).expect("FHIR")
}

/// The headers that every sender sends.
pub fn header_map() -> HeaderMap {
    let organisation = r#"{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A99998"}],"name":"Larch Court Health Centre"}"#;
    let device =
        r#"{"resourceType":"Device","deviceName":[{"name":"Practice Book","type":"manufacturer-name"}]}"#;
    let target = r#"{"value":"2099000001","system":"https://fhir.nhs.uk/Id/dos-service-id"}"#;
    let pairs = [
        ("nhsd-target-identifier", STANDARD.encode(target)),
        ("nhsd-end-user-organisation", STANDARD.encode(organisation)),
        ("nhsd-requesting-software", STANDARD.encode(device)),
        ("x-request-id", "c1ab3fba-6bae-4ba4-b257-5a87c44d4a91".to_owned()),
        ("x-correlation-id", "9562466f-c982-4bd5-bb0e-255e9f5e6689".to_owned()),
        ("content-type", "application/fhir+xml; version=1.4.0".to_owned()),
        ("accept", "application/fhir+xml; version=1.4.0".to_owned()),
    ];
    let pairs = pairs.map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(&value).expect("a header"))
    });
    pairs.into_iter().collect()
}

pub fn headers() -> Headers {
    Headers::read(&header_map()).expect("headers")
}

/// Why this message is refused.
pub fn refusal(text: &str) -> Refusal {
    let bundle = xml(text);
    Message::read(&bundle, TARGET).map(|message| message.event).expect_err("refused")
}
