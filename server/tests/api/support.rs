//! A whole server on a port of its own, and browsers with software passkeys to use it.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use satchel::api;
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::session;
use satchel::store::{Pharmacy, SqliteStore};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::api::{Problem, SessionView};
use shared::ids::OdsCode;
use shared::people::Role;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use tempfile::TempDir;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::prelude::Url;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// 22 November 2026, 14:05 UTC.
pub const NOW: i64 = 1_795_356_300_000;
pub const HOUR: i64 = 3_600_000;
const ORIGIN: &str = "http://localhost:8080";

/// A server with one pharmacy; it ends with the test.
pub struct TestApp {
    pub app: App,
    base: String,
    folder: TempDir,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With settings beyond the usual ones.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut given: BTreeMap<String, String> = BTreeMap::from([
            ("origin".to_owned(), ORIGIN.to_owned()),
            ("database_url".to_owned(), format!("sqlite://{}/satchel.db", folder.path().display())),
            ("dist".to_owned(), folder.path().join("dist").display().to_string()),
        ]);
        given.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::read(given, false).expect("the settings are right");
        let store = SqliteStore::open(&config.database_url).await.expect("a database");
        let app = App::new(config, Clock::set_to(NOW), Arc::new(store)).await.expect("an app");
        app.store.put_pharmacy(&elm()).await.expect("a pharmacy");

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let service = api::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { app, base, folder }
    }

    /// Another process on the same file.
    pub async fn another_writer(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.app.config.database_url).await.expect("a connection")
    }

    pub fn browser(&self) -> Browser {
        Browser {
            http: satchel::nhs::http::client(None).expect("a client"),
            base: self.base.clone(),
            cookie: Mutex::default(),
            passkey: SoftPasskey::new(true),
            credentials: Vec::new(),
        }
    }

    /// The token of a fresh one-time link.
    pub async fn invite(&self, role: Role) -> String {
        let link = session::invite(&self.app, &elm().ods, role, None).await.expect("a link").link;
        link.split_once("/enrol#").expect("the token stands after the #").1.to_owned()
    }

    /// A browser in which Asha, a pharmacist, has just enrolled.
    pub async fn asha(&self) -> Browser {
        self.enrolled(Role::Pharmacist, "Asha Patel", "2074123").await
    }

    pub async fn enrolled(&self, role: Role, name: &str, gphc: &str) -> Browser {
        let mut browser = self.browser();
        let token = self.invite(role).await;
        let answer = browser.enrol(&token, name, gphc).await;
        assert_eq!(answer.status(), StatusCode::OK, "{name} could not enrol");
        browser
    }

    /// Puts a file where the web app is.
    pub fn put_file(&self, name: &str, content: &[u8]) {
        let path = self.folder.path().join("dist").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content).expect("written");
    }
}

pub fn elm() -> Pharmacy {
    Pharmacy {
        ods: ods("FA123"),
        name: "Elm Pharmacy".to_owned(),
        dos_ids: Vec::new(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    }
}

pub fn ods(code: &str) -> OdsCode {
    code.parse().expect("an ODS code")
}

/// One browser with its cookie and its passkeys.
pub struct Browser {
    http: Client,
    base: String,
    cookie: Mutex<Option<String>>,
    passkey: SoftPasskey,
    credentials: Vec<String>,
}

impl Browser {
    /// A request without cookie and Origin.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
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
        let mut request = self.bare(method, path).header(header::ORIGIN, ORIGIN);
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
        let made = self.passkey.do_registration(origin(), challenge).expect("a passkey");
        self.credentials.push(made.id.clone());
        json!({ "credential": serde_json::to_value(made).expect("serialises") })
    }

    /// The authenticator no longer offers this passkey.
    pub fn forget(&mut self, credential: &str) {
        self.credentials.retain(|known| known != credential);
    }

    /// Signs in with a passkey that this browser made, no name asked.
    pub async fn sign_in(&mut self) -> Response {
        let start = self.post("/api/session/passkey/start", json!({})).await;
        let answer = self.touch(read(start).await);
        self.post("/api/session/passkey/finish", answer).await
    }

    /// What the authenticator answers to a sign-in ceremony.
    pub fn touch(&mut self, ceremony: Value) -> Value {
        let mut options = ceremony["options"].clone();
        assert_eq!(options["publicKey"]["allowCredentials"], json!([]), "no name was asked");
        assert!(options["mediation"].is_null());
        options["publicKey"]["allowCredentials"] =
            self.credentials.iter().map(|id| json!({ "type": "public-key", "id": id })).collect();
        let challenge = serde_json::from_value(options).expect("request options");
        let answer = self.passkey.do_authentication(origin(), challenge).expect("a touch");
        json!({ "credential": serde_json::to_value(answer).expect("serialises") })
    }
}

fn origin() -> Url {
    ORIGIN.parse().expect("an address")
}

pub async fn read<T: DeserializeOwned>(answer: Response) -> T {
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The problem's stable name, after checking that it is one.
pub async fn problem(answer: Response) -> (StatusCode, String) {
    let status = answer.status();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    let problem: Problem = read(answer).await;
    assert_eq!(problem.status, status.as_u16());
    assert!(!problem.detail.is_empty() && !problem.correlation.is_empty());
    (status, problem.r#type.trim_start_matches("/problems/").to_owned())
}
