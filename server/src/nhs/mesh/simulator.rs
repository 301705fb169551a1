//! A MESH of our own, in memory: the same paths, signed requests, several mailboxes, and a practice that may answer.

use super::token::Claims;
use super::wire::{Incoming, Kind, Report};
use super::{ANSWER_WITHIN, DEFAULT_CHUNK_BYTES, MeshSettings};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::DATE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::civil::DateTime;
use jiff::{SignedDuration, fmt::strtime};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use shared::patient::NhsNumber;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const LARGEST_REQUEST: usize = 20 * 1024 * 1024;

/// What a practice's system sends back for one message.
#[derive(Debug, Clone)]
pub struct Reply {
    pub workflow: String,
    pub body: Vec<u8>,
}

/// Reads a message that reached the practice and says what its system would answer.
pub type Answers = fn(&Incoming) -> Vec<Reply>;

/// The same where what is answered is decided while it runs.
type Practice = Arc<dyn Fn(&Incoming) -> Vec<Reply> + Send + Sync>;

/// Further than this a signed time may not be from that of MESH (MESH API, authorization).
const CLOCKS_MAY_DIFFER: SignedDuration = SignedDuration::from_hours(2);

/// A pretend MESH; clones share the same mailboxes.
#[derive(Clone)]
pub struct Simulator {
    shared_key: String,
    passwords: BTreeMap<String, String>,
    practice: Option<(String, Practice)>,
    /// Who takes which workflow: organisation, workflow, mailbox.
    endpoints: Vec<(String, String, String)>,
    /// How far the clock here is before that of whoever signs a request.
    ahead: SignedDuration,
    post: Arc<Mutex<Post>>,
}

#[derive(Debug, Default)]
struct Post {
    messages: Vec<Message>,
    used_headers: BTreeSet<(String, String)>,
}

#[derive(Debug, Clone)]
struct Message {
    id: String,
    from: String,
    to: String,
    workflow: String,
    local_id: String,
    subject: String,
    content_type: String,
    gzip: bool,
    total: usize,
    parts: Vec<Bytes>,
    report: Option<Report>,
    acknowledged: bool,
}

impl Message {
    fn complete(&self) -> bool {
        self.parts.len() == self.total
    }
}

impl Simulator {
    /// No mailboxes yet. `shared_key` is the environment's HMAC key.
    pub fn new(shared_key: &str) -> Self {
        Self {
            shared_key: shared_key.to_owned(),
            passwords: BTreeMap::new(),
            practice: None,
            endpoints: Vec::new(),
            ahead: SignedDuration::ZERO,
            post: Arc::default(),
        }
    }

    #[must_use]
    pub fn with_mailbox(mut self, mailbox: &str, password: &str) -> Self {
        self.passwords.insert(mailbox.to_ascii_uppercase(), password.to_owned());
        self
    }

    /// The mailbox in which `GPPROVIDER_…` messages arrive, and how its owner's system answers.
    #[must_use]
    pub fn with_practice(
        mut self,
        mailbox: &str,
        password: &str,
        answers: impl Fn(&Incoming) -> Vec<Reply> + Send + Sync + 'static,
    ) -> Self {
        self.practice = Some((mailbox.to_ascii_uppercase(), Arc::new(answers)));
        self.with_mailbox(mailbox, password)
    }

    /// What the endpoint look-up knows: this organisation takes this workflow in that mailbox.
    #[must_use]
    pub fn with_endpoint(mut self, organisation: &str, workflow: &str, mailbox: &str) -> Self {
        self.endpoints.push((organisation.to_owned(), workflow.to_owned(), mailbox.to_owned()));
        self
    }

    /// Lets the clock here be so many minutes before that of whoever signs; below zero, behind it.
    #[must_use]
    pub fn with_clock_ahead(mut self, minutes: i64) -> Self {
        self.ahead = SignedDuration::from_mins(minutes);
        self
    }

    /// How a client reaches `mailbox` here; `base_url` is where [`Self::router`] is served.
    pub fn settings(&self, base_url: &str, mailbox: &str) -> MeshSettings {
        let password = self.passwords.get(mailbox).cloned().unwrap_or_default();
        MeshSettings {
            base_url: base_url.trim_end_matches('/').to_owned(),
            mailbox: mailbox.to_owned(),
            password: SecretString::from(password),
            shared_key: SecretString::from(self.shared_key.clone()),
            chunk_bytes: DEFAULT_CHUNK_BYTES,
            answer_within: ANSWER_WITHIN,
        }
    }

    /// How many whole messages of this kind ever reached a mailbox, collected or not.
    pub fn delivered(&self, mailbox: &str, workflow: &str) -> usize {
        let reached = |m: &&Message| m.to == mailbox && m.workflow == workflow && m.complete();
        self.post().messages.iter().filter(reached).count()
    }

    /// The whole messages of this kind that ever reached a mailbox, as they were sent.
    pub fn bodies(&self, mailbox: &str, workflow: &str) -> Vec<Vec<u8>> {
        let reached = |m: &&Message| m.to == mailbox && m.workflow == workflow && m.complete();
        self.post().messages.iter().filter(reached).map(|message| message.parts.concat()).collect()
    }

    /// The paths of MESH, for this simulator's mailboxes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/messageexchange/{mailbox}", post(handshake).get(handshake))
            .route("/messageexchange/{mailbox}/inbox", get(inbox))
            .route("/messageexchange/{mailbox}/inbox/{id}", get(first_part))
            .route("/messageexchange/{mailbox}/inbox/{id}/{number}", get(one_part))
            .route("/messageexchange/{mailbox}/inbox/{id}/status/acknowledged", put(acknowledge))
            .route("/messageexchange/{mailbox}/outbox", post(send))
            .route("/messageexchange/{mailbox}/outbox/tracking", get(tracking))
            .route("/messageexchange/{mailbox}/outbox/{id}/{number}", post(send_part))
            .route("/messageexchange/endpointlookup/{organisation}/{workflow}", get(look_up))
            .layer(from_fn_with_state(self.clone(), dated))
            .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
            .with_state(self.clone())
    }

    fn post(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, mailbox: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        let header = text(headers, "authorization");
        let (claims, hash) = Claims::read(&header).ok_or(UNSIGNED)?;
        let password = self.passwords.get(&claims.mailbox).ok_or(UNSIGNED)?;
        if self.ahead.abs() > CLOCKS_MAY_DIFFER {
            return Err(UNSIGNED);
        }
        let unused = || self.post().used_headers.insert((claims.nonce.clone(), claims.count.clone()));
        if claims.mailbox == mailbox && claims.hash(password, &self.shared_key) == hash && unused() {
            Ok(())
        } else {
            Err(UNSIGNED)
        }
    }

    /// Where a message goes: a mailbox, or a report back to the sender when the practice cannot be found.
    fn resolve(&self, to: &str) -> Result<Result<String, (&'static str, &'static str)>, Refusal> {
        let Some(address) = to.strip_prefix("GPPROVIDER_") else {
            return if self.passwords.contains_key(to) { Ok(Ok(to.to_owned())) } else { Err(UNREGISTERED) };
        };
        let number = address.split('_').next().unwrap_or_default();
        Ok(match (number.parse::<NhsNumber>(), &self.practice) {
            (Err(_), _) => Err(("EPL-152", "Invalid NHS Number")),
            (Ok(_), None) => Err(("EPL-151", "No mailbox matched")),
            (Ok(_), Some((mailbox, _))) => Ok(mailbox.clone()),
        })
    }

    /// Called once a message is whole: lets the practice's system answer.
    fn delivered_whole(&self, id: &str) {
        let Some((practice, answers)) = &self.practice else { return };
        let mut post = self.post();
        let Some(message) = post.messages.iter().find(|m| m.id == id && m.complete()).cloned() else {
            return;
        };
        if message.to != *practice || message.gzip {
            return;
        }
        let incoming = Incoming {
            id: message.id.clone(),
            from: message.from.clone(),
            workflow: message.workflow.clone(),
            local_id: message.local_id.clone(),
            subject: message.subject.clone(),
            kind: Kind::Data,
            body: message.parts.concat(),
        };
        for reply in answers(&incoming) {
            let workflow = reply.workflow;
            let answer = Message {
                from: practice.clone(),
                to: message.from.clone(),
                workflow,
                parts: vec![reply.body.into()],
                local_id: String::new(),
                subject: String::new(),
                ..message.clone()
            };
            post.keep(answer);
        }
    }
}

impl Post {
    fn keep(&mut self, mut message: Message) -> String {
        let id = format!("{:032X}", self.messages.len() + 1);
        id.clone_into(&mut message.id);
        self.messages.push(message);
        id
    }

    fn waiting(&self, mailbox: &str, id: &str) -> Result<&Message, Refusal> {
        let mine = self.messages.iter().find(|m| m.id == id && m.to == mailbox && m.complete());
        mine.ok_or(NO_SUCH_MESSAGE)
    }
}

/// An error as MESH gives it: status, event, code, words.
#[derive(Debug, Clone, Copy)]
struct Refusal(StatusCode, &'static str, &'static str, &'static str);

const UNSIGNED: Refusal = Refusal(StatusCode::FORBIDDEN, "", "", "Mailbox id does not match token");
const UNREGISTERED: Refusal =
    Refusal(StatusCode::EXPECTATION_FAILED, "SEND", "12", "Unregistered to address");
const MALFORMED: Refusal = Refusal(StatusCode::EXPECTATION_FAILED, "SEND", "06", "Malformed control file");
const NO_CONTENT: Refusal = Refusal(StatusCode::EXPECTATION_FAILED, "SEND", "02", "Data file is missing");
const NO_SUCH_MESSAGE: Refusal = Refusal(StatusCode::NOT_FOUND, "RECEIVE", "20", "Message does not exist");
const FINISHED: Refusal = Refusal(StatusCode::LOCKED, "SEND", "", "Message is already complete");

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, event, code, msg) = self;
        (status, Json(json!({ "detail": [{ "event": event, "code": code, "msg": msg }] }))).into_response()
    }
}

type Mesh = State<Simulator>;

/// Says what the clock here says: what the request was signed with, and the difference.
async fn dated(State(mesh): Mesh, request: Request, next: Next) -> Response {
    let signed = text(request.headers(), "authorization");
    let mut answer = next.run(request).await;
    let at = Claims::read(&signed).and_then(|(claims, _)| DateTime::strptime("%Y%m%d%H%M", claims.time).ok());
    let here = at.and_then(|at| at.checked_add(mesh.ahead).ok());
    let date = here.and_then(|here| strtime::format("%a, %d %b %Y %H:%M:%S GMT", here).ok());
    if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        answer.headers_mut().insert(DATE, date);
    }
    answer
}

async fn look_up(
    State(mesh): Mesh,
    Path((organisation, workflow)): Path<(String, String)>,
) -> Json<serde_json::Value> {
    let takes = mesh.endpoints.iter().filter(|(ods, kind, _)| *ods == organisation && *kind == workflow);
    let named = takes.map(|(_, _, mailbox)| mailbox);
    // Where nothing was said of endpoints, the one practice takes everything.
    let practice = mesh.practice.iter().map(|(mailbox, _)| mailbox).filter(|_| mesh.endpoints.is_empty());
    let results: Vec<_> = named
        .chain(practice)
        .map(|mailbox| json!({ "mailbox_id": mailbox, "mailbox_name": format!("Mailbox of {organisation}") }))
        .collect();
    Json(json!({ "results": results }))
}

async fn handshake(
    State(mesh): Mesh,
    Path(mailbox): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    mesh.admit(&mailbox, &headers)?;
    let introduced = ["mex-clientversion", "mex-osname", "mex-osversion"];
    if introduced.iter().all(|name| headers.contains_key(*name)) {
        Ok(StatusCode::OK)
    } else {
        Err(Refusal(StatusCode::BAD_REQUEST, "HANDSHAKE", "06", "Missing client headers"))
    }
}

#[derive(Deserialize)]
struct Listing {
    max_results: Option<usize>,
    continue_from: Option<String>,
    workflow_filter: Option<String>,
}

async fn inbox(
    State(mesh): Mesh,
    Path(mailbox): Path<String>,
    Query(listing): Query<Listing>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    mesh.admit(&mailbox, &headers)?;
    let post = mesh.post();
    let wanted = |m: &&Message| {
        m.to == mailbox
            && m.complete()
            && !m.acknowledged
            && listing.workflow_filter.as_deref().is_none_or(|filter| fits(&m.workflow, filter))
            && listing.continue_from.as_deref().is_none_or(|mark| m.id.as_str() > mark)
    };
    let all: Vec<&str> = post.messages.iter().filter(wanted).map(|m| m.id.as_str()).collect();
    let size = listing.max_results.unwrap_or(500).clamp(10, 5000);
    let page = &all[..all.len().min(size)];
    let here = format!("/messageexchange/{mailbox}/inbox?max_results={size}");
    let mut links = json!({ "self": here });
    if let Some(last) = page.last().filter(|_| all.len() > size) {
        let filter =
            listing.workflow_filter.as_ref().map(|f| format!("&workflow_filter={f}")).unwrap_or_default();
        links["next"] = json!(format!("{here}{filter}&continue_from={last}"));
    }
    Ok(Json(json!({ "messages": page, "links": links, "approx_inbox_count": all.len() })).into_response())
}

fn fits(workflow: &str, filter: &str) -> bool {
    if let Some(unwanted) = filter.strip_prefix('!') {
        return !fits(workflow, unwanted);
    }
    match (filter.strip_prefix('*'), filter.strip_suffix('*')) {
        (Some(end), None) => workflow.ends_with(end),
        (None, Some(start)) => workflow.starts_with(start),
        (Some(_), Some(_)) => workflow.contains(filter.trim_matches('*')),
        (None, None) => workflow == filter,
    }
}

async fn first_part(
    State(mesh): Mesh,
    Path((mailbox, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    fetch(&mesh, &mailbox, &id, 1, &headers)
}

async fn one_part(
    State(mesh): Mesh,
    Path((mailbox, id, number)): Path<(String, String, usize)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    fetch(&mesh, &mailbox, &id, number, &headers)
}

fn fetch(
    mesh: &Simulator,
    mailbox: &str,
    id: &str,
    number: usize,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    mesh.admit(mailbox, headers)?;
    let post = mesh.post();
    let message = post.waiting(mailbox, id)?;
    let part = message.parts.get(number.wrapping_sub(1)).ok_or(NO_SUCH_MESSAGE)?;
    let status = if number < message.total { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut answer = (status, part.clone()).into_response();
    let range = format!("{number}:{}", message.total);
    let mut said = vec![
        ("mex-messageid", message.id.as_str()),
        ("mex-from", &message.from),
        ("mex-to", &message.to),
        ("mex-workflowid", &message.workflow),
        ("mex-localid", &message.local_id),
        ("mex-subject", &message.subject),
        ("mex-chunk-range", &range),
        ("mex-messagetype", if message.report.is_some() { "REPORT" } else { "DATA" }),
        ("content-type", &message.content_type),
    ];
    if message.gzip {
        said.push(("content-encoding", "gzip"));
    }
    if let Some(Report { about, code, description }) = &message.report {
        said.extend([("mex-linkedmsgid", about.as_str()), ("mex-statuscode", code)]);
        said.push(("mex-statusdescription", description));
    }
    for (name, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    Ok(answer)
}

async fn acknowledge(
    State(mesh): Mesh,
    Path((mailbox, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    mesh.admit(&mailbox, &headers)?;
    let mut post = mesh.post();
    post.waiting(&mailbox, &id)?;
    for message in post.messages.iter_mut().filter(|m| m.id == id) {
        message.acknowledged = true;
    }
    Ok(StatusCode::OK)
}

async fn send(
    State(mesh): Mesh,
    Path(mailbox): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    mesh.admit(&mailbox, &headers)?;
    let (number, total) = range(&headers).ok_or(MALFORMED)?;
    let workflow = text(&headers, "mex-workflowid");
    if number != 1 || workflow.is_empty() {
        return Err(MALFORMED);
    }
    if body.is_empty() {
        return Err(NO_CONTENT);
    }
    let destination = mesh.resolve(&text(&headers, "mex-to"))?;
    let message = Message {
        id: String::new(),
        from: mailbox.clone(),
        to: destination.clone().unwrap_or_default(),
        workflow,
        local_id: text(&headers, "mex-localid"),
        subject: text(&headers, "mex-subject"),
        content_type: text(&headers, "content-type"),
        gzip: text(&headers, "content-encoding") == "gzip",
        total,
        parts: vec![body],
        report: None,
        acknowledged: false,
    };
    let id = mesh.post().keep(message.clone());
    match destination {
        Ok(_) => mesh.delivered_whole(&id),
        Err((code, words)) => {
            let report = Report { about: id.clone(), code: code.to_owned(), description: words.to_owned() };
            let (from, to) = (String::new(), mailbox);
            let parts = vec![Bytes::new()];
            let notice = Message { from, to, total: 1, parts, gzip: false, report: Some(report), ..message };
            mesh.post().keep(notice);
        }
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "message_id": id }))).into_response())
}

async fn send_part(
    State(mesh): Mesh,
    Path((mailbox, id, number)): Path<(String, String, usize)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    mesh.admit(&mailbox, &headers)?;
    {
        let mut post = mesh.post();
        let mine = post.messages.iter_mut().find(|m| m.id == id && m.from == mailbox);
        let message = mine.ok_or(NO_SUCH_MESSAGE)?;
        if message.complete() {
            return Err(FINISHED);
        }
        let gzip = text(&headers, "content-encoding") == "gzip";
        let expected = (message.parts.len() + 1, message.total);
        if range(&headers) != Some(expected) || number != expected.0 || gzip != message.gzip {
            return Err(MALFORMED);
        }
        message.parts.push(body);
    }
    mesh.delivered_whole(&id);
    Ok((StatusCode::ACCEPTED, Json(json!({ "message_id": id }))).into_response())
}

#[derive(Deserialize)]
struct Tracked {
    #[serde(rename = "messageID")]
    message_id: String,
}

async fn tracking(
    State(mesh): Mesh,
    Path(mailbox): Path<String>,
    Query(tracked): Query<Tracked>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    mesh.admit(&mailbox, &headers)?;
    let post = mesh.post();
    let mine = post.messages.iter().find(|m| m.id == tracked.message_id && m.from == mailbox);
    let message = mine.ok_or(NO_SUCH_MESSAGE)?;
    let status = match (message.complete(), message.acknowledged, message.to.is_empty()) {
        (_, _, true) => "undeliverable",
        (false, _, _) => "uploading",
        (true, false, _) => "accepted",
        (true, true, _) => "acknowledged",
    };
    let Message { id, local_id, workflow, to, .. } = message;
    let answer = json!({
        "message_id": id, "local_id": local_id, "workflow_id": workflow, "recipient": to, "status": status,
    });
    Ok(Json(answer).into_response())
}

/// `1:3` → (1, 3); a message without the header is whole.
fn range(headers: &HeaderMap) -> Option<(usize, usize)> {
    let text = text(headers, "mex-chunk-range");
    if text.is_empty() {
        return Some((1, 1));
    }
    let (number, total) = text.split_once(':')?;
    let range = (number.trim().parse().ok()?, total.trim().parse().ok()?);
    (1 <= range.0 && range.0 <= range.1).then_some(range)
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
