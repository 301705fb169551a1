//! The web app from `dist/`: pages, hashed files that never change, and the headers that guard every answer.

use crate::app::App;
use crate::config::Config;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// First parts of addresses that are screens of the app (`app/src/app.rs`); other names are files or mistakes.
const SCREENS: [&str; 6] = ["", "enrol", "welcome", "walk-in", "settings", "consultations"];
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Answers with a screen, a file of the app, or a problem.
pub async fn serve(app: &App, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::MethodNotAllowed.into_response();
    }
    let path = request.uri().path().to_owned();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if SCREENS.contains(&first) || path == "/index.html" {
        return page(&app.config).await;
    }
    let files = ServeDir::new(&app.config.dist)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    let Ok(mut response) = files.oneshot(request).await;
    if response.status().is_client_error() {
        return Problem::NotFound("This page").into_response();
    }
    if response.status().is_success() {
        response.headers_mut().insert(header::CACHE_CONTROL, keep(&path));
    }
    response.map(Body::new)
}

/// The one HTML page. Its policy names the hash of each script that stands in it.
async fn page(config: &Config) -> Response {
    let Ok(html) = tokio::fs::read_to_string(config.dist.join("index.html")).await else {
        tracing::error!(dist = %config.dist.display(), "the web app is not there; build it, or set SATCHEL_DIST");
        return Problem::NotFound("The web app").into_response();
    };
    let policy = policy(config, &inline_script_hashes(&html));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    (StatusCode::OK, headers, html).into_response()
}

/// A name that holds a hash of the content never means anything else; the rest is asked about each time.
fn keep(path: &str) -> HeaderValue {
    let name = path.rsplit('/').next().unwrap_or_default();
    let hashed = name.split(['-', '.', '_']).any(|part| {
        part.len() >= 12
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
    });
    HeaderValue::from_static(if hashed { "public, max-age=31536000, immutable" } else { "no-cache" })
}

/// `'sha256-…'` of every script written into the page, as a browser computes them.
fn inline_script_hashes(html: &str) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find("<script") {
        rest = &rest[start..];
        let Some(open) = rest.find('>') else { break };
        let Some(close) = rest.find("</script>") else { break };
        if open < close && !rest[..open].contains(" src=") {
            hashes.push(format!("'sha256-{}'", STANDARD.encode(Sha256::digest(&rest[open + 1..close]))));
        }
        rest = &rest[close + "</script>".len()..];
    }
    hashes
}

/// Nothing but our own files; `wasm-unsafe-eval` compiles WebAssembly and allows no JavaScript `eval`.
fn policy(config: &Config, script_hashes: &[String]) -> HeaderValue {
    let socket = config.origin_text().replacen("http", "ws", 1);
    let hashes = script_hashes.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {hashes}; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self' {socket}; worker-src 'self'; \
         manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    );
    HeaderValue::from_str(&policy).expect("an origin and base64 are plain ASCII")
}

/// Puts the guarding headers on every answer.
pub async fn guarded(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| policy(&app.config, &[]));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(OPENER, HeaderValue::from_static("same-origin"));
    headers.insert(
        PERMISSIONS,
        HeaderValue::from_static(
            "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(self), \
             geolocation=(), microphone=(), payment=(), usb=()",
        ),
    );
    if app.config.secure() {
        // Other hosts beneath this one are not ours to speak for.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_written_into_the_page_are_hashed() {
        let html = "<script src=\"/a.js\"></script><script type=\"module\">alert(1)</script>";
        // `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
        assert_eq!(inline_script_hashes(html), ["'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"]);
    }

    #[test]
    fn hashed_files_are_kept_and_others_asked_about() {
        assert!(keep("/app-3f2a9c0d17be4456.js").to_str().expect("text").contains("immutable"));
        assert!(keep("/app-3f2a9c0d17be4456_bg.wasm").to_str().expect("text").contains("immutable"));
        assert_eq!(keep("/service-worker.js"), "no-cache");
        assert_eq!(keep("/assets/passphrase_worker.js"), "no-cache");
    }
}
