//! A whole server on a port of its own, and browsers with software passkeys to use it.

pub use crate::browser::{Browser, read};
use reqwest::{Response, StatusCode, header};
use satchel::api;
use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::session;
use satchel::store::{Pharmacy, SqliteStore};
use serde_json::{Value, json};
use shared::api::Problem;
use shared::ids::OdsCode;
use shared::people::Role;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;

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
        Browser::new(ORIGIN, &self.base)
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

/// What only these tests ask of a browser.
impl Browser {
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
        let answer = self.passkey.do_authentication(self.origin.clone(), challenge).expect("a touch");
        json!({ "credential": serde_json::to_value(answer).expect("serialises") })
    }
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
