//! The directories of services: which of them this server may ask. Each is set whole or not at all.

use super::endpoint;
use super::reader::Reader;
use crate::nhs::dos_rest::{DEFAULT_MILES, DosRestSettings, MOST_MILES};
use crate::nhs::service_search::ServiceSearchSettings;

/// What is set; in a demonstration the simulators take the place of what is not.
#[derive(Debug, Clone, Default)]
pub struct ServicesConfig {
    pub dos_rest: Option<DosRestSettings>,
    /// Where dos-search is, without a slash at the end. It needs the NHS API platform for its token.
    pub dos_fhir_url: Option<String>,
    pub service_search: Option<ServiceSearchSettings>,
}

pub fn services(settings: &mut Reader, demo: bool) -> ServicesConfig {
    let dos_fhir_url = settings.text("dos_fhir_url").map(|url| {
        endpoint(settings, "dos_fhir_url", &url, demo);
        url.trim_end_matches('/').to_owned()
    });
    ServicesConfig {
        dos_rest: dos_rest(settings, demo),
        dos_fhir_url,
        service_search: service_search(settings, demo),
    }
}

fn dos_rest(settings: &mut Reader, demo: bool) -> Option<DosRestSettings> {
    const KEYS: [&str; 3] = ["dos_rest_url", "dos_rest_user", "dos_rest_password"];
    let miles: f32 = settings.value("dos_rest_miles", "37.5", "a number of miles, at most 100");
    let miles = if (0.1..=MOST_MILES).contains(&miles) {
        miles
    } else {
        settings.problem("dos_rest_miles", "must be between 0.1 and 100");
        DEFAULT_MILES
    };
    let url = settings.text("dos_rest_url");
    let user = settings.text("dos_rest_user");
    let password = settings.secret("dos_rest_password");
    let given = [url.is_some(), user.is_some(), password.is_some()];
    if let (Some(url), Some(user), Some(password)) = (url, user, password) {
        endpoint(settings, KEYS[0], &url, demo);
        let base_url = url.trim_end_matches('/').to_owned();
        return Some(DosRestSettings { base_url, user, password, miles });
    }
    if given.contains(&true) {
        for (key, _) in KEYS.iter().zip(given).filter(|(_, given)| !given) {
            settings.problem(
                key,
                "is missing: address, user and password of the Directory of Services belong together",
            );
        }
    }
    None
}

fn service_search(settings: &mut Reader, demo: bool) -> Option<ServiceSearchSettings> {
    let url = settings.text("service_search_url");
    let key = settings.secret("service_search_key");
    match (url, key) {
        (Some(url), Some(key)) => {
            endpoint(settings, "service_search_url", &url, demo);
            Some(ServiceSearchSettings { base_url: url.trim_end_matches('/').to_owned(), key })
        }
        (None, None) => None,
        (url, _) => {
            let missing = if url.is_some() { "service_search_key" } else { "service_search_url" };
            let why = "is missing: SATCHEL_SERVICE_SEARCH_URL and SATCHEL_SERVICE_SEARCH_KEY belong together";
            settings.problem(missing, why);
            None
        }
    }
}
