//! What goes to the exemption check and comes back, and the token that says who asks and why.

use super::{Asker, ExemptionCheckError, ExemptionCheckSettings, Question, Said};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::prescription::charge::is_confirmed;
use shared::time::Millis;

/// Seconds for which a token is good.
const TOKEN_LASTS: i64 = 300;

/// The question on the wire.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchRequest<'a> {
    dob: String,
    nhs_number: &'a str,
    postcode: String,
    forename: &'a str,
    surname: &'a str,
    prescription_id: String,
}

impl<'a> From<&'a Question> for SearchRequest<'a> {
    fn from(question: &'a Question) -> Self {
        Self {
            dob: question.birth_date.to_string(),
            nhs_number: question.nhs_number.as_str(),
            // The published example has none: `NE32JH`.
            postcode: question.postcode.as_str().replace(' ', ""),
            forename: &question.given_name,
            surname: &question.family_name,
            prescription_id: question.prescription.short(),
        }
    }
}

/// The answer on the wire; its words are not read, since they differ from version to version.
#[derive(Debug, Deserialize)]
struct SearchResponse {
    /// Must be there, if only as `null`: a gateway's own refusal is JSON too, and says nothing about exemptions.
    #[serde(rename = "type", deserialize_with = "Option::deserialize")]
    kind: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Odd {
    #[error("an exemption without a proper type")]
    Type,
    #[error("not the JSON of the check at line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("the unspecified status {0}")]
    Status(u16),
}

/// Reads an answer by its status (RTEC swagger): 200 found, 404 not found, everything else is no answer.
pub fn answer(status: StatusCode, bytes: &[u8]) -> Result<Said, ExemptionCheckError> {
    let said = || {
        serde_json::from_slice::<SearchResponse>(bytes).map_err(|error| {
            // What serde says besides may quote the patient.
            unreadable(Odd::Json { line: error.line(), column: error.column() })
        })
    };
    match status {
        StatusCode::OK => match said()?.kind {
            Some(kind) if is_confirmed(&kind) => Ok(Said::Found(kind)),
            _ => Err(unreadable(Odd::Type)),
        },
        // A page of a proxy with this status says nothing about exemptions.
        StatusCode::NOT_FOUND => said().map(|_| Said::NotFound),
        StatusCode::BAD_REQUEST => Err(ExemptionCheckError::Invalid),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(ExemptionCheckError::Refused { status: status.as_u16() })
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(ExemptionCheckError::Away(None)),
        status if status.is_server_error() => Err(ExemptionCheckError::Away(None)),
        status => Err(unreadable(Odd::Status(status.as_u16()))),
    }
}

pub fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> ExemptionCheckError {
    ExemptionCheckError::Unreadable(Box::new(cause))
}

/// The bearer token of the Spine's cross-organisation audit: who asks, where, and for what. It is not signed (`alg`
/// `none`), as the Spine's guide for GP Connect has it; that RTEC asks for the same is unverified.
pub fn token(settings: &ExemptionCheckSettings, asker: &Asker, now: Millis) -> String {
    let issued = now.div_euclid(1000);
    let claims = json!({
        "iss": settings.issuer,
        "sub": asker.person,
        "aud": settings.base_url,
        "iat": issued,
        "exp": issued + TOKEN_LASTS,
        "reason_for_request": "directcare",
        "requested_scope": "patient/*.read",
        "requesting_system": format!("https://fhir.nhs.uk/Id/accredited-system|{}", settings.asid),
        "requesting_organization": format!("https://fhir.nhs.uk/Id/ods-organization-code|{}", asker.organisation),
        "requesting_user": format!("https://fhir.nhs.uk/Id/sds-role-profile-id|{}", asker.role),
        "requesting_user_name": asker.name,
        "requesting_user_job_role": asker.job_role,
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&claims))
}
