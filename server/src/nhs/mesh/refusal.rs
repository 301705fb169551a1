//! What MESH means when it does not do what was asked: HTTP status, its own code, and the clocks (MESH API 2.0.0).

use super::MeshError;
use super::client::LARGEST_LISTING;
use super::wire::{self, ErrorBody};
use crate::nhs::http;
use reqwest::header::{DATE, HeaderMap};
use reqwest::{Response, StatusCode};
use shared::time::Millis;

/// MESH itself allows two hours; a clock this far off is on its way there, and a refusal is then its work.
const CLOCKS_AGREE_WITHIN: Millis = 5 * 60_000;

/// Turns a status that is not success into a decision. `now` is what our clock says.
pub(super) async fn accepted(response: Response, now: Millis) -> Result<Response, MeshError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Err(clock_off(response.headers(), now).unwrap_or(MeshError::Unauthorised));
    }
    let wait = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if wait || status.is_server_error() {
        return Err(MeshError::Busy { after: http::retry_after(response.headers(), now) });
    }
    let text = http::body(response, LARGEST_LISTING).await.unwrap_or_default();
    let (code, words) = serde_json::from_slice::<ErrorBody>(&text).unwrap_or_default().first();
    let code = code.filter(|code| !code.is_empty()).unwrap_or_else(|| format!("HTTP {}", status.as_u16()));
    let known = wire::meaning(&code).map(str::to_owned);
    let meaning = known.or(words).unwrap_or_else(|| "no reason was given".to_owned());
    Err(MeshError::Refused { code, meaning })
}

/// The clock as the reason, where ours and that of MESH do not agree.
fn clock_off(headers: &HeaderMap, now: Millis) -> Option<MeshError> {
    let difference = now - http::date(headers, &DATE)?;
    let off = difference.abs() > CLOCKS_AGREE_WITHIN;
    off.then(|| MeshError::Clock { minutes: difference.abs() / 60_000, fast: difference > 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const NOW: Millis = 1_795_000_000_000;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_clock_that_is_off_is_said_with_its_minutes_and_one_that_agrees_is_not_blamed() {
        let said = |date| clock_off(&headers(DATE, date), NOW);
        // NOW is Wed, 18 Nov 2026 11:06:40 GMT.
        assert!(said("Wed, 18 Nov 2026 11:03:00 GMT").is_none());
        let off = said("Wed, 18 Nov 2026 08:06:40 GMT").expect("three hours");
        assert!(matches!(off, MeshError::Clock { minutes: 180, fast: true }), "{off:?}");
        assert!(off.to_string().contains("180 minutes fast"), "{off}");
        let slow = said("Wed, 18 Nov 2026 11:17:00 GMT").expect("ten minutes");
        assert!(matches!(slow, MeshError::Clock { minutes: 10, fast: false }), "{slow:?}");
        assert!(said("yesterday").is_none());
    }
}
