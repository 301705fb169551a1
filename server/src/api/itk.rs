//! `POST /itk/report`: NHS 111 reports, SOAP 1.1 in and out (ITK 2.2). Trusted by network, so there is no session.

use crate::app::App;
use crate::intake::itk111::{Accepting, CONTENT_TYPE, Fault, MAX_BODY, fault_body, success_body};
use crate::intake::receive;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
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
            tracing::warn!(code = fault.itk_code, relates_to = %nameless(&fault.relates_to), "a 111 message was refused");
            // SOAP 1.1 over HTTP: every fault leaves with status 500, the sender's mistakes too.
            answer(StatusCode::INTERNAL_SERVER_ERROR, fault_body(&fault, Uuid::new_v4(), Uuid::new_v4()))
        }
    }
}

/// A sender may write anything into its message's id; only what is a UUID holds nothing about a patient.
fn nameless(message_id: &str) -> String {
    message_id
        .trim()
        .to_ascii_lowercase()
        .parse::<Uuid>()
        .map_or_else(|_| "not a UUID".to_owned(), |id| id.to_string())
}

/// Turns every failure that arose around [`report`] (too slow, a panic) into a fault: the sender reads nothing else.
pub async fn failures_as_faults(request: Request, next: Next) -> Response {
    let is_report = request.method() == Method::POST && request.uri().path() == "/itk/report";
    let response = next.run(request).await;
    let status = response.status();
    let is_xml = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == CONTENT_TYPE);
    if !is_report || is_xml || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    metrics::counter!("satchel_referrals_total", "outcome" => "failed").increment(1);
    // What was on its way to the disk may have got there.
    let text = "It is not known whether the message was stored. Send it again: it is taken only once.";
    let fault = Fault { text: text.to_owned(), ..Fault::internal() };
    answer(StatusCode::INTERNAL_SERVER_ERROR, fault_body(&fault, Uuid::new_v4(), Uuid::new_v4()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use axum::body::to_bytes;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use axum::{Router, http};
    use tower::ServiceExt as _;

    async fn asked(request: http::request::Builder) -> (StatusCode, String, String) {
        let slow = || async { Problem::TimedOut };
        let routes = Router::new().route("/itk/report", post(slow).get(slow)).route("/api/x", post(slow));
        let request = request.body(Body::empty()).expect("a request");
        let answer = routes.layer(from_fn(failures_as_faults)).oneshot(request).await.expect("an answer");
        let (status, kind) = (answer.status(), answer.headers()[header::CONTENT_TYPE].clone());
        let body = to_bytes(answer.into_body(), 1 << 16).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("text");
        (status, kind.to_str().expect("text").to_owned(), body)
    }

    #[tokio::test]
    async fn a_sender_whose_message_takes_too_long_is_answered_with_a_fault() {
        let (status, kind, body) = asked(Request::post("/itk/report")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, CONTENT_TYPE));
        assert!(body.contains("soap:Server") && body.contains("Send it again"), "{body}");
    }

    #[tokio::test]
    async fn everybody_else_is_answered_with_a_problem() {
        for request in [Request::post("/api/x"), Request::get("/itk/report")] {
            let (status, kind, _) = asked(request).await;
            assert_eq!((status, kind.as_str()), (StatusCode::GATEWAY_TIMEOUT, "application/problem+json"));
        }
    }

    #[test]
    fn only_a_uuid_of_a_message_reaches_the_log() {
        let id = "6d0f2c51-0b47-4c0e-9c53-5f6e0b9d0101";
        for sent in [id.to_owned(), id.to_uppercase(), format!("urn:uuid:{}", id.to_uppercase())] {
            assert_eq!(nameless(&sent), id, "{sent}");
        }
        assert_eq!(nameless("Brambleworth 9997001028"), "not a UUID");
        assert_eq!(nameless(""), "not a UUID");
    }
}
