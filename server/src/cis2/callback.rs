//! The way back from CIS2: code for tokens, every check, who it is here, and the session.

use super::checks::{self, Cis2IdToken, Proof};
use super::people::{Recognised, recognise};
use super::provider::Bridge;
use super::request::{self, Pending};
use super::roles::{choose, gphc_number};
use super::standing::{Held, keep};
use super::{Cis2, Failed, LOCUM, ReturnPath, userinfo};
use crate::app::App;
use crate::session::{self, Staff};
use crate::store::Subject;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, Client, ClientId, EmptyExtraTokenFields, EndpointNotSet,
    IdTokenFields, IssuerUrl, JsonWebKeySet, OAuth2TokenResponse as _, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::Deserialize;
use shared::api::Cis2Failure;
use shared::ids::OdsCode;
use subtle::ConstantTimeEq as _;
use tower_sessions::Session;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What CIS2 puts into the address it sends the browser back to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    pub state: String,
    pub code: String,
    pub error: String,
    /// Who answers (RFC 9207); not every provider says.
    pub iss: Option<String>,
}

/// Where the browser goes now, and why it did not succeed.
pub struct Outcome {
    pub back: ReturnPath,
    pub failed: Option<Failed>,
}

type Fields = IdTokenFields<
    checks::Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Cis2Client = Client<
    checks::Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
>;

/// Finishes what this browser began.
pub async fn finish(
    app: &App,
    cis2: &Cis2,
    session: &Session,
    staff: Option<Staff>,
    answer: Answer,
) -> Outcome {
    let pending = match request::take(app, session).await {
        Ok(Some(pending)) => pending,
        Ok(None) => {
            let expired = Failed::new(Cis2Failure::Expired, "nothing was begun in this browser");
            return Outcome { back: ReturnPath::read("/"), failed: Some(expired) };
        }
        Err(problem) => return Outcome { back: ReturnPath::read("/"), failed: Some(problem.into()) },
    };
    let back = pending.back.clone();
    let failed = signed_in(app, cis2, session, staff, answer, &pending).await.err();
    Outcome { back, failed }
}

async fn signed_in(
    app: &App,
    cis2: &Cis2,
    session: &Session,
    staff: Option<Staff>,
    answer: Answer,
    pending: &Pending,
) -> Result<(), Failed> {
    if !bool::from(answer.state.as_bytes().ct_eq(pending.state.as_bytes())) {
        return Err(Failed::new(
            Cis2Failure::Expired,
            "another sign-in than the one begun last in this browser",
        ));
    }
    if answer.iss.as_ref().is_some_and(|iss| *iss != pending.issuer) {
        return Err(Failed::untrusted("the answer names another issuer"));
    }
    match answer.error.as_str() {
        "" => {}
        "access_denied" | "login_required" | "interaction_required" => {
            return Err(Failed::new(Cis2Failure::Cancelled, "the person turned back"));
        }
        "temporarily_unavailable" | "server_error" => return Err(Failed::away("CIS2 says that it is away")),
        _ => return Err(Failed::untrusted("CIS2 refused the request")),
    }
    let (id_token, access_token) = tokens(app, cis2, pending, answer.code).await?;
    let now = app.clock.now();
    let raw = id_token.to_string();
    let (kid, _) = checks::key_name(&raw)?;
    let keys = cis2.provider.keys(&kid, now).await?;
    if keys.plain.find(&kid).is_none() {
        return Err(Failed::untrusted("the ID token is signed with an unknown key"));
    }
    let proof = checks::id_token(&id_token, &access_token, &keys, &cis2.settings, pending, now)?;
    let info = userinfo::fetch(cis2, access_token.secret(), &proof.subject, now).await?;

    // A step-up is of whoever is signed in here; otherwise the answer begins a session of its own.
    let stepping_up = staff.filter(|staff| pending.person == Some(staff.person.id));
    let serves = served(app, &info, stepping_up.as_ref()).await?;
    let role = choose(&info.nhsid_nrbac_roles, proof.role_id.as_deref(), &serves)
        .map_err(|told| Failed::new(told, "no role that fits"))?;
    let of = Subject { issuer: cis2.settings.issuer.clone(), subject: proof.subject.clone() };
    let gphc = gphc_number(&info.gphc_id);
    let recognised = recognise(app, &of, &info, role, gphc, pending.person, stepping_up.as_ref()).await?;
    let held = Held {
        level: proof.level,
        role: role.words(),
        role_id: proof.role_id.clone().unwrap_or_else(|| role.person_roleid.clone()),
        job_role: role.role_code.clone(),
        organisation: role.org_code.to_ascii_uppercase(),
        id_token: raw,
        id_token_until: proof.expires,
        tokens: None,
    };
    begin(app, session, of, &proof, recognised, held, stepping_up).await
}

async fn tokens(
    app: &App,
    cis2: &Cis2,
    pending: &Pending,
    code: String,
) -> Result<(Cis2IdToken, AccessToken), Failed> {
    let now = app.clock.now();
    let metadata = cis2.provider.metadata(now).await?;
    let token_url =
        metadata.token_endpoint().ok_or_else(|| Failed::away("discovery names no token address"))?;
    let key = cis2.keys.first().ok_or_else(|| Failed::away("there is no key to sign with"))?;
    // The audience is the address as discovery prints it, `:443` and all.
    let assertion = key
        .assertion(&cis2.settings.client_id, token_url.as_str(), now)
        .map_err(|error| Failed::away(error.to_string()))?;
    let issuer =
        IssuerUrl::new(cis2.settings.issuer.clone()).map_err(|error| Failed::away(error.to_string()))?;
    let redirect = RedirectUrl::new(cis2.settings.redirect_uri.clone())
        .map_err(|error| Failed::away(error.to_string()))?;
    let client =
        Cis2Client::new(ClientId::new(cis2.settings.client_id.clone()), issuer, JsonWebKeySet::default())
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(token_url.clone())
            .set_redirect_uri(redirect);
    let mut request = client
        .exchange_code(AuthorizationCode::new(code))
        .add_extra_param("client_assertion_type", ASSERTION_TYPE)
        .add_extra_param("client_assertion", assertion);
    if let Some(verifier) = &pending.verifier {
        request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.clone()));
    }
    let answer = request.request_async(&cis2.provider).await.map_err(refused)?;
    let id_token = answer.id_token().ok_or_else(|| Failed::untrusted("no ID token"))?.clone();
    Ok((id_token, answer.access_token().clone()))
}

/// Why there are no tokens. What could not be read may hold one, so of that nothing is repeated.
fn refused(error: RequestTokenError<Bridge, StandardErrorResponse<CoreErrorResponseType>>) -> Failed {
    match error {
        RequestTokenError::Request(bridge) => Failed::away(crate::problem::chain(&bridge)),
        RequestTokenError::ServerResponse(answer) => {
            let told = match answer.error() {
                // Used already, too old, or not ours.
                CoreErrorResponseType::InvalidGrant => Cis2Failure::Expired,
                _ => Cis2Failure::NotTrusted,
            };
            Failed::new(told, format!("the token endpoint answered {}", answer.error().as_ref()))
        }
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Failed::untrusted("what the token endpoint answered cannot be read")
        }
    }
}

/// The pharmacies of this server among the person's organisations; where they step up, only the one they are at.
async fn served(
    app: &App,
    info: &userinfo::UserInfo,
    stepping_up: Option<&Staff>,
) -> Result<Vec<OdsCode>, Failed> {
    if let Some(staff) = stepping_up {
        return Ok(vec![staff.pharmacy.clone()]);
    }
    let mut serves: Vec<OdsCode> = Vec::new();
    for role in &info.nhsid_nrbac_roles {
        let Some(ods) = role.org_code.parse().ok().filter(|ods: &OdsCode| ods.as_str() != LOCUM) else {
            continue;
        };
        if !serves.contains(&ods) && app.store.pharmacy(&ods).await?.is_some() {
            serves.push(ods);
        }
    }
    Ok(serves)
}

async fn begin(
    app: &App,
    session: &Session,
    of: Subject,
    proof: &Proof,
    recognised: Recognised,
    held: Held,
    stepping_up: Option<Staff>,
) -> Result<(), Failed> {
    let Recognised { person, pharmacy, .. } = recognised;
    let began = if stepping_up.is_some() {
        session::renew_id(session).await?;
        super::standing::began_session(app, session).await?
    } else {
        session::sign_in(app, session, person, pharmacy.clone()).await?;
        true
    };
    keep(app, session, of, proof, person, began, held).await?;
    let action = if stepping_up.is_some() { "stepped-up-with-cis2" } else { "signed-in-with-cis2" };
    if recognised.linked {
        app.audit(Some(person), Some(&pharmacy), "linked-to-cis2", &proof.subject).await?;
    }
    app.audit(Some(person), Some(&pharmacy), action, &proof.acr).await?;
    exchange_early(app, session);
    Ok(())
}

/// An ID token is good for minutes, and what it is exchanged for is refreshed for hours: so it is exchanged at once,
/// beside the answer. Where that fails, whoever needs a token first tries again.
fn exchange_early(app: &App, session: &Session) {
    let (app, session) = (app.clone(), session.clone());
    tokio::spawn(async move {
        let Some(platform) = &app.platform else { return };
        if let Err(error) = platform.as_worker(&app, &session).await {
            tracing::info!(cause = %crate::problem::chain(&error), "a CIS2 sign-in is not exchanged yet");
        }
    });
}
