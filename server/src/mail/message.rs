//! Writes one e-mail: headers in ASCII whatever the names, a plain text, attachments in base64.

use super::{MailError, Outgoing};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, message::MultiPartBuilder};
use sha2::{Digest as _, Sha256};
use shared::consultation::hex;
use shared::time::Millis;
use std::time::{Duration, UNIX_EPOCH};

/// One address in ASCII, nothing around it and nothing after it.
pub fn address(text: &str) -> Result<Address, MailError> {
    let wrong = || MailError::Misconfigured("The address is no e-mail address.".to_owned());
    if !text.is_ascii() || has_breaks(text) {
        return Err(wrong());
    }
    text.trim().parse().map_err(|_| wrong())
}

/// The e-mail in the bytes that leave. `at` in milliseconds since 1970; `None` for now.
pub fn compose(from: &Mailbox, mail: &Outgoing, at: Option<Millis>) -> Result<Vec<u8>, MailError> {
    let wrong = |what: &str| MailError::Misconfigured(format!("The e-mail cannot be written: {what}."));
    let names = mail.attachments.iter().map(|attached| attached.name.as_str());
    let headers = [mail.subject.as_str(), &mail.message_id, &mail.in_reply_to];
    // A line break would begin another header.
    if headers.into_iter().chain(names).any(has_breaks) {
        return Err(wrong("a header holds a line break"));
    }
    if !is_message_id(&mail.message_id) || !(mail.in_reply_to.is_empty() || is_message_id(&mail.in_reply_to))
    {
        return Err(wrong("its Message-ID is none"));
    }
    let mut builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, address(&mail.to)?))
        .subject(&mail.subject)
        .message_id(Some(format!("<{}>", mail.message_id)));
    if let Some(at) = at {
        let since = Duration::from_millis(u64::try_from(at).unwrap_or_default());
        builder = builder.date(UNIX_EPOCH + since);
    }
    if !mail.in_reply_to.is_empty() {
        builder = builder.in_reply_to(format!("<{}>", mail.in_reply_to));
    }
    let mut body = parts(&mail.message_id).singlepart(SinglePart::plain(mail.text.clone()));
    for attached in &mail.attachments {
        let kind =
            ContentType::parse(&attached.content_type).map_err(|_| wrong("an attachment has no type"))?;
        body = body.singlepart(Attachment::new(attached.name.clone()).body(attached.bytes.clone(), kind));
    }
    let message = builder.multipart(body).map_err(|error| wrong(&error.to_string()))?;
    Ok(message.formatted())
}

/// Several parts, divided by a line that depends on nothing but the e-mail's name.
fn parts(message_id: &str) -> MultiPartBuilder {
    let digest: [u8; 32] = Sha256::digest(message_id.as_bytes()).into();
    MultiPart::builder()
        .kind(lettre::message::MultiPartKind::Mixed)
        .boundary(format!("satchel-{}", hex(&digest[..12])))
}

fn has_breaks(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// `name@host`, as RFC 5322 has it between the angle brackets.
fn is_message_id(text: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>@".contains(&b));
    text.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host))
}
