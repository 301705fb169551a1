//! A pretend NHS API platform: its token endpoint, with every rule that the real one is known to enforce.

use super::client::BEARER_ASSERTION;
use crate::clock::Clock;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Form, Json, Router};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::{Value, json};
use shared::time::Millis;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

const TOKEN_SECONDS: i64 = 599;
/// Healthcare workers' tokens are refreshed for this long after the first.
const REFRESHED_FOR_SECONDS: i64 = 43_199;
/// An assertion may end five minutes ahead, and ten seconds are forgiven.
const LONGEST_ASSERTION_SECONDS: i64 = 310;

/// What a token that was given out allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// No person is behind it.
    Application,
    /// A healthcare worker, by the subject of their CIS2 sign-in.
    Worker { subject: String, role_id: String, level: u8 },
}

/// One platform with one application registered. Clones are the same platform.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    clock: Clock,
    token_url: String,
    api_key: String,
    secret: String,
    keys: JwkSet,
    state: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// CIS2 environments whose sign-ins are taken: issuer, client id, keys.
    trusted: Vec<(String, String, JwkSet)>,
    used: HashSet<String>,
    tokens: HashMap<String, (Access, Millis)>,
    /// Each good once: whom for, until when, how often refreshed.
    refreshes: HashMap<String, (Access, Millis, u32)>,
    asked: u32,
    answers_with: Option<StatusCode>,
}

type Refusal = (StatusCode, Json<Value>);
type Fields = HashMap<String, String>;

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("platform::Simulator")
    }
}

impl Simulator {
    /// `base_url` is where [`Self::router`] is served, as clients write it: the audience of assertions follows from it.
    pub fn new(clock: Clock, base_url: &str, api_key: &str, secret: &str, keys: JwkSet) -> Self {
        Self(Arc::new(Inner {
            clock,
            token_url: format!("{base_url}/oauth2/token"),
            api_key: api_key.to_owned(),
            secret: secret.to_owned(),
            keys,
            state: Mutex::default(),
        }))
    }

    /// Takes ID tokens of this issuer, made for this CIS2 client and signed with one of these keys.
    pub fn trust(&self, issuer: &str, client_id: &str, keys: JwkSet) {
        self.kept().trusted.push((issuer.to_owned(), client_id.to_owned(), keys));
    }

    pub fn router(&self) -> Router {
        Router::new().route("/oauth2/token", post(token)).with_state(self.clone())
    }

    /// What the holder of an `Authorization: Bearer …` may do; `None` for a token that is unknown or over.
    pub fn access(&self, token: &str) -> Option<Access> {
        let now = self.0.clock.now();
        let kept = self.kept();
        kept.tokens.get(token).filter(|(_, until)| now < *until).map(|(access, _)| access.clone())
    }

    /// How often the token endpoint was asked.
    pub fn asked(&self) -> u32 {
        self.kept().asked
    }

    /// From now on every answer is this one; `None` for the usual.
    pub fn answer_with(&self, status: Option<StatusCode>) {
        self.kept().answers_with = status;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, fields: &Fields) -> Result<Json<Value>, Refusal> {
        if let Some(status) = self.kept().answers_with {
            return Err((status, Json(json!({}))));
        }
        match field(fields, "grant_type") {
            "client_credentials" => {
                self.check_assertion(fields)?;
                Ok(Json(self.given(Access::Application)))
            }
            "urn:ietf:params:oauth:grant-type:token-exchange" => {
                self.check_assertion(fields)?;
                let access = self.subject(fields)?;
                let until = self.0.clock.now() + REFRESHED_FOR_SECONDS * 1000;
                Ok(Json(self.given_with_refresh(access, until, 0)))
            }
            "refresh_token" => self.refreshed(fields),
            _ => Err(bad("unsupported_grant_type", "grant_type is invalid")),
        }
    }

    fn check_assertion(&self, fields: &Fields) -> Result<(), Refusal> {
        if field(fields, "client_assertion_type") != BEARER_ASSERTION {
            return Err(bad("invalid_request", "Missing or invalid client_assertion_type"));
        }
        let Some(assertion) = fields.get("client_assertion") else {
            return Err(bad("invalid_request", "Missing client_assertion"));
        };
        let malformed = || bad("invalid_request", "Malformed JWT in client_assertion");
        let header = jsonwebtoken::decode_header(assertion).map_err(|_| malformed())?;
        let claims = insecure_claims(assertion).ok_or_else(malformed)?;
        let Some(kid) = &header.kid else {
            return Err(bad("invalid_request", "Missing 'kid' header in client_assertion JWT"));
        };
        if header.typ.as_deref() != Some("JWT") {
            return Err(bad(
                "invalid_request",
                "Invalid 'typ' header in client_assertion JWT - must be 'JWT'",
            ));
        }
        if header.alg != Algorithm::RS512 {
            return Err(bad(
                "invalid_request",
                "Invalid 'alg' header in JWT - unsupported (must be 'RS512')",
            ));
        }
        let now = self.0.clock.now() / 1000;
        match claims["exp"].as_i64() {
            Some(exp) if exp <= now - 10 => {
                return Err(bad("invalid_request", "Invalid 'exp' claim in JWT - JWT has expired"));
            }
            Some(exp) if exp <= now + LONGEST_ASSERTION_SECONDS => {}
            Some(_) => {
                let far = "Invalid 'exp' claim in JWT - more than 5 minutes in future";
                return Err(bad("invalid_request", far));
            }
            None => {
                return Err(bad("invalid_request", "Missing or invalid 'exp' claim - must be an integer"));
            }
        }
        if claims["iss"].as_str().is_none() || claims["iss"] != claims["sub"] {
            return Err(bad("invalid_request", "Missing or non-matching 'iss'/'sub' claims in JWT"));
        }
        let Some(jti) = claims["jti"].as_str().filter(|jti| !jti.is_empty()) else {
            return Err(bad("invalid_request", "Missing or invalid 'jti' claim in JWT"));
        };
        if claims["iss"] != json!(self.0.api_key) {
            return Err(unknown("invalid_request", "Invalid 'iss'/'sub' claims in JWT"));
        }
        if claims["aud"] != json!(self.0.token_url) {
            return Err(unknown("invalid_request", "Missing or invalid 'aud' claim in JWT"));
        }
        let Some(key) = self.0.keys.find(kid) else {
            return Err(unknown("invalid_request", "Invalid 'kid' header in JWT - no matching public key"));
        };
        if !signed(assertion, key, &[Algorithm::RS512]) {
            return Err(unknown("public_key error", "JWT signature verification failed"));
        }
        if !self.kept().used.insert(jti.to_owned()) {
            return Err(bad("invalid_request", "Non-unique 'jti' claim in JWT"));
        }
        Ok(())
    }

    /// Whom an ID token is of.
    fn subject(&self, fields: &Fields) -> Result<Access, Refusal> {
        if field(fields, "subject_token_type") != "urn:ietf:params:oauth:token-type:id_token" {
            return Err(bad("invalid_request", "missing or invalid subject_token_type"));
        }
        let refuse = |what| Err(bad("invalid_request", what));
        let token = field(fields, "subject_token");
        let Ok(Header { alg, kid: Some(kid), typ, .. }) = jsonwebtoken::decode_header(token) else {
            return refuse("Missing 'kid' header in subject_token JWT");
        };
        if typ.as_deref() != Some("JWT") || !matches!(alg, Algorithm::RS256 | Algorithm::RS512) {
            return refuse("Invalid 'typ' or 'alg' header in subject_token JWT");
        }
        let Some(claims) = insecure_claims(token) else { return refuse("Malformed JWT in subject_token") };
        let kept = self.kept();
        let trusted = kept.trusted.iter().find(|(issuer, ..)| claims["iss"] == json!(issuer));
        let Some((_, client, keys)) = trusted else {
            return refuse("Invalid 'iss' claim in subject_token JWT");
        };
        let (audience, now) = (&claims["aud"], self.0.clock.now() / 1000);
        let is_for =
            audience == client || audience.as_array().is_some_and(|all| all.contains(&json!(client)));
        if !is_for {
            return refuse("Missing or invalid 'aud' claim in subject_token JWT");
        }
        if claims["exp"].as_i64().is_none_or(|exp| exp <= now) {
            return refuse("Invalid 'exp' claim in subject_token JWT - JWT has expired");
        }
        if !keys.find(&kid).is_some_and(|key| signed(token, key, &[alg])) {
            return Err(unknown("public_key error", "JWT signature verification failed"));
        }
        let level = &claims["authentication_assurance_level"];
        let level = level.as_u64().or_else(|| level.as_str()?.parse().ok()).unwrap_or(0);
        let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        match u8::try_from(level) {
            Ok(level @ 2..=3) => {
                Ok(Access::Worker { subject: text("sub"), role_id: text("selected_roleid"), level })
            }
            _ => Err(unknown(
                "unauthorized_client",
                "you have tried to request authorization at another level",
            )),
        }
    }

    fn refreshed(&self, fields: &Fields) -> Result<Json<Value>, Refusal> {
        if field(fields, "client_id") != self.0.api_key || field(fields, "client_secret") != self.0.secret {
            return Err(unknown("invalid_client", "client_id or client_secret is invalid"));
        }
        let Some((access, until, count)) = self.kept().refreshes.remove(field(fields, "refresh_token"))
        else {
            return Err(unknown("invalid_grant", "refresh_token is invalid"));
        };
        if until <= self.0.clock.now() {
            return Err(unknown("invalid_grant", "refresh token refresh period has expired"));
        }
        Ok(Json(self.given_with_refresh(access, until, count + 1)))
    }

    fn given(&self, access: Access) -> Value {
        let token = Uuid::new_v4().simple().to_string();
        let now = self.0.clock.now();
        self.kept().tokens.insert(token.clone(), (access, now + TOKEN_SECONDS * 1000));
        json!({
            "access_token": token,
            "expires_in": TOKEN_SECONDS.to_string(),
            "token_type": "Bearer",
            "issued_at": now.to_string(),
        })
    }

    fn given_with_refresh(&self, access: Access, until: Millis, count: u32) -> Value {
        let mut answer = self.given(access.clone());
        let refresh = Uuid::new_v4().simple().to_string();
        self.kept().refreshes.insert(refresh.clone(), (access, until, count));
        answer["refresh_token"] = json!(refresh);
        answer["refresh_token_expires_in"] = json!(((until - self.0.clock.now()) / 1000).to_string());
        answer["refresh_count"] = json!(count.to_string());
        if count == 0 {
            answer["issued_token_type"] = json!("urn:ietf:params:oauth:token-type:access_token");
        }
        answer
    }
}

async fn token(
    State(platform): State<Simulator>,
    Form(fields): Form<Fields>,
) -> Result<Json<Value>, Refusal> {
    platform.kept().asked += 1;
    platform.answer(&fields)
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

fn bad(error: &str, description: &str) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, error, description)
}

fn unknown(error: &str, description: &str) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, error, description)
}

fn refusal(status: StatusCode, error: &str, description: &str) -> Refusal {
    let message_id = format!("rrt-{}", Uuid::new_v4().simple());
    (status, Json(json!({ "error": error, "error_description": description, "message_id": message_id })))
}

pub(crate) fn signed(token: &str, key: &jsonwebtoken::jwk::Jwk, algorithms: &[Algorithm]) -> bool {
    let Ok(key) = DecodingKey::from_jwk(key) else { return false };
    jsonwebtoken::decode::<Value>(token, &key, &signature_only(algorithms)).is_ok()
}

/// Claims are looked at one by one, by the simulator's own clock.
fn signature_only(algorithms: &[Algorithm]) -> Validation {
    let mut rules = Validation::new(algorithms[0]);
    rules.algorithms = algorithms.to_vec();
    rules.required_spec_claims.clear();
    (rules.validate_exp, rules.validate_nbf, rules.validate_aud) = (false, false, false);
    rules
}

pub(crate) fn insecure_claims(token: &str) -> Option<Value> {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).ok().map(|token| token.claims)
}
