//! The tracker over HTTP. Its own wire has the NHS number in the query; no address of it is ever logged.

use super::wire::{answer, unreadable};
use super::{Access, TrackerError};
use crate::nhs::http;
use reqwest::RequestBuilder;
use reqwest::header::ACCEPT;
use secrecy::ExposeSecret as _;
use shared::prescription::bundle::LARGEST;
use shared::prescription::tracker::By;
use shared::prescription::{Found, Id};
use std::time::Duration;
use uuid::Uuid;

/// What a person in front of a screen bears.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// One tracker: live, integration, sandbox or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`]; `base_url` ends with `/clinical-prescription-tracker`.
    pub fn new(http: reqwest::Client, base_url: String) -> Self {
        Self { http, base_url }
    }

    /// Everything under an id or an NHS number, of about two years, without lines.
    pub async fn search(&self, access: &Access, by: &By) -> Result<Found, TrackerError> {
        let parameter = match by {
            By::Id(id) => ("prescriptionId", id.short()),
            By::Number(number) => ("nhsNumber", number.to_string()),
        };
        let url = format!("{}/RequestGroup", self.base_url);
        ask(access, self.http.get(url).query(&[parameter])).await
    }

    /// One prescription with its lines and its history; of a repeat the issue that is meant.
    pub async fn whole(&self, access: &Access, id: &Id, issue: Option<u32>) -> Result<Found, TrackerError> {
        let url = format!("{}/RequestGroup/{}", self.base_url, id.url_encoded());
        let mut request = self.http.get(url);
        if let Some(issue) = issue {
            request = request.query(&[("issueNumber", issue)]);
        }
        ask(access, request).await
    }
}

async fn ask(access: &Access, request: RequestBuilder) -> Result<Found, TrackerError> {
    let mut request = http::named(request, Uuid::new_v4())
        .timeout(ANSWER_WITHIN)
        .bearer_auth(access.token.expose_secret())
        .header(ACCEPT, "application/fhir+json")
        .header("nhsd-organization-uuid", access.organisation.as_str());
    for (name, value) in [("nhsd-session-urid", &access.role), ("nhsd-session-jobrole", &access.job_role)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    // The address names the patient.
    let response = request.send().await.map_err(|error| TrackerError::Away(Some(error.without_url())))?;
    let status = response.status();
    let bytes = match http::body(response, LARGEST).await {
        Ok(bytes) => bytes,
        Err(http::BodyError::BrokeOff(error)) => return Err(TrackerError::Away(Some(error))),
        Err(error) => return Err(unreadable(error)),
    };
    answer(status, &bytes)
}
