//! Sending a browser to CIS2: what is asked for, and what is remembered of it in this browser's session.

use super::return_path::ReturnPath;
use super::{Cis2, Failed};
use crate::app::{App, random_text};
use crate::problem::Problem;
use openidconnect::core::{CoreAuthPrompt, CoreResponseType};
use openidconnect::{
    AuthUrl, AuthenticationContextClass, AuthenticationFlow, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use serde::{Deserialize, Serialize};
use shared::ids::PersonId;
use shared::time::Millis;
use tower_sessions::Session;

/// Key of [`Pending`] in the session's data.
const PENDING: &str = "cis2-pending";
/// Finding the card and typing its code takes minutes; after that an answer is nobody's.
const LASTS: Millis = 10 * 60_000;
/// An earlier authentication at CIS2 is taken for twelve hours at most (NIST SP 800-63B, AAL2 and AAL3).
pub const OLDEST_AUTHENTICATION_SECONDS: i64 = 12 * 3600;
/// `openid` is added by the library.
const SCOPES: [&str; 6] = [
    "profile",
    "nhsperson",
    "nationalrbacaccess",
    "associatedorgs",
    "selectedrole",
    "professionalmemberships",
];

/// A sign-in half-way through. It stays on the server and counts for this browser, once.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    pub state: String,
    pub nonce: String,
    /// PKCE; `None` where the provider does not offer it.
    pub verifier: Option<String>,
    /// Whom the answer must come from.
    pub issuer: String,
    pub back: ReturnPath,
    /// Only this person counts.
    pub person: Option<PersonId>,
    pub at: Millis,
}

/// Begins a sign-in and says where the browser goes. With `person` it is a step-up: CIS2 must ask anew.
pub async fn start(
    app: &App,
    cis2: &Cis2,
    session: &Session,
    back: ReturnPath,
    person: Option<PersonId>,
) -> Result<String, Failed> {
    let now = app.clock.now();
    let metadata = cis2.provider.metadata(now).await?;
    let address = |error| Failed::away(format!("an address of the sign-in cannot be read: {error}"));
    let issuer = IssuerUrl::new(cis2.settings.issuer.clone()).map_err(address)?;
    let client_id = ClientId::new(cis2.settings.client_id.clone());
    let client = openidconnect::core::CoreClient::new(client_id, issuer, JsonWebKeySet::default())
        .set_auth_uri(AuthUrl::clone(metadata.authorization_endpoint()))
        .set_redirect_uri(RedirectUrl::new(cis2.settings.redirect_uri.clone()).map_err(address)?);
    let mut request = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            || CsrfToken::new(random_text()),
            || Nonce::new(random_text()),
        )
        .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
        .add_auth_context_value(AuthenticationContextClass::new(cis2.settings.acr.clone()));
    request = match person {
        Some(_) => request.add_prompt(CoreAuthPrompt::Login),
        // Makes `auth_time` come back, which the end of the sign-in is counted from.
        None => {
            request.set_max_age(std::time::Duration::from_secs(OLDEST_AUTHENTICATION_SECONDS.unsigned_abs()))
        }
    };
    let offers_pkce = metadata.additional_metadata().code_challenge_methods_supported.iter();
    let verifier: Option<PkceCodeVerifier> = if offers_pkce.into_iter().any(|method| method == "S256") {
        let verifier = PkceCodeVerifier::new(random_text());
        request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Some(verifier)
    } else {
        None
    };
    let (url, state, nonce) = request.url();
    let pending = Pending {
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        verifier: verifier.map(PkceCodeVerifier::into_secret),
        issuer: cis2.settings.issuer.clone(),
        back,
        person,
        at: now,
    };
    session.insert(PENDING, pending).await.map_err(Problem::from)?;
    Ok(url.to_string())
}

/// Takes what was begun in this browser out, so that no answer counts twice. `None` where nothing was, or too long ago.
pub async fn take(app: &App, session: &Session) -> Result<Option<Pending>, Problem> {
    let pending: Option<Pending> = session.remove(PENDING).await?;
    let age = |pending: &Pending| app.clock.now() - pending.at;
    Ok(pending.filter(|pending| (0..LASTS).contains(&age(pending))))
}
