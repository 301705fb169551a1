//! The DoS REST API over HTTP: by type of service near a postcode, and by ODS code.

use super::DosRestSettings;
use super::wire::{Failure, Said, Service};
use crate::nhs::services::{MOST, ServicesError, ask};
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use secrecy::ExposeSecret as _;
use shared::ids::OdsCode;
use shared::patient::Postcode;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub postcode: &'a Postcode,
    /// Type ids of the Directory of Services: 13 pharmacy, 12 dental practice, 14 optical, and so on.
    pub types: &'a [u16],
    /// How many of each type.
    pub of_each: u16,
}

/// One Directory of Services: live, test or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: DosRestSettings,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, settings: DosRestSettings) -> Self {
        Self { http, settings }
    }

    /// Services of these types around the postcode, as the directory orders them.
    ///
    /// Every slot of the path that is not used is 0 (DoS REST v1.0, `byServiceType`): case, practice, age, sex and
    /// disposition say something of a patient, and are not used.
    pub async fn by_type(&self, asked: Asked<'_>) -> Result<Vec<Service>, ServicesError> {
        let types = asked.types.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
        let postcode = asked.postcode.as_str().replace(' ', "");
        let path =
            format!("byServiceType/0/{postcode}/{}/0/0/0/0/{types}/{}", self.settings.miles, asked.of_each);
        self.services(&path).await
    }

    /// The service of an ODS code, with the e-mail address that a search by type withholds; `None` where there is none.
    pub async fn by_ods(&self, ods: &OdsCode) -> Result<Option<Service>, ServicesError> {
        match self.services(&format!("byOdsCode/{ods}")).await {
            Ok(found) => Ok(found.into_iter().find(|one| one.ods_code() == ods.as_str())),
            Err(ServicesError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn services(&self, path: &str) -> Result<Vec<Service>, ServicesError> {
        let url = format!("{}/{path}", self.settings.base_url);
        let request = self
            .http
            .get(url)
            .basic_auth(&self.settings.user, Some(self.settings.password.expose_secret()))
            .header(ACCEPT, "application/json");
        let answer = ask(request).await?;
        match serde_json::from_slice::<Said>(&answer.body) {
            Ok(Said { success: Some(found), .. }) if answer.status.is_success() => {
                let mut services = found.services;
                services.truncate(MOST);
                Ok(services)
            }
            // The code in the body counts also where the status says 200.
            Ok(Said { error: Some(failure), .. }) => Err(meaning(&failure)),
            _ if answer.status == StatusCode::BAD_REQUEST || answer.status == StatusCode::NOT_FOUND => {
                Err(ServicesError::NotFound)
            }
            Ok(_) => Err(ServicesError::unreadable(Neither)),
            Err(error) => Err(ServicesError::unreadable(error)),
        }
    }
}

/// Why an answer counts for nothing.
#[derive(Debug, thiserror::Error)]
#[error("neither services nor an error")]
struct Neither;

/// What the error in a body means (DoS REST v1.0: 400, 401, 404, 500).
fn meaning(failure: &Failure) -> ServicesError {
    match failure.code.number() {
        Some(400 | 404) => ServicesError::NotFound,
        Some(status @ (401 | 403)) => ServicesError::Refused { status },
        Some(429) => ServicesError::Busy,
        _ => ServicesError::Away(None),
    }
}
