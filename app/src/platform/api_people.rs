//! The server's doors for people: standing, evidence, invitations, names of things, the audit log.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use serde::Serialize;
use serde_json::json;
use shared::api::{
    AUDIT_NHS_NUMBER, AccessUntil, AuditPage, Filed, NewAuthorisation, NewEvidence, NewLabel,
    PendingInvitation, PersonStanding, ResponsiblePharmacist, StandingView, UnsentCount,
};
use shared::ids::{DeviceId, PersonId};

/// Of the person who is signed in.
pub async fn standing(satchel: Satchel) -> Result<StandingView, Trouble> {
    http::get(satchel, "/api/standing").await
}

/// Of somebody who works here.
pub async fn person_standing(satchel: Satchel, person: PersonId) -> Result<PersonStanding, Trouble> {
    http::get(satchel, &format!("/api/people/{person}/standing")).await
}

pub async fn file_evidence(satchel: Satchel, person: PersonId, new: &NewEvidence) -> Result<(), Trouble> {
    file(satchel, &format!("/api/people/{person}/evidence"), new).await
}

pub async fn file_authorisation(
    satchel: Satchel,
    person: PersonId,
    new: &NewAuthorisation,
) -> Result<(), Trouble> {
    file(satchel, &format!("/api/people/{person}/authorisations"), new).await
}

async fn file(satchel: Satchel, path: &str, new: &impl Serialize) -> Result<(), Trouble> {
    http::post::<Filed>(satchel, path, new).await.map(drop)
}

/// Where the file of a piece of evidence is fetched.
pub fn certificate_address(kind: &str, id: &uuid::Uuid) -> String {
    format!("/api/{kind}/{id}/certificate")
}

/// Takes something back: `/api/evidence/…`, `/api/authorisations/…`, `/api/invitations/…`.
pub async fn withdraw(satchel: Satchel, kind: &str, id: &str) -> Result<(), Trouble> {
    http::delete(satchel, &format!("/api/{kind}/{id}")).await
}

/// Names a passkey.
pub async fn name_passkey(satchel: Satchel, id: &str, label: String) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/passkeys/{id}"), &NewLabel { label }).await
}

/// Names a device.
pub async fn name_device(satchel: Satchel, id: &str, label: String) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/devices/{id}/label"), &NewLabel { label }).await
}

pub async fn tell_unsent(satchel: Satchel, device: DeviceId, consultations: u32) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/devices/{device}/unsent"), &UnsentCount { consultations }).await
}

/// Says when somebody's access ends by itself; empty for never.
pub async fn set_access(satchel: Satchel, person: PersonId, access_ends: String) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/people/{person}/access"), &AccessUntil { access_ends }).await
}

/// Links that nobody has used yet.
pub async fn invitations(satchel: Satchel) -> Result<Vec<PendingInvitation>, Trouble> {
    http::get(satchel, "/api/invitations").await
}

/// Who is responsible from now on.
pub async fn name_responsible(satchel: Satchel, name: String, gphc: String) -> Result<(), Trouble> {
    let named = ResponsiblePharmacist { name, gphc, since: String::new() };
    http::put(satchel, "/api/pharmacy/responsible-pharmacist", &named).await
}

/// Ends what CIS2 proved of this session; the session itself goes on.
pub async fn end_cis2(satchel: Satchel) -> Result<(), Trouble> {
    http::post_only(satchel, "/api/cis2/end", &json!({})).await
}

/// A page of the audit log. The NHS number goes in a header: addresses end up in logs.
pub async fn audit(satchel: Satchel, query: &str, nhs_number: &str) -> Result<AuditPage, Trouble> {
    let path = format!("/api/audit?{query}");
    http::read(http::get_naming(satchel, &path, AUDIT_NHS_NUMBER, nhs_number).await?).await
}

/// The same lines as CSV.
pub async fn audit_csv(satchel: Satchel, query: &str, nhs_number: &str) -> Result<Vec<u8>, Trouble> {
    let path = format!("/api/audit/export?{query}");
    let answer = http::get_naming(satchel, &path, AUDIT_NHS_NUMBER, nhs_number).await?;
    answer.binary().await.map_err(|_| Trouble::Unreachable)
}
