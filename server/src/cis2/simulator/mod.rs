//! A pretend CIS2 for demonstrations and tests: the claims, levels and refusals of the real one, and its faults on
//! request.

mod page;
mod people;

pub use people::{CARD_HOLDERS, CardHolder};

use crate::app::random_text;
use crate::clock::Clock;
use crate::keys::{AssertionKey, AssertionKeyError};
use crate::nhs::platform::simulator::{insecure_claims, signed};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::time::Millis;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;
use webauthn_rs::prelude::Url;

const CODE_LASTS: Millis = 60_000;
const ID_TOKEN_SECONDS: i64 = 300;

/// What the pretend CIS2 knows of its one client, and where it is.
#[derive(Debug, Clone)]
pub struct Registration {
    /// With a port, as the real one writes `:443`.
    pub issuer: String,
    /// Where browsers find it; no slash at the end.
    pub for_browsers: String,
    /// Where the client itself finds it; no slash at the end.
    pub for_servers: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub keys: JwkSet,
}

/// How an ID token is signed.
#[derive(Debug, Clone, Default)]
pub enum Signed {
    #[default]
    Properly,
    /// By somebody else, under the name of the right key.
    BySomebodyElse,
    /// HS256 with what everybody knows: the public key.
    WithThePublicKey,
    /// `alg: none`.
    NotAtAll,
}

/// What is wrong on purpose.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Put over the claims of the ID token; `null` takes one out.
    pub claims: Value,
    /// The same for userinfo.
    pub userinfo: Value,
    pub signed: Signed,
    /// Every answer is 503.
    pub down: bool,
    /// The token endpoint never answers.
    pub silent: bool,
    pub signed_userinfo: bool,
    pub without_pkce: bool,
    /// Put over discovery.
    pub discovery: Value,
    /// `iss` in the address that the browser is sent back to.
    pub answers_as: Option<String>,
}

/// One CIS2. Clones are the same.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    clock: Clock,
    registration: Registration,
    state: Mutex<Kept>,
}

struct Kept {
    faults: Faults,
    key: AssertionKey,
    codes: HashMap<String, Grant>,
    access: HashMap<String, &'static str>,
    used: HashSet<String>,
    asked_for_keys: u32,
}

#[derive(Clone)]
struct Grant {
    holder: CardHolder,
    nonce: Option<String>,
    challenge: Option<String>,
    scope: String,
    at: Millis,
}

type Fields = HashMap<String, String>;
type Refusal = (StatusCode, Json<Value>);

impl Simulator {
    pub fn new(clock: Clock, registration: Registration) -> Result<Self, AssertionKeyError> {
        let kept = Kept {
            faults: Faults::default(),
            key: AssertionKey::invented(Algorithm::RS256)?,
            codes: HashMap::new(),
            access: HashMap::new(),
            used: HashSet::new(),
            asked_for_keys: 0,
        };
        Ok(Self(Arc::new(Inner { clock, registration, state: Mutex::new(kept) })))
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/connect/jwk_uri", get(keys))
            .route("/authorize", get(authorize))
            .route("/choose", get(chosen))
            .route("/access_token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/connect/endSession", get(end_session))
            .layer(from_fn_with_state(self.clone(), down))
            .with_state(self.clone())
    }

    /// From now on these are wrong.
    pub fn fault(&self, faults: Faults) {
        self.kept().faults = faults;
    }

    /// Signs with a new key from now on, and publishes that one only.
    pub fn rotate(&self) -> Result<(), AssertionKeyError> {
        self.kept().key = AssertionKey::invented(Algorithm::RS256)?;
        Ok(())
    }

    /// The keys it publishes now.
    pub fn public_keys(&self) -> JwkSet {
        JwkSet { keys: vec![self.kept().key.public().clone()] }
    }

    pub fn asked_for_keys(&self) -> u32 {
        self.kept().asked_for_keys
    }

    pub fn registration(&self) -> &Registration {
        &self.0.registration
    }

    /// A logout token for a card holder's session, with `over` put over its claims.
    pub fn logout_token(&self, sub: &str, over: &Value) -> Result<String, jsonwebtoken::errors::Error> {
        let mut claims = json!({
            "iss": self.0.registration.issuer,
            "aud": self.0.registration.client_id,
            "sub": sub,
            "sid": session_of(sub),
            "iat": self.0.clock.now() / 1000,
            "jti": Uuid::new_v4(),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        put_over(&mut claims, over);
        self.kept().key.sign(&claims)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn for_servers(&self, path: &str) -> String {
        format!("{}{path}", self.0.registration.for_servers)
    }

    /// Back to the client, with more in the address.
    fn back(&self, state: &str, more: &[(&str, &str)]) -> Response {
        let Registration { redirect_uri, issuer, .. } = &self.0.registration;
        let Ok(mut address) = redirect_uri.parse::<Url>() else { return bad("redirect_uri").into_response() };
        let answers_as = self.kept().faults.answers_as.clone();
        address
            .query_pairs_mut()
            .extend_pairs(more)
            .append_pair("state", state)
            .append_pair("iss", answers_as.as_deref().unwrap_or(issuer));
        Redirect::to(address.as_str()).into_response()
    }

    fn check_request(&self, asked: &Fields) -> Result<(), Refusal> {
        let Registration { client_id, redirect_uri, .. } = &self.0.registration;
        let field = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let scopes: Vec<_> = field("scope").split(' ').collect();
        let right = field("client_id") == client_id
            && field("redirect_uri") == redirect_uri
            && field("response_type") == "code"
            && scopes.contains(&"openid")
            && !field("state").is_empty();
        if right { Ok(()) } else { Err(bad("invalid_request")) }
    }

    fn check_client(&self, fields: &Fields) -> Result<(), Refusal> {
        let refuse = || refused(StatusCode::UNAUTHORIZED, "invalid_client");
        let assertion = fields.get("client_assertion").ok_or_else(refuse)?;
        let header = jsonwebtoken::decode_header(assertion).map_err(|_| refuse())?;
        let claims = insecure_claims(assertion).ok_or_else(refuse)?;
        let Registration { client_id, keys, .. } = &self.0.registration;
        let now = self.0.clock.now() / 1000;
        let ends = claims["exp"].as_i64().unwrap_or(0);
        let key = header.kid.as_deref().and_then(|kid| keys.find(kid)).ok_or_else(refuse)?;
        let right = matches!(header.alg, Algorithm::RS256 | Algorithm::RS512)
            && claims["iss"] == json!(client_id)
            && claims["sub"] == json!(client_id)
            && claims["aud"] == json!(self.for_servers("/access_token"))
            && (now..=now + 300).contains(&ends)
            && signed(assertion, key, &[header.alg])
            && self.kept().used.insert(claims["jti"].to_string());
        if right { Ok(()) } else { Err(refuse()) }
    }

    fn id_token(&self, grant: &Grant, access: &str) -> Result<String, jsonwebtoken::errors::Error> {
        let Registration { issuer, client_id, .. } = &self.0.registration;
        let (holder, now) = (grant.holder, self.0.clock.now() / 1000);
        let level =
            if holder.level_as_text { json!(holder.level().to_string()) } else { json!(holder.level()) };
        let mut claims = json!({
            "iss": issuer,
            "sub": holder.sub,
            "aud": client_id,
            "azp": client_id,
            "iat": now,
            "exp": now + ID_TOKEN_SECONDS,
            "auth_time": grant.at / 1000,
            "acr": holder.acr,
            "amr": [holder.acr],
            "at_hash": URL_SAFE_NO_PAD.encode(&Sha256::digest(access)[..16]),
            "sid": session_of(holder.sub),
            "realm": "/NHSIdentity/Healthcare",
            "tokenName": "id_token",
            "tokenType": "JWTToken",
            "authentication_assurance_level": level,
            "id_assurance_level": if holder.level_as_text { json!("3") } else { json!(3) },
        });
        if let Some(nonce) = &grant.nonce {
            claims["nonce"] = json!(nonce);
        }
        if let (true, Some(role)) = (grant.scope.contains("selectedrole"), holder.selected_role()) {
            claims["selected_roleid"] = json!(role);
        }
        let kept = self.kept();
        put_over(&mut claims, &kept.faults.claims);
        match kept.faults.signed {
            Signed::Properly => kept.key.sign(&claims),
            Signed::BySomebodyElse => {
                let pem = crate::keys::invented_pem().unwrap_or_default();
                let other = EncodingKey::from_rsa_pem(pem.as_bytes())?;
                let header = Header { kid: Some(kept.key.kid().to_owned()), ..Header::new(Algorithm::RS256) };
                jsonwebtoken::encode(&header, &claims, &other)
            }
            Signed::WithThePublicKey => {
                let public = serde_json::to_vec(kept.key.public())?;
                let header = Header { kid: Some(kept.key.kid().to_owned()), ..Header::new(Algorithm::HS256) };
                jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&public))
            }
            Signed::NotAtAll => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                let header = json!({ "alg": "none", "kid": kept.key.kid() });
                Ok(format!("{}.{}.", part(&header), part(&claims)))
            }
        }
    }
}

/// The session that a card holder has here; always the same, since nobody ever leaves.
fn session_of(sub: &str) -> String {
    format!("00000000-0000-4000-8000-{sub}")
}

fn put_over(claims: &mut Value, over: &Value) {
    let (Some(claims), Some(over)) = (claims.as_object_mut(), over.as_object()) else { return };
    for (name, value) in over {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
}

fn bad(error: &str) -> Refusal {
    refused(StatusCode::BAD_REQUEST, error)
}

fn refused(status: StatusCode, error: &str) -> Refusal {
    (status, Json(json!({ "error": error, "error_description": "The pretend CIS2 refuses this." })))
}

async fn down(State(cis2): State<Simulator>, request: Request, next: Next) -> Response {
    if cis2.kept().faults.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

async fn discovery(State(cis2): State<Simulator>) -> Json<Value> {
    let Registration { issuer, for_browsers, .. } = &cis2.0.registration;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{for_browsers}/authorize"),
        "token_endpoint": cis2.for_servers("/access_token"),
        "userinfo_endpoint": cis2.for_servers("/userinfo"),
        "jwks_uri": cis2.for_servers("/connect/jwk_uri"),
        "end_session_endpoint": format!("{for_browsers}/connect/endSession"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "code_challenge_methods_supported": ["S256"],
    });
    let faults = cis2.kept().faults.clone();
    if faults.without_pkce {
        put_over(&mut document, &json!({ "code_challenge_methods_supported": null }));
    }
    put_over(&mut document, &faults.discovery);
    Json(document)
}

async fn keys(State(cis2): State<Simulator>) -> Json<Value> {
    cis2.kept().asked_for_keys += 1;
    let mut keys = json!({ "keys": cis2.public_keys().keys });
    // A kind of key that no client of ours uses stands beside it, as at the real one.
    if let Some(all) = keys["keys"].as_array_mut() {
        all.push(json!({ "kty": "RSA", "kid": "enc", "use": "enc", "alg": "RSA-OAEP-256", "n": "AQAB", "e": "AQAB" }));
    }
    Json(keys)
}

async fn authorize(State(cis2): State<Simulator>, Query(asked): Query<Fields>) -> Response {
    if let Err(refusal) = cis2.check_request(&asked) {
        return refusal.into_response();
    }
    let choose = format!("{}/choose", cis2.0.registration.for_browsers);
    let Ok(choose) = choose.parse::<Url>() else { return bad("invalid_request").into_response() };
    Html(page::page(|holder| {
        let mut address = choose.clone();
        address.query_pairs_mut().extend_pairs(&asked);
        if let Some(holder) = holder {
            address.query_pairs_mut().append_pair("holder", holder);
        }
        address.to_string()
    }))
    .into_response()
}

async fn chosen(State(cis2): State<Simulator>, Query(asked): Query<Fields>) -> Response {
    if let Err(refusal) = cis2.check_request(&asked) {
        return refusal.into_response();
    }
    let state = asked.get("state").cloned().unwrap_or_default();
    let Some(holder) = asked.get("holder").and_then(|sub| CardHolder::of(sub)) else {
        return cis2.back(&state, &[("error", "access_denied")]);
    };
    let grant = Grant {
        holder,
        nonce: asked.get("nonce").cloned(),
        challenge: asked.get("code_challenge").cloned(),
        scope: asked.get("scope").cloned().unwrap_or_default(),
        at: cis2.0.clock.now(),
    };
    let code = random_text();
    cis2.kept().codes.insert(code.clone(), grant);
    cis2.back(&state, &[("code", &code)])
}

async fn token(State(cis2): State<Simulator>, Form(fields): Form<Fields>) -> Result<Json<Value>, Refusal> {
    if cis2.kept().faults.silent {
        std::future::pending::<()>().await;
    }
    cis2.check_client(&fields)?;
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != "authorization_code" {
        return Err(bad("unsupported_grant_type"));
    }
    let grant = cis2.kept().codes.remove(field("code")).ok_or_else(|| bad("invalid_grant"))?;
    let expired = cis2.0.clock.now() - grant.at > CODE_LASTS;
    let proves =
        |challenge: &String| URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier"))) == *challenge;
    let right = field("redirect_uri") == cis2.0.registration.redirect_uri
        && grant.challenge.as_ref().is_none_or(proves);
    if expired || !right {
        return Err(bad("invalid_grant"));
    }
    let access = random_text();
    cis2.kept().access.insert(access.clone(), grant.holder.sub);
    let id_token = cis2.id_token(&grant, &access);
    let id_token = id_token.map_err(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error"))?;
    Ok(Json(json!({
        "access_token": access, "id_token": id_token, "token_type": "Bearer",
        "scope": grant.scope, "expires_in": 3599,
    })))
}

async fn userinfo(State(cis2): State<Simulator>, headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer ")).unwrap_or_default();
    let kept = cis2.kept();
    let Some(holder) = kept.access.get(token).and_then(|sub| CardHolder::of(sub)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let mut info = holder.userinfo();
    put_over(&mut info, &kept.faults.userinfo);
    if !kept.faults.signed_userinfo {
        return Json(info).into_response();
    }
    match kept.key.sign(&info) {
        Ok(jwt) => ([(header::CONTENT_TYPE, "application/jwt")], jwt).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn end_session(State(cis2): State<Simulator>, Query(asked): Query<Fields>) -> Response {
    let hint = asked.get("id_token_hint").and_then(|hint| insecure_claims(hint));
    let ours = hint.is_some_and(|claims| claims["iss"] == json!(cis2.0.registration.issuer));
    let back = asked.get("post_logout_redirect_uri").and_then(|back| back.parse::<Url>().ok());
    let registered = cis2.0.registration.redirect_uri.parse::<Url>().ok();
    match (back, registered) {
        (Some(back), Some(registered)) if ours && back.origin() == registered.origin() => {
            Redirect::to(back.as_str()).into_response()
        }
        _ => bad("invalid_request").into_response(),
    }
}
