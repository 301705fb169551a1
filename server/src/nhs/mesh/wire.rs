//! What crosses the wire to and from MESH: headers, JSON bodies and error codes, only what is read or written.

use reqwest::header::HeaderMap;
use serde::Deserialize;

pub(super) const ACCEPT: &str = "application/vnd.mesh.v2+json";

/// A message to send.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// A mailbox, or `GPPROVIDER_…` for the practice where the patient is registered.
    pub to: &'a str,
    /// `GPCONNECT_UPDATE_RECORD`.
    pub workflow: &'a str,
    /// The sender's own reference; no patient data. For Update Record the sending pharmacy's ODS code.
    pub local_id: &'a str,
    /// Plain words; letters that a header cannot carry are written without their accents.
    pub subject: &'a str,
    pub content_type: &'a str,
    pub body: &'a [u8],
}

/// A message from the inbox, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// MESH's name for the message.
    pub id: String,
    /// The sender's mailbox; empty where MESH itself reports.
    pub from: String,
    pub workflow: String,
    pub local_id: String,
    pub subject: String,
    pub kind: Kind,
    pub body: Vec<u8>,
}

/// Somebody's message, or MESH's own report on one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Data,
    Report(Report),
}

/// MESH could not deliver a message, or nobody collected it within five days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The message it is about, as `send` named it.
    pub about: String,
    /// `14` not collected, `EPL-153` NHS number not found, …
    pub code: String,
    pub description: String,
}

/// How far a sent message has come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tracking {
    #[serde(alias = "messageId")]
    pub message_id: String,
    /// `accepted`, `acknowledged` (collected, not processed), `undeliverable`, …; in any case of letters.
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub recipient: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    #[serde(alias = "messageID", alias = "messageId")]
    pub message_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct InboxPage {
    pub messages: Vec<String>,
    #[serde(default)]
    links: Links,
}

#[derive(Debug, Default, Deserialize)]
struct Links {
    next: Option<String>,
}

impl InboxPage {
    /// The mark from which the next page continues. Only the mark is used: the link itself is never followed,
    /// so an answer cannot send our credentials elsewhere.
    pub fn continue_from(&self) -> Option<String> {
        let next = self.links.next.as_deref()?;
        let query = next.split_once('?')?.1;
        let base = reqwest::Url::parse(&format!("http://mesh.invalid/?{query}")).ok()?;
        base.query_pairs().find(|(key, _)| key == "continue_from").map(|(_, mark)| mark.into_owned())
    }
}

/// Version 2 lists details; version 1 stands alone.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default)]
    detail: Vec<ErrorDetail>,
    #[serde(default, rename = "errorCode")]
    code: Option<String>,
    #[serde(default, rename = "errorDescription")]
    description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
    code: String,
    msg: String,
}

impl ErrorBody {
    /// Code and words, as far as MESH gave any.
    pub fn first(self) -> (Option<String>, Option<String>) {
        match self.detail.into_iter().next() {
            Some(detail) => (Some(detail.code), Some(detail.msg)),
            None => (self.code, self.description),
        }
    }
}

/// MESH error codes (MESH API 2.0.0), in words for whoever must act on them.
pub(super) fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "01" => "MESH could not do what was asked",
        "02" => "the message had no content",
        "06" => "a header was missing or malformed",
        "07" => "the sending mailbox was not recognised",
        "08" => "the message had no address",
        "09" => "the message format version was not recognised",
        "11" => "the message type was not recognised",
        "12" => "no mailbox is registered under that address",
        "14" => "nobody collected the message in time",
        "15" => "the child-protection file in the message was not accepted",
        "16" => "this mailbox may not send this kind of message",
        "17" => "this kind of message is not registered for that mailbox",
        "18" => "the statistics file in the message was not accepted",
        "19" => "the message has expired",
        "20" => "there is no such message",
        "EPL-150" => "more than one mailbox was found for the practice",
        "EPL-151" => "no mailbox was found for the practice",
        "EPL-152" => "the NHS number was not accepted",
        "EPL-153" => "the NHS number was not found",
        "EPL-154" => "the patient’s details do not match the NHS number",
        // MESH gives these without a code of its own.
        "HTTP 410" => "the message has expired, or never became whole",
        "HTTP 423" => "all parts of that message had arrived already",
        _ => return None,
    })
}

/// Reads what MESH says about a message in its headers.
pub(super) fn incoming(id: &str, headers: &HeaderMap, body: Vec<u8>) -> Incoming {
    let header = |name: &str| {
        let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        value.unwrap_or_default()
    };
    let kind = if header("mex-messagetype").eq_ignore_ascii_case("REPORT") {
        Kind::Report(Report {
            about: header("mex-linkedmsgid"),
            code: header("mex-statuscode"),
            description: header("mex-statusdescription"),
        })
    } else {
        Kind::Data
    };
    Incoming {
        id: id.to_owned(),
        from: header("mex-from"),
        workflow: header("mex-workflowid"),
        local_id: header("mex-localid"),
        subject: header("mex-subject"),
        kind,
        body,
    }
}

/// `2:5` → 5; one where nothing is said.
pub(super) fn chunks(headers: &HeaderMap) -> usize {
    let range = headers.get("mex-chunk-range").and_then(|value| value.to_str().ok()).unwrap_or("1:1");
    range.split_once(':').and_then(|(_, total)| total.trim().parse().ok()).unwrap_or(1)
}

/// Words as a header carries them: ASCII on one line, at most `limit` characters, accents taken off.
pub(super) fn header_text(words: &str, limit: usize) -> String {
    let plain = words.chars().flat_map(|c| {
        let ascii = match c {
            ' '..='~' => return vec![c],
            '\u{2018}' | '\u{2019}' => "'",
            '\u{2010}'..='\u{2014}' => "-",
            'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
            'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
            'Æ' => "AE",
            'æ' => "ae",
            'Ç' | 'Ć' | 'Č' => "C",
            'ç' | 'ć' | 'č' => "c",
            'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
            'Ì'..='Ï' | 'Ī' | 'İ' => "I",
            'ì'..='ï' | 'ī' | 'ı' => "i",
            'Ł' => "L",
            'ł' => "l",
            'Ñ' | 'Ń' | 'Ň' => "N",
            'ñ' | 'ń' | 'ň' => "n",
            'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
            'Œ' => "OE",
            'œ' => "oe",
            'Ř' => "R",
            'ř' => "r",
            'Ś' | 'Ş' | 'Š' | 'Ș' => "S",
            'ś' | 'ş' | 'š' | 'ș' => "s",
            'ß' => "ss",
            'Ţ' | 'Ť' | 'Ț' => "T",
            'ţ' | 'ť' | 'ț' => "t",
            'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
            'Ŵ' => "W",
            'ŵ' => "w",
            'Ý' | 'Ŷ' | 'Ÿ' => "Y",
            'ý' | 'ŷ' | 'ÿ' => "y",
            'Ź' | 'Ż' | 'Ž' => "Z",
            'ź' | 'ż' | 'ž' => "z",
            _ if c.is_whitespace() || c.is_control() => " ",
            _ => "?",
        };
        ascii.chars().collect()
    });
    plain.take(limit).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_accents_still_fits_a_header() {
        assert_eq!(header_text("Siân O’Neill\r\nBcc: x", 500), "Sian O'Neill  Bcc: x");
    }

    #[test]
    fn a_subject_that_is_too_long_is_cut() {
        assert_eq!(header_text(&"é".repeat(600), 500).len(), 500);
    }

    #[test]
    fn the_next_page_is_known_by_its_mark_and_never_by_its_host() {
        let page: InboxPage = serde_json::from_str(
            r#"{"messages":["A"],"links":{"next":"https://elsewhere.test/inbox?max_results=10&continue_from=a%2Fb%3D"}}"#,
        )
        .expect("a page");
        assert_eq!(page.continue_from().as_deref(), Some("a/b="));
    }

    #[test]
    fn no_answer_makes_the_reader_panic() {
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let links = r#"{"messages":[],"links":{"next":"?continue_from=%ff%00&continue_from="}}"#;
        for bytes in [&b""[..], b"\xff\xfe{", b"null", nested.as_bytes(), links.as_bytes()] {
            crate::nhs::mesh::read_all(bytes);
        }
    }

    #[test]
    fn an_error_is_read_in_both_of_its_shapes() {
        let first = |text| serde_json::from_str::<ErrorBody>(text).expect("an error").first().0;
        assert_eq!(first(r#"{"detail":[{"event":"SEND","code":"12","msg":"x"}]}"#).as_deref(), Some("12"));
        assert_eq!(
            first(r#"{"messageID":"","errorCode":"06","errorDescription":"x"}"#).as_deref(),
            Some("06")
        );
        assert_eq!(first("{}"), None);
    }
}
