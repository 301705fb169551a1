//! Requests over the socket, and what comes back of them as mail to the device.

use crate::headless::Headless;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use shared::api::{HeadsAnswer, HeadsRequest, PushAnswer};
use shared::sync::device::{Failure, Ticket};
use shared::sync::frame::{PullFrame, split_stream};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;

/// Something on its way to a device.
pub enum Mail {
    Pushed(Ticket, Result<PushAnswer, Failure>),
    Frame(Ticket, PullFrame),
    Pulled(Ticket, Result<(), Failure>),
    Heads(Ticket, Result<HeadsAnswer, Failure>),
    News(u64),
}

/// Where mail goes: to one life of the app. What arrives after its death is for nobody.
#[derive(Clone)]
pub struct Letterbox {
    pub life: u64,
    pub mail: UnboundedSender<(u64, Mail)>,
}

impl Letterbox {
    /// `false` when nobody reads any more.
    fn put(&self, mail: Mail) -> bool {
        self.mail.send((self.life, mail)).is_ok()
    }
}

pub async fn push(device: Headless, frame: Vec<u8>, ticket: Ticket, box_: Letterbox) {
    box_.put(Mail::Pushed(ticket, answered(device.push(frame)).await));
}

/// The same request once more, as a proxy that lost patience repeats it; nobody waits for the answer.
pub async fn push_again(device: Headless, frame: Vec<u8>, after: Duration) {
    tokio::time::sleep(after).await;
    // Whatever becomes of it, the device has sent it once already.
    let _ = answered::<PushAnswer>(device.push(frame)).await;
}

pub async fn ask_heads(device: Headless, asked: HeadsRequest, ticket: Ticket, box_: Letterbox) {
    let request = device.ask(Method::POST, "/api/sync/heads").json(&asked);
    box_.put(Mail::Heads(ticket, answered(request).await));
}

pub async fn pull(device: Headless, after: u64, ticket: Ticket, box_: Letterbox) {
    let outcome = frames(&device, after, |frame| box_.put(Mail::Frame(ticket, frame))).await;
    box_.put(Mail::Pulled(ticket, outcome));
}

async fn frames(
    device: &Headless,
    after: u64,
    mut take: impl FnMut(PullFrame) -> bool,
) -> Result<(), Failure> {
    let mut answer = checked(device.pull(after)).await?;
    let mut buffer = Vec::new();
    while let Some(bytes) = answer.chunk().await.map_err(|_| Failure::Unreachable)? {
        buffer.extend_from_slice(&bytes);
        for frame in split_stream(&mut buffer).expect("a server sends frames") {
            take(frame);
        }
    }
    if buffer.is_empty() { Ok(()) } else { Err(Failure::Unreachable) }
}

async fn answered<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    checked(request).await?.json().await.map_err(|_| Failure::Unreachable)
}

/// The same decisions as the app's.
async fn checked(request: RequestBuilder) -> Result<Response, Failure> {
    let answer = request.send().await.map_err(|_| Failure::Unreachable)?;
    match answer.status() {
        StatusCode::OK => Ok(answer),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Failure::SignedOut),
        StatusCode::PAYLOAD_TOO_LARGE => Err(Failure::TooLarge),
        StatusCode::TOO_MANY_REQUESTS => Err(Failure::Busy { wait: 10_000 }),
        status if status.is_server_error() => Err(Failure::Unreachable),
        status => panic!("a server answered {status} to a device that does nothing wrong"),
    }
}

/// Listens for news, again and again, until nobody reads them.
pub async fn listen(device: Headless, address: SocketAddr, box_: Letterbox) {
    while !box_.mail.is_closed() {
        if let Some(mut nudges) = Nudges::open(&device, address).await {
            while let Some(upto) = nudges.next().await {
                if !box_.put(Mail::News(upto)) {
                    return;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The WebSocket that says only up to which number there is news.
pub struct Nudges(TcpStream);

impl Nudges {
    /// `None` when the server does not answer.
    pub async fn open(device: &Headless, address: SocketAddr) -> Option<Self> {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!(
            "GET /api/sync/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Origin: {}\r\nCookie: {}\r\n\r\n",
            device.origin, device.cookie
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        head.starts_with(b"HTTP/1.1 101").then_some(Self(stream))
    }

    /// The next number told; `None` when the connection is over. Pings are passed over.
    pub async fn next(&mut self) -> Option<u64> {
        loop {
            let kind = self.0.read_u8().await.ok()?;
            let length = self.0.read_u8().await.ok()?;
            let mut content = vec![0; usize::from(length)];
            self.0.read_exact(&mut content).await.ok()?;
            match kind {
                0x81 => return String::from_utf8(content).ok()?.parse().ok(),
                0x88 => return None,
                _ => {}
            }
        }
    }
}
