//! The dictionary of medicines: which release is in use, and the files that devices search.

use crate::app::App;
use crate::dmd;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{DmdFile, Store};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, stream};
use shared::api::{MedicinesStatus, ReplacedView};
use std::io;
use std::sync::Arc;

const NONE_YET: Problem = Problem::NotFound("A dictionary of medicines on this server");

/// Which release of dm+d is in use, and the files built from it.
#[utoipa::path(get, path = "/api/medicines", tag = "medicines",
    responses((status = 200, description = "`MedicinesStatus`, empty where none was imported yet")))]
pub async fn show(app: App, _staff: Staff) -> Result<Json<MedicinesStatus>, Problem> {
    Ok(Json(dmd::status(&*app.store).await?))
}

/// Moieties and generic products, as a medicines file (`shared/src/medicines/file`).
#[utoipa::path(get, path = "/api/medicines/core", tag = "medicines",
    responses((status = 200, description = "The file, packed with Brotli where that is accepted"),
        (status = 304, description = "The file of the ETag that was sent is the one in use"),
        (status = 404, description = "None was imported yet")))]
pub async fn core(app: App, _staff: Staff, headers: HeaderMap) -> Result<Response, Problem> {
    file(&app, "core", &headers).await
}

/// Brands, too; everything that the other file holds is in it.
#[utoipa::path(get, path = "/api/medicines/full", tag = "medicines",
    responses((status = 200, description = "The file, packed with Brotli where that is accepted"),
        (status = 304, description = "The file of the ETag that was sent is the one in use"),
        (status = 404, description = "None was imported yet")))]
pub async fn full(app: App, _staff: Staff, headers: HeaderMap) -> Result<Response, Problem> {
    file(&app, "full", &headers).await
}

/// What took the place of a code of an older release.
#[utoipa::path(get, path = "/api/medicines/replaced/{code}", tag = "medicines",
    params(("code" = String, Path, description = "Code of a moiety, product, ingredient, form, route or unit")),
    responses((status = 200, description = "`ReplacedView`"),
        (status = 404, description = "No code of the release in use took its place")))]
pub async fn replaced(
    app: App,
    _staff: Staff,
    Path(code): Path<String>,
) -> Result<Json<ReplacedView>, Problem> {
    let number: u64 = code
        .parse()
        .ok()
        .filter(|code| *code < 10_u64.pow(18))
        .ok_or(Problem::NotFound("A code that took the place of this one"))?;
    let found = app.store.dmd_replaced(number).await?;
    let found = found.ok_or(Problem::NotFound("A code that took the place of this one"))?;
    Ok(Json(ReplacedView { code: found.old.to_string(), current: found.new.to_string(), kind: found.kind }))
}

async fn file(app: &App, name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let release = app.store.dmd_release().await?.ok_or(NONE_YET)?;
    let file = release.files.into_iter().find(|file| file.name == name).ok_or(NONE_YET)?;
    let tag = format!("\"{}\"", dmd::hex(&file.sha256));
    let mut answer = if asks_for_another(headers, &tag) {
        content(app, &file, headers).await?
    } else {
        StatusCode::NOT_MODIFIED.into_response()
    };
    let about = answer.headers_mut();
    about.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Problem::internal)?);
    // One staff member's browser may keep it, and asks each time whether it is still the one in use.
    about.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    about.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(answer)
}

/// Whether none of the files that the device has is the one in use (RFC 9110, 13.1.2).
fn asks_for_another(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    !known.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/") == tag
    })
}

/// Browsers take Brotli wherever the connection is encrypted, or on this machine.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case("br")
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

async fn content(app: &App, file: &DmdFile, headers: &HeaderMap) -> Result<Response, Problem> {
    let octets = (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if takes_brotli(headers) {
        let packed = [
            octets,
            (header::CONTENT_ENCODING, HeaderValue::from_static("br")),
            (header::CONTENT_LENGTH, HeaderValue::from(file.bytes)),
        ];
        return Ok((packed, Body::from_stream(chunks(Arc::clone(&app.store), file.clone()))).into_response());
    }
    let whole = dmd::in_full(&*app.store, file).await?;
    // Another release came into use in this moment; asked again, that one is answered with.
    let whole = whole.ok_or(Problem::Busy(None))?;
    Ok(([octets], whole).into_response())
}

/// One chunk after the other. Where another release comes into use meanwhile the answer breaks off, and the device asks
/// again.
fn chunks(store: Arc<dyn Store>, file: DmdFile) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold((store, file, 0), |(store, file, place)| async move {
        if place >= file.chunks {
            return None;
        }
        let chunk = match store.dmd_chunk(&file.sha256, place).await {
            Ok(Some(chunk)) => Ok(Bytes::from(chunk)),
            Ok(None) => Err(io::Error::other("another release came into use")),
            Err(error) => Err(io::Error::other(error)),
        };
        let next = if chunk.is_ok() { place + 1 } else { u32::MAX };
        Some((chunk, (store, file, next)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn brotli_is_sent_only_to_who_says_that_it_is_understood() {
        for value in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, BR;q=0.1"] {
            assert!(takes_brotli(&headers(header::ACCEPT_ENCODING, value)), "{value}");
        }
        for value in ["", "gzip", "br;q=0", "brotli", "gzip, br; q=0.0"] {
            assert!(!takes_brotli(&headers(header::ACCEPT_ENCODING, value)), "{value}");
        }
    }

    #[test]
    fn a_device_that_has_the_file_is_not_sent_it_again() {
        for value in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(!asks_for_another(&headers(header::IF_NONE_MATCH, value), "\"a\""), "{value}");
        }
        assert!(asks_for_another(&headers(header::IF_NONE_MATCH, "\"b\""), "\"a\""));
        assert!(asks_for_another(&HeaderMap::new(), "\"a\""));
    }
}
