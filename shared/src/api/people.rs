//! Who works at the pharmacy, for *settings*.

use super::DeviceView;
use crate::ids::PersonId;
use crate::people::Role;
use serde::{Deserialize, Serialize};

/// One line of `GET /api/people`, by name. `DELETE /api/people/{id}` removes somebody from the pharmacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    pub id: PersonId,
    pub name: String,
    /// As typed; empty for people without one.
    pub gphc: String,
    pub gphc_checked: bool,
    pub role: Role,
    /// RFC 3339: when their access ends by itself; empty for never (practice 30).
    #[serde(default)]
    pub access_ends: String,
    /// Devices in use on which this person has a key.
    pub devices: Vec<DeviceView>,
}

/// `PUT /api/people/{id}/access`: an administrator says when somebody's access ends by itself (practice 30).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessUntil {
    /// RFC 3339, in the future; empty for never.
    pub access_ends: String,
}
