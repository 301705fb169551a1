//! Devices: how one makes itself known, and what *settings* lists.

use crate::ids::{DeviceId, PersonId};
use crate::vault::SealedToServer;
use serde::{Deserialize, Serialize};

/// `PUT /api/devices/{id}`: this device, this person's signing key on it, and the sealed way back. Safe to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRegistration {
    /// `iPad, Safari`: for people to tell devices apart.
    pub label: String,
    /// The signed-in person's public signing key on this device: P-256 uncompressed point, base64url.
    pub signing_key: String,
    /// Key version and vault id the sealed copy belongs to.
    pub vault: String,
    pub key_version: u32,
    pub sealed: SealedToServer,
}

/// `GET /api/devices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    pub id: DeviceId,
    pub label: String,
    /// Who has a key there.
    pub people: Vec<PersonId>,
    pub people_names: Vec<String>,
    /// RFC 3339.
    pub added_at: String,
    pub seen_at: String,
    /// Consultations that waited on it when it last said so; `None`: it never did.
    #[serde(default)]
    pub unsent: Option<u32>,
}
