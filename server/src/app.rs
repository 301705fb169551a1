//! Everything that lives as long as the process: settings, clock, store, keys, and the bells that are rung.

use crate::clock::Clock;
use crate::config::Config;
use crate::nhs;
use crate::nhs::simulator;
use crate::problem::Problem;
use crate::store::{AuditEntry, Nonce, Pharmacy, Store, StoreError};
use crate::sync::{Nonces, OpenDocuments};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use metrics_exporter_prometheus::PrometheusHandle;
use p256::SecretKey;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use shared::authorship::Actor;
use shared::ids::{DeviceId, Epoch, OdsCode, PersonId};
use shared::time::Millis;
use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::{Notify, broadcast, watch};
use uuid::Uuid;
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// A handle on the one process-wide state; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// What [`App`] gives access to.
pub struct AppParts {
    pub config: Config,
    pub clock: Clock,
    pub store: Arc<dyn Store>,
    /// The few consultations that are open in memory.
    pub open_documents: OpenDocuments,
    pub webauthn: Webauthn,
    /// Which life of the data this is; told to every device.
    pub epoch: Epoch,
    /// For vault keys sealed to the server.
    pub server_keys: ServerKeys,
    /// The actor that writes for the server, new in each process.
    pub actor: Actor,
    /// Rung when a pharmacy's log has grown. Losing one costs delay, nothing else.
    pub news: broadcast::Sender<News>,
    /// Rung when a person's sessions may have ended: their live connections check themselves and close.
    pub ended: broadcast::Sender<PersonId>,
    /// Rung when something was put into the outbox.
    pub outbox_due: Notify,
    /// The nonces that devices are told with answers to a push.
    pub nonces: Nonces,
    /// `true` once the server is closing: long connections end.
    pub closing: watch::Sender<bool>,
    /// `None` when this server sends nothing.
    pub mesh: Option<nhs::mesh::Client>,
    /// Pretend NHS systems under `/simulator`; only in a demonstration.
    pub simulators: Option<Router>,
    pub metrics: PrometheusHandle,
}

/// A pharmacy's log has reached `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub pharmacy: OdsCode,
    pub seq: u64,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("The database could not be read: is another server restoring it, or the disk full?")]
    Store(#[from] StoreError),
    #[error("SATCHEL_ORIGIN cannot be used for passkeys.")]
    Origin(#[source] webauthn_rs::prelude::WebauthnError),
    #[error("The database holds a server key or an epoch that cannot be read. Restore it from a backup.")]
    Unreadable,
    #[error("SATCHEL_MESH_IDENTITY names a file that is not a certificate with its key.")]
    MeshIdentity(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How many nudges may wait for a slow listener before it is told to catch up.
const NEWS_WAITING: usize = 256;

impl App {
    /// Brings everything together; makes the server's keys and epoch when the store has none.
    pub async fn new(config: Config, clock: Clock, store: Arc<dyn Store>) -> Result<Self, StartError> {
        let host = config.origin.host_str().unwrap_or_default();
        let webauthn = WebauthnBuilder::new(host, &config.origin)
            .and_then(|builder| builder.rp_name("Satchel").build())
            .map_err(StartError::Origin)?;
        let epoch = store.meta_or_put("epoch", &Uuid::new_v4().to_string()).await?;
        let server_keys = ServerKeys::load(&*store).await?;
        Ok(Self(Arc::new(AppParts {
            open_documents: OpenDocuments::default(),
            webauthn,
            epoch: epoch.parse().map_err(|_| StartError::Unreadable)?,
            server_keys,
            actor: rand::random(),
            news: broadcast::Sender::new(NEWS_WAITING),
            ended: broadcast::Sender::new(NEWS_WAITING),
            outbox_due: Notify::new(),
            nonces: Nonces::default(),
            closing: watch::Sender::new(false),
            mesh: mesh(&config)?,
            simulators: config.demo.then(simulator::router),
            metrics: crate::api::metrics::recorder(),
            config,
            clock,
            store,
        })))
    }

    /// A fresh nonce for the next unlock's receipt, remembered with whom it was given to; base64url.
    pub async fn issue_nonce(
        &self,
        person: Option<PersonId>,
        device: Option<DeviceId>,
    ) -> Result<String, StoreError> {
        let now = self.clock.now();
        let nonce = match person {
            Some(_) => random_text(),
            None => self.server_keys.hourly_nonce(now),
        };
        self.store.put_nonce(&Nonce { nonce: nonce.clone(), person, device, issued_at: now }).await?;
        Ok(nonce)
    }

    /// Writes a line of the audit log. `subject` is an id, never patient data.
    pub async fn audit(
        &self,
        person: Option<PersonId>,
        pharmacy: Option<&OdsCode>,
        action: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            at: self.clock.now(),
            person,
            pharmacy: pharmacy.cloned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
        };
        self.store.record_audit(&entry).await
    }

    /// A pharmacy of this server, or the problem of there being none.
    pub async fn pharmacy(&self, ods: &OdsCode) -> Result<Pharmacy, Problem> {
        self.store.pharmacy(ods).await?.ok_or(Problem::NotFound("This pharmacy"))
    }
}

/// 32 random bytes, base64url.
pub fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The mailbox that the settings name; in a demonstration, the simulator's.
fn mesh(config: &Config) -> Result<Option<nhs::mesh::Client>, StartError> {
    // Whatever address is listened on, the simulator is reached from this machine.
    let simulators = format!("http://127.0.0.1:{}/simulator", config.listen.port());
    let simulated = || config.demo.then(|| simulator::mesh_settings(&simulators));
    let Some(settings) = config.mesh.clone().or_else(simulated) else { return Ok(None) };
    let identity = match &config.mesh_identity {
        Some(path) => {
            let pem =
                std::fs::read_to_string(path).map_err(|error| StartError::MeshIdentity(error.into()))?;
            Some(SecretString::from(pem))
        }
        None => None,
    };
    let http =
        nhs::http::client(identity.as_ref()).map_err(|error| StartError::MeshIdentity(error.into()))?;
    Ok(Some(nhs::mesh::Client::new(http, settings)))
}

impl Deref for App {
    type Target = AppParts;
    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl FromRequestParts<App> for App {
    type Rejection = Infallible;
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(app.clone())
    }
}

/// The server's P-256 key pair for vault keys sealed to it (design 6: the way back).
pub struct ServerKeys {
    /// Names the key in what is sealed to it.
    pub id: String,
    pub secret: SecretKey,
}

impl ServerKeys {
    async fn load(store: &dyn Store) -> Result<Self, StartError> {
        use p256::elliptic_curve::Generate as _;
        let fresh = SecretKey::generate_from_rng(&mut rand::rng());
        let kept = store.meta_or_put("server-key", &URL_SAFE_NO_PAD.encode(fresh.to_bytes())).await?;
        let secret = URL_SAFE_NO_PAD
            .decode(kept)
            .ok()
            .and_then(|bytes| SecretKey::from_slice(&bytes).ok())
            .ok_or(StartError::Unreadable)?;
        let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(public(&secret))[..9]);
        Ok(Self { id, secret })
    }

    /// What everybody who is not signed in is given in the same hour: strangers cannot fill the table.
    fn hourly_nonce(&self, now: Millis) -> String {
        let hour = now.div_euclid(3_600_000);
        let digest = Sha256::new()
            .chain_update(b"satchel hourly nonce v1\n")
            .chain_update(self.secret.to_bytes())
            .chain_update(hour.to_be_bytes())
            .finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// The public half, as devices are told it.
    pub fn view(&self) -> shared::api::ServerKey {
        shared::api::ServerKey { id: self.id.clone(), public: URL_SAFE_NO_PAD.encode(public(&self.secret)) }
    }
}

fn public(secret: &SecretKey) -> Box<[u8]> {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    secret.public_key().to_sec1_point(false).to_bytes()
}
