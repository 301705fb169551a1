//! Claims of this server's pharmacies: whether they are sent, and to where.

use crate::config::Config;
use crate::nhs::claims::Client;
use crate::nhs::simulator;
use shared::claim::Allowed;

/// What this server needs to claim.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// `None`: nothing is sent, and what is payable is claimed by hand.
    pub client: Option<Client>,
    /// What the contractor has settled about places (practice 2).
    pub places: Allowed,
}

impl Claims {
    /// The API that the settings name; in a demonstration the simulator where they name none.
    pub fn new(config: &Config, http: &reqwest::Client) -> Self {
        let simulators = format!("http://127.0.0.1:{}/simulator", config.listen.port());
        let url = config.claims.url.clone().or_else(|| config.demo.then(|| simulator::claims(&simulators)));
        let client = url.map(|url| Client::new(http.clone(), &url, config.claims.key.clone()));
        Self { client, places: config.claims.places.clone() }
    }
}
