//! The dictionary of medicines, as devices fetch it.

use crate::support::{Browser, NOW, TestApp, problem, read};
use reqwest::{Method, Response, StatusCode, header};
use satchel::dmd::synthetic::{self, Size, Synthetic};
use satchel::dmd::{self, Asked, Silent};
use sha2::{Digest as _, Sha256};
use shared::api::MedicinesStatus;
use std::fmt::Write as _;

async fn import(server: &TestApp, week: u16) {
    let folder = tempfile::tempdir().expect("a folder");
    let first = "2026-11-09".parse().expect("a day");
    synthetic::write(&Synthetic { size: Size::Small, first, week }, folder.path()).expect("written");
    let asked = Asked {
        paths: vec![folder.path().to_owned()],
        source: "file".to_owned(),
        accept_fewer: false,
        now: NOW + i64::from(week),
    };
    dmd::import(&*server.app.store, asked, Box::new(Silent)).await.expect("imported");
}

/// A request with one header of its own.
async fn asked_with(browser: &Browser, path: &str, name: header::HeaderName, value: &str) -> Response {
    let cookie = browser.cookie().expect("signed in");
    let request = browser.bare(Method::GET, path).header(header::COOKIE, cookie).header(name, value);
    request.send().await.expect("an answer")
}

async fn file(browser: &Browser, name: &str, known: &str) -> Response {
    asked_with(browser, &format!("/api/medicines/{name}"), header::IF_NONE_MATCH, known).await
}

#[tokio::test]
async fn a_device_fetches_the_files_of_the_release_in_use_and_only_when_they_are_new() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    let none: MedicinesStatus = read(asha.get("/api/medicines").await).await;
    assert_eq!(none, MedicinesStatus::default(), "no dictionary yet");
    assert_eq!(problem(file(&asha, "core", "").await).await.0, StatusCode::NOT_FOUND);

    import(&server, 0).await;
    let status: MedicinesStatus = read(asha.get("/api/medicines").await).await;
    assert_eq!(status.release, "2026-11-09");
    for (name, info) in [("core", &status.core), ("full", &status.full)] {
        let answer = file(&asha, name, "\"another\"").await;
        let tag = answer.headers()[header::ETAG].to_str().expect("text").to_owned();
        assert_eq!(tag, format!("\"{}\"", info.sha256));
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "private, no-cache");
        let bytes = answer.bytes().await.expect("a file");
        let hash = Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        assert_eq!((bytes.len() as u64, &hash), (info.bytes, &info.sha256), "{name}");
        let index = shared::medicines::file::read(&bytes).expect("a medicines file");
        assert_eq!((index.release(), index.has_brands()), ("2026-11-09", name == "full"));
        assert_eq!(file(&asha, name, &tag).await.status(), StatusCode::NOT_MODIFIED);
    }

    import(&server, 1).await;
    let newer: MedicinesStatus = read(asha.get("/api/medicines").await).await;
    assert_eq!(newer.release, "2026-11-16");
    let answer = file(&asha, "core", &format!("\"{}\"", status.core.sha256)).await;
    assert_eq!(answer.status(), StatusCode::OK, "what was known is old");
}

#[tokio::test]
async fn who_understands_brotli_is_sent_it_packed() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    import(&server, 0).await;
    let status: MedicinesStatus = read(asha.get("/api/medicines").await).await;
    let answer = asked_with(&asha, "/api/medicines/full", header::ACCEPT_ENCODING, "gzip, br").await;
    assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br");
    assert_eq!(answer.headers()[header::VARY].to_str().expect("text"), "accept-encoding");
    let packed = answer.bytes().await.expect("a file");
    assert!((packed.len() as u64) < status.full.bytes / 2, "{} of {}", packed.len(), status.full.bytes);
}

#[tokio::test]
async fn nobody_signed_out_is_sent_anything_and_a_code_that_was_not_replaced_is_not_found() {
    let server = TestApp::start().await;
    import(&server, 1).await;
    for path in ["", "/core", "/full", "/replaced/318338001"] {
        let answer = server.browser().get(&format!("/api/medicines{path}")).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let asha = server.asha().await;
    for code in ["318338001", "no-code", "99999999999999999999", "-1"] {
        let answer = asha.get(&format!("/api/medicines/replaced/{code}")).await;
        assert_eq!(problem(answer).await.0, StatusCode::NOT_FOUND, "{code}");
    }
}
