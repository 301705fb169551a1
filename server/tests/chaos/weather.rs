//! A proxy that stands before any HTTP peer and lets through what the weather allows.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::sync::{Arc, Mutex, PoisonError};

const LARGEST: usize = 20 * 1024 * 1024;

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sky {
    Clear,
    /// The peer does what is asked and its answer never comes.
    Slow,
    /// Nobody takes the connection further.
    Down,
    Failing,
    /// Busy, and says for how many seconds.
    Busy(u32),
    /// The peer does what is asked and its answer breaks off in the middle.
    Half,
    /// The peer does what is asked and something between says so in a language of its own.
    WrongType,
    /// As clear, but for one path with this in it, which always breaks off.
    HalfOf(String),
}

#[derive(Clone)]
pub struct Weather {
    sky: Arc<Mutex<Sky>>,
    peer: String,
    http: reqwest::Client,
}

impl Weather {
    /// Stands before the peer at this address, which has no slash at the end; answers where to reach it through here.
    pub async fn before(peer: &str) -> (Self, String) {
        let http = satchel::nhs::http::client(None).expect("a client");
        let weather = Self { sky: Arc::new(Mutex::new(Sky::Clear)), peer: peer.to_owned(), http };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let here = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass).with_state(weather.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (weather, here)
    }

    pub fn becomes(&self, sky: Sky) {
        *self.sky.lock().unwrap_or_else(PoisonError::into_inner) = sky;
    }

    fn sky(&self) -> Sky {
        self.sky.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LARGEST).await.expect("a body");
        let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let mut asked = self.http.request(parts.method, format!("{}{path}", self.peer)).body(body);
        for (name, value) in parts.headers.iter().filter(|(name, _)| *name != HOST) {
            asked = asked.header(name, value);
        }
        let answer = asked.send().await.expect("the peer answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut passed = (status, answer.bytes().await.expect("a body")).into_response();
        for (name, value) in &headers {
            if name.as_str().starts_with("mex-") || *name == CONTENT_TYPE || name.as_str() == "date" {
                passed.headers_mut().insert(name, value.clone());
            }
        }
        passed
    }
}

async fn pass(State(weather): State<Weather>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    match weather.sky() {
        Sky::Slow => {
            weather.ask(request).await;
            std::future::pending().await
        }
        Sky::Down => broken_off(Bytes::new()),
        Sky::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Sky::Busy(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, HeaderValue::from(seconds))]).into_response()
        }
        Sky::Half => half(weather.ask(request).await).await,
        Sky::WrongType => {
            weather.ask(request).await;
            let page = "<html><body>Welcome to the hotel’s network</body></html>";
            (StatusCode::OK, [(CONTENT_TYPE, "text/html")], page).into_response()
        }
        Sky::HalfOf(part) if path.contains(&part) => half(weather.ask(request).await).await,
        Sky::Clear | Sky::HalfOf(_) => weather.ask(request).await,
    }
}

async fn half(whole: Response) -> Response {
    let body = to_bytes(whole.into_body(), LARGEST).await.expect("a body");
    broken_off(body.slice(..body.len() / 2))
}

/// These bytes, and then the connection ends without the rest.
fn broken_off(bytes: Bytes) -> Response {
    let parts = [Ok(bytes), Err(std::io::Error::other("the line went dead"))];
    Response::new(Body::from_stream(stream::iter(parts)))
}
