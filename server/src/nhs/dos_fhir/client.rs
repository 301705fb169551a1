//! The dos-search API over HTTP. It answers 400 to any header or parameter that it does not expect, so exactly those
//! that it names are sent.

use super::wire::{Organisation, read};
use crate::clock::Stopwatch;
use crate::nhs::http;
use crate::nhs::services::{ServicesError, ask};
use secrecy::{ExposeSecret as _, SecretString};
use shared::ids::OdsCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Milliseconds between two requests: ten a second for each app (dos-search, rate limits).
const APART: u64 = 100;
/// Whoever would wait longer, in milliseconds, is told that the directory is busy.
const LONGEST_WAIT: u64 = 3_000;
const CODES: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// One dos-search: live, integration, sandbox or simulator. Clones share the queue in front of it.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    started: Stopwatch,
    /// When the next request may leave, in milliseconds since the start.
    next: Arc<Mutex<u64>>,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`]; `base_url` ends with `/dos-search/FHIR/R4`.
    pub fn new(http: reqwest::Client, base_url: String) -> Self {
        Self { http, base_url, started: Stopwatch::start(), next: Arc::default() }
    }

    /// The organisation of a code with its endpoints; `None` for one that the directory does not know. `token` is this
    /// server's own (application-restricted access).
    pub async fn organisation(
        &self,
        token: &SecretString,
        ods: &OdsCode,
    ) -> Result<Option<Organisation>, ServicesError> {
        self.wait_for_turn().await?;
        let identifier = format!("{CODES}|{ods}");
        let request = http::named(self.http.get(format!("{}/Organization", self.base_url)), Uuid::new_v4())
            .bearer_auth(token.expose_secret())
            .header("version", "1")
            .query(&[("identifier", identifier.as_str()), ("_revinclude", "Endpoint:organization")]);
        let answer = ask(request).await?;
        if !answer.status.is_success() {
            return Err(ServicesError::NotFound);
        }
        read(&answer.body, ods)
    }

    async fn wait_for_turn(&self) -> Result<(), ServicesError> {
        let wait = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            reserve(&mut next, (self.started.seconds() * 1000.0) as u64).ok_or(ServicesError::Busy)?
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// Takes the next free place, and says how long to wait for it; `None` where it is too far away.
fn reserve(next: &mut u64, now: u64) -> Option<Duration> {
    let place = (*next).max(now);
    let wait = place - now;
    if wait > LONGEST_WAIT {
        return None;
    }
    *next = place + APART;
    Some(Duration::from_millis(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_a_second_leave_and_the_queue_ends_where_nobody_waits_any_more() {
        let mut next = 0;
        let waits: Vec<_> = (0..100).map_while(|_| reserve(&mut next, 50_000)).collect();
        assert_eq!((waits.len(), waits[10].as_millis()), (31, 1000));
        assert!(reserve(&mut next, 51_000).is_some(), "and goes on once some have left");
    }
}
