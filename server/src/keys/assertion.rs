//! RSA keys with which this server says who it is to NHS services: client assertions (RFC 7523) and their public halves.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use shared::time::Millis;
use std::fmt;
use uuid::Uuid;

/// How long an assertion is good. The API platform and CIS2 allow five minutes; less leaves room for clocks that differ.
const GOOD_FOR_SECONDS: i64 = 240;
/// Smaller keys are refused by CIS2 and broken within reach.
const SMALLEST_MODULUS_BITS: usize = 2048;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AssertionKeyError {
    #[error("it is not an RSA private key in PEM")]
    NotAKey(#[source] jsonwebtoken::errors::Error),
    #[error("it has fewer than {SMALLEST_MODULUS_BITS} bits")]
    TooSmall,
    #[error("a key could not be made")]
    NotMade,
}

/// One private key, the algorithm it is registered for, and the name that others find its public half by.
#[derive(Clone)]
pub struct AssertionKey {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
    public: Jwk,
}

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssertionKey({})", self.kid)
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

impl AssertionKey {
    /// Reads a key. Without a `kid` it is named by its RFC 7638 thumbprint, so that each key has a name of its own.
    pub fn from_pem(pem: &str, algorithm: Algorithm, kid: Option<&str>) -> Result<Self, AssertionKeyError> {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(AssertionKeyError::NotAKey)?;
        let mut public = Jwk::from_encoding_key(&key, algorithm).map_err(AssertionKeyError::NotAKey)?;
        if modulus_bits(&public) < SMALLEST_MODULUS_BITS {
            return Err(AssertionKeyError::TooSmall);
        }
        let kid = match kid {
            Some(kid) => kid.to_owned(),
            None => public.thumbprint(ThumbprintHash::SHA256).map_err(AssertionKeyError::NotAKey)?,
        };
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { kid, algorithm, key, public })
    }

    /// A key that nobody registered anywhere: for simulators.
    pub fn invented(algorithm: Algorithm) -> Result<Self, AssertionKeyError> {
        Self::from_pem(&invented_pem()?, algorithm, None)
    }

    /// Under which name the public half is published.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, as a JWKS lists it.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// A one-time statement that we are `client`, for one reader only: `audience` must be their token address exactly.
    pub fn assertion(
        &self,
        client: &str,
        audience: &str,
        now: Millis,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = now.div_euclid(1000);
        let jti = Uuid::new_v4().to_string();
        self.sign(&Claims { iss: client, sub: client, aud: audience, jti, iat, exp: iat + GOOD_FOR_SECONDS })
    }

    /// Signs any claims. Besides assertions, only simulators say anything by it.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key)
    }
}

/// A new RSA key of 2048 bits as PKCS #8 in PEM.
pub fn invented_pem() -> Result<String, AssertionKeyError> {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)
        .map_err(|_| AssertionKeyError::NotMade)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| AssertionKeyError::NotMade)?;
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref())))
}

fn modulus_bits(key: &Jwk) -> usize {
    match &key.algorithm {
        // Six bits a letter of base64; the rounding is far from the limit.
        jsonwebtoken::jwk::AlgorithmParameters::RSA(rsa) => rsa.n.len() * 6,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_published_without_its_private_half() {
        let key = AssertionKey::invented(Algorithm::RS512).expect("a key");
        let published = serde_json::to_value(key.public()).expect("serialises");
        let mut members: Vec<_> = published.as_object().expect("an object").keys().cloned().collect();
        members.sort();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!((published["use"].as_str(), published["alg"].as_str()), (Some("sig"), Some("RS512")));
    }

    #[test]
    fn text_that_is_no_key_is_refused() {
        assert!(matches!(
            AssertionKey::from_pem("not a key", Algorithm::RS512, None),
            Err(AssertionKeyError::NotAKey(_))
        ));
    }
}
