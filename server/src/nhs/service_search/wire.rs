//! What Service Search sends, as narrow as it is used, and what is made of it. Anything may be null or left out.

use crate::nhs::services::{address, session, words};
use jiff::civil::Date;
use serde::Deserialize;
use shared::ids::OdsCode;
use shared::places::{Hours, Place, Position, Session};
use std::collections::BTreeMap;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEK: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Items {
    pub value: Option<Vec<Item>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub message: String,
}

/// One organisation as the directory tells it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Item {
    #[serde(rename = "ODSCode")]
    ods_code: Option<String>,
    organisation_name: Option<String>,
    address1: Option<String>,
    address2: Option<String>,
    address3: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    geocode: Option<Geocode>,
    contacts: Option<Vec<Contact>>,
    opening_times: Option<Vec<OpeningTime>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Geocode {
    coordinates: Vec<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Contact {
    contact_method_type: Option<String>,
    contact_value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct OpeningTime {
    weekday: Option<String>,
    opening_time: Option<String>,
    closing_time: Option<String>,
    opening_time_type: Option<String>,
    additional_opening_date: Option<String>,
    is_open: Option<bool>,
}

impl Item {
    pub(super) fn postcode(&self) -> String {
        words(self.postcode.as_deref().unwrap_or_default()).to_uppercase()
    }

    /// Within the British Isles; anything else is a slip of the directory.
    pub(super) fn position(&self) -> Option<Position> {
        let point = self.geocode.as_ref().map(|geocode| geocode.coordinates.as_slice());
        // In a point, longitude is first (GeoJSON).
        let ((Some(latitude), Some(longitude), _) | (_, _, Some(&[longitude, latitude]))) =
            (self.latitude, self.longitude, point)
        else {
            return None;
        };
        let here = (49.0..=61.0).contains(&latitude) && (-9.0..=2.0).contains(&longitude);
        here.then_some(Position::Globe { latitude, longitude })
    }

    /// In our words. The addresses of e-mail that the directory shows are for the public, and are left out.
    pub(super) fn place(&self) -> Place {
        let line = |text: &Option<String>| text.clone().unwrap_or_default();
        let lines = [&self.address1, &self.address2, &self.address3, &self.city].map(line);
        // Opticians have names of the directory's own where others have a code.
        let ods = self.ods_code.as_deref().and_then(|code| code.parse::<OdsCode>().ok());
        let phones = self
            .contacts
            .iter()
            .flatten()
            .filter(|contact| contact.contact_method_type.as_deref() == Some("Telephone"));
        let phone = phones
            .filter_map(|contact| contact.contact_value.as_deref())
            .map(words)
            .find(|one| !one.is_empty());
        Place {
            dos_service_id: String::new(),
            ods: ods.map(|ods| ods.to_string()).unwrap_or_default(),
            name: words(self.organisation_name.as_deref().unwrap_or_default()),
            address: address(lines.iter().map(String::as_str)),
            postcode: self.postcode(),
            phone: phone.unwrap_or_default(),
            clinician_phone: String::new(),
            hours: self.hours(),
            position: self.position(),
            metres: None,
        }
    }

    /// General hours and days with hours of their own. The directory says nothing of bank holidays as such.
    fn hours(&self) -> Hours {
        let kind = |time: &OpeningTime| time.opening_time_type.clone().unwrap_or_default();
        let times = || self.opening_times.iter().flatten();
        let general: Vec<&OpeningTime> = times().filter(|time| kind(time) == "General").collect();
        let on = |name: &str| {
            let day = general.iter().filter(|time| time.weekday.as_deref() == Some(name));
            day.filter_map(|time| time.session()).collect::<Vec<_>>()
        };
        let mut dates: BTreeMap<String, Vec<Session>> = BTreeMap::new();
        for time in times().filter(|time| kind(time) == "Additional") {
            if let Some(date) = time.additional_opening_date.as_deref().and_then(day_of) {
                dates.entry(date.to_string()).or_default().extend(time.session());
            }
        }
        // A day that is not named is a day on which it is closed; no day at all says nothing.
        let week = if general.is_empty() { Vec::new() } else { WEEK.iter().map(|name| on(name)).collect() };
        Hours { always: false, week, bank_holidays: None, dates }
    }
}

impl OpeningTime {
    /// By the times on the wall: the offsets beside them are wrong in places.
    fn session(&self) -> Option<Session> {
        if self.is_open == Some(false) {
            return None;
        }
        session(wall(self.opening_time.as_deref()?)?, wall(self.closing_time.as_deref()?)?)
    }
}

/// `09:00`.
fn wall(text: &str) -> Option<(u16, u16)> {
    let (hours, minutes) = text.trim().split_once(':')?;
    Some((hours.parse().ok()?, minutes.parse().ok()?))
}

/// `Dec 24 2021`.
fn day_of(text: &str) -> Option<Date> {
    let mut parts = text.split_whitespace();
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
    Date::new(year.parse().ok()?, i8::try_from(month + 1).ok()?, day.trim_end_matches(',').parse().ok()?).ok()
}

/// For fuzzing: whatever comes is read or refused.
pub fn fuzzed(bytes: &[u8]) {
    if let Ok(Items { value: Some(items) }) = serde_json::from_slice::<Items>(bytes) {
        for item in &items {
            let _ = item.place();
        }
    }
}
