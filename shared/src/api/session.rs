//! Signing in, enrolling, and what the device is told about the server each time they meet.

use super::Cis2Standing;
use crate::ids::{DeviceId, Epoch, OdsCode, PersonId};
use crate::people::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `GET /api/session`; also the answer to every successful sign-in. Works signed out: then `person` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub person: Option<PersonView>,
    /// Pharmacies this person works at, the present one first.
    pub pharmacies: Vec<PharmacyView>,
    pub epoch: Epoch,
    /// To be named in the next offline unlock's receipt; base64url.
    pub server_nonce: String,
    /// RFC 3339; the device compares its own clock with it.
    pub server_time: String,
    /// For sealing the vault key to the server.
    pub server_key: ServerKey,
    /// Simulated NHS services: shown on every screen.
    pub demo: bool,
    /// Hours that a device may be without contact before patients coming in are closed to it (practice 31).
    #[serde(default = "usual_contact_limit")]
    pub contact_limit_hours: u32,
    #[serde(default)]
    pub cis2: Cis2Standing,
    /// Whether the person can sign in with a passkey already; one who came by CIS2 is offered one at once.
    #[serde(default)]
    pub has_passkey: bool,
}

/// Hours without contact, where an administrator has set nothing else.
pub const CONTACT_LIMIT_HOURS: u32 = 72;
/// The longest that an administrator may set: 30 days.
pub const LONGEST_CONTACT_LIMIT_HOURS: u32 = 30 * 24;

fn usual_contact_limit() -> u32 {
    CONTACT_LIMIT_HOURS
}

/// `PUT /api/pharmacy/contact-limit`: an administrator sets how long devices may be without contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactLimit {
    /// 1 to [`LONGEST_CONTACT_LIMIT_HOURS`].
    pub hours: u32,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub id: PersonId,
    pub name: String,
    /// As typed; empty for people without one.
    pub gphc: String,
    /// `false` until somebody or something checked it: shown as *not checked* (practice 4).
    pub gphc_checked: bool,
    pub role: Role,
}

/// A pharmacy as the app shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PharmacyView {
    pub ods: OdsCode,
    pub name: String,
}

/// The server's P-256 public key for sealed copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKey {
    pub id: String,
    /// Uncompressed point, base64url.
    pub public: String,
}

/// `POST /api/enrolment/look`: asks about a link. In a body, since addresses are logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentLook {
    pub token: String,
}

/// The answer to [`EnrolmentLook`]: what an enrolment link offers, before anything is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub pharmacy: PharmacyView,
    pub role: Role,
    /// RFC 3339.
    pub expires_at: String,
}

/// `POST /api/session/pharmacy`: takes the session to another pharmacy where this person works; answers a
/// [`SessionView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkAt {
    pub pharmacy: OdsCode,
}

/// `POST /api/invitations`: an administrator invites somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvitation {
    pub role: Role,
    /// RFC 3339: when access ends by itself, for a locum's shift (practice 30); empty for never.
    #[serde(default)]
    pub access_ends: String,
}

/// The one-time link, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationLink {
    pub link: String,
    pub expires_at: String,
}

/// `POST /api/enrolment/start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentStart {
    pub token: String,
    pub name: String,
    /// Empty for people without one.
    pub gphc: String,
}

/// A WebAuthn ceremony to perform: `options` is what `navigator.credentials` takes, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    pub options: Value,
}

/// The authenticator's answer. Never contains extension results: the PRF output stays on the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeremonyAnswer {
    pub credential: Value,
}

/// One of a person's passkeys, for *settings*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    /// Base64url credential id.
    pub id: String,
    pub label: String,
    /// RFC 3339.
    pub added_at: String,
    /// RFC 3339; empty before the first use.
    pub used_at: String,
}

/// `POST /api/enrolment/device-key`: enrolling where the platform has no passkeys at all; answers a [`SessionView`].
///
/// The key stands in for the passkey: its private half is wrapped by the passphrase, which never leaves the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeyEnrolment {
    pub token: String,
    pub name: String,
    /// Empty for people without one.
    pub gphc: String,
    pub device: DeviceId,
    /// P-256, uncompressed point, base64url.
    pub signing_key: String,
    /// ECDSA (64 bytes, base64url) over `authorship::device_enrolment_statement`.
    pub signature: String,
}

/// `POST /api/session/device-key/start`: a device whose vault has just been opened asks for a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeySignInStart {
    pub person: PersonId,
    pub device: DeviceId,
}

/// What the device must sign; good once, for a few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeyChallenge {
    /// Base64url of 32 random bytes.
    pub challenge: String,
}

/// `POST /api/session/device-key/finish`; answers a [`SessionView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeySignIn {
    pub person: PersonId,
    pub device: DeviceId,
    /// As it was given.
    pub challenge: String,
    /// ECDSA (64 bytes, base64url) over `authorship::device_sign_in_statement`, by the person's key on this device.
    pub signature: String,
}
