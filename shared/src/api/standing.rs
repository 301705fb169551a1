//! What lets a person do something: evidence of competence, authorisations under PGDs, who is responsible today.

use crate::ids::PersonId;
use crate::people::{Evidence, EvidenceKind, PgdAuthorisation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `GET /api/standing`: of the person who is signed in, at the pharmacy they are at. A device keeps the last one, sealed,
/// and decides by it with no network, showing how old it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StandingView {
    pub evidence: Vec<Evidence>,
    pub authorisations: Vec<PgdAuthorisation>,
    pub responsible: Option<ResponsiblePharmacist>,
    /// RFC 3339; empty where access does not end by itself (practice 30).
    pub access_ends: String,
    /// Where the National Care Records Service is opened (identity.md 6.2).
    pub ncrs: String,
    /// RFC 3339.
    pub fetched_at: String,
    /// For the letters that are printed here.
    pub pharmacy: PharmacyContact,
}

/// How the pharmacy is reached, as its letters say. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PharmacyContact {
    /// On one line, commas between.
    pub address: String,
    pub phone: String,
    /// Where e-mails of the pharmacy come from and are answered to.
    pub email: String,
}

/// `PUT /api/pharmacy/responsible-pharmacist`: who is responsible from now until said otherwise (practice 30).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponsiblePharmacist {
    pub name: String,
    /// Seven digits that begin with 2.
    pub gphc: String,
    /// RFC 3339; given by the server.
    pub since: String,
}

/// `POST /api/people/{id}/evidence`: an administrator files evidence of competence (identity.md 8.2). `GET` of the same
/// lists what there is, `DELETE /api/evidence/{id}` withdraws one, `GET /api/evidence/{id}/certificate` answers the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEvidence {
    /// A service: `minor-illness`, `urgent-medicine-supply`, `pharmacy-first`.
    pub service: String,
    pub kind: EvidenceKind,
    /// `2026-11-22`.
    pub dated: String,
    /// Last day on which it counts; empty for no end.
    pub expires: String,
    pub note: String,
    pub certificate: Option<Certificate>,
}

/// A file: PDF, JPEG or PNG, at most 2 MiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub name: String,
    /// `application/pdf`, `image/jpeg`, `image/png`; the bytes must begin like one.
    pub kind: String,
    /// Base64, standard alphabet.
    pub bytes: String,
}

/// `POST /api/people/{id}/authorisations`: an administrator files a named professional's signed authorisation for one
/// version of a PGD (practice 15). `GET` lists, `DELETE /api/authorisations/{id}` withdraws.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAuthorisation {
    pub pgd: String,
    pub version: String,
    /// `2026-11-22`: when the professional signed.
    pub signed: String,
    /// Last day of the PGD.
    pub expires: String,
    /// Who authorised, by name.
    pub authorised_by: String,
    pub certificate: Option<Certificate>,
}

/// `GET /api/people/{id}/evidence` and `…/authorisations` in one: `GET /api/people/{id}/standing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonStanding {
    pub person: PersonId,
    pub evidence: Vec<Evidence>,
    pub authorisations: Vec<PgdAuthorisation>,
}

/// The answer to filing something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    pub id: Uuid,
}

/// A line of `GET /api/invitations`: a link that nobody has used yet. `DELETE /api/invitations/{id}` withdraws it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingInvitation {
    pub id: String,
    pub role: crate::people::Role,
    /// RFC 3339.
    pub expires_at: String,
    /// RFC 3339; empty where access would not end by itself.
    pub access_ends: String,
    pub invited_by: String,
}

/// `PUT /api/passkeys/{id}` and `PUT /api/devices/{id}/label`: what people tell it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLabel {
    /// 1 to 60 characters.
    pub label: String,
}

/// `PUT /api/devices/{id}/unsent`: a device says how many consultations wait on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentCount {
    pub consultations: u32,
}
