//! What each route needs, in one table. A test walks every route of the API with every role and holds it to this.

use shared::people::Permission;

/// What somebody must have to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Also for people who are not signed in.
    Nothing,
    /// Signed in at a pharmacy, in any role. What others than oneself have there may need more; the handler says so.
    SignedIn,
    May(Permission),
    /// One of the two.
    Either(Permission, Permission),
    /// What is one's own; others' with the permission.
    OwnOr(Permission),
}

use Needs::{Either, May, Nothing, OwnOr, SignedIn};
use Permission::{
    AdministerPharmacy, LookUpPatients, NameResponsiblePharmacist, ReadAudit, ReadConsultations,
    ReadRegisters, ReadReports, RecordConsultations, SignConsultations,
};

/// Method, path as the OpenAPI document writes it, and what it needs.
pub const ROUTES: &[(&str, &str, Needs)] = &[
    // Signing in and enrolling.
    ("GET", "/api/session", Nothing),
    ("DELETE", "/api/session", Nothing),
    ("POST", "/api/session/passkey/start", Nothing),
    ("POST", "/api/session/passkey/finish", Nothing),
    ("POST", "/api/session/device-key/start", Nothing),
    ("POST", "/api/session/device-key/finish", Nothing),
    ("POST", "/api/session/pharmacy", SignedIn),
    ("POST", "/api/enrolment/look", Nothing),
    ("POST", "/api/enrolment/start", Nothing),
    ("POST", "/api/enrolment/finish", Nothing),
    ("POST", "/api/enrolment/device-key", Nothing),
    ("POST", "/api/enrolment/join", SignedIn),
    ("GET", "/api/cis2/start", Nothing),
    ("GET", "/api/cis2/callback", Nothing),
    ("GET", "/api/cis2/end", Nothing),
    ("POST", "/api/cis2/backchannel-logout", Nothing),
    ("GET", "/.well-known/jwks.json", Nothing),
    ("GET", "/api/passkeys", SignedIn),
    ("POST", "/api/passkeys/start", SignedIn),
    ("POST", "/api/passkeys/finish", SignedIn),
    ("PUT", "/api/passkeys/{id}", SignedIn),
    ("DELETE", "/api/passkeys/{id}", SignedIn),
    // Records.
    ("POST", "/api/sync/push", SignedIn),
    ("GET", "/api/sync/pull", May(ReadConsultations)),
    ("GET", "/api/sync/document/{id}", May(ReadConsultations)),
    ("POST", "/api/sync/heads", May(ReadConsultations)),
    ("GET", "/api/sync/live", May(ReadConsultations)),
    ("GET", "/api/deliveries", Either(ReadConsultations, ReadAudit)),
    ("POST", "/api/deliveries/{id}/retry", May(RecordConsultations)),
    ("POST", "/api/deliveries/{id}/next-way", May(RecordConsultations)),
    ("POST", "/api/deliveries/{id}/done", May(RecordConsultations)),
    ("GET", "/api/practices/routes", May(ReadConsultations)),
    ("PUT", "/api/practices/{ods}/routes", May(AdministerPharmacy)),
    ("GET", "/api/quarantine", SignedIn),
    ("GET", "/api/quarantine/{id}", Either(ReadConsultations, AdministerPharmacy)),
    ("POST", "/api/quarantine/{id}/release", May(AdministerPharmacy)),
    ("POST", "/api/quarantine/{id}/close", OwnOr(SignConsultations)),
    ("POST", "/api/quarantine/close", SignedIn),
    // What came from people.
    ("GET", "/api/waiting", May(RecordConsultations)),
    ("GET", "/api/waiting/{id}", May(RecordConsultations)),
    ("GET", "/api/waiting/{id}/original", May(RecordConsultations)),
    ("POST", "/api/waiting/{id}/settle", May(RecordConsultations)),
    // Patients and organisations.
    ("POST", "/api/patients/look-up", May(LookUpPatients)),
    ("POST", "/api/prescriptions/search", May(LookUpPatients)),
    ("POST", "/api/prescriptions/exemption", May(LookUpPatients)),
    ("GET", "/api/organisations", SignedIn),
    ("GET", "/api/organisations/area", SignedIn),
    ("GET", "/api/organisations/{ods}", SignedIn),
    ("POST", "/api/places", SignedIn),
    ("GET", "/api/medicines", SignedIn),
    ("GET", "/api/medicines/core", SignedIn),
    ("GET", "/api/medicines/full", SignedIn),
    ("GET", "/api/medicines/replaced/{code}", SignedIn),
    // What was supplied.
    ("POST", "/api/supplies/earlier", May(ReadConsultations)),
    ("GET", "/api/supplies/register", May(ReadRegisters)),
    ("POST", "/api/supplies/recall", May(ReadRegisters)),
    ("GET", "/api/supplies/tokens", May(ReadRegisters)),
    // What was done, claimed, and is handed on.
    ("GET", "/api/activity", May(ReadReports)),
    ("GET", "/api/claims/month/{month}", May(ReadReports)),
    ("PUT", "/api/claims/month/{month}", May(ReadReports)),
    ("GET", "/api/claims/month/{month}/evidence", May(ReadReports)),
    ("GET", "/api/claims/month/{month}/it-failure", May(ReadReports)),
    ("GET", "/api/exports", May(ReadReports)),
    ("GET", "/api/exports/{name}", May(ReadReports)),
    // The address book.
    ("POST", "/api/directory/propose", May(AdministerPharmacy)),
    ("GET", "/api/directory", Either(ReadConsultations, AdministerPharmacy)),
    ("PUT", "/api/directory/{id}", May(AdministerPharmacy)),
    ("DELETE", "/api/directory/{id}", May(AdministerPharmacy)),
    ("POST", "/api/directory/import", May(AdministerPharmacy)),
    ("POST", "/api/directory/{id}/test", May(AdministerPharmacy)),
    ("POST", "/api/directory/{id}/confirm", May(AdministerPharmacy)),
    // Devices.
    ("GET", "/api/devices", SignedIn),
    ("PUT", "/api/devices/{id}", SignedIn),
    ("DELETE", "/api/devices/{id}", May(AdministerPharmacy)),
    ("PUT", "/api/devices/{id}/label", May(AdministerPharmacy)),
    ("PUT", "/api/devices/{id}/unsent", SignedIn),
    ("POST", "/api/devices/{id}/vault-key", May(ReadConsultations)),
    // A device that was revoked is signed out, and still hands over what it has not sent, sealed.
    ("GET", "/api/device-standing/{device}", Nothing),
    ("POST", "/api/device-log/{device}", Nothing),
    // People.
    ("GET", "/api/people", SignedIn),
    ("DELETE", "/api/people/{id}", May(AdministerPharmacy)),
    ("PUT", "/api/people/{id}/access", May(AdministerPharmacy)),
    ("GET", "/api/invitations", May(AdministerPharmacy)),
    ("POST", "/api/invitations", May(AdministerPharmacy)),
    ("DELETE", "/api/invitations/{id}", May(AdministerPharmacy)),
    ("PUT", "/api/pharmacy/contact-limit", May(AdministerPharmacy)),
    ("PUT", "/api/pharmacy/responsible-pharmacist", May(NameResponsiblePharmacist)),
    // What lets a person do something.
    ("GET", "/api/standing", SignedIn),
    ("GET", "/api/people/{id}/standing", OwnOr(AdministerPharmacy)),
    ("GET", "/api/people/{id}/evidence", OwnOr(AdministerPharmacy)),
    ("POST", "/api/people/{id}/evidence", May(AdministerPharmacy)),
    ("GET", "/api/people/{id}/authorisations", OwnOr(AdministerPharmacy)),
    ("POST", "/api/people/{id}/authorisations", May(AdministerPharmacy)),
    ("DELETE", "/api/evidence/{id}", May(AdministerPharmacy)),
    ("DELETE", "/api/authorisations/{id}", May(AdministerPharmacy)),
    ("GET", "/api/evidence/{id}/certificate", OwnOr(AdministerPharmacy)),
    ("GET", "/api/authorisations/{id}/certificate", OwnOr(AdministerPharmacy)),
    // The audit log.
    ("GET", "/api/audit", May(ReadAudit)),
    ("GET", "/api/audit/export", May(ReadAudit)),
    ("POST", "/api/audit/device", SignedIn),
    // Operations, and NHS 111, whose messages carry proof of their own.
    ("GET", "/api/openapi.json", Nothing),
    ("GET", "/health/live", Nothing),
    ("GET", "/health/ready", Nothing),
    ("GET", "/metrics", Nothing),
    ("POST", "/itk/report", Nothing),
    ("POST", "/adaptor/report", Nothing),
    // BaRS, whose proxy proves itself by its certificate.
    ("POST", "/bars/FHIR/R4/$process-message", Nothing),
    ("GET", "/bars/FHIR/R4/metadata", Nothing),
    ("GET", "/bars/FHIR/R4/MessageDefinition", Nothing),
    ("GET", "/bars/FHIR/R4/ServiceRequest", Nothing),
    ("GET", "/bars/FHIR/R4/ServiceRequest/{id}", Nothing),
];
