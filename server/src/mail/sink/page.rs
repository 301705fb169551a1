//! What the pretend mail server has taken, to be looked at in the demonstration and by journeys: `/simulator/mail`.

use super::{Sink, Taken};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use quick_xml::escape::escape;

impl Sink {
    /// The list at `/`, one e-mail as it came at `/{number}`, its attachment at `/{number}/{attachment}`; numbers from 1.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(list))
            .route("/{number}", get(original))
            .route("/{number}/{attachment}", get(attachment))
            .with_state(self.clone())
    }
}

async fn list(State(sink): State<Sink>) -> Html<String> {
    let taken = sink.taken();
    let mails = taken.iter().enumerate().rev().map(|(index, mail)| entry(index + 1, mail));
    let mails: Vec<String> = mails.collect();
    let mails = if mails.is_empty() { "<p>No e-mail has been sent.</p>".to_owned() } else { mails.concat() };
    Html(format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>E-mail that was sent (simulated)</title></head>\n<body><main>\n\
         <h1>E-mail that was sent (simulated)</h1>\n\
         <p>This is a demonstration. Nobody here is real, and nothing has left this machine.</p>\n\
         {mails}</main></body>\n</html>\n"
    ))
}

fn entry(number: usize, mail: &Taken) -> String {
    let Some(message) = MessageParser::default().parse(&mail.message) else {
        return format!("<h2>E-mail {number}</h2><p><a href=\"mail/{number}\">As it came</a></p>\n");
    };
    let subject = message.subject().unwrap_or_default();
    let text = message.body_text(0).unwrap_or_default();
    let attached = message.attachments().enumerate().map(|(index, part)| {
        let name = part.attachment_name().unwrap_or("attachment");
        format!("<li><a href=\"mail/{number}/{}\">{}</a></li>", index + 1, escape(name))
    });
    let attached: Vec<String> = attached.collect();
    format!(
        "<article><h2>{}</h2>\n<p>From {} to {}</p>\n<pre>{}</pre>\n<ul>{}</ul>\n\
         <p><a href=\"mail/{number}\">As it came</a></p></article>\n",
        escape(subject),
        escape(mail.from.as_str()),
        escape(mail.to.join(", ").as_str()),
        escape(text.as_ref()),
        attached.concat()
    )
}

async fn original(State(sink): State<Sink>, Path(number): Path<usize>) -> Response {
    match nth(&sink, number) {
        Some(mail) => ([(header::CONTENT_TYPE, "message/rfc822")], mail.message).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn attachment(State(sink): State<Sink>, Path((number, which)): Path<(usize, u32)>) -> Response {
    let Some(mail) = nth(&sink, number) else { return StatusCode::NOT_FOUND.into_response() };
    let message: Option<Message<'_>> = MessageParser::default().parse(&mail.message);
    let part = message.as_ref().and_then(|message| message.attachment(which.checked_sub(1)?));
    let Some(part) = part else { return StatusCode::NOT_FOUND.into_response() };
    let kind = part.content_type().map(|kind| {
        let subtype = kind.subtype().unwrap_or("octet-stream");
        format!("{}/{subtype}", kind.ctype())
    });
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    ([(header::CONTENT_TYPE, kind)], part.contents().to_vec()).into_response()
}

fn nth(sink: &Sink, number: usize) -> Option<Taken> {
    sink.taken().into_iter().nth(number.checked_sub(1)?)
}
