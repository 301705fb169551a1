//! Numbers for Prometheus. Labels are route patterns and status codes, never anything about a person.

use crate::app::App;
use crate::clock::Stopwatch;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

const SECONDS: &str = "satchel_http_seconds";
const BUCKETS: [f64; 8] = [0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Asked every second or so by machines; only worth a line when looking for something.
const OFTEN: [&str; 3] = ["/health/", "/metrics", "/simulator/"];

/// The process's one recorder: the `metrics` crate knows only one, however many Apps a test makes.
pub fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS)
                .expect("the buckets are not empty")
                .build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics was there first; /metrics stays empty");
            }
            handle
        })
        .clone()
}

/// Everything counted so far, as Prometheus reads it.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "Prometheus text format")))]
pub async fn show(app: App) -> (HeaderMap, String) {
    app.metrics.run_upkeep();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    (headers, app.metrics.render())
}

/// Counts, times and logs each request by its route pattern; addresses and bodies are never looked at.
pub async fn observe(request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str).to_owned();
    let id = super::request_id(request.headers());
    let watch = Stopwatch::start();
    let response = next.run(request).await;
    let seconds = watch.seconds();
    let status = response.status().as_u16();
    metrics::counter!("satchel_http_requests_total", "method" => method, "route" => route.clone(),
        "status" => status.to_string())
    .increment(1);
    metrics::histogram!(SECONDS, "method" => method, "route" => route.clone()).record(seconds);
    if OFTEN.iter().any(|often| route.starts_with(often)) {
        tracing::debug!(request = %id, method, route, status, seconds, "answered");
    } else {
        tracing::info!(request = %id, method, route, status, seconds, "answered");
    }
    response
}

/// A made-up method must not become a label.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
