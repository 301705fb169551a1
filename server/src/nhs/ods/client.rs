//! The Organisation Data Terminology API over HTTP: one organisation, or all that fit a search.

use super::wire::{Resource, says_unknown};
use super::{OdsError, OdsSettings};
use crate::nhs::fhir::Bundle;
use crate::nhs::http;
use crate::store::Organisation;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use secrecy::ExposeSecret as _;
use shared::api::OrganisationKind;
use shared::ids::OdsCode;
use shared::time::Millis;
use uuid::Uuid;

/// The API answers with 10 MB at most.
const LARGEST: usize = 11 * 1024 * 1024;
/// A listing that goes on for ever is not followed for ever.
const MOST_PAGES: usize = 50;
const CODES: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// What organisations are searched for; empty fields count for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationSearch {
    pub kind: Option<OrganisationKind>,
    /// Any part of the name; three characters at least.
    pub name: String,
    /// The beginning of the postcode; two characters at least.
    pub postcode: String,
    /// Leaves out the closed.
    pub active: bool,
    /// Changed in ODS on this day or later, `2026-11-20`.
    pub changed_since: String,
}

/// One ODS: live, integration, sandbox or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: OdsSettings,
}

/// Why an answer counts for nothing.
#[derive(Debug, thiserror::Error)]
enum Odd {
    #[error("another kind of answer than was asked for")]
    Kind,
    #[error("an organisation without a proper ODS code")]
    NoCode,
    #[error("a list without an end")]
    Endless,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, settings: OdsSettings) -> Self {
        Self { http, settings }
    }

    /// The organisation of a code, with what followed it where it is closed; `None` for a code that ODS does not know.
    pub async fn organisation(&self, ods: &OdsCode, at: Millis) -> Result<Option<Organisation>, OdsError> {
        let mut known = match self.ask(&format!("/Organization/{ods}"), &[]).await? {
            Some(Resource::Organization(found)) => found.known(at).ok_or_else(|| unreadable(Odd::NoCode))?,
            Some(_) => return Err(unreadable(Odd::Kind)),
            None => return Ok(None),
        };
        if !known.active {
            let query = [("system", CODES), ("code", ods.as_str()), ("property", "*")];
            // That it is closed is worth more than what followed.
            if let Ok(Some(Resource::Parameters(said))) = self.ask("/CodeSystem/$lookup", &query).await {
                known.successor = said.successor();
            }
        }
        Ok(Some(known))
    }

    /// Everything that fits, at most `most`, page after page.
    pub async fn search(
        &self,
        search: &OrganisationSearch,
        most: usize,
        at: Millis,
    ) -> Result<Vec<Organisation>, OdsError> {
        let mut found = Vec::new();
        let page = self.settings.page.min(most).max(1);
        let count = page.to_string();
        let since = format!("ge{}", search.changed_since);
        for number in 0..MOST_PAGES {
            let offset = (number * page).to_string();
            let mut query = vec![("_count", count.as_str()), ("_offset", offset.as_str())];
            match search.kind {
                Some(OrganisationKind::Practice) => query.push(("roleCode", "RO76")),
                Some(OrganisationKind::Pharmacy) => query.push(("roleCode", "RO182")),
                Some(OrganisationKind::Other) | None => {}
            }
            for (name, value) in [("name:contains", &search.name), ("address-postalcode", &search.postcode)] {
                if !value.is_empty() {
                    query.push((name, value));
                }
            }
            if search.active {
                query.push(("active", "true"));
            }
            if !search.changed_since.is_empty() {
                query.push(("lastChangeDate", &since));
            }
            let Some(Resource::Bundle(bundle)) = self.ask("/Organization", &query).await? else {
                return Err(unreadable(Odd::Kind));
            };
            let more = bundle.link.iter().any(|link| link.relation == "next") && !bundle.entry.is_empty();
            take(&bundle, &mut found, at)?;
            if found.len() >= most || !more {
                found.truncate(most);
                return Ok(found);
            }
        }
        Err(unreadable(Odd::Endless))
    }

    /// One question; `None` where ODS says that there is no such thing.
    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Resource>, OdsError> {
        let url = format!("{}{path}", self.settings.base_url);
        let request = http::named(self.http.get(url), Uuid::new_v4())
            .header("apikey", self.settings.key.expose_secret())
            .header(ACCEPT, "application/fhir+json")
            .query(query);
        let response = request.send().await.map_err(|error| OdsError::Away(Some(error.without_url())))?;
        let status = response.status();
        let bytes = match http::body(response, LARGEST).await {
            Ok(bytes) => bytes,
            Err(http::BodyError::BrokeOff(error)) => return Err(OdsError::Away(Some(error))),
            Err(error) => return Err(unreadable(error)),
        };
        let resource = serde_json::from_slice::<Resource>(&bytes);
        if status.is_success() {
            return match resource {
                Ok(Resource::OperationOutcome(_) | Resource::Other) => Err(unreadable(Odd::Kind)),
                Ok(resource) => Ok(Some(resource)),
                Err(error) => Err(unreadable(error)),
            };
        }
        Err(match status {
            // A page of a proxy with this status says nothing about the organisation.
            StatusCode::NOT_FOUND | StatusCode::GONE => match resource {
                Ok(Resource::OperationOutcome(outcome)) if says_unknown(&outcome) => return Ok(None),
                _ => unreadable(Odd::Kind),
            },
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => OdsError::SayMore,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => OdsError::Away(None),
            status if status.is_server_error() => OdsError::Away(None),
            status => OdsError::Refused { status: status.as_u16() },
        })
    }
}

fn take(bundle: &Bundle<Resource>, found: &mut Vec<Organisation>, at: Millis) -> Result<(), OdsError> {
    for entry in &bundle.entry {
        match &entry.resource {
            Some(Resource::Organization(one)) => {
                found.push(one.known(at).ok_or_else(|| unreadable(Odd::NoCode))?);
            }
            _ => return Err(unreadable(Odd::Kind)),
        }
    }
    Ok(())
}

fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> OdsError {
    OdsError::Unreadable(Box::new(cause))
}
