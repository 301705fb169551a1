//! Our own TRUD: lists the newest release of each item and hands out its archive, to who knows the key.

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The one key it knows.
pub const KEY: &str = "an-invented-key";

/// What is published, and how it behaves.
#[derive(Default)]
struct Published {
    /// By item: id, day, archive.
    items: BTreeMap<u16, (String, String, Bytes)>,
    /// How many of the next answers fail.
    failing: u32,
    /// A host that archives are said to be on.
    elsewhere: Option<String>,
    wrong_checksum: bool,
    asked: u32,
}

/// A TRUD for tests.
#[derive(Clone, Default)]
pub struct Simulator(Arc<Mutex<Published>>);

impl Simulator {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/keys/{key}/items/{item}/releases", get(list))
            .route("/download/{key}/{item}", get(download))
            .with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Published> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes the archive as the newest release of an item.
    pub fn publish(&self, item: u16, id: &str, day: &str, archive: Vec<u8>) {
        self.lock().items.insert(item, (id.to_owned(), day.to_owned(), archive.into()));
    }

    /// The next `times` answers are failures.
    pub fn fail(&self, times: u32) {
        self.lock().failing = times;
    }

    /// Says that archives lie on another host.
    pub fn point_elsewhere(&self, base: &str) {
        self.lock().elsewhere = Some(base.to_owned());
    }

    /// Tells a checksum that is not the archive's.
    pub fn tell_wrong_checksums(&self) {
        self.lock().wrong_checksum = true;
    }

    /// How many requests came.
    pub fn asked(&self) -> u32 {
        self.lock().asked
    }

    /// Counts a request; a failure where it is to be one, or the key is wrong.
    fn hears(&self, key: &str) -> Result<(), (StatusCode, &'static str)> {
        let mut published = self.lock();
        published.asked += 1;
        if published.failing > 0 {
            published.failing -= 1;
            return Err((StatusCode::SERVICE_UNAVAILABLE, "<html>busy</html>"));
        }
        if key == KEY { Ok(()) } else { Err((StatusCode::BAD_REQUEST, "Unknown key")) }
    }
}

async fn list(
    State(trud): State<Simulator>,
    Path((key, item)): Path<(String, u16)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Response> {
    trud.hears(&key).map_err(axum::response::IntoResponse::into_response)?;
    let published = trud.lock();
    let (id, day, archive) =
        published.items.get(&item).ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let base = published.elsewhere.clone().unwrap_or_else(|| format!("http://{host}"));
    let sum = if published.wrong_checksum {
        "00".repeat(32)
    } else {
        super::super::hex(&Sha256::digest(archive).into())
    };
    Ok(Json(json!({
        "apiVersion": "1", "httpStatus": 200, "message": "OK",
        "releases": [{ "id": id, "name": "Release", "releaseDate": day, "archiveFileName": id,
            "archiveFileUrl": format!("{base}/download/{key}/{item}"),
            "archiveFileSizeBytes": archive.len(), "archiveFileSha256": sum }],
    })))
}

async fn download(
    State(trud): State<Simulator>,
    Path((key, item)): Path<(String, u16)>,
) -> Result<Bytes, Response> {
    trud.hears(&key).map_err(axum::response::IntoResponse::into_response)?;
    let published = trud.lock();
    published
        .items
        .get(&item)
        .map(|(_, _, archive)| archive.clone())
        .ok_or_else(|| StatusCode::NOT_FOUND.into_response())
}
