//! What a BaRS request says of itself in its headers: target, ids, who asks (BaRS Core, HTTP headers).

use super::{Outcome, Refusal};
use crate::nhs::bars::codes::{DOS_ID, ODS_CODE, is};
use crate::nhs::fhir::{Element, Format};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use uuid::Uuid;

pub const TARGET: &str = "nhsd-target-identifier";
pub const REQUEST_ID: &str = "x-request-id";
pub const CORRELATION_ID: &str = "x-correlation-id";
pub const END_USER_ORGANISATION: &str = "nhsd-end-user-organisation";
pub const REQUESTING_SOFTWARE: &str = "nhsd-requesting-software";
pub const REQUESTING_PRACTITIONER: &str = "nhsd-requesting-practitioner";
/// Bytes of one header beyond which it is not decoded.
const LARGEST: usize = 16 * 1024;

/// The headers of one request, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// Directory of Services id of the pharmacy that is meant.
    pub target: String,
    pub request_id: Uuid,
    pub correlation_id: Uuid,
    /// ODS code and name of who asks; either may be empty.
    pub organisation: (String, String),
}

impl Headers {
    pub fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        Ok(Self {
            request_id: guid(headers, REQUEST_ID)?,
            correlation_id: guid(headers, CORRELATION_ID)?,
            target: target(headers)?,
            organisation: organisation(headers)?,
        })
    }
}

/// The format of the body. BaRS knows two; the version beside it is not looked at (the published 406 says why).
pub fn content_format(headers: &HeaderMap) -> Result<Format, Refusal> {
    let given = text(headers, header::CONTENT_TYPE.as_str())?;
    let Some(given) = given else {
        return Err(Refusal::new(Outcome::Required, "The request has no Content-Type header."));
    };
    Format::of_content_type(given).ok_or_else(|| {
        Refusal::new(
            Outcome::NotAcceptable,
            "The body must be application/fhir+json or application/fhir+xml, and Content-Type must say so.",
        )
    })
}

/// The format of the answer; `otherwise` where the sender does not say.
pub fn answer_format(headers: &HeaderMap, otherwise: Format) -> Result<Format, Refusal> {
    let given = headers.get(header::ACCEPT).map_or(Ok(""), |value| value.to_str()).unwrap_or("unreadable");
    Format::accepted(given, otherwise).ok_or_else(|| {
        Refusal::new(
            Outcome::NotAcceptable,
            "Answers are written as application/fhir+json or application/fhir+xml only.",
        )
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value
        .to_str()
        .map_err(|_| Refusal::new(Outcome::Value, format!("The header {name} is not text.")))?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty()))
}

fn required<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Refusal> {
    text(headers, name)?
        .ok_or_else(|| Refusal::new(Outcome::Required, format!("The header {name} is missing.")))
}

fn guid(headers: &HeaderMap, name: &str) -> Result<Uuid, Refusal> {
    required(headers, name)?
        .parse()
        .map_err(|_| Refusal::new(Outcome::Value, format!("The header {name} is not a GUID.")))
}

fn target(headers: &HeaderMap) -> Result<String, Refusal> {
    let unreadable =
        || Refusal::new(Outcome::Value, "NHSD-Target-Identifier is not a base64 object of system and value.");
    let plain = decoded(required(headers, TARGET)?).ok_or_else(unreadable)?;
    let object: Value = serde_json::from_slice(&plain).map_err(|_| unreadable())?;
    let part = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    if part("value").is_empty() {
        return Err(unreadable());
    }
    if !is(part("system"), DOS_ID) {
        return Err(Refusal::new(
            Outcome::Value,
            format!("NHSD-Target-Identifier must be an id of {DOS_ID}."),
        ));
    }
    Ok(part("value").to_owned())
}

/// Who asks. The device and, where it is sent, the practitioner's role must be readable too; nothing is taken from them.
fn organisation(headers: &HeaderMap) -> Result<(String, String), Refusal> {
    resource(required(headers, REQUESTING_SOFTWARE)?, REQUESTING_SOFTWARE, "Device")?;
    if let Some(role) = text(headers, REQUESTING_PRACTITIONER)? {
        resource(role, REQUESTING_PRACTITIONER, "PractitionerRole")?;
    }
    let given = required(headers, END_USER_ORGANISATION)?;
    let organisation = resource(given, END_USER_ORGANISATION, "Organization")?;
    let code = organisation
        .children("identifier")
        .find(|identifier| is(identifier.text("system"), ODS_CODE))
        .map(|identifier| identifier.text("value").trim().to_ascii_uppercase());
    Ok((code.unwrap_or_default(), organisation.text("name").trim().to_owned()))
}

fn resource(given: &str, name: &str, kind: &str) -> Result<Element, Refusal> {
    let read = decoded(given).and_then(|plain| Element::from_json(&plain).ok());
    read.filter(|resource| resource.kind == kind)
        .ok_or_else(|| Refusal::new(Outcome::Value, format!("The header {name} is not a {kind} in base64.")))
}

/// Base64 of either alphabet, padded or not: senders do each.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    if text.len() > LARGEST {
        return None;
    }
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(plain.trim_end_matches('=')).ok()
}
