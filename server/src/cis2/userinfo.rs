//! What CIS2 says about a person beyond the ID token: name, registration, roles (userinfo, plain or signed).

use super::roles::NationalRole;
use super::{Cis2, Failed, checks};
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;
use shared::time::Millis;

/// The claims that are used. Everything may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserInfo {
    pub sub: String,
    name: String,
    given_name: String,
    family_name: String,
    /// `2074123`, `GPhC 2074123`, or empty.
    pub gphc_id: String,
    pub nhsid_nrbac_roles: Vec<NationalRole>,
}

impl UserInfo {
    /// As people call themselves; CIS2's own `name` begins with the family name in capitals.
    pub fn full_name(&self) -> String {
        let parts = [self.given_name.trim(), self.family_name.trim()];
        let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if name.is_empty() { self.name.trim().to_owned() } else { name }
    }
}

/// Asks who the holder of an access token is. It must be `subject`: another's details would otherwise become theirs.
pub async fn fetch(cis2: &Cis2, token: &str, subject: &str, now: Millis) -> Result<UserInfo, Failed> {
    let metadata = cis2.provider.metadata(now).await?;
    let address = metadata.userinfo_endpoint().ok_or_else(|| Failed::away("discovery names no userinfo"))?;
    let (kind, bytes) = cis2.provider.get_as(address.as_str(), token).await?;
    let unreadable = |_| Failed::untrusted("userinfo cannot be read");
    let info: UserInfo = if kind.starts_with("application/jwt") {
        let text = String::from_utf8(bytes).map_err(|_| Failed::untrusted("userinfo is not text"))?;
        serde_json::from_value(verified(cis2, text.trim(), now).await?).map_err(unreadable)?
    } else {
        serde_json::from_slice(&bytes).map_err(unreadable)?
    };
    if info.sub != subject {
        return Err(Failed::untrusted("userinfo is somebody else's than the ID token"));
    }
    Ok(info)
}

/// The claims of anything that the provider signed. Only the signature is looked at: the claims are for the caller.
pub async fn verified(cis2: &Cis2, token: &str, now: Millis) -> Result<Value, Failed> {
    let (kid, algorithm) = checks::key_name(token)?;
    let keys = cis2.provider.keys(&kid, now).await?;
    let key =
        keys.plain.find(&kid).ok_or_else(|| Failed::untrusted("a token is signed with an unknown key"))?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Failed::untrusted("a key cannot be used"))?;
    let mut rules = Validation::new(algorithm);
    rules.required_spec_claims.clear();
    // By the server's clock and rules, which the library does not know.
    (rules.validate_exp, rules.validate_nbf, rules.validate_aud) = (false, false, false);
    let token = jsonwebtoken::decode::<Value>(token, &key, &rules);
    Ok(token.map_err(|_| Failed::untrusted("a signature does not hold"))?.claims)
}
