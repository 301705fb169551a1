//! The exemption check over HTTP: one question, one try. Whoever waits at a counter signs a declaration instead.

use super::wire::{SearchRequest, answer, token, unreadable};
use super::{Asker, ExemptionCheckError, ExemptionCheckSettings, Question, Said};
use crate::nhs::http;
use shared::time::Millis;
use std::time::Duration;
use uuid::Uuid;

/// The answer is one sentence.
const LARGEST: usize = 64 * 1024;
/// It must not keep the patient waiting (RTEC, non-functional requirements).
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// One exemption check: live, integration or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: ExemptionCheckSettings,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, settings: ExemptionCheckSettings) -> Self {
        Self { http, settings }
    }

    /// Asks about one patient. `now`: for the token.
    pub async fn search(
        &self,
        asker: &Asker,
        question: &Question,
        now: Millis,
    ) -> Result<Said, ExemptionCheckError> {
        let url = format!("{}/rtec-api-gateway/search", self.settings.base_url);
        let request = http::named(self.http.post(url), Uuid::new_v4())
            .timeout(ANSWER_WITHIN)
            .bearer_auth(token(&self.settings, asker, now))
            .header("Ssp-From", &self.settings.asid)
            .json(&SearchRequest::from(question));
        let response =
            request.send().await.map_err(|error| ExemptionCheckError::Away(Some(error.without_url())))?;
        let status = response.status();
        let bytes = match http::body(response, LARGEST).await {
            Ok(bytes) => bytes,
            Err(http::BodyError::BrokeOff(error)) => return Err(ExemptionCheckError::Away(Some(error))),
            Err(error) => return Err(unreadable(error)),
        };
        answer(status, &bytes)
    }
}
