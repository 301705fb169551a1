//! The server's doors for patients in PDS, practices in the ODS, one's own standing, and the audit log.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use js_sys::encode_uri_component;
use shared::api::{AreaView, DeviceAudit, LookUpAnswer, OrganisationView, PatientLookUp, StandingView};

/// Needs a CIS2 sign-in; without one the refusal's type ends in `cis2-needed`.
pub async fn look_up(satchel: Satchel, what: &PatientLookUp) -> Result<LookUpAnswer, Trouble> {
    http::post(satchel, "/api/patients/look-up", what).await
}

/// The practices around this pharmacy.
pub async fn area(satchel: Satchel) -> Result<AreaView, Trouble> {
    http::get(satchel, "/api/organisations/area").await
}

/// At most 50 practices of which `name` or `postcode` (the `key`) is as told.
pub async fn practices(satchel: Satchel, key: &str, text: &str) -> Result<Vec<OrganisationView>, Trouble> {
    let text = String::from(encode_uri_component(text));
    http::get(satchel, &format!("/api/organisations?kind=practice&{key}={text}")).await
}

pub async fn organisation(satchel: Satchel, ods: &str) -> Result<OrganisationView, Trouble> {
    http::get(satchel, &format!("/api/organisations/{}", String::from(encode_uri_component(ods)))).await
}

/// Of the person who is signed in.
pub async fn standing(satchel: Satchel) -> Result<StandingView, Trouble> {
    http::get(satchel, "/api/standing").await
}

/// Safe to repeat.
pub async fn audit(satchel: Satchel, lines: &DeviceAudit) -> Result<(), Trouble> {
    http::post_only(satchel, "/api/audit/device", lines).await
}
