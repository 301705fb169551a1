//! The Authorization header of MESH: an HMAC over mailbox, nonce, count, password and time (referrals.md 8.2).

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use shared::time::Millis;
use std::fmt::Write as _;
use uuid::Uuid;

/// The moment of a call and a fresh nonce. Requests within the call count up from 0, so no header is used twice.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// MESH refuses a time more than two hours from its own.
    pub at: Millis,
    /// Random, new for every call.
    pub nonce: Uuid,
}

/// Writes one header after another for one call.
pub(super) struct Signer<'a> {
    pub mailbox: &'a str,
    pub password: &'a SecretString,
    pub shared_key: &'a SecretString,
    pub stamp: Stamp,
    pub count: u32,
}

impl Signer<'_> {
    pub fn next(&mut self) -> String {
        let at = Timestamp::from_millisecond(self.stamp.at).unwrap_or_default();
        let claims = Claims {
            mailbox: self.mailbox.to_ascii_uppercase(),
            nonce: self.stamp.nonce.hyphenated().to_string(),
            count: self.count.to_string(),
            time: at.strftime("%Y%m%d%H%M").to_string(),
        };
        self.count += 1;
        let hash = claims.hash(self.password.expose_secret(), self.shared_key.expose_secret());
        format!("NHSMESH {}:{}:{}:{}:{hash}", claims.mailbox, claims.nonce, claims.count, claims.time)
    }
}

/// What a header says before its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub mailbox: String,
    pub nonce: String,
    pub count: String,
    /// `yyyyMMddHHmm`, UTC.
    pub time: String,
}

impl Claims {
    /// Takes a header apart; the hash stands beside the claims, unchecked.
    pub fn read(header: &str) -> Option<(Self, &str)> {
        let mut parts = header.strip_prefix("NHSMESH ")?.trim().split(':');
        let mut part = || parts.next();
        let claims = Self {
            mailbox: part()?.to_owned(),
            nonce: part()?.to_owned(),
            count: part()?.to_owned(),
            time: part()?.to_owned(),
        };
        let hash = part()?;
        part().is_none().then_some((claims, hash))
    }

    /// Lower-case hex.
    pub fn hash(&self, password: &str, shared_key: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(shared_key.as_bytes()).expect("HMAC takes a key of any length");
        let Self { mailbox, nonce, count, time } = self;
        mac.update(format!("{mailbox}:{nonce}:{count}:{password}:{time}").as_bytes());
        mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    fn signed(count: u32, at: &str) -> String {
        let (password, key) = (SecretString::from("password"), SecretString::from("TestKey"));
        let stamp = Stamp { at: shared::time::read(at).expect("a time"), nonce: Uuid::from_u128(7) };
        Signer { mailbox: "fa123ot001", password: &password, shared_key: &key, stamp, count }.next()
    }

    #[test]
    fn the_header_is_what_openssl_makes_of_the_same_words() {
        // printf FA123OT001:00000000-0000-0000-0000-000000000007:0:password:202611221405 |
        //   openssl dgst -sha256 -hmac TestKey
        assert_eq!(
            signed(0, "2026-11-22T14:05:59Z"),
            "NHSMESH FA123OT001:00000000-0000-0000-0000-000000000007:0:202611221405:9131c781aee590c916ff0fd7d77d2cfab3fb9e6dd42745188853902b32565fc0"
        );
    }

    #[test]
    fn a_summer_time_is_written_in_utc() {
        assert!(signed(0, "2026-07-01T00:30:00+01:00").contains(":202606302330:"));
    }

    #[test]
    fn a_header_is_never_the_same_twice_within_a_call() {
        assert_ne!(signed(0, "2026-11-22T14:05:00Z"), signed(1, "2026-11-22T14:05:00Z"));
    }

    #[test]
    fn a_header_with_a_part_too_many_or_too_few_is_not_read() {
        assert!(Claims::read("NHSMESH A:b:0:202611221405").is_none());
        assert!(Claims::read("NHSMESH A:b:0:202611221405:aa:bb").is_none());
        assert!(Claims::read("Basic A:b:0:202611221405:aa").is_none());
    }

    #[derive(Deserialize)]
    struct Vector {
        password: String,
        shared_key: String,
        authorization: String,
    }

    #[test]
    fn the_vectors_recorded_at_the_nhs_sandbox_hold() {
        let Some(path) = crate::samples::samples("mesh/authorization-test-vectors.json") else { return };
        let text = std::fs::read_to_string(path).expect("vectors");
        let vectors: Vec<Vector> = serde_json::from_str(&text).expect("vectors");
        assert!(!vectors.is_empty());
        for vector in vectors {
            let (claims, hash) = Claims::read(&vector.authorization).expect("a header");
            assert_eq!(claims.hash(&vector.password, &vector.shared_key), hash);
        }
    }
}
