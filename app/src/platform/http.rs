//! Requests to our own server. A request that gets no answer *is* being offline; nothing else is.

use super::js;
use super::trouble::Trouble;
use crate::platform::clock;
use crate::state::{Connection, Satchel};
use futures_util::future::{Either, select};
use gloo_net::http::{Request, RequestBuilder, Response};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::Problem;
use shared::ids::OdsCode;
use std::cell::RefCell;
use std::pin::pin;
use wasm_bindgen::JsValue;

/// How long an answer may take to begin, in milliseconds.
const PATIENCE: u32 = 20_000;
/// Says how many documents a pull will bring.
const DOCUMENTS_HEADER: &str = "x-satchel-documents";
/// Says whose records the asker keeps, so that a session which is at another pharmacy by now answers nothing.
const PHARMACY_HEADER: &str = "x-satchel-pharmacy";

thread_local! {
    static PHARMACY: RefCell<Option<OdsCode>> = const { RefCell::new(None) };
}

/// From now on this thread's quiet requests are for the records of this pharmacy and no other.
pub fn ask_only_for(pharmacy: OdsCode) {
    PHARMACY.set(Some(pharmacy));
}

fn for_the_pharmacy(request: RequestBuilder) -> RequestBuilder {
    PHARMACY.with_borrow(|pharmacy| match pharmacy {
        Some(pharmacy) => request.header(PHARMACY_HEADER, pharmacy.as_str()),
        None => request,
    })
}

pub async fn get<T: DeserializeOwned>(satchel: Satchel, path: &str) -> Result<T, Trouble> {
    read(send(satchel, Request::get(path).build()).await?).await
}

/// Like a GET, with a header that says what must not stand in an address; an empty one is left out.
pub async fn get_naming(
    satchel: Satchel,
    path: &str,
    header: &str,
    value: &str,
) -> Result<Response, Trouble> {
    let request = Request::get(path);
    let request = if value.is_empty() { request } else { request.header(header, value) };
    send(satchel, request.build()).await
}

pub async fn post<T: DeserializeOwned>(
    satchel: Satchel,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Trouble> {
    read(send(satchel, Request::post(path).json(body)).await?).await
}

/// For answers without content.
pub async fn put(satchel: Satchel, path: &str, body: &impl Serialize) -> Result<(), Trouble> {
    send(satchel, Request::put(path).json(body)).await.map(drop)
}

pub async fn delete(satchel: Satchel, path: &str) -> Result<(), Trouble> {
    send(satchel, Request::delete(path).build()).await.map(drop)
}

/// Like [`post`], for answers without content.
pub async fn post_only(satchel: Satchel, path: &str, body: &impl Serialize) -> Result<(), Trouble> {
    send(satchel, Request::post(path).json(body)).await.map(drop)
}

/// Sends bytes, reads JSON.
pub async fn post_bytes<T: DeserializeOwned>(
    satchel: Satchel,
    path: &str,
    bytes: &[u8],
) -> Result<T, Trouble> {
    let request: RequestBuilder = Request::post(path).header("content-type", "application/octet-stream");
    read(send(satchel, request.body(js::array(bytes))).await?).await
}

/// Sends bytes and reads JSON, from a thread that has no screen to tell of the connection.
pub async fn post_bytes_quietly<T: DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, Trouble> {
    let request = Request::post(path).header("content-type", "application/octet-stream");
    read(exchange(for_the_pharmacy(request).body(js::array(bytes))).await?).await
}

/// Like [`post`], from a thread that has no screen.
pub async fn post_quietly<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Trouble> {
    read(exchange(for_the_pharmacy(Request::post(path)).json(body)).await?).await
}

/// Fetches bytes, from a thread that has no screen.
pub async fn get_bytes_quietly(path: &str) -> Result<Vec<u8>, Trouble> {
    let response = exchange(for_the_pharmacy(Request::get(path)).build()).await?;
    response.binary().await.map_err(|_| Trouble::Unreachable)
}

/// A body that arrives in pieces.
pub struct Stream {
    reader: JsValue,
    /// How many documents the server says it will send.
    pub documents: Option<u64>,
}

impl Stream {
    pub async fn open(path: &str) -> Result<Self, Trouble> {
        let response = exchange(for_the_pharmacy(Request::get(path)).build()).await?;
        let documents = response.headers().get(DOCUMENTS_HEADER).and_then(|count| count.parse().ok());
        let body = response.body().ok_or(Trouble::StrangeAnswer)?;
        let reader = js::call(&body, "getReader", &[]).map_err(|_| Trouble::Unsupported("streams"))?;
        Ok(Self { reader, documents })
    }

    /// The next piece; `None` at the end. A cut link is [`Trouble::Unreachable`].
    pub async fn next(&self) -> Result<Option<Vec<u8>>, Trouble> {
        let reading = js::call(&self.reader, "read", &[]).map_err(|_| Trouble::Unreachable)?;
        let piece = {
            let reading = pin!(js::wait_for(reading));
            let patience = pin!(clock::sleep(PATIENCE));
            match select(reading, patience).await {
                Either::Left((piece, _)) => piece.map_err(|_| Trouble::Unreachable)?,
                Either::Right(_) => return Err(Trouble::Unreachable),
            }
        };
        let value = js::get(&piece, "value");
        Ok((!js::is_nothing(&value)).then(|| js::bytes(&value)))
    }
}

async fn send(satchel: Satchel, request: Result<Request, gloo_net::Error>) -> Result<Response, Trouble> {
    let answer = exchange(request).await;
    heard(satchel, !matches!(answer, Err(Trouble::Unreachable)));
    answer
}

/// Shows whether the server answered.
pub fn heard(satchel: Satchel, something: bool) {
    if something {
        satchel.connection.set(Connection::Reached { at: clock::now() });
    } else {
        heard_nothing(satchel);
    }
}

async fn exchange(request: Result<Request, gloo_net::Error>) -> Result<Response, Trouble> {
    let request = request.map_err(|_| Trouble::StrangeAnswer)?;
    let answer = {
        let asking = pin!(request.send());
        let patience = pin!(clock::sleep(PATIENCE));
        match select(asking, patience).await {
            Either::Left((Ok(response), _)) => Some(response),
            _ => None,
        }
    };
    // A gateway that cannot reach the server is no answer from the server.
    let answered = answer.filter(|response| !matches!(response.status(), 502..=504));
    let response = answered.ok_or(Trouble::Unreachable)?;
    match response.status() {
        200..=299 => Ok(response),
        401 => Err(Trouble::NotSignedIn),
        _ => Err(response.json::<Problem>().await.map_or(Trouble::StrangeAnswer, Trouble::Refused)),
    }
}

fn heard_nothing(satchel: Satchel) {
    if !matches!(satchel.connection.get_untracked(), Connection::Unreachable { .. }) {
        satchel.connection.set(Connection::Unreachable { since: clock::now() });
    }
}

/// The answer's body, as JSON.
pub async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Trouble> {
    response.json().await.map_err(|_| Trouble::StrangeAnswer)
}
