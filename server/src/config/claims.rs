//! Claims: where Manage Your Service is, and what the contractor has settled about places.

use super::endpoint;
use super::reader::Reader;
use secrecy::SecretString;
use shared::claim::{Allowed, service};

/// What is set; in a demonstration the simulator takes the place of what is not.
#[derive(Debug, Clone, Default)]
pub struct ClaimsConfig {
    /// Without a slash at the end; `/Claim` follows. `None`: claims are made by hand.
    pub url: Option<String>,
    pub key: Option<SecretString>,
    /// `SERVICE:SETTING` that the contractor has settled with its commissioner (practice 2).
    pub places: Allowed,
}

const SETTINGS: [&str; 3] = ["patients-home", "care-home", "remote"];

pub fn claims(settings: &mut Reader, demo: bool) -> ClaimsConfig {
    const URL: &str = "claims_url";
    const PLACES: &str = "claim_places";
    let url = settings.text(URL).map(|url| {
        endpoint(settings, URL, &url, demo);
        url.trim_end_matches('/').to_owned()
    });
    let mut places = Allowed::new();
    for place in
        settings.text(PLACES).unwrap_or_default().split(',').map(str::trim).filter(|one| !one.is_empty())
    {
        let known = place
            .split_once(':')
            .is_some_and(|(id, setting)| service(id).is_some() && SETTINGS.contains(&setting));
        if known {
            places.insert(place.to_owned());
        } else {
            settings.problem(PLACES, "must be pairs like clinical-pathway:patients-home, a comma between");
        }
    }
    ClaimsConfig { url, key: settings.secret("claims_key"), places }
}
