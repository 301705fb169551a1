//! `POST /itk/report`: NHS 111 reports, SOAP 1.1 in and out (ITK 2.2). Trusted by network, so there is no session.

use crate::app::App;
use crate::intake::itk111::{Accepting, CONTENT_TYPE, Fault, MAX_BODY, fault_body, success_body};
use crate::intake::receive;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use std::time::Duration;
use uuid::Uuid;

/// A sender that stops half-way does not hold a place for longer.
const BODY_WITHIN: Duration = Duration::from_secs(20);
/// Bytes after which even the dropping ends.
const DROPPED: usize = 64 * 1024 * 1024;

/// Takes one message. Success is said only after everything is on disk; after a fault nothing is stored.
#[utoipa::path(
    post,
    path = "/itk/report",
    tag = "referrals",
    security(()),
    request_body(content = String, content_type = "text/xml"),
    responses(
        (status = 200, description = "Stored: a SOAP envelope with `OK:` and an id", content_type = "text/xml"),
        (status = 500, description = "Not stored: a SOAP fault that says why", content_type = "text/xml"),
    )
)]
pub async fn report(app: App, body: Body) -> Response {
    let checks = &app.config.itk;
    let accepting = Accepting {
        expected_to: checks.to.as_deref(),
        check_timestamp: checks.check_timestamp,
        expected_user: checks.user.as_deref(),
        ..Accepting::anything(app.clock.now())
    };
    let taken = match whole(body).await {
        Ok(bytes) => receive(&app, &bytes, &accepting).await,
        Err(fault) => Err(fault),
    };
    match taken {
        Ok(received) => {
            for outcome in &received.outcomes {
                metrics::counter!("satchel_referrals_total", "outcome" => outcome.as_str()).increment(1);
            }
            answer(StatusCode::OK, success_body(&received.report, Uuid::new_v4()))
        }
        Err(fault) => {
            metrics::counter!("satchel_referrals_total", "outcome" => "refused").increment(1);
            tracing::warn!(code = fault.itk_code, relates_to = %fault.relates_to, "a 111 message was refused");
            // SOAP 1.1 over HTTP: every fault leaves with status 500, the sender's mistakes too.
            answer(StatusCode::INTERNAL_SERVER_ERROR, fault_body(&fault, Uuid::new_v4(), Uuid::new_v4()))
        }
    }
}

/// The body, no more of it than a message may have. The rest of a large one is read and dropped, because many senders
/// look for the answer only after they have sent everything.
async fn whole(body: Body) -> Result<Vec<u8>, Fault> {
    let reading = async {
        let mut parts = body.into_data_stream();
        let (mut bytes, mut length) = (Vec::new(), 0);
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| Fault::client("The message broke off. Send it again.", ""))?;
            length += part.len();
            if length > MAX_BODY {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&part);
            }
            if length > DROPPED {
                break;
            }
        }
        if length > MAX_BODY {
            return Err(Fault::client(
                "The message is too large.",
                format!("At most {MAX_BODY} bytes are taken."),
            ));
        }
        Ok(bytes)
    };
    tokio::time::timeout(BODY_WITHIN, reading)
        .await
        .unwrap_or_else(|_| Err(Fault::client("The message did not arrive in time. Send it again.", "")))
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response()
}
