//! Back-channel logout: CIS2 says that a session there has ended, because a card was withdrawn, a session timed out or
//! an account was closed (OpenID Connect Back-Channel Logout 1.0).
//!
//! Which sessions end here: those that CIS2 began end whole. Those that a passkey began and CIS2 only stepped up lose
//! the CIS2 part and go on: the passkey was proved to this server, and CIS2 says nothing about it. A logout names the
//! session at CIS2 by `sid`; without one it ends every sign-in of the subject.

use super::checks::TOLERANCE_SECONDS;
use super::{Cis2, userinfo};
use crate::app::App;
use crate::store::{StoreError, Subject};
use serde_json::Value;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Older ones are not believed, and used ones are remembered for longer than that.
const FRESH_SECONDS: i64 = 5 * 60;

/// Why a logout was not carried out. The text goes to the provider; it holds nothing of the token.
#[derive(Debug, thiserror::Error)]
pub enum LogoutRefused {
    /// Algorithm, key or signature.
    #[error("the token is not signed by the provider")]
    NotSigned,
    #[error("the claim {0} is missing or wrong")]
    Claim(&'static str),
    #[error("this token was used already")]
    Replayed,
    /// The person signed in again since.
    #[error("the sign-in is newer than this token")]
    Older,
    #[error("it could not be carried out now")]
    Store(#[from] StoreError),
}

/// Checks a logout token and ends what it names. Nothing to end is success: it has ended already.
pub async fn take(app: &App, cis2: &Cis2, token: &str) -> Result<(), LogoutRefused> {
    let now = app.clock.now();
    // Algorithm first, then the signature, and only then is anything in it looked at. `typ` differs between providers.
    let claims = userinfo::verified(cis2, token, now).await.map_err(|_| LogoutRefused::NotSigned)?;
    let logout = read(&claims, &cis2.settings.issuer, &cis2.settings.client_id, now.div_euclid(1000))?;
    let remembered = now + 2 * FRESH_SECONDS * 1000;
    if !app.store.use_logout_token(&cis2.settings.issuer, &logout.jti, remembered).await? {
        return Err(LogoutRefused::Replayed);
    }
    let of = Subject { issuer: cis2.settings.issuer.clone(), subject: logout.subject };
    let issued = (logout.issued + TOLERANCE_SECONDS) * 1000;
    let end = app.store.end_cis2(&of, logout.sid.as_deref(), issued).await?;
    for person in &end.ended {
        // No listener is no failure: nobody had a live connection.
        let _ = app.ended.send(*person);
        app.audit(Some(*person), None, "signed-out-by-cis2", "").await?;
    }
    if end.ended.is_empty() && end.newer { Err(LogoutRefused::Older) } else { Ok(()) }
}

struct Logout {
    subject: String,
    sid: Option<String>,
    jti: String,
    /// Seconds since 1970.
    issued: i64,
}

fn read(claims: &Value, issuer: &str, client: &str, now: i64) -> Result<Logout, LogoutRefused> {
    let text = |name: &str| claims[name].as_str().map(str::to_owned).filter(|text| !text.is_empty());
    if claims["iss"].as_str() != Some(issuer) {
        return Err(LogoutRefused::Claim("iss"));
    }
    let audience = &claims["aud"];
    let listed = || audience.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(client)));
    if audience.as_str() != Some(client) && !listed() {
        return Err(LogoutRefused::Claim("aud"));
    }
    if !claims["events"][EVENT].is_object() {
        return Err(LogoutRefused::Claim("events"));
    }
    // With one it could be an ID token put in a logout token's place.
    if claims.get("nonce").is_some() {
        return Err(LogoutRefused::Claim("nonce"));
    }
    let issued = claims["iat"].as_i64().ok_or(LogoutRefused::Claim("iat"))?;
    if issued > now + TOLERANCE_SECONDS || issued < now - FRESH_SECONDS {
        return Err(LogoutRefused::Claim("iat"));
    }
    let ends = claims.get("exp");
    if ends.is_some_and(|ends| ends.as_i64().is_none_or(|ends| ends + TOLERANCE_SECONDS <= now)) {
        return Err(LogoutRefused::Claim("exp"));
    }
    Ok(Logout {
        // CIS2 always names the subject, and sessions are found by it.
        subject: text("sub").ok_or(LogoutRefused::Claim("sub"))?,
        sid: text("sid"),
        jti: text("jti").ok_or(LogoutRefused::Claim("jti"))?,
        issued,
    })
}
