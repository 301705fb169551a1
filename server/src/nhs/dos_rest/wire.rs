//! What the Directory of Services sends, as narrow as it is used, and what is made of it. Numbers come as numbers or as
//! text, and much is left out.

use crate::nhs::services::{address, session, words};
use jiff::civil::Date;
use serde::Deserialize;
use shared::places::{Hours, METRES_IN_A_MILE, Place, Position, Session};
use std::collections::BTreeMap;

/// Farther than any search goes, in miles.
const FARTHEST: f64 = 1000.0;

/// What follows a pharmacy's code in those of its profiles: Pharmacy First, the same of a distance seller, blood pressure,
/// contraception (Find the Right Service, data migration).
const PROFILE_CODES: [&str; 4] = ["M06DSP", "M06", "BPS", "CON"];
/// What stands before the names of such profiles.
const PROFILE_NAMES: [&str; 4] = ["PF++:", "BP Check:", "BP:", "Contraception:"];

/// `FA123` of `FA123M06`; `None` for what is no profile's code.
fn pharmacy_of(code: &str) -> Option<&str> {
    let pharmacy = PROFILE_CODES.iter().find_map(|profile| code.strip_suffix(profile))?;
    (pharmacy.len() == 5 && pharmacy.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(pharmacy)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub success: Option<Found>,
    pub error: Option<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Found {
    pub services: Vec<Service>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub code: Text,
}

/// A text or a number: the directory writes the same thing both ways.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Word(String),
    Whole(i64),
    Part(f64),
    #[default]
    Nothing,
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Word(word) => words(word),
            Self::Whole(number) => number.to_string(),
            Self::Part(number) => number.to_string(),
            Self::Nothing => String::new(),
        }
    }

    pub(super) fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.text().parse().ok()
    }
}

/// One service as the directory tells it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Service {
    id: Text,
    name: Text,
    public_name: Text,
    ods_code: Text,
    address: Vec<Text>,
    town: Text,
    postcode: Text,
    easting: Text,
    northing: Text,
    phone: Phone,
    email: Text,
    opening_times: OpeningTimes,
    patient_distance: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Phone {
    public: Text,
    non_public: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OpeningTimes {
    all_hours: Option<bool>,
    days: Vec<DayHours>,
    specified_dates: Vec<DateHours>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DayHours {
    day: String,
    sessions: Vec<Wall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DateHours {
    date: String,
    sessions: Vec<Wall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wall {
    start: Clock,
    end: Clock,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Clock {
    hours: Text,
    minutes: Text,
}

impl Service {
    /// Upper case; what stands there where a service has no code of its own is its id. A pharmacy's profile has the
    /// pharmacy's code.
    pub fn ods_code(&self) -> String {
        let code = self.given_code();
        if code == self.id.text() {
            String::new()
        } else {
            pharmacy_of(&code).map_or(code.clone(), str::to_owned)
        }
    }

    fn given_code(&self) -> String {
        self.ods_code.text().to_ascii_uppercase()
    }

    /// It is one service of a pharmacy that has an entry of its own.
    pub fn is_profile(&self) -> bool {
        pharmacy_of(&self.given_code()).is_some()
    }

    /// As patients know it; without what is written before a profile's name.
    fn display_name(&self) -> String {
        let public = self.public_name.text();
        let name = if public.is_empty() { self.name.text() } else { public };
        let bare = PROFILE_NAMES.iter().find_map(|before| name.strip_prefix(before)).map(str::trim);
        bare.filter(|bare| !bare.is_empty()).map_or(name.clone(), str::to_owned)
    }

    /// The e-mail address that the directory has; empty in an answer by type.
    pub fn email(&self) -> String {
        self.email.text()
    }

    /// In our words.
    pub fn place(&self) -> Place {
        let lines: Vec<String> = self.address.iter().chain([&self.town]).map(Text::text).collect();
        Place {
            dos_service_id: self.id.text(),
            ods: self.ods_code(),
            name: self.display_name(),
            address: address(lines.iter().map(String::as_str)),
            postcode: self.postcode.text().to_ascii_uppercase(),
            phone: self.phone.public.text(),
            clinician_phone: self.phone.non_public.text(),
            hours: self.opening_times.hours(),
            position: self.position(),
            metres: metres(self.patient_distance.number()),
        }
    }

    /// A service without a position stands at 0, 0, which is in the sea.
    fn position(&self) -> Option<Position> {
        let (easting, northing) = (self.easting.number::<i32>()?, self.northing.number::<i32>()?);
        let on_the_grid = (1..=700_000).contains(&easting) && (1..=1_300_000).contains(&northing);
        on_the_grid.then_some(Position::Grid { easting, northing })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and FARTHEST miles")]
fn metres(miles: Option<f64>) -> Option<u32> {
    let miles = miles.filter(|miles| (0.0..=FARTHEST).contains(miles))?;
    Some((miles * METRES_IN_A_MILE).round() as u32)
}

impl OpeningTimes {
    fn hours(&self) -> Hours {
        const WEEK: [&str; 7] =
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let of = |name: &str| self.days.iter().find(|day| day.day.eq_ignore_ascii_case(name));
        let sessions = |day: &DayHours| sessions(&day.sessions);
        // A week with a day left out is a week of which not everything is known.
        let week = WEEK.iter().map(|name| of(name).map(sessions)).collect::<Option<Vec<_>>>();
        let mut dates: BTreeMap<String, Vec<Session>> = BTreeMap::new();
        for one in &self.specified_dates {
            if let Some(date) = day_of(&one.date) {
                dates.entry(date.to_string()).or_default().extend(self::sessions(&one.sessions));
            }
        }
        Hours {
            always: self.all_hours.unwrap_or_default(),
            week: week.unwrap_or_default(),
            bank_holidays: of("Bankholiday").map(sessions),
            dates,
        }
    }
}

fn sessions(walls: &[Wall]) -> Vec<Session> {
    let clock = |clock: &Clock| Some((clock.hours.number()?, clock.minutes.number()?));
    walls.iter().filter_map(|wall| session(clock(&wall.start)?, clock(&wall.end)?)).collect()
}

/// `28-08-2017`.
fn day_of(text: &str) -> Option<Date> {
    let mut parts = text.trim().splitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// For fuzzing: whatever comes is read or refused.
pub fn fuzzed(bytes: &[u8]) {
    if let Ok(Said { success: Some(found), .. }) = serde_json::from_slice::<Said>(bytes) {
        for service in &found.services {
            let _ = (service.place(), service.email());
        }
    }
}
