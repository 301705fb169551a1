//! `POST /adaptor/report`: what NHS England's 111 Adaptor makes of an NHS 111 report, handed over by whoever runs it.

use crate::app::App;
use crate::intake::adaptor::{NotAReport, Refused, receive};
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

/// Takes one FHIR STU3 message, in JSON or XML. Success is said only after everything is on disk; the same message again
/// changes nothing.
#[utoipa::path(
    post,
    path = "/adaptor/report",
    tag = "referrals",
    security(()),
    request_body(content = String, content_type = "application/fhir+json"),
    responses(
        (status = 204, description = "Stored, or here already"),
        (status = 401, description = "The token is not the one that is set here"),
        (status = 404, description = "No token is set here: nothing is taken this way"),
        (status = 422, description = "Not a report, or for nobody here"),
    )
)]
pub async fn report(
    app: App,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Some(settings) = &app.config.adaptor else {
        return Err(Problem::NotFound("A way in for the 111 Adaptor"));
    };
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if !bool::from(shown.as_bytes().ct_eq(settings.token.expose_secret().as_bytes())) {
        return Err(Problem::TokenRefused);
    }
    let body = body.map_err(|_| Problem::TooLarge)?;
    match receive(&app, &body).await {
        Ok(outcomes) => {
            for outcome in &outcomes {
                metrics::counter!("satchel_referrals_total", "outcome" => outcome.as_str()).increment(1);
            }
            Ok(StatusCode::NO_CONTENT)
        }
        Err(refused) => {
            metrics::counter!("satchel_referrals_total", "outcome" => "refused").increment(1);
            Err(match refused {
                Refused::NotAReport(NotAReport::TooLarge { .. }) => Problem::TooLarge,
                Refused::NotAReport(_) | Refused::NobodyHere { .. } => Problem::Invalid(refused.to_string()),
                Refused::NotStored(cause) => Problem::internal(cause),
            })
        }
    }
}
