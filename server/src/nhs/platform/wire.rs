//! What the token endpoint answers.

use secrecy::SecretString;
use serde::de::{Deserializer, Error, Visitor};
use shared::time::Millis;
use std::fmt;

/// A token as it was given out.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct TokenAnswer {
    pub access_token: SecretString,
    /// The platform says `"599"`, a text.
    #[serde(deserialize_with = "seconds")]
    pub expires_in: i64,
    /// Only for a healthcare worker; good once.
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
    /// Counted down from the first authorisation: twelve hours after a CIS2 sign-in.
    #[serde(default, deserialize_with = "seconds")]
    pub refresh_token_expires_in: i64,
}

/// A refusal.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct ErrorAnswer {
    pub error: String,
    pub error_description: String,
    /// For the platform's support desk.
    pub message_id: String,
}

/// When something that is good for `seconds` from `now` ends.
pub fn ends(now: Millis, seconds: i64) -> Millis {
    now.saturating_add(seconds.max(0).saturating_mul(1000))
}

/// A whole number of seconds, written as a number or as text.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    struct Seconds;
    impl Visitor<'_> for Seconds {
        type Value = i64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of seconds, as a number or as text")
        }
        fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
            Ok(number)
        }
        fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
            i64::try_from(number).map_err(E::custom)
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
            text.trim().parse().map_err(E::custom)
        }
    }
    from.deserialize_any(Seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_as_number_and_as_text() {
        for text in ["599", "\"599\""] {
            let answer = format!(r#"{{"access_token":"t","expires_in":{text},"token_type":"Bearer"}}"#);
            let answer: TokenAnswer = serde_json::from_str(&answer).expect(text);
            assert_eq!(answer.expires_in, 599);
            assert!(answer.refresh_token.is_none());
        }
        assert!(serde_json::from_str::<TokenAnswer>(r#"{"access_token":"t","expires_in":"soon"}"#).is_err());
    }

    #[test]
    fn a_lifetime_beyond_reason_does_not_wrap() {
        assert_eq!(ends(1, i64::MAX), i64::MAX);
        assert_eq!(ends(7, -5), 7);
    }
}
