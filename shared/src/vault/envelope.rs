//! One sealed record: AES-256-GCM, random nonce, bound to what it is by associated data.

/// Sealed bytes as they stand in storage: `S V 1`, key version, nonce, ciphertext with tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Which vault key sealed it; grows when a person is removed.
    pub key_version: u32,
    pub nonce: [u8; 12],
    /// Ciphertext followed by the 16-byte tag.
    pub ciphertext: Vec<u8>,
}

/// Why bytes are not a sealed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEnvelope {
    #[error("this record is too short to be sealed")]
    Short,
    #[error("this record is not sealed by Satchel")]
    Foreign,
    #[error("this record was sealed by a newer version of Satchel; update the app")]
    Newer,
}

const HEADER: usize = 3 + 4 + 12;
const TAG: usize = 16;

impl Envelope {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.ciphertext.len());
        bytes.extend_from_slice(b"SV\x01");
        bytes.extend_from_slice(&self.key_version.to_be_bytes());
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.ciphertext);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAnEnvelope> {
        if bytes.len() < HEADER + TAG {
            return Err(NotAnEnvelope::Short);
        }
        match &bytes[..3] {
            b"SV\x01" => {}
            [b'S', b'V', version] if *version > 1 => return Err(NotAnEnvelope::Newer),
            _ => return Err(NotAnEnvelope::Foreign),
        }
        let mut key_version = [0; 4];
        key_version.copy_from_slice(&bytes[3..7]);
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&bytes[7..HEADER]);
        Ok(Self { key_version: u32::from_be_bytes(key_version), nonce, ciphertext: bytes[HEADER..].to_vec() })
    }
}

/// What the seal vouches for besides the content: format, vault, key version, and which record this is.
///
/// `record` is the store and key, for example `changes/0000000000000012`; a record moved elsewhere does not open.
pub fn associated_data(vault: &str, key_version: u32, record: &str) -> Vec<u8> {
    format!("satchel vault v1\n{vault}\n{key_version}\n{record}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_of_the_first_release_is_read_for_ever() {
        let envelope =
            Envelope::from_bytes(include_bytes!("../../fixtures/envelope-v1.bin")).expect("version 1");
        assert_eq!(envelope.key_version, 3);
        assert_eq!(envelope.nonce, [7; 12]);
        assert_eq!(envelope.to_bytes(), include_bytes!("../../fixtures/envelope-v1.bin"));
    }

    #[test]
    fn foreign_short_and_newer_bytes_are_told_apart() {
        assert_eq!(Envelope::from_bytes(b"SV"), Err(NotAnEnvelope::Short));
        assert_eq!(Envelope::from_bytes(&[0; 64]), Err(NotAnEnvelope::Foreign));
        assert_eq!(
            Envelope::from_bytes(&[b"SV\x02".as_slice(), &[0; 64]].concat()),
            Err(NotAnEnvelope::Newer)
        );
    }
}
