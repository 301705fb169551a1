//! Roles, and the one table of what each may do (practice 4; design 7).

mod competence;

pub use competence::*;

use serde::{Deserialize, Serialize};

/// What a person is at one pharmacy. The enrolment link carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Pharmacist,
    Technician,
    Administrator,
    Auditor,
}

/// Something the server or the screen asks leave for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// See the work list and open consultations.
    ReadConsultations,
    /// Answer questions, record, add a walk-in.
    RecordConsultations,
    /// Sign: only a pharmacist (practice 4).
    SignConsultations,
    /// Look a patient up in the Personal Demographics Service (identity.md 4).
    LookUpPatients,
    /// Say who is the responsible pharmacist (practice 30).
    NameResponsiblePharmacist,
    /// Invite people, add and revoke devices, file evidence and authorisations.
    AdministerPharmacy,
    /// Read the audit log and the outbox.
    ReadAudit,
    /// Read the register of prescription-only medicines, look for who was given a batch, and see the month's tokens
    /// (practice 16, 23, 29).
    ReadRegisters,
    /// See what was done and claimed, say what Manage Your Service shows, and take exports away.
    ReadReports,
}

impl Permission {
    pub const ALL: [Self; 9] = [
        Self::ReadConsultations,
        Self::RecordConsultations,
        Self::SignConsultations,
        Self::LookUpPatients,
        Self::NameResponsiblePharmacist,
        Self::AdministerPharmacy,
        Self::ReadAudit,
        Self::ReadRegisters,
        Self::ReadReports,
    ];

    /// After “you may not”: `sign consultations`.
    pub fn words(self) -> &'static str {
        match self {
            Self::ReadConsultations => "read consultations",
            Self::RecordConsultations => "record consultations",
            Self::SignConsultations => "sign consultations",
            Self::LookUpPatients => "look patients up",
            Self::NameResponsiblePharmacist => "say who the responsible pharmacist is",
            Self::AdministerPharmacy => "invite people and look after devices",
            Self::ReadAudit => "read the audit log",
            Self::ReadRegisters => "read the registers of what was supplied",
            Self::ReadReports => "read figures, claims and exports",
        }
    }
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Pharmacist, Self::Technician, Self::Administrator, Self::Auditor];

    /// The table. A role not named in a row may not.
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::ReadConsultations => {
                matches!(self, Self::Pharmacist | Self::Technician | Self::Auditor)
            }
            Permission::RecordConsultations => matches!(self, Self::Pharmacist | Self::Technician),
            Permission::SignConsultations => matches!(self, Self::Pharmacist),
            Permission::LookUpPatients => matches!(self, Self::Pharmacist | Self::Technician),
            Permission::NameResponsiblePharmacist => matches!(self, Self::Pharmacist | Self::Administrator),
            Permission::AdministerPharmacy => matches!(self, Self::Pharmacist | Self::Administrator),
            Permission::ReadAudit => matches!(self, Self::Administrator | Self::Auditor),
            Permission::ReadRegisters | Permission::ReadReports => {
                matches!(self, Self::Pharmacist | Self::Administrator)
            }
        }
    }

    /// The word people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pharmacist => "pharmacist",
            Self::Technician => "technician",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text.trim().to_lowercase()).ok_or_else(|| {
            format!("“{text}” is not a role. Use pharmacist, technician, administrator or auditor.")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pharmacist_signs() {
        let signers: Vec<_> =
            Role::ALL.into_iter().filter(|role| role.may(Permission::SignConsultations)).collect();
        assert_eq!(signers, [Role::Pharmacist]);
    }

    #[test]
    fn an_auditor_changes_nothing() {
        assert!(!Role::Auditor.may(Permission::RecordConsultations));
        assert!(!Role::Auditor.may(Permission::AdministerPharmacy));
    }
}
