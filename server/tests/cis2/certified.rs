//! The same against a certified OpenID provider that is not ours: `oidc-provider`, told to speak like CIS2
//! (`e2e/support/cis2-provider.mjs`).

use crate::support::{Browser, browser_of, elm, keys, location, read, served};
use reqwest::header;
use satchel::clock::Clock;
use satchel::config::Config;
use serde_json::Value;
use shared::people::Role;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const ISSUER: &str =
    "https://am.cis2.example:443/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";
const CLIENT: &str = "123456789012.apps.supplier";

struct World {
    origin: String,
    provider: String,
    http: reqwest::Client,
    _node: Node,
    _folder: TempDir,
}

/// Ends with the test.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        // Where it has ended by itself already, nothing is left to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server beside the provider; none, said aloud, where the provider is not installed, and a failure where it must be.
#[expect(clippy::disallowed_methods, reason = "only a test is told what must be there")]
async fn world(signing: &str) -> Option<World> {
    let e2e = Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e");
    if !e2e.join("node_modules/oidc-provider").exists() {
        let required =
            ["CI", "SATCHEL_TEST_REQUIRE_PEERS"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(!required, "oidc-provider is not installed: run npm ci in e2e");
        // Standard error may be closed; then nobody is there to read it.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: e2e/node_modules has no oidc-provider, so CIS2 was not tried against a certified provider"
        );
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let keys = keys(&folder);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let origin = format!("http://localhost:{port}");
    let mut node = Command::new("node")
        .arg("support/cis2-provider.mjs")
        .args(["--port", "0", "--client", CLIENT, "--issuer", ISSUER, "--signing", signing])
        .args(["--redirect", &format!("{origin}/api/cis2/callback")])
        .args(["--jwks", &format!("http://127.0.0.1:{port}/.well-known/jwks.json")])
        .current_dir(&e2e)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node runs");
    let mut lines = BufReader::new(node.stdout.take().expect("piped")).lines();
    let provider = lines.find_map(|line| line.expect("readable").strip_prefix("Ready ").map(str::to_owned));
    let node = Node(node);
    let provider = provider.expect("the provider did not start");
    let path = |path: &Path| path.display().to_string();
    let given = [
        ("origin", origin.clone()),
        ("database_url", format!("sqlite://{}", path(&folder.path().join("satchel.db")))),
        ("cis2_issuer", ISSUER.to_owned()),
        ("cis2_discovery", format!("{provider}/.well-known/openid-configuration")),
        ("cis2_client_id", CLIENT.to_owned()),
        ("cis2_key", path(&keys.first)),
        ("cis2_signing", signing.to_owned()),
    ];
    let given: BTreeMap<String, String> =
        given.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let mut config = Config::read(given, false).expect("the settings are right");
    config.cis2.as_mut().expect("set").settings.patience = Duration::from_secs(2);
    served(config, Clock::Real, listener).await;
    let http = satchel::nhs::http::client(None).expect("a client");
    Some(World { origin, provider, http, _node: node, _folder: folder })
}

impl World {
    fn browser(&self) -> Browser {
        browser_of(&self.origin)
    }

    async fn control(&self, what: &str) {
        let done = self.http.post(format!("{}/control/{what}", self.provider)).send().await;
        assert_eq!(done.expect("an answer").status(), 204);
    }

    /// Walks through the provider's pages as a browser does; answers the address of our callback.
    async fn choose(&self, authorize: &str, holder: &str) -> String {
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        let mut address = authorize.to_owned();
        for _ in 0..10 {
            let all: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = self.http.get(&address).header(header::COOKIE, all.join("; "));
            let answer = request.send().await.expect("an answer");
            for set in answer.headers().get_all(header::SET_COOKIE) {
                let pair = set.to_str().expect("text").split(';').next().unwrap_or_default();
                let (name, value) = pair.split_once('=').expect("a pair");
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let next = if answer.status().is_redirection() {
                location(&answer)
            } else {
                let page = answer.text().await.expect("a page");
                let link = format!("/{holder}\"");
                assert!(page.contains(&link), "{address}: {page}");
                let end = page.find(&link).expect("there") + link.len() - 1;
                let start = page[..end].rfind("href=\"").expect("a link") + 6;
                page[start..end].to_owned()
            };
            if next.starts_with(&self.origin) {
                return next;
            }
            address = if next.starts_with('/') { format!("{}{next}", self.provider) } else { next };
        }
        panic!("the provider sends the browser in circles")
    }

    async fn sign_in(&self, browser: &Browser, holder: &str) -> String {
        let there = browser.start("/", None).await;
        let callback = self.choose(&there, holder).await;
        location(&browser.get(&callback).await)
    }
}

#[tokio::test]
async fn people_sign_in_at_a_certified_provider_and_step_up_there() {
    for signing in ["RS512", "RS256"] {
        let Some(world) = world(signing).await else { return };
        let browser = world.browser();
        assert_eq!(world.sign_in(&browser, "999000000011").await, "/", "{signing}");
        let session = browser.session().await;
        let person = session.person.expect("signed in");
        assert_eq!((person.name.as_str(), person.role), ("Marigold Ashgrove", Role::Pharmacist));
        assert_eq!(session.pharmacies[0].ods, elm());
        assert_eq!(session.cis2.present.expect("counts").level, 3);

        let there = browser.start("/settings", Some(&person.id.to_string())).await;
        let callback = world.choose(&there, "999000000011").await;
        assert_eq!(location(&browser.get(&callback).await), "/settings");
        let there = browser.start("/settings", Some(&person.id.to_string())).await;
        let callback = world.choose(&there, "999000000022").await;
        assert_eq!(location(&browser.get(&callback).await), "/settings#cis2=another-person");
    }
}

#[tokio::test]
async fn a_certified_provider_refuses_rotates_and_is_slow() {
    let Some(world) = world("RS512").await else { return };
    let browser = world.browser();
    assert_eq!(world.sign_in(&browser, "turn-back").await, "/#cis2=cancelled");
    world.control("refuse?error=temporarily_unavailable").await;
    assert_eq!(world.sign_in(&browser, "999000000033").await, "/#cis2=unavailable");
    world.control("reset").await;
    assert_eq!(world.sign_in(&browser, "999000000033").await, "/");
    assert_eq!(browser.session().await.person.expect("signed in").role, Role::Administrator);

    world.control("rotate-keys").await;
    assert_eq!(world.sign_in(&world.browser(), "999000000022").await, "/", "a new key is found");

    let late = world.browser();
    let there = late.start("/", None).await;
    let callback = world.choose(&there, "999000000022").await;
    world.control("delay?ms=5000").await;
    assert_eq!(location(&late.get(&callback).await), "/#cis2=unavailable");
    world.control("reset").await;
    assert_eq!(location(&late.get(&callback).await), "/#cis2=expired", "begun again, not repeated");
}

#[tokio::test]
async fn the_end_of_a_session_is_accepted_by_a_certified_provider() {
    let Some(world) = world("RS512").await else { return };
    let browser = world.browser();
    world.sign_in(&browser, "999000000011").await;
    let end = location(&browser.get("/api/cis2/end").await);
    let page = world.http.get(&end).send().await.expect("an answer");
    assert_eq!(page.status(), 200, "it knows the token, the client and the way back");
    assert_eq!(browser.session().await.person, None);
    let keys: Value = read(browser.get("/.well-known/jwks.json").await).await;
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
}
