//! What guards every route: who may, from where, how often, and what an answer gives away.

use crate::support::{TestApp, problem, read};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

/// Each method and path that the API describes, with whether it asks for a session.
async fn described(app: &TestApp) -> Vec<(Method, String, bool)> {
    let description: Value = read(app.browser().get("/api/openapi.json").await).await;
    let mut routes = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if let Ok(method) = method.to_uppercase().parse::<Method>() {
                // An empty requirement is what `security(())` becomes: nobody need be signed in.
                let open = operation["security"].as_array().is_some_and(|all| all.contains(&json!({})));
                routes.push((method, path.clone(), !open));
            }
        }
    }
    routes
}

#[tokio::test]
async fn every_route_of_the_api_refuses_the_signed_out() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let mut guarded = 0;
    for (method, path, asks) in described(&app).await {
        if !asks {
            continue;
        }
        guarded += 1;
        let path = path.replace("{id}", "0b5f7f0e-8a53-4a0a-9d2b-4f3f6a1c2d3e");
        let body = (method != Method::GET).then(|| json!({}));
        let answer = browser.ask(method.clone(), &path, body).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
    }
    assert!(guarded >= 12, "only {guarded} routes ask for a session");
}

#[tokio::test]
async fn only_these_routes_work_signed_out() {
    let app = TestApp::start().await;
    let mut open: Vec<String> = described(&app)
        .await
        .into_iter()
        .filter(|(_, _, asks)| !asks)
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    open.sort();
    assert_eq!(
        open,
        [
            "DELETE /api/session",
            "GET /.well-known/jwks.json",
            "GET /api/cis2/callback",
            "GET /api/cis2/end",
            "GET /api/cis2/start",
            "GET /api/device-standing/{device}",
            "GET /api/openapi.json",
            "GET /api/session",
            "GET /bars/FHIR/R4/MessageDefinition",
            "GET /bars/FHIR/R4/ServiceRequest",
            "GET /bars/FHIR/R4/ServiceRequest/{id}",
            "GET /bars/FHIR/R4/metadata",
            "GET /health/live",
            "GET /health/ready",
            "GET /metrics",
            "POST /adaptor/report",
            "POST /api/cis2/backchannel-logout",
            "POST /api/device-log/{device}",
            "POST /api/enrolment/device-key",
            "POST /api/enrolment/finish",
            "POST /api/enrolment/look",
            "POST /api/enrolment/start",
            "POST /api/session/device-key/finish",
            "POST /api/session/device-key/start",
            "POST /api/session/passkey/finish",
            "POST /api/session/passkey/start",
            "POST /bars/FHIR/R4/$process-message",
            "POST /itk/report",
        ]
    );
}

#[tokio::test]
async fn another_websites_post_is_refused_though_the_cookie_is_right() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let post = |origin: &'static str| {
        asha.bare(Method::POST, "/api/invitations")
            .header(header::COOKIE, asha.cookie().expect("signed in"))
            .header(header::ORIGIN, origin)
            .json(&json!({ "role": "auditor" }))
            .send()
    };
    let foreign = post("https://evil.example").await.expect("an answer");
    assert_eq!(problem(foreign).await, (StatusCode::FORBIDDEN, "foreign-origin".to_owned()));
    assert_eq!(post("http://localhost:8080").await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_guarding_headers() {
    let app = TestApp::start().await;
    for path in ["/", "/api/session", "/api/passkeys", "/health/live", "/nowhere.js"] {
        let answer = app.browser().get(path).await;
        let headers = answer.headers();
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert!(headers.contains_key("permissions-policy") && headers.contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn what_the_api_says_is_never_cached() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/api/session").await;
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_request_id_from_outside_is_not_believed() {
    let app = TestApp::start().await;
    let request = app.browser().bare(Method::GET, "/health/live").header("x-request-id", "forged");
    let answer = request.send().await.expect("an answer");
    assert_ne!(answer.headers()["x-request-id"], "forged");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_that_does_not_quote_it() {
    let app = TestApp::start().await;
    let body = json!({ "token": { "nhs_number": "9990412073" } });
    let answer = app.browser().post("/api/enrolment/look", body).await;
    let text = answer.text().await.expect("a body");
    assert!(text.contains("/problems/invalid") && !text.contains("9990412073"), "{text}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    let body = json!({ "token": "x".repeat(70_000) });
    let answer = app.browser().post("/api/enrolment/look", body).await;
    assert_eq!(problem(answer).await, (StatusCode::PAYLOAD_TOO_LARGE, "too-large".to_owned()));
}

#[tokio::test]
async fn guessing_links_is_slowed_down() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let mut last = StatusCode::NOT_FOUND;
    for _ in 0..200 {
        last = browser.post("/api/enrolment/look", json!({ "token": "guess" })).await.status();
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(browser.get("/api/session").await.status(), StatusCode::OK, "the rest goes on");
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_problems() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let unknown = browser.get("/api/nothing").await;
    assert_eq!(problem(unknown).await, (StatusCode::NOT_FOUND, "not-found".to_owned()));
    let wrong = browser.delete("/api/invitations").await;
    assert_eq!(problem(wrong).await, (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed".to_owned()));
}

#[tokio::test]
async fn metrics_name_routes_and_never_what_stood_in_them() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    asha.delete("/api/passkeys/c29tZWJvZHk").await;
    asha.get("/consultations/9990412073").await;
    let text = asha.get("/metrics").await.text().await.expect("a body");
    assert!(text.contains("route=\"/api/passkeys/{id}\""), "{text}");
    assert!(!text.contains("c29tZWJvZHk") && !text.contains("9990412073"));
}
