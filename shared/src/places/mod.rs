//! Where patients can be sent: services near a postcode, when they are open, how far away, and in which order.

mod distance;
mod hours;
mod order;

pub use distance::{METRES_IN_A_MILE, Position, between, in_miles};
pub use hours::{Hours, Open, Session};
pub use order::{Order, in_order};

use serde::{Deserialize, Serialize};

/// One service as a directory describes it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Directory of Services id; empty where the directory has none.
    pub dos_service_id: String,
    /// ODS code; empty where there is none.
    pub ods: String,
    /// As the public knows it.
    pub name: String,
    /// On one line, commas between, without the postcode.
    pub address: String,
    pub postcode: String,
    /// For patients too.
    pub phone: String,
    /// For clinicians only: it is never given to a patient (DoS REST, `phone.nonPublic`).
    pub clinician_phone: String,
    pub hours: Hours,
    pub position: Option<Position>,
    /// From the postcode that was searched, in metres.
    pub metres: Option<u32>,
}

impl Place {
    /// The number that a clinician calls.
    pub fn number_to_call(&self) -> &str {
        if self.clinician_phone.is_empty() { &self.phone } else { &self.clinician_phone }
    }
}

/// A kind of service that a pharmacy sends patients to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    Pharmacy,
    Gp,
    OutOfHours,
    EmergencyDepartment,
    Dentist,
    Optometrist,
    SexualHealth,
}

impl Service {
    pub const ALL: [Self; 7] = [
        Self::Pharmacy,
        Self::Gp,
        Self::OutOfHours,
        Self::EmergencyDepartment,
        Self::Dentist,
        Self::Optometrist,
        Self::SexualHealth,
    ];

    /// The word in the record and on the wire (`Onward::service`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pharmacy => "pharmacy",
            Self::Gp => "gp",
            Self::OutOfHours => "out-of-hours",
            Self::EmergencyDepartment => "emergency-department",
            Self::Dentist => "dentist",
            Self::Optometrist => "optometrist",
            Self::SexualHealth => "sexual-health",
        }
    }

    /// As people read it in a list.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pharmacy => "Another pharmacy",
            Self::Gp => "GP practice",
            Self::OutOfHours => "GP out of hours or urgent treatment centre",
            Self::EmergencyDepartment => "Emergency department",
            Self::Dentist => "Dentist",
            Self::Optometrist => "Optometrist",
            Self::SexualHealth => "Sexual health clinic",
        }
    }
}

impl std::str::FromStr for Service {
    type Err = NotAService;
    fn from_str(text: &str) -> Result<Self, NotAService> {
        Self::ALL.into_iter().find(|service| service.as_str() == text).ok_or(NotAService)
    }
}

/// A word that names no kind of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Choose what kind of service is looked for.")]
pub struct NotAService;
