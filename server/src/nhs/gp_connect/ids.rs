//! The names of a message's parts, made from what they are about, so that every try carries the same ones.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// One kind of message; another kind about the same signature has other names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nhs) enum Series {
    UpdateRecord,
    EmergencySupply,
    SendDocument,
}

impl Series {
    /// What its names are made from. These bytes never change.
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::UpdateRecord => b"satchel gp-connect update-record 1\0",
            Self::EmergencySupply => b"satchel digital-medicines emergency-supply 1\0",
            Self::SendDocument => b"satchel gp-connect send-document 1\0",
        }
    }
}

/// One notice: a consultation, and which of its signed versions (0 for the first).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nhs) struct Notice {
    pub series: Series,
    pub consultation: Uuid,
    pub amendment: u64,
}

impl Notice {
    /// A UUID for one part of this notice; MESH removes no duplicates, receivers do by these.
    pub fn id(self, part: &str) -> Uuid {
        let mut hash = Sha256::new();
        hash.update(self.series.prefix());
        hash.update(self.consultation.as_bytes());
        hash.update(self.amendment.to_be_bytes());
        hash.update(part.as_bytes());
        from_hash(hash)
    }
}

/// A UUID (version 8) of what was hashed.
pub(in crate::nhs) fn from_hash(hash: Sha256) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_part_has_the_same_name_for_ever() {
        let notice = Notice { series: Series::UpdateRecord, consultation: Uuid::from_u128(1), amendment: 0 };
        // A notice queued by one release may be sent by the next: these bytes never change.
        assert_eq!(notice.id("composition").to_string(), "d2d706c2-13e1-8603-8371-9c2dc7eb3132");
    }

    #[test]
    fn another_part_or_version_has_another_name() {
        let notice = Notice { series: Series::UpdateRecord, consultation: Uuid::from_u128(1), amendment: 0 };
        assert_ne!(notice.id("composition"), notice.id("bundle"));
        assert_ne!(notice.id("bundle"), Notice { amendment: 1, ..notice }.id("bundle"));
        assert_ne!(notice.id("bundle"), Notice { series: Series::SendDocument, ..notice }.id("bundle"));
    }
}
