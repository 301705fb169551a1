//! Everything that lives as long as the process: settings, clock, store, keys, and the bells that are rung.

use crate::cis2::Cis2;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::config::Config;
use crate::dmd::trud;
use crate::keys::{AssertionKey, AssertionKeyError, Holder, KeysError, ServerKeys};
use crate::mail::{Mail, MailError, sink};
use crate::nhs;
use crate::nhs::platform::Platform;
use crate::nhs::simulator;
use crate::outbox::Sender;
use crate::places::Directories;
use crate::prescriptions::Prescriptions;
use crate::problem::Problem;
use crate::recent::Recent;
use crate::session::{Presences, Staff};
use crate::store::{AuditEntry, Pharmacy, Store, StoreError};
use crate::sync::{Authors, OpenDocuments};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;
use shared::authorship::Actor;
use shared::ids::{ConsultationId, DeviceId, Epoch, OdsCode, PersonId};
use shared::patient::NhsNumber;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
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
    /// Which life of the data this is; a restore while the server runs begins another (`crate::backup`).
    epoch: RwLock<Epoch>,
    pub server_keys: ServerKeys,
    /// The actor that writes for the server, new in each process.
    pub actor: Actor,
    /// Rung when a pharmacy's log has grown. Losing one costs delay, nothing else.
    pub news: broadcast::Sender<News>,
    /// Rung when a person's sessions may have ended: their live connections check themselves and close.
    pub ended: broadcast::Sender<PersonId>,
    /// Whom sessions are known to be of.
    pub presences: Presences,
    /// Who sends for each pharmacy, as [`crate::outbox::sender`] last said.
    pub senders: Recent<OdsCode, Arc<Sender>>,
    /// Rung when something was put into the outbox.
    pub outbox_due: Notify,
    /// Whom actors are known to be of.
    pub authors: Authors,
    /// `true` once the server is closing: long connections end.
    pub closing: watch::Sender<bool>,
    /// None in there where this server sends nothing by MESH.
    pub mesh: nhs::mesh::Mailboxes,
    /// Tokens for the APIs of the NHS; `None` where this server is not registered there.
    pub platform: Option<Platform>,
    /// `None` where this server is no relying party of CIS2.
    pub cis2: Option<Cis2>,
    /// `None`: nothing is told to who referred by BaRS.
    pub bars: Option<nhs::bars::Client>,
    /// `None`: patients are not looked up.
    pub pds: Option<nhs::pds::Client>,
    /// `None`: organisations are known from before only.
    pub ods: Option<nhs::ods::Client>,
    /// The directories of services that may be asked.
    pub directories: Directories,
    /// Claims to NHSBSA, as far as they are sent.
    pub claims: Claims,
    /// The prescription tracker and the exemption check, as far as they may be asked.
    pub prescriptions: Prescriptions,
    /// `None`: no e-mail leaves this server.
    pub mail: Option<Mail>,
    /// `None`: releases of the dictionary are imported by hand.
    pub trud: Option<trud::Client>,
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
    #[error("The database holds an epoch that cannot be read. Restore it from a backup.")]
    Unreadable,
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("SATCHEL_MESH_IDENTITY names a file that is not a certificate with its key.")]
    MeshIdentity(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("SATCHEL_MESH_AUTHORITIES names a file that holds no certificates in PEM.")]
    MeshAuthorities(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{setting} names a file that is not an RSA private key of at least 2048 bits in PEM.")]
    Key {
        setting: &'static str,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error(
        "The machine has no usable certificates, so nothing can be sent encrypted. Install ca-certificates."
    )]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("SATCHEL_SMTP_CA names a file that cannot be read.")]
    MailAuthority(#[source] std::io::Error),
    #[error("The demonstration could not make keys for its pretend NHS systems.")]
    Simulator(#[source] Box<dyn std::error::Error + Send + Sync>),
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
        let server_keys = ServerKeys::load(&config, &*store).await?;
        store.begin_audit_chain(clock.now()).await?;
        let ended = broadcast::Sender::new(NEWS_WAITING);
        let Identity { platform, cis2, simulators } = identity(&config, &clock)?;
        let (mail, simulators) = mail(&config, simulators).await?;
        Ok(Self(Arc::new(AppParts {
            open_documents: OpenDocuments::default(),
            webauthn,
            epoch: RwLock::new(epoch.parse().map_err(|_| StartError::Unreadable)?),
            server_keys,
            actor: rand::random(),
            news: broadcast::Sender::new(NEWS_WAITING),
            presences: Presences::heeding(&ended),
            senders: Recent::default(),
            ended,
            outbox_due: Notify::new(),
            authors: Authors::default(),
            closing: watch::Sender::new(false),
            mesh: mesh(&config)?,
            platform,
            cis2,
            bars: bars(&config)?,
            pds: pds(&config)?,
            ods: ods(&config)?,
            directories: directories(&config)?,
            claims: claims(&config)?,
            prescriptions: prescriptions(&config)?,
            trud: trud(&config)?,
            mail,
            simulators,
            metrics: crate::api::metrics::recorder(),
            config,
            clock,
            store,
        })))
    }

    /// Which life of the data this is; told to every device.
    pub fn epoch(&self) -> Epoch {
        *self.epoch.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether the data was restored meanwhile; whatever was remembered of the life before is forgotten then.
    pub async fn notice_restore(&self) -> Result<bool, StartError> {
        let Some(stored) = self.store.meta("epoch").await? else { return Ok(false) };
        let stored: Epoch = stored.parse().map_err(|_| StartError::Unreadable)?;
        if stored == self.epoch() {
            return Ok(false);
        }
        self.open_documents.forget_all();
        self.authors.forget_all();
        self.presences.forget_all();
        self.senders.forget_all();
        *self.epoch.write().unwrap_or_else(PoisonError::into_inner) = stored;
        Ok(true)
    }

    /// A fresh nonce for the next unlock's receipt. It proves by itself when and for whom it was given out; base64url.
    pub fn issue_nonce(&self, person: Option<PersonId>, device: Option<DeviceId>) -> String {
        self.server_keys.nonces.issue(Holder::of(person, device), self.clock.now())
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
            ..AuditEntry::default()
        };
        self.store.record_audit(&entry).await
    }

    /// A line about something that somebody signed in did, on the device they are on. `why` is empty where no reason is
    /// asked for; neither it nor `subject` holds patient data.
    pub async fn audit_by(
        &self,
        staff: &Staff,
        action: &str,
        subject: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        self.store.record_audit(&self.audit_entry(staff, action, subject, why)).await
    }

    /// As [`Self::audit_by`], about a patient: an auditor who knows the NHS number finds the line by it.
    pub async fn audit_patient(
        &self,
        staff: &Staff,
        action: &str,
        consultation: &ConsultationId,
        nhs_number: &NhsNumber,
        why: &str,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            patient: Some(self.server_keys.at_rest.patient_mark(nhs_number)),
            ..self.audit_entry(staff, action, &consultation.to_string(), why)
        };
        self.store.record_audit(&entry).await
    }

    /// As [`Self::audit_by`], about a consultation whose patient the server knows.
    pub async fn audit_consultation(
        &self,
        staff: &Staff,
        action: &str,
        consultation: &ConsultationId,
        why: &str,
    ) -> Result<(), StoreError> {
        let patient = self.patient_marks(&[*consultation]).await?.remove(consultation);
        let entry = AuditEntry { patient, ..self.audit_entry(staff, action, &consultation.to_string(), why) };
        self.store.record_audit(&entry).await
    }

    /// What stands for the patients of these consultations in the audit log, where their numbers are known.
    pub async fn patient_marks(
        &self,
        consultations: &[ConsultationId],
    ) -> Result<BTreeMap<ConsultationId, [u8; 32]>, StoreError> {
        let rows = self.store.summaries(consultations).await?;
        let marks = rows.iter().filter_map(|row| {
            let number: NhsNumber = row.nhs_number.parse().ok()?;
            Some((row.id.parse().ok()?, self.server_keys.at_rest.patient_mark(&number)))
        });
        Ok(marks.collect())
    }

    /// A line that is not written yet: what somebody signed in does now.
    pub fn audit_entry(&self, staff: &Staff, action: &str, subject: &str, why: &str) -> AuditEntry {
        AuditEntry {
            at: self.clock.now(),
            person: Some(staff.person.id),
            pharmacy: Some(staff.pharmacy.clone()),
            device: staff.device,
            action: action.to_owned(),
            subject: subject.to_owned(),
            why: why.to_owned(),
            ..AuditEntry::default()
        }
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

/// The mailboxes that the settings name; in a demonstration, the simulator's.
fn mesh(config: &Config) -> Result<nhs::mesh::Mailboxes, StartError> {
    // Whatever address is listened on, the simulator is reached from this machine.
    let simulators = format!("http://127.0.0.1:{}/simulator", config.listen.port());
    let simulated = || config.demo.then(|| simulator::mesh_settings(&simulators));
    let Some(settings) = config.mesh.clone().or_else(simulated) else {
        return Ok(nhs::mesh::Mailboxes::default());
    };
    let mut own = BTreeMap::new();
    for mailbox in &config.outbox.mailboxes {
        let identity = mailbox.identity.as_ref().or(config.mesh_identity.as_ref());
        let settings = nhs::mesh::MeshSettings {
            mailbox: mailbox.mailbox.clone(),
            password: mailbox.password.clone(),
            ..settings.clone()
        };
        own.insert(mailbox.pharmacy.clone(), mesh_client(config, identity, settings)?);
    }
    let everybody = mesh_client(config, config.mesh_identity.as_ref(), settings)?;
    Ok(nhs::mesh::Mailboxes::new(Some(everybody), own))
}

fn mesh_client(
    config: &Config,
    identity: Option<&PathBuf>,
    settings: nhs::mesh::MeshSettings,
) -> Result<nhs::mesh::Client, StartError> {
    let unusable = |error: Box<dyn std::error::Error + Send + Sync>| StartError::MeshIdentity(error);
    let pem = identity.map(std::fs::read_to_string).transpose().map_err(|error| unusable(error.into()))?;
    let authorities = config.outbox.mesh_authorities.as_ref().map(std::fs::read).transpose();
    let authorities = authorities.map_err(|error| StartError::MeshAuthorities(error.into()))?;
    if let Some(pem) = &authorities {
        nhs::http::client_trusting(None, Some(pem))
            .map_err(|error| StartError::MeshAuthorities(error.into()))?;
    }
    let http = nhs::http::client_trusting(pem.map(SecretString::from).as_ref(), authorities.as_deref());
    Ok(nhs::mesh::Client::new(http.map_err(|error| unusable(error.into()))?, settings))
}

/// The ways to CIS2 and to tokens, and the simulators, where this is a demonstration.
struct Identity {
    platform: Option<Platform>,
    cis2: Option<Cis2>,
    simulators: Option<Router>,
}

/// What the settings name; in a demonstration, the simulators where they name nothing.
fn identity(config: &Config, clock: &Clock) -> Result<Identity, StartError> {
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    let mut identity = Identity { platform: None, cis2: None, simulators: None };
    if config.demo {
        let simulators = format!("http://127.0.0.1:{}/simulator", config.listen.port());
        let made = |error: AssertionKeyError| StartError::Simulator(error.into());
        let key = AssertionKey::invented(Algorithm::RS512).map_err(made)?;
        let (platform, settings) = simulator::platform(&simulators, clock, &key);
        identity.platform = Some(Platform::new(http.clone(), settings, key.clone()));
        let (cis2, settings) = simulator::cis2(&simulators, &config.origin, clock, &key).map_err(made)?;
        platform.trust(&settings.issuer, &settings.client_id, cis2.public_keys());
        identity.cis2 = Some(Cis2::new(http.clone(), settings, vec![key]));
        identity.simulators = Some(simulator::router(&platform, &cis2, &simulators, clock));
    }
    if let Some(given) = &config.platform {
        let key = rsa_key("SATCHEL_NHS_API_PRIVATE_KEY", &given.key, Algorithm::RS512, Some(&given.kid))?;
        identity.platform = Some(Platform::new(http.clone(), given.settings.clone(), key));
    }
    if let Some(given) = &config.cis2 {
        let keys = given.keys.iter().map(|path| rsa_key("SATCHEL_CIS2_KEY", path, given.signing, None));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        identity.cis2 = Some(Cis2::new(http, given.settings.clone(), keys));
    }
    Ok(identity)
}

fn rsa_key(
    setting: &'static str,
    path: &Path,
    algorithm: Algorithm,
    kid: Option<&str>,
) -> Result<AssertionKey, StartError> {
    let unusable = |cause: Box<dyn std::error::Error + Send + Sync>| StartError::Key { setting, cause };
    let pem = std::fs::read_to_string(path).map_err(|error| unusable(error.into()))?;
    AssertionKey::from_pem(&pem, algorithm, kid).map_err(|error| unusable(error.into()))
}

/// BaRS where the settings say; in a demonstration, the pretend practice's.
fn bars(config: &Config) -> Result<Option<nhs::bars::Client>, StartError> {
    let simulated = || config.demo.then(|| format!("{}/FHIR/R4", simulated(config, "bars")));
    let Some(base_url) = config.bars.url.clone().or_else(simulated) else { return Ok(None) };
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    Ok(Some(nhs::bars::Client::new(http, &base_url)))
}

/// PDS where the settings say; in a demonstration, the simulator's.
fn pds(config: &Config) -> Result<Option<nhs::pds::Client>, StartError> {
    let simulated = || config.demo.then(|| simulated(config, "pds"));
    let Some(base_url) = config.pds_url.clone().or_else(simulated) else { return Ok(None) };
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    let settings = nhs::pds::PdsSettings { base_url, pace: nhs::pds::Pace::default() };
    Ok(Some(nhs::pds::Client::new(http, settings)))
}

/// ODS where the settings say; in a demonstration, the simulator's.
fn ods(config: &Config) -> Result<Option<nhs::ods::Client>, StartError> {
    let simulated = || config.demo.then(|| nhs::ods::Simulator::settings(&simulated(config, "ods")));
    let Some(settings) = config.ods.clone().or_else(simulated) else { return Ok(None) };
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    Ok(Some(nhs::ods::Client::new(http, settings)))
}

/// TRUD where a key is set.
fn trud(config: &Config) -> Result<Option<trud::Client>, StartError> {
    let Some(settings) = config.trud.clone() else { return Ok(None) };
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    Ok(Some(trud::Client::new(http, settings, trud::Pace::default())))
}

/// The directories of services where the settings say; in a demonstration, the simulators.
fn directories(config: &Config) -> Result<Directories, StartError> {
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    Ok(Directories::new(config, &http))
}

/// Claims where the settings say; in a demonstration, to the simulator.
fn claims(config: &Config) -> Result<Claims, StartError> {
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    Ok(Claims::new(config, &http))
}

/// The prescription tracker and the exemption check where the settings say; in a demonstration, the simulators.
fn prescriptions(config: &Config) -> Result<Prescriptions, StartError> {
    let http = nhs::http::client(None).map_err(|error| StartError::Http(error.into()))?;
    Ok(Prescriptions::new(config, &http))
}

/// The mail server that the settings name; in a demonstration one that keeps everything, to be read below
/// `/simulator/mail`.
async fn mail(
    config: &Config,
    simulators: Option<Router>,
) -> Result<(Option<Mail>, Option<Router>), StartError> {
    if let Some(given) = &config.mail {
        let authority = given.authority.as_ref().map(std::fs::read).transpose();
        let authority = authority.map_err(StartError::MailAuthority)?;
        let mail = Mail::trusting(&given.settings, authority.as_deref())?;
        return Ok((Some(mail.with_secure_domains(given.secure_domains.clone())), simulators));
    }
    let Some(simulators) = simulators else { return Ok((None, None)) };
    let sink = sink::Sink::start().await.map_err(|error| StartError::Simulator(error.into()))?;
    Ok((Some(sink.mail()?), Some(simulators.nest("/simulator/mail", sink.router()))))
}

/// Where a simulator is reached from this machine, whatever address is listened on.
fn simulated(config: &Config, system: &str) -> String {
    format!("http://127.0.0.1:{}/simulator/{system}", config.listen.port())
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
