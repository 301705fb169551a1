//! Whether an ID token is to be believed (OpenID Connect Core 3.1.3.7, and what the CIS2 guidance asks for beyond it).

use super::provider::Keys;
use super::request::{OLDEST_AUTHENTICATION_SECONDS, Pending};
use super::{Cis2Settings, Failed};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, ClientId, IdToken, IdTokenVerifier, IssuerUrl, Nonce,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::time::Millis;

/// Clocks may differ by this much.
pub const TOLERANCE_SECONDS: i64 = 5;
/// A forced authentication must be this fresh.
const FRESH_SECONDS: i64 = 5 * 60;
/// Identity was proved to NHS standards (level 3 and above).
const LOWEST_IDENTITY_LEVEL: u64 = 3;

/// What CIS2 adds to an ID token. Levels arrive as number or as text, and the role only for the scope `selectedrole`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    authentication_assurance_level: Value,
    id_assurance_level: Value,
    selected_roleid: Option<String>,
    sid: Option<String>,
}

impl AdditionalClaims for Extra {}

/// An ID token as CIS2 writes it.
pub type Cis2IdToken =
    IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// What an ID token proved.
#[derive(Debug, Clone)]
pub struct Proof {
    pub subject: String,
    /// 2 or 3.
    pub level: u8,
    pub acr: String,
    pub role_id: Option<String>,
    /// Empty where the provider names no session.
    pub sid: String,
    /// When the person authenticated.
    pub auth_time: Millis,
    /// When the token itself ends.
    pub expires: Millis,
}

/// The name of the signing key, where the algorithm is one that is taken at all. Looked at before anything else, so that
/// `none` and secrets shared with everybody never reach a check of signatures.
pub fn key_name(token: &str) -> Result<(String, Algorithm), Failed> {
    let Header { alg, kid, .. } = jsonwebtoken::decode_header(token)
        .map_err(|_| Failed::untrusted("a token has a header or an algorithm that is not taken"))?;
    if !matches!(alg, Algorithm::RS256 | Algorithm::RS512) {
        return Err(Failed::untrusted(format!("a token is signed with {alg:?}, which is not taken")));
    }
    let kid = kid.filter(|kid| !kid.is_empty());
    Ok((kid.ok_or_else(|| Failed::untrusted("a token does not name its key"))?, alg))
}

/// Checks everything about an ID token that can be checked without asking anybody.
pub fn id_token(
    token: &Cis2IdToken,
    access_token: &AccessToken,
    keys: &Keys,
    settings: &Cis2Settings,
    pending: &Pending,
    now: Millis,
) -> Result<Proof, Failed> {
    let seconds = now.div_euclid(1000);
    let forced = pending.person.is_some();
    let wanted = settings.acr.clone();
    let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| Failed::away(error.to_string()))?;
    let verifier: IdTokenVerifier<'_, CoreJsonWebKey> = IdTokenVerifier::new_public_client(
        ClientId::new(settings.client_id.clone()),
        issuer,
        keys.openid.clone(),
    )
    .set_allowed_algs([
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    ])
    .set_time_fn(move || moment(seconds - TOLERANCE_SECONDS))
    .set_issue_time_verifier_fn(move |issued| {
        let early = issued.timestamp() > seconds + TOLERANCE_SECONDS;
        if early { Err("issued in the future".to_owned()) } else { Ok(()) }
    })
    .set_auth_context_verifier_fn(move |acr| match acr {
        Some(acr) if satisfies(acr.as_str(), &wanted) => Ok(()),
        Some(_) => Err("not a way of authentication that was asked for".to_owned()),
        None => Err("no acr".to_owned()),
    })
    .set_auth_time_verifier_fn(move |time| auth_time_fits(time, seconds, forced));
    let nonce = Nonce::new(pending.nonce.clone());
    let claims = token.claims(&verifier, &nonce).map_err(|error| Failed::untrusted(error.to_string()))?;
    // The library reads issuers as addresses too; ours is a text that holds `:443`.
    if claims.issuer().as_str() != settings.issuer || pending.issuer != settings.issuer {
        return Err(Failed::untrusted("another issuer than the one that was asked"));
    }
    if let Some(azp) = claims.authorized_party().filter(|azp| azp.as_str() != settings.client_id) {
        return Err(Failed::untrusted(format!("made for the client {}", azp.as_str())));
    }
    if let Some(expected) = claims.access_token_hash() {
        let broken = |_| Failed::untrusted("at_hash cannot be checked");
        let algorithm = token.signing_alg().map_err(|error| Failed::untrusted(error.to_string()))?;
        let key = token.signing_key(&verifier).map_err(|error| Failed::untrusted(error.to_string()))?;
        let actual = AccessTokenHash::from_token(access_token, algorithm, key).map_err(broken)?;
        if actual != *expected {
            return Err(Failed::untrusted("the access token is not the ID token's"));
        }
    }
    let extra = claims.additional_claims();
    let identity = level(&extra.id_assurance_level).unwrap_or(0);
    if identity < LOWEST_IDENTITY_LEVEL {
        return Err(Failed::untrusted(format!("identity assurance level {identity}")));
    }
    let level = level(&extra.authentication_assurance_level).and_then(|level| u8::try_from(level).ok());
    let level = level.filter(|level| (lowest_level(&settings.acr)..=3).contains(level));
    let auth_time = claims.auth_time().ok_or_else(|| Failed::untrusted("no auth_time"))?;
    Ok(Proof {
        subject: claims.subject().as_str().to_owned(),
        level: level.ok_or_else(|| Failed::untrusted("an authentication level that is too low or none"))?,
        acr: claims.auth_context_ref().map(|acr| acr.as_str().to_owned()).unwrap_or_default(),
        role_id: extra.selected_roleid.clone().filter(|id| !id.is_empty()),
        sid: extra.sid.clone().unwrap_or_default(),
        auth_time: auth_time.timestamp_millis(),
        expires: claims.expiration().timestamp_millis(),
    })
}

fn auth_time_fits(time: Option<DateTime<Utc>>, now: i64, forced: bool) -> Result<(), String> {
    let Some(time) = time.map(|time| time.timestamp()) else { return Err("no auth_time".to_owned()) };
    let oldest = if forced { FRESH_SECONDS } else { OLDEST_AUTHENTICATION_SECONDS };
    if time > now + TOLERANCE_SECONDS {
        return Err("authenticated in the future".to_owned());
    }
    if time < now - oldest - TOLERANCE_SECONDS {
        Err("authenticated too long ago".to_owned())
    } else {
        Ok(())
    }
}

/// Whether a way of authenticating is one that was asked for. What is asked for in general (`AAL2_OR_AAL3_ANY`) is
/// answered in general or in particular (`AAL3_FIDO2`).
fn satisfies(acr: &str, wanted: &str) -> bool {
    let any_of = |levels: &[&str]| levels.iter().any(|level| acr.starts_with(level));
    match wanted {
        "AAL2_OR_AAL3_ANY" | "AAL2_ANY" => any_of(&["AAL2_", "AAL3_"]),
        "AAL3_ANY" => any_of(&["AAL3_"]),
        particular => acr == particular,
    }
}

fn lowest_level(wanted: &str) -> u8 {
    if wanted.starts_with("AAL3_") { 3 } else { 2 }
}

fn level(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_of_authenticating_satisfies_what_was_asked_for_and_never_less() {
        assert!(satisfies("AAL3_FIDO2", "AAL2_OR_AAL3_ANY"));
        assert!(satisfies("AAL2_TOTP", "AAL2_OR_AAL3_ANY"));
        assert!(satisfies("AAL2_OR_AAL3_ANY", "AAL2_OR_AAL3_ANY"));
        assert!(!satisfies("AAL1_USERPASS", "AAL2_OR_AAL3_ANY"));
        assert!(!satisfies("AAL2_TOTP", "AAL3_ANY"));
        assert!(!satisfies("AAL2_OR_AAL3_ANY", "AAL3_ANY"));
        assert!(!satisfies("", "AAL2_OR_AAL3_ANY"));
    }

    #[test]
    fn a_level_is_read_as_number_and_as_text() {
        assert_eq!(level(&Value::from(3)), Some(3));
        assert_eq!(level(&Value::from("3")), Some(3));
        assert_eq!(level(&Value::Null), None);
    }
}
