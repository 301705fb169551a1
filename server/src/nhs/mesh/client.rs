//! The MESH API over HTTP: one mailbox, every request signed.

use super::refusal::accepted;
use super::token::{Signer, Stamp};
use super::wire::{self, InboxPage, Incoming, Outgoing, Sent, Tracking};
use super::{MeshError, MeshSettings};
use crate::nhs::http::{self, BodyError};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use std::io::{Read as _, Write as _};
use uuid::Uuid;

/// Nothing that is meant for a pharmacy comes near this; more is refused unread.
pub(super) const LARGEST_INCOMING: usize = 20 * 1024 * 1024;
pub(super) const LARGEST_LISTING: usize = 1024 * 1024;
const PAGE: usize = 500;
/// A sender that splits what a pharmacy may get into more parts than this means no good.
const MOST_CHUNKS: usize = 1_000;
/// A message of one part is compressed from this size on: below it, little would be gained.
const WORTH_COMPRESSING: usize = 1024 * 1024;
/// A listing that goes on for ever is not followed for ever.
const MOST_PAGES: usize = 100;

/// One mailbox at one MESH: live, integration, sandbox or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: MeshSettings,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`]; for live MESH it carries the mailbox's certificate.
    pub fn new(http: reqwest::Client, settings: MeshSettings) -> Self {
        Self { http, settings }
    }

    /// The mailbox this client sends from and reads.
    pub fn mailbox(&self) -> &str {
        &self.settings.mailbox
    }

    #[cfg(test)]
    pub(super) fn settings(&self) -> &MeshSettings {
        &self.settings
    }

    /// Says that this mailbox is alive; MESH asks for it at least daily.
    pub async fn handshake(&self, stamp: Stamp) -> Result<(), MeshError> {
        let request = self
            .to(Method::POST, "")
            .header("mex-clientversion", concat!("satchel==", env!("CARGO_PKG_VERSION")))
            .header("mex-osname", std::env::consts::OS)
            .header("mex-osversion", std::env::consts::ARCH);
        accepted(self.ask(request, &mut self.signer(stamp)).await?, stamp.at).await?;
        Ok(())
    }

    /// Hands a message over and returns MESH's name for it, which every report about it repeats.
    ///
    /// MESH removes no duplicates: a caller that repeats a message must repeat the same bytes.
    pub async fn send(&self, stamp: Stamp, message: &Outgoing<'_>) -> Result<String, MeshError> {
        let mut signer = self.signer(stamp);
        let chunks: Vec<&[u8]> = message.body.chunks(self.settings.chunk_bytes.max(1)).collect();
        let first = self
            .to(Method::POST, "/outbox")
            .header("mex-from", &self.settings.mailbox)
            .header("mex-to", wire::header_text(message.to, 100))
            .header("mex-workflowid", message.workflow)
            .header("mex-localid", wire::header_text(message.local_id, 300))
            .header("mex-subject", wire::header_text(message.subject, 500))
            .header(CONTENT_TYPE, message.content_type);
        let first = part(first, &chunks, 0)?;
        let sent: Sent = json(accepted(self.ask(first, &mut signer).await?, stamp.at).await?).await?;
        for index in 1..chunks.len() {
            let path = format!("/outbox/{}/{}", path_safe(&sent.message_id)?, index + 1);
            let next = self.to(Method::POST, &path).header(CONTENT_TYPE, message.content_type);
            accepted(self.ask(part(next, &chunks, index)?, &mut signer).await?, stamp.at).await?;
        }
        Ok(sent.message_id)
    }

    /// Every message waiting, oldest first, page after page. `workflow` narrows it (`*` at an end is a wild card);
    /// MESH's own reports come only without one.
    pub async fn inbox(&self, stamp: Stamp, workflow: Option<&str>) -> Result<Vec<String>, MeshError> {
        self.inbox_by(stamp, workflow, PAGE).await
    }

    pub(super) async fn inbox_by(
        &self,
        stamp: Stamp,
        workflow: Option<&str>,
        page_size: usize,
    ) -> Result<Vec<String>, MeshError> {
        let mut signer = self.signer(stamp);
        let mut waiting = Vec::new();
        let mut mark: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = vec![("max_results", page_size.to_string())];
            query.extend(workflow.map(|name| ("workflow_filter", name.to_owned())));
            query.extend(mark.take().map(|mark| ("continue_from", mark)));
            let request = self.to(Method::GET, "/inbox").query(&query);
            let answer = accepted(self.ask(request, &mut signer).await?, stamp.at).await?;
            let page: InboxPage = json(answer).await?;
            mark = page.continue_from();
            let empty = page.messages.is_empty();
            waiting.extend(page.messages);
            if empty || mark.is_none() {
                break;
            }
        }
        Ok(waiting)
    }

    /// Fetches a message, all its parts put together; `None` when it is no longer there.
    pub async fn message(&self, stamp: Stamp, id: &str) -> Result<Option<Incoming>, MeshError> {
        let mut signer = self.signer(stamp);
        let path = format!("/inbox/{}", path_safe(id)?);
        let answer = self.ask(self.to(Method::GET, &path), &mut signer).await?;
        if matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        let first = accepted(answer, stamp.at).await?;
        let partial = first.status() == StatusCode::PARTIAL_CONTENT;
        let headers = first.headers().clone();
        let mut bytes = content(first, LARGEST_INCOMING).await?;
        let chunks = if partial { wire::chunks(&headers) } else { 1 };
        if chunks > MOST_CHUNKS {
            return Err(MeshError::TooLarge);
        }
        for number in 2..=chunks {
            let request = self.to(Method::GET, &format!("{path}/{number}"));
            let next = accepted(self.ask(request, &mut signer).await?, stamp.at).await?;
            let last = next.status() == StatusCode::OK;
            bytes.extend(content(next, LARGEST_INCOMING - bytes.len()).await?);
            if last {
                break;
            }
        }
        Ok(Some(wire::incoming(id, &headers, bytes)))
    }

    /// Takes a message off the inbox. Only after it is durably stored; safe to repeat.
    pub async fn acknowledge(&self, stamp: Stamp, id: &str) -> Result<(), MeshError> {
        let path = format!("/inbox/{}/status/acknowledged", path_safe(id)?);
        let request = self.to(Method::PUT, &path);
        accepted(self.ask(request, &mut self.signer(stamp)).await?, stamp.at).await?;
        Ok(())
    }

    /// How far a message that was sent has come; `None` when MESH knows of none.
    pub async fn tracking(&self, stamp: Stamp, message_id: &str) -> Result<Option<Tracking>, MeshError> {
        let request = self.to(Method::GET, "/outbox/tracking").query(&[("messageID", message_id)]);
        let answer = self.ask(request, &mut self.signer(stamp)).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        json(accepted(answer, stamp.at).await?).await.map(Some)
    }

    fn signer(&self, stamp: Stamp) -> Signer<'_> {
        let MeshSettings { mailbox, password, shared_key, .. } = &self.settings;
        Signer { mailbox, password, shared_key, stamp, count: 0 }
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        self.beside(method, &format!("{}{path}", self.settings.mailbox))
    }

    /// A path of MESH that belongs to no mailbox.
    pub(super) fn beside(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/messageexchange/{path}", self.settings.base_url))
    }

    async fn ask(&self, request: RequestBuilder, signer: &mut Signer<'_>) -> Result<Response, MeshError> {
        let nonce = signer.stamp.nonce;
        self.answer(request.header("Authorization", signer.next()), nonce).await
    }

    pub(super) async fn answer(&self, request: RequestBuilder, nonce: Uuid) -> Result<Response, MeshError> {
        let request = request.header("Accept", wire::ACCEPT).timeout(self.settings.answer_within);
        let request = http::named(request, nonce);
        request.send().await.map_err(|e| MeshError::Unreachable(e.without_url()))
    }
}

/// One part of a body: split first, each part compressed by itself (MESH API, chunking).
fn part(request: RequestBuilder, chunks: &[&[u8]], index: usize) -> Result<RequestBuilder, MeshError> {
    let bytes = chunks.get(index).copied().unwrap_or_default();
    let split = chunks.len() > 1;
    if !split && bytes.len() < WORTH_COMPRESSING {
        return Ok(request.body(bytes.to_vec()));
    }
    let request = if split {
        request.header("mex-chunk-range", format!("{}:{}", index + 1, chunks.len()))
    } else {
        request
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    Ok(request.header(CONTENT_ENCODING, "gzip").body(packed.map_err(unreadable)?))
}

/// The body of one part. Older senders compress the file itself and say so in a Mex header.
async fn content(response: Response, limit: usize) -> Result<Vec<u8>, MeshError> {
    let compressed = says_compressed(response.headers());
    let bytes = body(response, limit).await?;
    if !compressed || !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let bound = limit as u64 + 1;
    GzDecoder::new(bytes.as_slice()).take(bound).read_to_end(&mut plain).map_err(unreadable)?;
    if plain.len() > limit { Err(MeshError::TooLarge) } else { Ok(plain) }
}

fn says_compressed(headers: &HeaderMap) -> bool {
    headers.get("mex-content-compressed").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"Y"))
}

pub(super) async fn json<T: DeserializeOwned>(response: Response) -> Result<T, MeshError> {
    serde_json::from_slice(&body(response, LARGEST_LISTING).await?).map_err(unreadable)
}

async fn body(response: Response, limit: usize) -> Result<Vec<u8>, MeshError> {
    http::body(response, limit).await.map_err(|error| match error {
        BodyError::BrokeOff(cause) => MeshError::Unreachable(cause),
        BodyError::TooLarge => MeshError::TooLarge,
    })
}

/// MESH names messages in letters and digits; anything else has no business in a path.
pub(super) fn path_safe(id: &str) -> Result<&str, MeshError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !id.is_empty() && id.bytes().all(plain) {
        Ok(id)
    } else {
        Err(unreadable("a message name with characters that MESH does not use"))
    }
}

fn unreadable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> MeshError {
    MeshError::Unreadable(cause.into())
}
