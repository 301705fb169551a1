//! A browser with its cookie and its software passkeys, talking to a server over HTTP.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::api::SessionView;
use std::sync::Mutex;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::prelude::Url;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// One browser with its cookie and its passkeys.
pub struct Browser {
    pub http: Client,
    /// What the browser says it is on; the passkeys are for it.
    pub origin: Url,
    /// Where the server listens.
    base: String,
    cookie: Mutex<Option<String>>,
    pub passkey: SoftPasskey,
    pub credentials: Vec<String>,
}

impl Browser {
    /// One that nobody has signed in with; `base` is where the server listens.
    pub fn new(origin: &str, base: &str) -> Self {
        Self {
            http: satchel::nhs::http::client(None).expect("a client"),
            origin: origin.parse().expect("an address"),
            base: base.to_owned(),
            cookie: Mutex::default(),
            passkey: SoftPasskey::new(true),
            credentials: Vec::new(),
        }
    }

    /// A request without cookie and Origin, to a path or to a whole address on this server.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let origin = self.origin.origin().ascii_serialization();
        let path = path.strip_prefix(&origin).unwrap_or(path);
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().expect("one thread").clone()
    }

    pub fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().expect("one thread") = cookie;
    }

    /// Sends what a page of ours would send, and keeps the cookie that comes back.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request =
            self.bare(method, path).header(header::ORIGIN, self.origin.origin().ascii_serialization());
        if let Some(cookie) = self.cookie() {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        if let Some(set) = answer.headers().get(header::SET_COOKIE) {
            let set = set.to_str().expect("text");
            let pair = set.split(';').next().expect("a pair").to_owned();
            self.set_cookie((!set.contains("Max-Age=0")).then_some(pair));
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.ask(Method::DELETE, path, None).await
    }

    pub async fn session(&self) -> SessionView {
        read(self.get("/api/session").await).await
    }

    /// Follows a link: name and number, then the touch of the sensor.
    pub async fn enrol(&mut self, token: &str, name: &str, gphc: &str) -> Response {
        let asked = json!({ "token": token, "name": name, "gphc": gphc });
        let start = self.post("/api/enrolment/start", asked).await;
        if start.status() != StatusCode::OK {
            return start;
        }
        let made = self.create_passkey(read(start).await);
        self.post("/api/enrolment/finish", made).await
    }

    /// What the authenticator makes of the options in `Ceremony`.
    pub fn create_passkey(&mut self, ceremony: Value) -> Value {
        let mut options = ceremony["options"].clone();
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required", "or nobody could sign in without a name");
        assert_eq!(selection["userVerification"], "required");
        // The software authenticator says that it keeps none, and finds its passkeys all the same.
        selection["requireResidentKey"] = json!(false);
        let challenge = serde_json::from_value(options).expect("creation options");
        let made = self.passkey.do_registration(self.origin.clone(), challenge).expect("a passkey");
        self.credentials.push(made.id.clone());
        json!({ "credential": serde_json::to_value(made).expect("serialises") })
    }
}

pub async fn read<T: DeserializeOwned>(answer: Response) -> T {
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
