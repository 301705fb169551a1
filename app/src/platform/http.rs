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
use std::pin::pin;
use wasm_bindgen::JsValue;

/// How long an answer may take to begin, in milliseconds.
const PATIENCE: u32 = 20_000;

pub async fn get<T: DeserializeOwned>(satchel: Satchel, path: &str) -> Result<T, Trouble> {
    read(send(satchel, Request::get(path).build()).await?).await
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

/// Sends bytes, reads JSON.
pub async fn post_bytes<T: DeserializeOwned>(
    satchel: Satchel,
    path: &str,
    bytes: &[u8],
) -> Result<T, Trouble> {
    let request: RequestBuilder = Request::post(path).header("content-type", "application/octet-stream");
    read(send(satchel, request.body(js::array(bytes))).await?).await
}

/// A body that arrives in pieces.
pub struct Stream {
    reader: JsValue,
}

impl Stream {
    pub async fn open(satchel: Satchel, path: &str) -> Result<Self, Trouble> {
        let response = send(satchel, Request::get(path).build()).await?;
        let body = response.body().ok_or(Trouble::StrangeAnswer)?;
        let reader = js::call(&body, "getReader", &[]).map_err(|_| Trouble::Unsupported("streams"))?;
        Ok(Self { reader })
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
    let Some(response) = answer.filter(|response| !matches!(response.status(), 502..=504)) else {
        heard_nothing(satchel);
        return Err(Trouble::Unreachable);
    };
    satchel.connection.set(Connection::Reached { at: clock::now() });
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

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Trouble> {
    response.json().await.map_err(|_| Trouble::StrangeAnswer)
}
