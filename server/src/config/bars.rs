//! How BaRS reaches this server, and how this server reaches BaRS.

use super::endpoint;
use super::reader::Reader;
use axum::http::HeaderName;
use std::time::Duration;

/// Settings of BaRS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarsConfig {
    /// `https://api.service.nhs.uk/booking-and-referral/FHIR/R4`, without a slash at the end; `None`: nothing is sent back
    /// to senders. In a demonstration the simulator takes its place.
    pub url: Option<String>,
    /// A header that the proxy in front sets for a proven sender, and its value.
    pub client_header: Option<(HeaderName, String)>,
    /// Without that header, whoever reaches this server counts as proven: somebody said that the proxy lets only BaRS
    /// through, or it is a demonstration.
    pub all_proven: bool,
    /// An answer that takes longer is given up: a sender waits five seconds (BaRS App 5, non-functional requirements).
    pub patience: Duration,
}

const PATIENCE: Duration = Duration::from_millis(4500);

/// Reads them all.
pub fn bars(settings: &mut Reader, demo: bool) -> BarsConfig {
    let url = settings.text("bars_url");
    if let Some(url) = &url {
        endpoint(settings, "bars_url", url, demo);
    }
    let client_header = settings.text("bars_client_header").and_then(|text| {
        let pair = text
            .split_once('=')
            .and_then(|(name, value)| Some((name.trim().parse().ok()?, value.trim().to_owned())));
        if pair.is_none() {
            settings
                .problem("bars_client_header", "must be a header and its value, as X-Client-Verify=SUCCESS");
        }
        pair
    });
    let all_proven = settings.flag("bars_proxy_admits_only_bars") || demo;
    let url = url.map(|url| url.trim_end_matches('/').to_owned());
    BarsConfig { url, client_header, all_proven, patience: PATIENCE }
}
