//! The PDS FHIR API over HTTP: one question, asked again where that helps, and an answer read by what it says it is.

use super::fault::{self, Decision, Telling, Unspecified, decision};
use super::gate::{Gate, Turn};
use super::patient::{Shown, shown};
use super::wire::{Resource, error_code};
use super::{Access, Mode, Pace, PdsError, PdsSettings, Search};
use crate::clock::Stopwatch;
use crate::nhs::fhir::Bundle;
use crate::nhs::http;
use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use secrecy::ExposeSecret as _;
use shared::api::LookUpAnswer;
use shared::patient::{NhsNumber, PdsPatient};
use shared::time::Millis;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Fifty patients, which is the most that PDS gives out, take a tenth of this.
const LARGEST: usize = 4 * 1024 * 1024;
const MOST_TRIES: u32 = 4;

/// One PDS: live, integration, sandbox or simulator. Clones share the queue in front of it.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: PdsSettings,
    gate: Arc<Gate>,
}

/// An answer of PDS to one request.
enum Said {
    Patient(Box<super::wire::Patient>),
    Bundle(Bundle<Resource>),
    Telling(Telling),
}

/// Why an answer counts for nothing.
#[derive(Debug, thiserror::Error)]
enum Odd {
    #[error("a patient without a proper NHS number")]
    NoNumber,
    #[error("another kind of answer than was asked for")]
    Kind,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, settings: PdsSettings) -> Self {
        Self { http, settings, gate: Arc::new(Gate::new()) }
    }

    /// The patient of a number. Where PDS answers with another number, that one took the place of the one asked for.
    ///
    /// `look_up` names the whole look-up for PDS's support desk; `at` is now.
    pub async fn patient(
        &self,
        access: &Access,
        look_up: Uuid,
        number: &NhsNumber,
        at: Millis,
    ) -> Result<LookUpAnswer, PdsError> {
        let url = format!("{}/Patient/{number}", self.settings.base_url);
        let patient = match self.ask(access, look_up, || self.http.get(&url)).await? {
            Said::Patient(record) => match shown(&record, at) {
                Shown::Patient(patient) => patient,
                Shown::Invalidated => return Ok(LookUpAnswer::Invalidated),
                Shown::NoNumber => return Err(unreadable(Odd::NoNumber)),
            },
            Said::Telling(telling) => return Ok(told(telling)),
            Said::Bundle(_) => return Err(unreadable(Odd::Kind)),
        };
        let superseded =
            if patient.nhs_number == number.as_str() { String::new() } else { number.to_string() };
        Ok(LookUpAnswer::Found { patient, superseded })
    }

    /// Everybody who matches, in the order of PDS. Of one match the whole record is fetched as well: a search leaves
    /// out the nominated pharmacy and how they want to be contacted (PDS FHIR API, patient-search).
    pub async fn search(
        &self,
        access: &Access,
        look_up: Uuid,
        search: &Search,
        at: Millis,
    ) -> Result<LookUpAnswer, PdsError> {
        let url = format!("{}/Patient", self.settings.base_url);
        let bundle = match self.ask(access, look_up, || self.http.get(&url).query(search.query())).await? {
            Said::Bundle(bundle) => bundle,
            Said::Telling(telling) => return Ok(told(telling)),
            Said::Patient(_) => return Err(unreadable(Odd::Kind)),
        };
        let mut patients = listed(&bundle, at)?;
        match patients.len() {
            0 => Ok(LookUpAnswer::NoMatch),
            1 => self.whole(access, look_up, patients.remove(0), at).await,
            _ if access.mode == Mode::Application => Ok(LookUpAnswer::TooMany),
            _ => Ok(LookUpAnswer::Several { patients }),
        }
    }

    /// The whole record of a match; what the search said where PDS does not give it this time.
    async fn whole(
        &self,
        access: &Access,
        look_up: Uuid,
        found: PdsPatient,
        at: Millis,
    ) -> Result<LookUpAnswer, PdsError> {
        let number: NhsNumber = found.nhs_number.parse().map_err(|_| unreadable(Odd::NoNumber))?;
        match self.patient(access, look_up, &number, at).await {
            Err(PdsError::Busy | PdsError::Away(_)) => {
                Ok(LookUpAnswer::Found { patient: Box::new(found), superseded: String::new() })
            }
            // Nobody asked for the number that was replaced between the two.
            Ok(LookUpAnswer::Found { patient, .. }) => {
                Ok(LookUpAnswer::Found { patient, superseded: String::new() })
            }
            answer => answer,
        }
    }

    /// Asks until there is an answer, within what a person bears. PDS knows a repeated request by its id.
    async fn ask(
        &self,
        access: &Access,
        look_up: Uuid,
        request: impl Fn() -> RequestBuilder + Send,
    ) -> Result<Said, PdsError> {
        let id = Uuid::new_v4();
        let turn = if access.mode == Mode::Application { Turn::Background } else { Turn::Foreground };
        let begun = Stopwatch::start();
        let pace = self.settings.pace;
        let mut tried = 0;
        loop {
            // A repeated request waits its turn like any other, whoever it is for.
            self.gate.pass(if tried == 0 { turn } else { Turn::Foreground }).await?;
            let left = pace.patience.saturating_sub(elapsed(begun));
            let request =
                http::named(request(), id).timeout(pace.each.min(left).max(Duration::from_millis(1)));
            let (again, asked) = match self.once(access, look_up, request).await {
                Ok(Try::Said(said)) => return Ok(said),
                Ok(Try::Again { why, after }) => (why, after),
                Err(error) => return Err(error),
            };
            let wait = pause(pace, tried, asked, elapsed(begun), rand::random());
            let Some(wait) = wait else { return Err(again) };
            tokio::time::sleep(wait).await;
            tried += 1;
        }
    }

    async fn once(&self, access: &Access, look_up: Uuid, request: RequestBuilder) -> Result<Try, PdsError> {
        let mut request = request
            .bearer_auth(access.token.expose_secret())
            .header(ACCEPT, "application/fhir+json")
            .header("X-Correlation-ID", look_up.hyphenated().to_string())
            .header("NHSD-End-User-Organisation-ODS", access.organisation.as_str());
        if let Mode::Worker { role: Some(role) } = &access.mode {
            request = request.header("NHSD-Session-URID", role);
        }
        let response = match request.send().await {
            Ok(response) => response,
            // The address names the patient.
            Err(error) => return Ok(Try::away(error.without_url())),
        };
        let status = response.status();
        let asked = response.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        let bytes = match http::body(response, LARGEST).await {
            Ok(bytes) => bytes,
            Err(http::BodyError::BrokeOff(error)) => return Ok(Try::away(error)),
            Err(error) => return Err(PdsError::Unreadable(error.into())),
        };
        read(status, &bytes, asked.map(Duration::from_secs))
    }
}

/// What one try came to.
enum Try {
    Said(Said),
    /// `after`: how long PDS asked to wait.
    Again {
        why: PdsError,
        after: Option<Duration>,
    },
}

impl Try {
    fn away(error: reqwest::Error) -> Self {
        Self::Again { why: PdsError::Away(Some(error)), after: None }
    }
}

/// Reads an answer by its `resourceType`: too many matches come as a success, and a proxy's page as anything.
fn read(status: StatusCode, bytes: &[u8], after: Option<Duration>) -> Result<Try, PdsError> {
    let resource = serde_json::from_slice::<Resource>(bytes);
    let code = match resource {
        Ok(Resource::Patient(patient)) if status.is_success() => {
            return Ok(Try::Said(Said::Patient(patient)));
        }
        Ok(Resource::Bundle(bundle)) if status.is_success() => return Ok(Try::Said(Said::Bundle(bundle))),
        Ok(Resource::OperationOutcome(outcome)) => error_code(&outcome).to_owned(),
        Err(error) if status.is_success() => return Err(PdsError::Unreadable(Kept::error(&error).into())),
        _ => String::new(),
    };
    let status = status.as_u16();
    match decision(status, &code) {
        Some(Decision::Result(telling)) => Ok(Try::Said(Said::Telling(telling))),
        Some(Decision::TryAgain) => {
            Ok(Try::Again { why: fault::error(Decision::TryAgain, status, &code), after })
        }
        Some(decision) => Err(fault::error(decision, status, &code)),
        None => Err(unreadable(Unspecified { status, code })),
    }
}

/// Where JSON stopped being what was expected. What serde says besides may quote the patient.
#[derive(Debug, thiserror::Error)]
#[error("not the JSON of PDS at line {line}, column {column}")]
struct Kept {
    line: usize,
    column: usize,
}

impl Kept {
    fn error(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

/// Everybody in a search's answer. One who cannot be read makes it no answer: they may be the one who is looked for.
fn listed(bundle: &Bundle<Resource>, at: Millis) -> Result<Vec<PdsPatient>, PdsError> {
    let mut patients = Vec::new();
    for entry in &bundle.entry {
        match &entry.resource {
            Some(Resource::Patient(record)) => match shown(record, at) {
                Shown::Patient(patient) => patients.push(*patient),
                Shown::Invalidated => {}
                Shown::NoNumber => return Err(unreadable(Odd::NoNumber)),
            },
            _ => return Err(unreadable(Odd::Kind)),
        }
    }
    Ok(patients)
}

fn told(telling: Telling) -> LookUpAnswer {
    match telling {
        Telling::NoMatch => LookUpAnswer::NoMatch,
        Telling::TooMany => LookUpAnswer::TooMany,
        Telling::Invalidated => LookUpAnswer::Invalidated,
    }
}

fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> PdsError {
    PdsError::Unreadable(Box::new(cause))
}

fn elapsed(begun: Stopwatch) -> Duration {
    Duration::from_secs_f64(begun.seconds())
}

/// How long to wait before the next try, at least as long as PDS asked for; `None` when nobody waits so long.
/// `chance` lies between 0 and 1, so that servers which were refused together do not come back together.
fn pause(pace: Pace, tried: u32, asked: Option<Duration>, spent: Duration, chance: f64) -> Option<Duration> {
    if tried + 1 >= MOST_TRIES {
        return None;
    }
    let own = pace.pause.saturating_mul(1 << tried).mul_f64(0.5 + chance);
    let wait = own.max(asked.unwrap_or_default());
    (spent.saturating_add(wait) < pace.patience).then_some(wait)
}

#[cfg(test)]
mod pauses {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_grow_and_differ_and_tries_end() {
        let pace = Pace { pause: SECOND, ..Pace::default() };
        let at = |tried, chance| pause(pace, tried, None, Duration::ZERO, chance);
        assert_eq!((at(0, 0.0), at(0, 1.0)), (Some(SECOND / 2), Some(SECOND * 3 / 2)));
        assert_eq!(at(2, 0.5), Some(SECOND * 4));
        assert_eq!(at(3, 0.5), None);
    }

    #[test]
    fn pds_may_ask_for_more_time_but_not_for_more_than_a_person_has() {
        let pace = Pace::default();
        assert_eq!(pause(pace, 0, Some(SECOND * 5), SECOND, 0.0), Some(SECOND * 5));
        assert_eq!(pause(pace, 0, Some(SECOND * 60), SECOND, 0.0), None);
        assert_eq!(pause(pace, 0, None, SECOND * 10, 0.0), None);
    }
}
