//! The web app as it is served.

use crate::support::TestApp;
use reqwest::{Method, StatusCode, header};

const PAGE: &str = "<!doctype html><title>Satchel</title><script type=\"module\">start()</script>";

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.put_file("index.html", PAGE.as_bytes());
    app.put_file("app-3f2a9c0d17be4456.js", b"start");
    app.put_file("app-3f2a9c0d17be4456.js.br", b"packed");
    app.put_file("service-worker.js", b"worker");
    app
}

#[tokio::test]
async fn every_screen_is_the_one_page_and_its_script_may_run() {
    let app = app().await;
    for path in ["/", "/enrol", "/settings", "/consultations/0b5f7f0e/history"] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache", "{path}");
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        assert!(policy.contains("'wasm-unsafe-eval' 'sha256-"), "{path}: {policy}");
        assert_eq!(answer.text().await.expect("a body"), PAGE, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_screen_is_not_answered_with_the_page() {
    let app = app().await;
    for path in ["/api/anything", "/app-0000000000000000.js", "/wp-admin", "/../satchel.db"] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_the_worker_is_asked_about() {
    let app = app().await;
    let script = app.browser().get("/app-3f2a9c0d17be4456.js").await;
    assert_eq!(script.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    let worker = app.browser().get("/service-worker.js").await;
    assert_eq!(worker.headers()[header::CACHE_CONTROL], "no-cache");
}

#[tokio::test]
async fn a_file_packed_when_it_was_built_is_sent_as_it_is() {
    let app = app().await;
    let request = app.browser().bare(Method::GET, "/app-3f2a9c0d17be4456.js");
    let answer = request.header(header::ACCEPT_ENCODING, "br").send().await.expect("an answer");
    assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br");
    assert_eq!(answer.bytes().await.expect("a body").as_ref(), b"packed");
}
