//! `/bars/FHIR/R4`: referrals by BaRS, and what a sender asks around them. Trusted by network, so there is no session.

use crate::app::App;
use crate::intake::bars::{
    self, CORRELATION_ID, Headers, MAX_BODY, Outcome, REQUEST_ID, Refusal, Search, answer_format,
    capabilities, content_format, message_definitions,
};
use crate::nhs::fhir::{Element, Format};
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use uuid::Uuid;

const BASE: &str = "/bars";
/// The version of BaRS Core that answers are written in.
const CORE: &str = "1.4.0";

/// What the request was called by its sender, before this server gave it a name of its own for the log.
#[derive(Debug, Clone)]
pub struct TheirName(HeaderValue);

/// Keeps the sender's name of a BaRS request: it is answered by it.
pub fn keep_name(request: &mut Request) {
    if is_ours(request.uri().path())
        && let Some(name) = request.headers().get(REQUEST_ID).cloned()
    {
        request.extensions_mut().insert(TheirName(name));
    }
}

/// The pretend referrer of a demonstration too: it knows a message again by its sender's name of the request.
fn is_ours(path: &str) -> bool {
    path == BASE || ["/bars/", "/simulator/bars/FHIR/"].iter().any(|base| path.starts_with(base))
}

/// Around everything below `/bars`: who is connected, how long an answer may take, both ids in every answer, and every
/// failure, wherever it arose, as an `OperationOutcome`.
pub async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if !is_ours(request.uri().path()) {
        return next.run(request).await;
    }
    // The server's own name of the request is not the sender's.
    request.headers_mut().remove(REQUEST_ID);
    if let Some(TheirName(name)) = request.extensions().get::<TheirName>().cloned() {
        request.headers_mut().insert(REQUEST_ID, name);
    }
    let sent = content_format(request.headers()).unwrap_or(Format::Json);
    let format = answer_format(request.headers(), sent).unwrap_or(sent);
    let ids = [REQUEST_ID, CORRELATION_ID].map(|name| (name, echoed(request.headers(), name)));
    let answered = if is_proven(&app, request.headers()) {
        tokio::time::timeout(app.config.bars.patience, next.run(request)).await.unwrap_or_else(|_| {
            let words = "It is not known whether the message was stored. Send it again with the same X-Request-Id: it is taken only once.";
            refused(&Refusal::new(Outcome::Timeout, words), format)
        })
    } else {
        refused(&Refusal::new(Outcome::Forbidden, "The connection did not prove who sends."), format)
    };
    let mut response = as_outcome(answered, format);
    for (name, value) in ids {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether the proxy in front says that the sender showed the right certificate, or is said to let nobody else through.
fn is_proven(app: &App, headers: &HeaderMap) -> bool {
    match &app.config.bars.client_header {
        Some((name, expected)) => {
            headers.get(name).is_some_and(|given| given.as_bytes() == expected.as_bytes())
        }
        None if app.config.bars.all_proven => true,
        None => {
            tracing::warn!(
                "a BaRS request was refused: set SATCHEL_BARS_CLIENT_HEADER, or SATCHEL_BARS_PROXY_ADMITS_ONLY_BARS"
            );
            false
        }
    }
}

/// An id to send back. Only a UUID is: anything else may hold whatever its sender likes.
fn echoed(headers: &HeaderMap, name: &str) -> Option<HeaderValue> {
    let value = headers.get(name)?;
    let is_id = value.to_str().is_ok_and(|text| text.trim().parse::<Uuid>().is_ok());
    is_id.then(|| value.clone())
}

fn as_outcome(response: Response, format: Format) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/fhir+")) {
        return response;
    }
    let status = response.status();
    let (outcome, words) = if status.is_client_error() || status.is_server_error() {
        (Outcome::of_status(status.as_u16()), "The request could not be served.")
    } else {
        (Outcome::NotImplemented, "There is nothing at this address.")
    };
    refused(&Refusal::new(outcome, words), format)
}

fn refused(refusal: &Refusal, format: Format) -> Response {
    let (status, code, issue, _) = refusal.outcome.published();
    tracing::warn!(code, issue, "a BaRS request was refused");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    written(status, &refusal.resource(Uuid::new_v4()), format)
}

fn written(status: StatusCode, resource: &Element, format: Format) -> Response {
    let kind = format!("{}; version={CORE}", format.content_type());
    (status, [(header::CONTENT_TYPE, kind)], format.write(resource)).into_response()
}

fn answered(result: Result<Element, Refusal>, format: Format) -> Response {
    match result {
        Ok(resource) => written(StatusCode::OK, &resource, format),
        Err(refusal) => refused(&refusal, format),
    }
}

/// A new referral, or one taken back. Success is said only after everything is on disk; after a refusal nothing is stored.
#[utoipa::path(
    post,
    path = "/bars/FHIR/R4/$process-message",
    tag = "referrals",
    security(()),
    request_body(content = String, content_type = "application/fhir+json"),
    responses(
        (status = 200, description = "Stored: the Bundle with our own ids", content_type = "application/fhir+json"),
        (status = 400, description = "Not stored: an OperationOutcome that says why", content_type = "application/fhir+json"),
        (status = 408, description = "Not known whether it was stored", content_type = "application/fhir+json"),
        (status = 409, description = "Stored before, or another message under this request id", content_type = "application/fhir+json"),
    )
)]
pub async fn process_message(app: App, headers: HeaderMap, body: Body) -> Response {
    let formats = content_format(&headers).and_then(|sent| Ok((sent, answer_format(&headers, sent)?)));
    let (sent, wanted) = match formats {
        Ok(formats) => formats,
        Err(refusal) => return refused(&refusal, Format::Json),
    };
    let result = taken(app, &headers, sent, body).await;
    let outcome = if result.is_ok() { "taken" } else { "refused" };
    metrics::counter!("satchel_bars_messages_total", "outcome" => outcome).increment(1);
    answered(result, wanted)
}

async fn taken(app: App, headers: &HeaderMap, sent: Format, body: Body) -> Result<Element, Refusal> {
    let headers = Headers::read(headers)?;
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| {
        Refusal::new(
            Outcome::NotSupported,
            format!("The message broke off, or has more than {MAX_BODY} bytes."),
        )
    })?;
    // On its own, so that it is stored even where the sender is told that it takes too long.
    let storing = tokio::spawn(async move { bars::receive(&app, &headers, sent, &bytes).await });
    storing
        .await
        .unwrap_or_else(|_| Err(Refusal::new(Outcome::Exception, "The message could not be dealt with.")))
}

/// What this receiver can do.
#[utoipa::path(get, path = "/bars/FHIR/R4/metadata", tag = "referrals", security(()),
    responses((status = 200, description = "CapabilityStatement", content_type = "application/fhir+json")))]
pub async fn metadata(app: App, headers: HeaderMap) -> Response {
    match answer_format(&headers, Format::Json) {
        Ok(format) => written(StatusCode::OK, &capabilities(&app.config.origin_text()), format),
        Err(refusal) => refused(&refusal, Format::Json),
    }
}

/// Which messages the service named in `context` takes.
#[utoipa::path(get, path = "/bars/FHIR/R4/MessageDefinition", tag = "referrals", security(()),
    params(("context" = String, Query, description = "`https://fhir.nhs.uk/Id/dos-service-id|` and an id")),
    responses((status = 200, description = "Bundle of MessageDefinition", content_type = "application/fhir+json")))]
pub async fn definitions(app: App, headers: HeaderMap, query: Query<BTreeMap<String, String>>) -> Response {
    let read = async |headers: &HeaderMap| {
        Headers::read(headers)?;
        let id = bars::context(query.get("context").map(String::as_str))?;
        bars::pharmacy(&app, id).await?;
        Ok(message_definitions(&app.config.origin_text(), id))
    };
    match answer_format(&headers, Format::Json) {
        Ok(format) => answered(read(&headers).await, format),
        Err(refusal) => refused(&refusal, Format::Json),
    }
}

/// Referrals of one patient at the pharmacy that the headers name.
#[utoipa::path(get, path = "/bars/FHIR/R4/ServiceRequest", tag = "referrals", security(()),
    params(("patient:identifier" = String, Query, description = "`https://fhir.nhs.uk/Id/nhs-number|` and a number")),
    responses((status = 200, description = "Bundle of ServiceRequest", content_type = "application/fhir+json")))]
pub async fn search(app: App, headers: HeaderMap, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let read =
        async |headers: &HeaderMap| bars::find(&app, &Headers::read(headers)?, &Search::read(&query)?).await;
    match answer_format(&headers, Format::Json) {
        Ok(format) => answered(read(&headers).await, format),
        Err(refusal) => refused(&refusal, Format::Json),
    }
}

/// One referral by the id that it was answered with.
#[utoipa::path(get, path = "/bars/FHIR/R4/ServiceRequest/{id}", tag = "referrals", security(()),
    params(("id" = String, Path, description = "Our id of the ServiceRequest")),
    responses((status = 200, description = "ServiceRequest", content_type = "application/fhir+json")))]
pub async fn show(app: App, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let read = async |headers: &HeaderMap| bars::service_request(&app, &Headers::read(headers)?, &id).await;
    match answer_format(&headers, Format::Json) {
        Ok(format) => answered(read(&headers).await, format),
        Err(refusal) => refused(&refusal, Format::Json),
    }
}

/// Everything else of BaRS: slots, appointments, documents.
pub async fn not_implemented() -> Response {
    refused(&Refusal::new(Outcome::NotImplemented, "A pharmacy takes referrals only."), Format::Json)
}
