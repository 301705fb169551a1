//! Service Search over HTTP. It searches by a point on the globe, which it does not give for a postcode: the point is
//! where organisations of that postcode, or of its district, are. The postcode stands in the body.

use super::ServiceSearchSettings;
use super::wire::{Failure, Item, Items};
use crate::nhs::http;
use crate::nhs::services::{Answer, MOST, ServicesError, ask};
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use secrecy::ExposeSecret as _;
use serde_json::json;
use shared::patient::Postcode;
use shared::places::{Place, Position, between};
use uuid::Uuid;

/// Organisations of a district of which the middle is taken.
const FOR_THE_MIDDLE: usize = 50;

/// Kinds of organisation that the directory tells apart (Service Search v3, `OrganisationTypeId`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Community pharmacies that take electronic prescriptions.
    Pharmacy,
    Gp,
    Dentist,
    Optician,
}

impl Kind {
    fn filter(self) -> &'static str {
        match self {
            Self::Pharmacy => {
                "IsEpsEnabled eq 'true' and OrganisationTypeId eq 'PHA' and OrganisationSubType eq 'Community'"
            }
            Self::Gp => "OrganisationTypeId eq 'GPB'",
            Self::Dentist => "OrganisationTypeId eq 'DEN'",
            Self::Optician => "OrganisationTypeId eq 'OPT'",
        }
    }
}

/// What was found, and from where distances are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    pub places: Vec<Place>,
    /// The postcode itself is not known there: distances are from the middle of its district.
    pub from_district: bool,
}

/// One Service Search: live, integration, sandbox or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: ServiceSearchSettings,
}

/// Why an answer counts for nothing.
#[derive(Debug, thiserror::Error)]
enum Odd {
    #[error("another kind of answer than was asked for")]
    Kind,
    #[error("it does not know its own version: {0}")]
    Version(String),
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, settings: ServiceSearchSettings) -> Self {
        Self { http, settings }
    }

    /// The nearest of a kind, at most `most`.
    pub async fn nearest(&self, kind: Kind, postcode: &Postcode, most: usize) -> Result<Near, ServicesError> {
        let Some((from, from_district)) = self.middle(postcode).await? else {
            return Err(ServicesError::NotFound);
        };
        let Position::Globe { latitude, longitude } = from else {
            return Err(ServicesError::unreadable(Odd::Kind));
        };
        let body = json!({
            "filter": kind.filter(),
            // Longitude first (OData).
            "orderby": format!("geo.distance(Geocode, geography'POINT({longitude} {latitude})')"),
            "top": most.min(MOST),
        });
        let found = self.search(&body).await?;
        let places = found.iter().map(|item| {
            let place = item.place();
            let metres = place.position.and_then(|at| between(from, at));
            Place { metres, ..place }
        });
        Ok(Near { places: places.collect(), from_district })
    }

    /// Where a postcode is, and whether that is only the middle of its district; `None` where nothing is known there.
    async fn middle(&self, postcode: &Postcode) -> Result<Option<(Position, bool)>, ServicesError> {
        let district = postcode.as_str().split(' ').next().unwrap_or_default();
        // A postcode is letters, digits and a space, so it cannot end the text that it stands in.
        for (text, whole) in [(format!("\"{postcode}\""), true), (district.to_owned(), false)] {
            let body = json!({
                "filter": format!("search.ismatch('{text}', 'Postcode')"),
                "select": "Postcode,Latitude,Longitude",
                "top": FOR_THE_MIDDLE,
            });
            let found = self.search(&body).await?;
            // A search by words also finds what is only like it.
            let here = found.iter().filter(|item| {
                let at = item.postcode();
                if whole { at == postcode.as_str() } else { at.split(' ').next() == Some(district) }
            });
            if let Some(middle) = middle(here.filter_map(Item::position)) {
                return Ok(Some((middle, !whole)));
            }
        }
        Ok(None)
    }

    async fn search(&self, body: &serde_json::Value) -> Result<Vec<Item>, ServicesError> {
        let url = format!("{}/", self.settings.base_url);
        let request = http::named(self.http.post(url), Uuid::new_v4())
            .query(&[("api-version", "3")])
            .header("apikey", self.settings.key.expose_secret())
            .header(ACCEPT, "application/json")
            .json(body);
        let Answer { status, body } = ask(request).await?;
        if status == StatusCode::NOT_FOUND {
            // An unknown version is answered like an unknown page.
            let said = serde_json::from_slice::<Failure>(&body).map(|failure| failure.message);
            return Err(ServicesError::unreadable(Odd::Version(said.unwrap_or_default())));
        }
        if !status.is_success() {
            return Err(ServicesError::NotFound);
        }
        let items: Items = serde_json::from_slice(&body).map_err(ServicesError::unreadable)?;
        items.value.ok_or_else(|| ServicesError::unreadable(Odd::Kind))
    }
}

/// The middle of points on the globe that are near one another; `None` of none.
fn middle(points: impl Iterator<Item = Position>) -> Option<Position> {
    let (mut north, mut east, mut count) = (0.0, 0.0, 0.0);
    for point in points {
        if let Position::Globe { latitude, longitude } = point {
            (north, east, count) = (north + latitude, east + longitude, count + 1.0);
        }
    }
    (count > 0.0).then(|| Position::Globe { latitude: north / count, longitude: east / count })
}
