//! The nudge: a number when there is news, to our own pages only, until the session ends.

use crate::support::{Device, ORIGIN, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Opens the socket as a browser on that page would. Answers the status line and the open stream.
async fn listen(server: &Server, device: &Device, origin: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let request = format!(
        "GET /api/sync/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Origin: {origin}\r\nCookie: {}\r\n\r\n",
        device.http.cookie
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).expect("text");
    (head.lines().next().expect("a status line").to_owned(), stream)
}

/// The next number told; `None` when the server closes. Pings are passed over.
async fn told(stream: &mut TcpStream) -> Option<u64> {
    loop {
        let kind = stream.read_u8().await.ok()?;
        let length = stream.read_u8().await.ok()?;
        let mut content = vec![0; usize::from(length)];
        stream.read_exact(&mut content).await.ok()?;
        match kind {
            0x81 => return String::from_utf8(content).ok()?.parse().ok(),
            0x88 => return None,
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_device_is_told_the_number_and_nothing_else() {
    let server = Server::start().await;
    let (mut asha, tom) = (server.asha().await, server.tom().await);
    let (status, mut stream) = listen(&server, &tom, ORIGIN).await;
    assert!(status.contains("101"), "{status}");
    assert_eq!(told(&mut stream).await, Some(0));
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    asha.push(vec![whole]).await;
    assert_eq!(told(&mut stream).await, Some(1));
}

#[tokio::test]
async fn another_website_is_not_told() {
    let server = Server::start().await;
    let asha = server.asha().await;
    let (status, _) = listen(&server, &asha, "https://elsewhere.example").await;
    assert!(status.contains("403"), "{status}");
}

#[tokio::test]
async fn signing_out_ends_the_telling() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (_, mut stream) = listen(&server, &asha, ORIGIN).await;
    assert_eq!(told(&mut stream).await, Some(0));
    asha.http.delete("/api/session").await;
    assert_eq!(told(&mut stream).await, None);
}

#[tokio::test]
async fn revoking_the_device_ends_the_telling() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let tom = server.tom().await;
    let (_, mut stream) = listen(&server, &tom, ORIGIN).await;
    assert_eq!(told(&mut stream).await, Some(0));
    asha.http.delete(&format!("/api/devices/{}", tom.id)).await;
    assert_eq!(told(&mut stream).await, None);
}

#[tokio::test]
async fn a_closing_server_ends_the_telling() {
    let server = Server::start().await;
    let asha = server.asha().await;
    let (_, mut stream) = listen(&server, &asha, ORIGIN).await;
    assert_eq!(told(&mut stream).await, Some(0));
    server.app.closing.send_replace(true);
    assert_eq!(told(&mut stream).await, None);
}
