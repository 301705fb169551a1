//! How often one visitor may try to sign in or enrol, and how long any request may take.

use crate::app::App;
use crate::problem::Problem;
use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use axum::http;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};
use utoipa_axum::router::OpenApiRouter;

/// Tries a visitor may make at once; a pharmacy's devices share one address.
const BURST: u32 = 90;
/// One more try after each of these.
const REFILL: Duration = Duration::from_secs(1);
/// A request whose answer has not begun by then is given up. Streams and live connections may go on.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How often visitors who stopped trying are forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(5);

/// Limits how often one visitor reaches these routes.
pub fn few_tries(app: &App, routes: OpenApiRouter<App>) -> OpenApiRouter<App> {
    let config = GovernorConfigBuilder::default()
        .period(REFILL)
        .burst_size(BURST)
        .key_extractor(Visitor { trusted_proxy: app.config.trusted_proxy })
        .finish()
        .expect("neither number is zero");
    let visitors = Arc::downgrade(config.limiter());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FORGET_EVERY).await;
            let Some(visitors) = visitors.upgrade() else { break };
            visitors.retain_recent();
        }
    });
    routes.layer(GovernorLayer::new(config).error_handler(|_| Problem::TooMany.into_response()))
}

/// Whose tries are counted together.
#[derive(Debug, Clone)]
struct Visitor {
    trusted_proxy: bool,
}

impl KeyExtractor for Visitor {
    type Key = IpAddr;

    fn extract<T>(&self, request: &http::Request<T>) -> Result<IpAddr, GovernorError> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded = self.trusted_proxy.then(|| forwarded_for(request.headers())).flatten();
        forwarded.or(peer).map(household).ok_or(GovernorError::UnableToExtractKey)
    }
}

/// The last address is the one our own proxy wrote; those before it are the visitor's own claim.
fn forwarded_for(headers: &http::HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// One IPv6 customer has a whole /64 to choose addresses from.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Gives up on an answer that does not begin in time.
pub async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_WITHIN, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::TimedOut.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn a_visitor_cannot_claim_to_be_another_behind_our_proxy() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.1, 203.0.113.9"));
        assert_eq!(forwarded_for(&headers), Some(IpAddr::from([203, 0, 113, 9])));
    }

    #[test]
    fn a_customer_with_many_addresses_is_one_visitor() {
        let one: IpAddr = "2001:db8:1:2::1".parse().expect("an address");
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().expect("an address");
        assert_eq!(household(one), household(other));
    }
}
