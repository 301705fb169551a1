//! Identities as newtypes, so that a person can never be passed where a consultation is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Why a piece of text is not the identity it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {expected}, not “{given}”")]
pub struct NotAnId {
    pub kind: &'static str,
    pub expected: &'static str,
    pub given: String,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The 16 bytes that stand for it on the wire.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the 16 bytes that stand for it on the wire.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text).map(Self).map_err(|_| NotAnId {
                    kind: $kind,
                    expected: "a UUID",
                    given: text.to_owned(),
                })
            }
        }
    };
}

uuid_id!(
    /// One consultation, for ever; also the document's name in the vault, on the wire and in the store.
    ConsultationId, "a consultation id"
);
uuid_id!(
    /// A member of staff, across every pharmacy they work at.
    PersonId, "a person id"
);
uuid_id!(
    /// One browser profile on one machine; made when its first vault is set up.
    DeviceId, "a device id"
);
uuid_id!(
    /// Which life of the server's data this is; a restore from backup begins a new one.
    Epoch, "an epoch"
);

/// An Organisation Data Service code, upper case: a pharmacy (`FA123`), a practice (`A82648`).
///
/// 3 to 10 letters and digits (PDS and ODS API schemas); pharmacies are five and begin with F, which is not relied on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OdsCode(String);

impl OdsCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OdsCode {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let code = text.trim().to_ascii_uppercase();
        let plausible = (3..=10).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if plausible {
            Ok(Self(code))
        } else {
            Err(NotAnId {
                kind: "an ODS code",
                expected: "3 to 10 letters and digits, for example FA123",
                given: text.to_owned(),
            })
        }
    }
}

/// A General Pharmaceutical Council registration number: 7 digits; 2 begins a pharmacist's, 5 a technician's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GphcNumber(String);

impl GphcNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Registered as a pharmacist, by the first digit (GPhC numbering).
    pub fn is_pharmacist(&self) -> bool {
        self.0.starts_with('2')
    }

    /// Registered as a pharmacy technician, by the first digit (NHS Data Dictionary).
    pub fn is_technician(&self) -> bool {
        self.0.starts_with('5')
    }
}

impl FromStr for GphcNumber {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let plausible = digits.len() == 7
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits.starts_with('2') || digits.starts_with('5'));
        if plausible {
            Ok(Self(digits))
        } else {
            Err(NotAnId {
                kind: "a GPhC number",
                expected: "7 digits beginning with 2 (pharmacist) or 5 (technician)",
                given: text.to_owned(),
            })
        }
    }
}

macro_rules! text_id {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}
text_id!(OdsCode);
text_id!(GphcNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ods_code_is_read_in_any_case_and_kept_in_upper_case() {
        assert_eq!("fa123 ".parse::<OdsCode>().expect("valid").as_str(), "FA123");
    }

    #[test]
    fn an_ods_code_with_punctuation_is_refused_and_named() {
        let refused = "FA-123".parse::<OdsCode>().expect_err("punctuation");
        assert!(refused.to_string().contains("FA-123"));
    }

    #[test]
    fn a_pharmacists_number_begins_with_two_and_a_technicians_with_five() {
        assert!("2074123".parse::<GphcNumber>().expect("valid").is_pharmacist());
        assert!("5001234".parse::<GphcNumber>().expect("valid").is_technician());
        assert!("1034567".parse::<GphcNumber>().is_err(), "premises are not people");
        assert!("207412".parse::<GphcNumber>().is_err());
    }

    #[test]
    fn an_epoch_of_the_first_release_is_read_for_ever_in_answers_and_in_frames() {
        let text = include_str!("../fixtures/epoch-v1.txt").trim();
        let epoch = Epoch::from_bytes([8; 16]);
        assert_eq!(serde_json::from_str::<Epoch>(&format!("\"{text}\"")).expect("an epoch"), epoch);
        assert_eq!(serde_json::to_string(&epoch).expect("text"), format!("\"{text}\""));
        let frame = include_bytes!("../fixtures/pull-frame-v1.bin");
        assert_eq!(crate::sync::frame::PullFrame::from_bytes(frame).expect("a frame").epoch, epoch);
    }

    #[test]
    fn an_id_survives_its_own_text() {
        let id = ConsultationId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<ConsultationId>(), Ok(id));
    }
}
