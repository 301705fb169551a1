//! One connection: just enough of SMTP for a well-behaved sender (RFC 5321, 3207, 4954).

use super::{Mood, SECRET, Sink, Taken};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::io;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

const LONGEST_LINE: u64 = 4_096;
const LARGEST: usize = 30 * 1024 * 1024;

/// Serves one connection until it ends, however it ends.
pub async fn serve(sink: &Sink, stream: TcpStream, acceptor: &TlsAcceptor) {
    // What goes wrong with a pretend mail server's connection concerns nobody but the sender, who sees it.
    let _ = talk(sink, stream, acceptor).await;
}

async fn talk(sink: &Sink, stream: TcpStream, acceptor: &TlsAcceptor) -> io::Result<()> {
    let mood = sink.mood();
    if mood == Mood::HangsUp {
        return Ok(());
    }
    let mut open = Line::new(stream);
    open.say("220 localhost keeps mail").await?;
    loop {
        let Some(command) = open.hear().await? else { return Ok(()) };
        match verb(&command).as_str() {
            "EHLO" | "HELO" if mood == Mood::Plain => open.say("250 localhost").await?,
            "EHLO" | "HELO" => open.say("250-localhost\r\n250 STARTTLS").await?,
            "STARTTLS" if mood != Mood::Plain => break,
            "QUIT" => return open.say("221 bye").await,
            _ => open.say("530 Must issue a STARTTLS command first").await?,
        }
    }
    open.say("220 go ahead").await?;
    let encrypted = acceptor.accept(open.0.into_inner()).await?;
    encrypted_talk(sink, mood, Line::new(encrypted)).await
}

async fn encrypted_talk<S>(sink: &Sink, mood: Mood, mut line: Line<S>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut known, mut from, mut to) = (false, String::new(), Vec::new());
    while let Some(command) = line.hear().await? {
        let argument = command.split_once(':').map_or("", |(_, rest)| rest).trim();
        let address = argument.trim_start_matches('<').split('>').next().unwrap_or_default().to_owned();
        match verb(&command).as_str() {
            "EHLO" | "HELO" => line.say("250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN").await?,
            "AUTH" => {
                known = mood != Mood::LocksOut && knows(&command);
                line.say(if known { "235 welcome" } else { "535 5.7.8 not known here" }).await?;
            }
            "QUIT" => return line.say("221 bye").await,
            _ if !known => line.say("530 5.7.0 Authentication required").await?,
            "MAIL" => {
                from = address;
                line.say("250 OK").await?;
            }
            "RCPT" if mood == Mood::Busy => line.say("451 4.3.2 try later").await?,
            "RCPT" if mood == Mood::RefusesRecipient => line.say("550 5.1.1 no such mailbox").await?,
            "RCPT" => {
                to.push(address);
                line.say("250 OK").await?;
            }
            "DATA" => {
                line.say("354 go on").await?;
                let message = line.message().await?;
                let taken = Taken { from: std::mem::take(&mut from), to: std::mem::take(&mut to), message };
                match mood {
                    Mood::BusyWithMessage => line.say("451 4.3.0 try later").await?,
                    Mood::TooLarge => line.say("552 5.3.4 message too big").await?,
                    Mood::TakesAndHangsUp => {
                        sink.keep(taken);
                        return Ok(());
                    }
                    _ => {
                        sink.keep(taken);
                        line.say("250 2.0.0 kept").await?;
                    }
                }
            }
            "RSET" | "NOOP" => line.say("250 OK").await?,
            _ => line.say("502 5.5.1 not here").await?,
        }
    }
    Ok(())
}

fn verb(command: &str) -> String {
    let verb = command.split(|c: char| c.is_whitespace() || c == ':').next().unwrap_or_default();
    verb.to_ascii_uppercase()
}

/// `AUTH PLAIN AGRlbW8AZGVtbw==`: nothing, the name, the password, with a zero before each.
fn knows(command: &str) -> bool {
    let given = command.split_whitespace().nth(2).and_then(|text| STANDARD.decode(text).ok());
    given.is_some_and(|given| given == format!("\0{SECRET}\0{SECRET}").into_bytes())
}

/// A connection read by lines.
struct Line<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    async fn say(&mut self, words: &str) -> io::Result<()> {
        self.0.get_mut().write_all(format!("{words}\r\n").as_bytes()).await?;
        self.0.get_mut().flush().await
    }

    /// The next line; `None` at the end.
    async fn hear(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.0).take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    /// Everything up to the line with nothing but a dot.
    async fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.0.read_until(b'\n', &mut line).await? == 0 || message.len() > LARGEST {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.as_slice() {
                b".\r\n" => return Ok(message),
                [b'.', rest @ ..] => message.extend_from_slice(rest),
                line => message.extend_from_slice(line),
            }
        }
    }
}
