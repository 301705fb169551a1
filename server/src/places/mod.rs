//! Where to send a patient: services near a postcode, asked of the directories that this server knows, and remembered
//! for when none of them answers.

mod email;

pub use email::{Proposed, propose_email};

use crate::app::App;
use crate::config::Config;
use crate::nhs::dos_rest::{self, Asked};
use crate::nhs::service_search::{self, Kind};
use crate::nhs::services::ServicesError;
use crate::nhs::{dos_fhir, simulator};
use crate::problem::{Problem, chain};
use crate::store::{PlaceSearch, StoreError};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use shared::api::{PlacesAsked, PlacesView};
use shared::patient::Postcode;
use shared::places::{Place, Service};
use shared::time::{Millis, day, stored};
use std::collections::BTreeSet;

/// What was asked so lately is not asked again: opening times change by the day.
const FRESH: Millis = 10 * 60_000;
/// Whoever moved or closed a month ago must not be sent to.
const KEPT_FOR: Millis = 30 * 24 * 3_600_000;
/// Of each type in the Directory of Services.
const OF_EACH: u16 = 20;
const MOST: usize = 30;
/// Days for which bank holidays are told ahead: as long as a device may be without contact.
const DAYS_AHEAD: i64 = 60;

/// The directories that this server may ask.
#[derive(Debug, Clone, Default)]
pub struct Directories {
    pub dos_rest: Option<dos_rest::Client>,
    pub dos_fhir: Option<dos_fhir::Client>,
    pub service_search: Option<service_search::Client>,
}

impl Directories {
    /// Those that the settings name; in a demonstration the simulators where they name none.
    pub fn new(config: &Config, http: &reqwest::Client) -> Self {
        let simulators = || format!("http://127.0.0.1:{}/simulator", config.listen.port());
        let demo = config.demo.then(|| simulator::services(&simulators()));
        let (rest, fhir, search) = match demo {
            Some((rest, fhir, search)) => (Some(rest), Some(fhir), Some(search)),
            None => (None, None, None),
        };
        let set = &config.services;
        Self {
            dos_rest: set.dos_rest.clone().or(rest).map(|known| dos_rest::Client::new(http.clone(), known)),
            dos_fhir: set
                .dos_fhir_url
                .clone()
                .or(fhir)
                .map(|known| dos_fhir::Client::new(http.clone(), known)),
            service_search: set
                .service_search
                .clone()
                .or(search)
                .map(|known| service_search::Client::new(http.clone(), known)),
        }
    }
}

/// Type ids of the Directory of Services.
fn types(service: Service) -> &'static [u16] {
    match service {
        // Pharmacies, and their profiles for urgent medicines supply, Pharmacy First, blood pressure and contraception.
        Service::Pharmacy => &[13, 131, 132, 148, 149],
        Service::Gp => &[100, 136],
        // Treatment by integrated urgent care, urgent treatment centres with and without an emergency department.
        Service::OutOfHours => &[25, 135, 150],
        Service::EmergencyDepartment => &[105],
        Service::Dentist => &[12, 47, 156],
        Service::Optometrist => &[14, 112],
        Service::SexualHealth => &[29],
    }
}

/// What Service Search calls it; `None` for what it does not tell apart.
fn kind(service: Service) -> Option<Kind> {
    match service {
        Service::Pharmacy => Some(Kind::Pharmacy),
        Service::Gp => Some(Kind::Gp),
        Service::Dentist => Some(Kind::Dentist),
        Service::Optometrist => Some(Kind::Optician),
        Service::OutOfHours | Service::EmergencyDepartment | Service::SexualHealth => None,
    }
}

/// Services of a kind near a postcode: from memory where it was asked a moment ago or no directory answers.
pub async fn search(app: &App, asked: &PlacesAsked) -> Result<PlacesView, Problem> {
    let service: Service = asked
        .service
        .parse()
        .map_err(|problem: shared::places::NotAService| Problem::Invalid(problem.to_string()))?;
    let postcode: Postcode = asked
        .postcode
        .parse()
        .map_err(|problem: shared::patient::NotAPostcode| Problem::Invalid(problem.to_string()))?;
    let now = app.clock.now();
    let known = app.store.place_search(service.as_str(), postcode.as_str()).await?;
    // A clock that was set back must not make old news fresh.
    if let Some(known) = &known
        && (0..FRESH).contains(&(now - known.fetched_at))
    {
        return view(known, now, false).map_err(Problem::from);
    }
    match ask(&app.directories, service, &postcode).await {
        Ok((source, places)) => {
            let body = serde_json::to_string(&places).map_err(StoreError::broken)?;
            let told = PlaceSearch {
                service: service.as_str().to_owned(),
                postcode: postcode.as_str().to_owned(),
                source,
                body,
                fetched_at: now,
            };
            app.store.put_place_search(&told, now - KEPT_FOR).await?;
            Ok(view(&told, now, false)?)
        }
        Err(error) => match known.filter(|known| now - known.fetched_at < KEPT_FOR) {
            Some(known) => {
                tracing::warn!(cause = %chain(&error), "services are answered from memory");
                Ok(view(&known, now, true)?)
            }
            None => Err(problem(error)),
        },
    }
}

/// Asks one directory after the other; the first that finds something is believed. That one of them knows of nothing is
/// an answer too, where no other knows more.
async fn ask(
    directories: &Directories,
    service: Service,
    postcode: &Postcode,
) -> Result<(String, Vec<Place>), ServicesError> {
    let mut outcome = Err(ServicesError::NotSetUp);
    if let Some(dos) = &directories.dos_rest {
        let asked = Asked { postcode, types: types(service), of_each: OF_EACH };
        outcome = dos.by_type(asked).await.map(|found| {
            let places = each_once(found);
            ("Directory of Services".to_owned(), places)
        });
        if matches!(&outcome, Ok((_, places)) if !places.is_empty()) {
            return outcome;
        }
    }
    if let (Some(search), Some(kind)) = (&directories.service_search, kind(service)) {
        match (search.nearest(kind, postcode, MOST).await, &outcome) {
            (Ok(near), _) => {
                let source = if near.from_district {
                    "NHS Service Search; distances are from the middle of the postcode district"
                } else {
                    "NHS Service Search"
                };
                return Ok((source.to_owned(), near.places));
            }
            (Err(error), Err(ServicesError::NotSetUp)) => outcome = Err(error),
            (Err(error), _) => tracing::warn!(cause = %chain(&error), "Service Search could not be used"),
        }
    }
    outcome
}

/// One place for each organisation, nearest first: a pharmacy has a profile in the directory for every service that it
/// offers, and itself stands before them. What has no code stands for itself.
fn each_once(mut found: Vec<dos_rest::Service>) -> Vec<Place> {
    found.sort_by_key(dos_rest::Service::is_profile);
    let mut seen = BTreeSet::new();
    let places = found.iter().map(dos_rest::Service::place);
    let mut once: Vec<Place> =
        places.filter(|place| place.ods.is_empty() || seen.insert(place.ods.clone())).collect();
    once.sort_by_key(|place| place.metres.unwrap_or(u32::MAX));
    once
}

fn view(known: &PlaceSearch, now: Millis, from_before: bool) -> Result<PlacesView, StoreError> {
    Ok(PlacesView {
        service: known.service.clone(),
        postcode: known.postcode.clone(),
        source: known.source.clone(),
        fetched_at: stored(known.fetched_at),
        from_before,
        places: serde_json::from_str(&known.body).map_err(StoreError::broken)?,
        bank_holidays: bank_holidays(now).map(|holiday| holiday.to_string()).collect(),
    })
}

/// Weekdays of the coming weeks on which nobody works.
fn bank_holidays(now: Millis) -> impl Iterator<Item = Date> {
    let today = day(now);
    (-1..DAYS_AHEAD).map(move |ahead| today.saturating_add(ahead.days())).filter(|day| {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !shared::referral::is_working_day(*day)
    })
}

fn problem(error: ServicesError) -> Problem {
    const SERVICE: &str = "The directory of services";
    match error {
        ServicesError::NotSetUp | ServicesError::NotFound => Problem::Invalid(error.to_string()),
        ServicesError::Busy | ServicesError::Away(_) => {
            Problem::Upstream { service: SERVICE, cause: Box::new(error) }
        }
        ServicesError::Refused { .. } | ServicesError::Unreadable(_) => {
            Problem::UpstreamRefused { service: SERVICE, cause: Box::new(error) }
        }
    }
}
