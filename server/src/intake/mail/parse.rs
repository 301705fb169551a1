//! An e-mail taken apart: who, when, the words of it, what is attached. HTML becomes plain words and is never shown.

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders as _, PartType};
use sha2::{Digest as _, Sha256};
use shared::api::WaitingAttachment;
use shared::consultation::hex;
use shared::time::{Millis, stored};

/// Larger ones are kept and not read. NHSmail itself takes up to 35 MB with the encoding of attachments.
pub const LARGEST: usize = 25 * 1024 * 1024;
/// As much of the text as a screen shows; the rest stands in the original.
const LONGEST_TEXT: usize = 64 * 1024;
/// A mail with more parts is not taken apart.
const MOST_PARTS: usize = 50;
/// Longer headers are cut.
const LONGEST_LINE: usize = 1000;

/// What an e-mail says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// Without angle brackets; of a mail without one, made from its bytes.
    pub message_id: String,
    /// `Elm Road Surgery <elm.road@nhs.net>`.
    pub from: String,
    /// Where an answer goes: `Reply-To`, else `From`.
    pub reply_to: String,
    /// Addresses it went to, in small letters.
    pub recipients: Vec<String>,
    pub subject: String,
    pub sent_at: Option<Millis>,
    /// Plain words, lines kept.
    pub text: String,
    pub cut: bool,
    pub attachments: Vec<WaitingAttachment>,
    /// Why it could not be read, in words; empty when it could.
    pub unreadable: String,
}

/// Reads an e-mail. Whatever it holds, something comes of it.
pub fn read(bytes: &[u8]) -> Mail {
    let unreadable =
        |why: &str| Mail { message_id: made_id(bytes), unreadable: why.to_owned(), ..Mail::default() };
    if bytes.len() > LARGEST {
        return unreadable("This e-mail is larger than 25 MB and was not read. Open the original.");
    }
    let Some(message) = MessageParser::default().parse(bytes) else {
        return unreadable("This is no e-mail that could be read. Open the original.");
    };
    let mut mail = Mail {
        message_id: message
            .message_id()
            .map(line)
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| made_id(bytes)),
        from: message.from().map(whole).unwrap_or_default(),
        reply_to: message
            .reply_to()
            .and_then(|address| first_address(Some(address)))
            .or_else(|| first_address(message.from()))
            .unwrap_or_default(),
        recipients: recipients(&message),
        subject: message.subject().map(line).unwrap_or_default(),
        sent_at: message.date().and_then(|date| date.to_timestamp().checked_mul(1000)),
        ..Mail::default()
    };
    if message.parts.len() > MOST_PARTS {
        "This e-mail has too many parts and was not taken apart. Open the original."
            .clone_into(&mut mail.unreadable);
        return mail;
    }
    (mail.text, mail.cut) = words(&message);
    mail.attachments = message.attachments().map(attachment).collect();
    mail
}

/// What the mail says of when it was sent, as the record keeps times; empty when it does not say.
impl Mail {
    pub fn sent(&self) -> String {
        self.sent_at.map(stored).unwrap_or_default()
    }
}

fn made_id(bytes: &[u8]) -> String {
    format!("{}@without-message-id", hex(&Sha256::digest(bytes)[..16]))
}

/// One line of plain letters, of bounded length.
fn line(text: &str) -> String {
    let kept = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_LINE);
    kept.collect::<String>().trim().to_owned()
}

fn whole(address: &Address<'_>) -> String {
    let Some(first) = address.first() else { return String::new() };
    let name = first.name.as_deref().map(line).unwrap_or_default();
    let at = first.address.as_deref().map(line).unwrap_or_default();
    if name.is_empty() { at } else { format!("{name} <{at}>") }
}

fn first_address(address: Option<&Address<'_>>) -> Option<String> {
    let address = address?.first()?.address.as_deref().map(line)?;
    address.contains('@').then_some(address)
}

/// Headers in which a mail server says to whom it delivered, and those in which the sender says to whom it goes.
fn recipients(message: &Message<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for name in ["Delivered-To", "X-Original-To", "Envelope-To"] {
        for value in message.header_values(HeaderName::from(name)) {
            match value {
                HeaderValue::Text(text) => all.push(text.to_string()),
                HeaderValue::TextList(texts) => all.extend(texts.iter().map(ToString::to_string)),
                HeaderValue::Address(address) => all.extend(addresses(address)),
                _ => {}
            }
        }
    }
    for address in [message.to(), message.cc()].into_iter().flatten() {
        all.extend(addresses(address));
    }
    let clean = all.iter().map(|address| address.trim().trim_matches(['<', '>']).to_lowercase());
    clean.filter(|address| address.contains('@')).take(MOST_PARTS).collect()
}

fn addresses<'a>(address: &'a Address<'_>) -> impl Iterator<Item = String> + 'a {
    address.iter().filter_map(|one| one.address.as_deref().map(str::to_owned))
}

/// The words of every part that is meant to be read, and whether they were cut.
fn words(message: &Message<'_>) -> (String, bool) {
    let mut text = String::new();
    for part in 0..message.text_body_count() {
        let Some(words) = message.body_text(part) else { continue };
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&words);
        if text.len() > LONGEST_TEXT {
            break;
        }
    }
    let text = text.replace("\r\n", "\n");
    let shown = |c: &char| *c == '\n' || *c == '\t' || !c.is_control();
    let text: String = text.chars().filter(shown).collect();
    let text = text.trim();
    match text.char_indices().find(|(at, _)| *at >= LONGEST_TEXT) {
        Some((at, _)) => (text[..at].to_owned(), true),
        None => (text.to_owned(), false),
    }
}

fn attachment(part: &mail_parser::MessagePart<'_>) -> WaitingAttachment {
    let content_type = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let embedded = matches!(part.body, PartType::Message(_));
    let name = part.attachment_name().map(line).filter(|name| !name.is_empty());
    let unnamed = if embedded { "a forwarded e-mail" } else { "a file without a name" };
    WaitingAttachment {
        name: name.unwrap_or_else(|| unnamed.to_owned()),
        content_type: content_type.map(|kind| line(&kind)).unwrap_or_default(),
        bytes: part.contents().len() as u64,
    }
}
