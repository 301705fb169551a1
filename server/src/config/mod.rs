//! Settings: from `SATCHEL_*` in the environment or the TOML file `SATCHEL_CONFIG` names, checked all at once.

mod adaptor;
mod arrivals;
mod bars;
mod claims;
mod identity;
mod mail;
mod medicines;
mod outbox;
mod prescriptions;
mod reader;
mod services;

pub use adaptor::AdaptorSettings;
pub use arrivals::{Arrivals, ImapSettings};
pub use bars::BarsConfig;
pub use claims::ClaimsConfig;
pub use identity::{Cis2Config, PlatformConfig, callback};
pub use mail::MailConfig;
pub use outbox::{OutboxConfig, OwnMailbox};
pub use prescriptions::PrescriptionsConfig;
pub use services::ServicesConfig;

use crate::dmd::trud::TrudSettings;
use crate::nhs::mesh::{ANSWER_WITHIN, DEFAULT_CHUNK_BYTES, MeshSettings};
use crate::nhs::ods::{DEFAULT_PAGE, OdsSettings};
use crate::store;
use reader::Reader;
use secrecy::{ExposeSecret as _, SecretString};
use shared::ids::OdsCode;
use shared::patient::Postcode;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use webauthn_rs::prelude::Url;

/// Every setting, typed. `docs/configuration.md` documents each key.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// What the browser's address bar shows, without a slash at the end; passkeys are bound to its host.
    pub origin: Url,
    /// `sqlite://path` or `postgres://…`. The latter holds a password: show [`store::without_password`] of it.
    pub database_url: String,
    /// How many connections to PostgreSQL one server holds at most.
    pub database_connections: u16,
    /// What data at rest is sealed with, 32 bytes in base64; `None`: it is in the file below.
    pub secret_key: Option<SecretString>,
    /// Beside an SQLite database, made where it is missing; `None` where nothing outlives the process.
    pub secret_key_path: Option<PathBuf>,
    /// Folder that certificates of destruction lie in; it outlives the database.
    pub certificates: PathBuf,
    /// Folder with the built web app.
    pub dist: PathBuf,
    /// Simulated NHS systems and made-up patients.
    pub demo: bool,
    /// Hours after which a person signs in again, used or not.
    pub session_hours: u16,
    /// Hours for which an enrolment link works.
    pub invitation_hours: u16,
    /// Whether `X-Forwarded-For` is believed: only behind a proxy that sets it.
    pub trusted_proxy: bool,
    /// Filter for the log: `info`, or `satchel=debug,info`.
    pub log: String,
    pub log_format: LogFormat,
    /// `None`: no message leaves this server; in a demonstration the simulator takes its place.
    pub mesh: Option<MeshSettings>,
    /// PEM file with the certificate and key that live MESH asks for.
    pub mesh_identity: Option<PathBuf>,
    /// Seconds between two looks into our MESH mailbox. MESH asks for five minutes or more (MESH API 2.0.0).
    pub mesh_poll_seconds: u16,
    /// Mailboxes of practices that `GPPROVIDER_…` addressing does not reach (the MESH sandbox has none).
    pub practice_mailboxes: BTreeMap<OdsCode, String>,
    pub outbox: OutboxConfig,
    pub itk: ItkChecks,
    /// `None`: the 111 Adaptor hands over nothing here.
    pub adaptor: Option<AdaptorSettings>,
    /// What comes in by people, and when a pharmacy is alerted.
    pub arrivals: Arrivals,
    pub bars: BarsConfig,
    /// `None`: no API of the NHS is asked; in a demonstration the simulator takes its place.
    pub platform: Option<PlatformConfig>,
    /// `None`: CIS2 is not offered; in a demonstration the simulator takes its place.
    pub cis2: Option<Cis2Config>,
    /// Where PDS is, without a slash at the end; `None`: patients are not looked up.
    pub pds_url: Option<String>,
    /// `None`: organisations are known from before only; in a demonstration the simulator takes its place.
    pub ods: Option<OdsSettings>,
    /// The directories of services.
    pub services: ServicesConfig,
    /// Claims to NHSBSA.
    pub claims: ClaimsConfig,
    /// Public keys of those whose approval of a pathway counts (practice 35).
    pub pathway_approvers: BTreeSet<String>,
    /// The prescription tracker and the exemption check.
    pub prescriptions: PrescriptionsConfig,
    /// Postcode districts whose practices are kept for use offline; empty: those of our pharmacies' addresses.
    pub ods_area: Vec<String>,
    /// Where the National Care Records Service is opened: the one place to put an integration's own address.
    pub ncrs_url: String,
    /// `None`: no e-mail leaves this server; in a demonstration its own mail server takes their place.
    pub mail: Option<MailConfig>,
    /// `None`: releases of the dictionary are imported by hand.
    pub trud: Option<TrudSettings>,
}

/// The front page of the National Care Records Service (NHS England, NCRS).
const NCRS: &str = "https://portal.spineservices.nhs.uk/nationalcarerecordsservice/";

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// Checks on arriving NHS 111 messages that are made only when set (referrals.md 6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItkChecks {
    /// The address that senders were given; compared with WS-Addressing `To`.
    pub to: Option<String>,
    /// Whether now must lie between the message's own *Created* and *Expires*.
    pub check_timestamp: bool,
    /// User name of the WS-Security token.
    pub user: Option<String>,
}

/// Everything that is wrong with the settings, each by name.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The settings are not right. Nothing was started.")?;
        for problem in &self.problems {
            write!(f, "\n  - {problem}")?;
        }
        write!(f, "\ndocs/configuration.md describes every setting.")
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the environment and, where `SATCHEL_CONFIG` names one, the file. The environment wins.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_environment(demo: bool) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter_map(|(name, value)| {
                let key = name.strip_prefix("SATCHEL_")?.to_ascii_lowercase();
                Some((key, value.to_string_lossy().into_owned()))
            })
            // What tests are told has the same beginning and is nothing to a server.
            .filter(|(key, _)| !key.starts_with("test_"))
            .collect();
        Self::read(environment, demo)
    }

    /// Settings from `name → text`, names as in the environment without `SATCHEL_`, lower case. For tests too.
    pub fn read(given: BTreeMap<String, String>, demo: bool) -> Result<Self, ConfigError> {
        let mut settings = Reader::new(given);
        let demo = settings.flag("demo") || demo;
        let listen: SocketAddr =
            settings.value("listen", "127.0.0.1:8080", "an address and port, for example 0.0.0.0:8080");
        let origin = origin(&mut settings, listen.port());
        let database_url = database_url(&mut settings);
        let secret_key = settings.secret("secret_key");
        if secret_key.is_none() && !database_url.starts_with("sqlite:") {
            settings.problem("secret_key", "is missing: all servers on one PostgreSQL need the same");
        }
        let mesh = mesh(&mut settings, demo);
        let config = Self {
            outbox: outbox::read(&mut settings, mesh.is_some()),
            mesh,
            bars: bars::bars(&mut settings, demo),
            platform: identity::platform(&mut settings, demo),
            cis2: identity::cis2(&mut settings, demo, &origin.origin().ascii_serialization()),
            pds_url: pds(&mut settings, demo),
            ods: ods(&mut settings, demo),
            services: services::services(&mut settings, demo),
            claims: claims::claims(&mut settings, demo),
            pathway_approvers: pathway_approvers(&mut settings),
            prescriptions: prescriptions::prescriptions(
                &mut settings,
                demo,
                &origin.origin().ascii_serialization(),
            ),
            ods_area: ods_area(&mut settings),
            ncrs_url: ncrs(&mut settings),
            mail: mail::mail(&mut settings, demo),
            trud: medicines::trud(&mut settings, demo),
            arrivals: arrivals::arrivals(&mut settings),
            listen,
            origin,
            secret_key,
            secret_key_path: beside_database(&database_url),
            database_url,
            database_connections: settings.number("database_connections", 16, 4..=500),
            certificates: settings
                .text("certificates")
                .map_or_else(|| PathBuf::from("certificates"), PathBuf::from),
            dist: settings.text("dist").map_or_else(built_app, PathBuf::from),
            demo,
            session_hours: settings.number("session_hours", 12, 1..=72),
            invitation_hours: settings.number("invitation_hours", 24, 1..=168),
            trusted_proxy: settings.flag("trusted_proxy"),
            log: settings.text("log").unwrap_or_else(|| "info".to_owned()),
            log_format: log_format(&mut settings),
            mesh_identity: settings.text("mesh_identity").map(PathBuf::from),
            mesh_poll_seconds: settings.number("mesh_poll_seconds", if demo { 1 } else { 300 }, 1..=3600),
            practice_mailboxes: practice_mailboxes(&mut settings),
            adaptor: adaptor::adaptor(&mut settings),
            itk: ItkChecks {
                to: settings.text("itk_to"),
                check_timestamp: settings.flag("itk_check_timestamp"),
                user: settings.text("itk_user"),
            },
        };
        if let Some(path) = &config.mesh_identity
            && !path.is_file()
        {
            settings.problem("mesh_identity", &format!("names a file that is not there: {}", path.display()));
        }
        if config.services.dos_fhir_url.is_some() && config.platform.is_none() && !demo {
            settings
                .problem("dos_fhir_url", "needs the NHS API platform: set SATCHEL_NHS_API_URL and its key");
        }
        if config.prescriptions.tracker_url.is_some() && config.platform.is_none() && !demo {
            settings.problem(
                "prescription_tracker_url",
                "needs the NHS API platform: set SATCHEL_NHS_API_URL and its key",
            );
        }
        settings.finish(config)
    }

    /// The origin as browsers send it: no slash at the end.
    pub fn origin_text(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// Whether browsers reach this server by https, so that cookies may insist on it.
    pub fn secure(&self) -> bool {
        self.origin.scheme() == "https"
    }
}

/// Where the built app lies when nobody says: here, or in the checkout that the running command was built in.
fn built_app() -> PathBuf {
    let here = PathBuf::from("dist");
    if here.is_dir() {
        return here;
    }
    std::env::current_exe().ok().and_then(|command| beside(&command)).unwrap_or(here)
}

/// `target/debug/satchel` belongs to the `dist` beside `target`.
fn beside(command: &Path) -> Option<PathBuf> {
    command.ancestors().nth(3).map(|root| root.join("dist")).filter(|dist| dist.is_dir())
}

fn origin(settings: &mut Reader, port: u16) -> Url {
    let url: Url = settings.value(
        "origin",
        &format!("http://localhost:{port}"),
        "the address people type, for example https://satchel.example.nhs.uk",
    );
    let local = url.host_str() == Some("localhost");
    if url.domain().is_none() {
        settings.problem("origin", "must have a host name: passkeys cannot be bound to a number");
    } else if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        settings.problem("origin", "must begin with https:// (http:// only for localhost): passkeys need it");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        settings.problem("origin", "must end after the host and port, with no path");
    }
    url
}

/// Where everything is kept; the whole address may stand in a file, since PostgreSQL's holds a password.
fn database_url(settings: &mut Reader) -> String {
    let given = settings.secret("database_url");
    let url = given.map_or_else(|| "sqlite://satchel.db".to_owned(), |url| url.expose_secret().to_owned());
    if let Err(why) = store::check_url(&url) {
        settings.problem("database_url", why);
    }
    url
}

/// `satchel.db.key` for `sqlite://satchel.db`.
fn beside_database(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or_default();
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(format!("{path}.key")))
}

fn log_format(settings: &mut Reader) -> LogFormat {
    match settings.text("log_format").as_deref() {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(_) => {
            settings.problem("log_format", "must be text or json");
            LogFormat::Text
        }
    }
}

fn practice_mailboxes(settings: &mut Reader) -> BTreeMap<OdsCode, String> {
    let text = settings.text("practice_mailboxes").unwrap_or_default();
    let mut mailboxes = BTreeMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let known = pair.split_once('=').and_then(|(ods, mailbox)| Some((ods.parse().ok()?, mailbox.trim())));
        match known {
            Some((ods, mailbox)) if !mailbox.is_empty() => {
                mailboxes.insert(ods, mailbox.to_owned());
            }
            _ => settings.problem(
                "practice_mailboxes",
                &format!("must be pairs such as A82648=X26OT111, which “{pair}” is not"),
            ),
        }
    }
    mailboxes
}

/// MESH is set whole or not at all; a demonstration never meets the real NHS, nor a live server a simulator.
fn mesh(settings: &mut Reader, demo: bool) -> Option<MeshSettings> {
    const KEYS: [&str; 4] = ["mesh_url", "mesh_mailbox", "mesh_password", "mesh_shared_key"];
    let url = settings.text("mesh_url");
    let mailbox = settings.text("mesh_mailbox");
    let password = settings.secret("mesh_password");
    let shared_key = settings.secret("mesh_shared_key");
    let given = [url.is_some(), mailbox.is_some(), password.is_some(), shared_key.is_some()];
    if let (Some(base_url), Some(mailbox), Some(password), Some(shared_key)) =
        (url, mailbox, password, shared_key)
    {
        endpoint(settings, "mesh_url", &base_url, demo);
        return Some(MeshSettings {
            base_url: base_url.trim_end_matches('/').to_owned(),
            mailbox: mailbox.to_ascii_uppercase(),
            password,
            shared_key,
            chunk_bytes: DEFAULT_CHUNK_BYTES,
            answer_within: ANSWER_WITHIN,
        });
    }
    if given.contains(&true) {
        for (key, _) in KEYS.iter().zip(given).filter(|(_, given)| !given) {
            settings.problem(key, "is missing: the four MESH settings belong together");
        }
    }
    None
}

/// ODS is set whole or not at all.
fn ods(settings: &mut Reader, demo: bool) -> Option<OdsSettings> {
    let url = settings.text("ods_url");
    let key = settings.secret("ods_key");
    match (url, key) {
        (Some(url), Some(key)) => {
            endpoint(settings, "ods_url", &url, demo);
            Some(OdsSettings { base_url: url.trim_end_matches('/').to_owned(), key, page: DEFAULT_PAGE })
        }
        (None, None) => None,
        (url, _) => {
            let missing = if url.is_some() { "ods_key" } else { "ods_url" };
            settings.problem(missing, "is missing: SATCHEL_ODS_URL and SATCHEL_ODS_KEY belong together");
            None
        }
    }
}

/// `ZZ99, M1`: outward codes, which every postcode of the district begins with.
fn ncrs(settings: &mut Reader) -> String {
    let url = settings.text("ncrs_url").unwrap_or_else(|| NCRS.to_owned());
    if url.parse::<Url>().is_ok_and(|url| url.scheme() == "https") {
        return url;
    }
    settings.problem("ncrs_url", "must be an address that begins with https://");
    NCRS.to_owned()
}

fn pathway_approvers(settings: &mut Reader) -> BTreeSet<String> {
    let text = settings.text("pathway_approvers").unwrap_or_default();
    text.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

fn ods_area(settings: &mut Reader) -> Vec<String> {
    let text = settings.text("ods_area").unwrap_or_default().to_ascii_uppercase();
    let mut districts = Vec::new();
    for district in text.split([',', ' ']).filter(|district| !district.is_empty()) {
        // Any inward code will do to see whether the outward one is one.
        if format!("{district} 1AA").parse::<Postcode>().is_ok() {
            districts.push(district.to_owned());
        } else {
            let problem = format!("must be postcode districts such as M1 or SW1A, which “{district}” is not");
            settings.problem("ods_area", &problem);
        }
    }
    districts
}

fn pds(settings: &mut Reader, demo: bool) -> Option<String> {
    let url = settings.text("pds_url")?;
    endpoint(settings, "pds_url", &url, demo);
    Some(url.trim_end_matches('/').to_owned())
}

/// An address of an NHS system: encrypted, and a demonstration's own where it is a demonstration.
fn endpoint(settings: &mut Reader, key: &str, address: &str, demo: bool) {
    let parsed = address.parse::<Url>().ok();
    let here = parsed.as_ref().and_then(Url::host_str).is_some_and(is_this_machine);
    match parsed {
        None => settings.problem(key, "must be an address that begins with https://"),
        Some(url) if demo && !here => {
            let host = url.host_str().unwrap_or("?");
            settings.problem(key, &format!("leads to {host}, which a demonstration must never reach"));
        }
        Some(url) if !demo && url.path().starts_with("/simulator") => {
            settings.problem(key, "leads to a simulator, which only a demonstration may use");
        }
        Some(url) if url.scheme() != "https" && !here => {
            settings.problem(key, "must begin with https://: what is sent there is confidential");
        }
        Some(_) => {}
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests;
