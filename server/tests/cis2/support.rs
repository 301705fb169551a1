//! A server that is known to a pretend CIS2 and a pretend API platform, and browsers.

pub use crate::browser::{Browser, read};
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use reqwest::{Response, StatusCode, header};
use satchel::api;
use satchel::app::App;
use satchel::cis2::Simulator;
use satchel::cis2::simulator::{Faults, Registration};
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::keys::{AssertionKey, invented_pem};
use satchel::nhs::platform;
use satchel::session;
use satchel::store::{Pharmacy, SqliteStore};
use serde_json::Value;
use shared::ids::OdsCode;
use shared::people::Role;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use webauthn_authenticator_rs::prelude::Url;

/// 22 November 2026, 14:05 UTC.
pub const NOW: i64 = 1_795_356_300_000;
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 3_600_000;
/// The card holders of the pretend CIS2.
pub const MARIGOLD: &str = "999000000011";
pub const TOBIAS: &str = "999000000022";
pub const OTTOLINE: &str = "999000000033";
pub const PERCIVAL: &str = "999000000044";

/// A server with one pharmacy, and what it talks to; all end with the test.
pub struct World {
    pub app: App,
    pub cis2: Simulator,
    pub platform: platform::Simulator,
    pub origin: String,
    pub folder: TempDir,
}

pub struct Keys {
    pub first: PathBuf,
    pub second: PathBuf,
    pub public: JwkSet,
}

/// Two keys in files, and their public halves.
pub fn keys(folder: &TempDir) -> Keys {
    let pems = [invented_pem().expect("a key"), invented_pem().expect("a key")];
    let public =
        |pem: &String| AssertionKey::from_pem(pem, Algorithm::RS512, None).expect("a key").public().clone();
    let public = JwkSet { keys: pems.iter().map(public).collect() };
    let [first, second] = ["first.pem", "second.pem"].map(|name| folder.path().join(name));
    std::fs::write(&first, &pems[0]).expect("written");
    std::fs::write(&second, &pems[1]).expect("written");
    Keys { first, second, public }
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings changed after they were read.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = keys(&folder);
        let nhs = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let nhs_base = format!("http://{}", nhs.local_addr().expect("an address"));
        let cis2_base = format!("{nhs_base}/cis2");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let path = |path: &PathBuf| path.display().to_string();
        let given = [
            ("origin", origin.clone()),
            ("database_url", format!("sqlite://{}", path(&folder.path().join("satchel.db")))),
            ("dist", path(&folder.path().join("dist"))),
            ("trusted_proxy", "true".to_owned()),
            ("cis2_issuer", cis2_base.clone()),
            ("cis2_client_id", "123456789012.apps.national".to_owned()),
            ("cis2_key", format!("{},{}", path(&keys.first), path(&keys.second))),
            ("nhs_api_url", format!("{nhs_base}/platform")),
            ("nhs_api_key", "an-api-key".to_owned()),
            ("nhs_api_secret", "its-secret".to_owned()),
            ("nhs_api_private_key", path(&keys.second)),
            ("nhs_api_kid", keys.public.keys[1].common.key_id.clone().expect("a name")),
        ];
        let given: BTreeMap<String, String> =
            given.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut config = Config::read(given, false).expect("the settings are right");
        change(&mut config);
        let clock = Clock::set_to(NOW);
        let registration = Registration {
            issuer: cis2_base.clone(),
            for_browsers: cis2_base.clone(),
            for_servers: cis2_base.clone(),
            client_id: "123456789012.apps.national".to_owned(),
            redirect_uri: format!("{origin}/api/cis2/callback"),
            keys: keys.public.clone(),
        };
        let cis2 = Simulator::new(clock.clone(), registration).expect("a pretend CIS2");
        let base = format!("{nhs_base}/platform");
        let platform =
            platform::Simulator::new(clock.clone(), &base, "an-api-key", "its-secret", keys.public.clone());
        platform.trust(&cis2_base, "123456789012.apps.national", cis2.public_keys());
        let routes = axum::Router::new().nest("/cis2", cis2.router()).nest("/platform", platform.router());
        tokio::spawn(async move { axum::serve(nhs, routes).await });

        let app = served(config, clock, listener).await;
        Self { app, cis2, platform, origin, folder }
    }

    pub fn browser(&self) -> Browser {
        browser_of(&self.origin)
    }

    /// A browser in which somebody has enrolled with a passkey.
    pub async fn enrolled(&self, role: Role, name: &str, gphc: &str) -> Browser {
        let mut browser = self.browser();
        let link = session::invite(&self.app, &elm(), role, None).await.expect("a link").link;
        let token = link.split_once("/enrol#").expect("a token").1;
        let done = browser.enrol(token, name, gphc).await;
        assert_eq!(done.status(), StatusCode::OK, "{name} could not enrol");
        browser
    }

    pub fn fault(&self, faults: Faults) {
        self.cis2.fault(faults);
    }

    /// Claims put over those of the next ID tokens.
    pub fn claim(&self, claims: Value) {
        self.cis2.fault(Faults { claims, ..Faults::default() });
    }
}

/// Serves an app with one pharmacy on a listener.
pub async fn served(config: Config, clock: Clock, listener: tokio::net::TcpListener) -> App {
    let store = SqliteStore::open(&config.database_url).await.expect("a database");
    let app = App::new(config, clock, Arc::new(store)).await.expect("an app");
    for (ods, name) in [("FA123", "Elm Pharmacy"), ("FB456", "Oak Pharmacy")] {
        let pharmacy = Pharmacy {
            ods: ods.parse().expect("a code"),
            name: name.to_owned(),
            dos_ids: Vec::new(),
            mailbox: String::new(),
            phone: String::new(),
            address: String::new(),
        };
        app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
    }
    let service = api::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    app
}

pub fn elm() -> OdsCode {
    "FA123".parse().expect("a code")
}

/// A browser on a server at `localhost`, which in every browser is this machine.
pub fn browser_of(origin: &str) -> Browser {
    Browser::new(origin, &origin.replace("localhost", "127.0.0.1"))
}

/// The way to CIS2 and back.
impl Browser {
    /// Goes to CIS2; answers where.
    pub async fn start(&self, back: &str, person: Option<&str>) -> String {
        let query: Vec<(&str, &str)> =
            [("return", back)].into_iter().chain(person.map(|person| ("person", person))).collect();
        let address = Url::parse_with_params(&format!("{}api/cis2/start", self.origin), &query);
        location(&self.get(address.expect("an address").as_str()).await)
    }

    /// Chooses somebody at the pretend CIS2, or turns back; answers where the browser is sent.
    pub async fn choose(&self, authorize: &str, holder: Option<&str>) -> String {
        let page = self.http.get(authorize).send().await.expect("a page");
        assert_eq!(page.status(), StatusCode::OK, "{authorize}");
        let holder = holder.map(|holder| format!("&holder={holder}")).unwrap_or_default();
        let address = format!("{}{holder}", authorize.replacen("/authorize?", "/choose?", 1));
        location(&self.http.get(address).send().await.expect("an answer"))
    }

    /// Everything from the first click to the app again; answers where it ends.
    pub async fn sign_in(&self, holder: &str, back: &str) -> String {
        let there = self.start(back, None).await;
        let callback = self.choose(&there, Some(holder)).await;
        location(&self.get(&callback).await)
    }

    /// The same for somebody who is signed in here.
    pub async fn step_up(&self, holder: &str, back: &str) -> String {
        let person = self.session().await.person.expect("signed in").id.to_string();
        let there = self.start(back, Some(&person)).await;
        let callback = self.choose(&there, Some(holder)).await;
        location(&self.get(&callback).await)
    }

    /// Tries to sign in and expects to be told why not, with nobody signed in.
    pub async fn refused(&self, holder: &str) -> String {
        let end = self.sign_in(holder, "/").await;
        assert_eq!(self.session().await.person, None, "{end}");
        end.strip_prefix("/#cis2=").unwrap_or_else(|| panic!("{end} is no refusal")).to_owned()
    }
}

pub fn location(answer: &Response) -> String {
    let status = answer.status();
    assert!(status.is_redirection(), "{status} is no redirect");
    answer.headers()[header::LOCATION].to_str().expect("text").to_owned()
}
