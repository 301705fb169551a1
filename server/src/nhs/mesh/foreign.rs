//! What MESH answers with, taken from any bytes: the one way in for whoever tries to break the readers from outside.

use super::Tracking;
use super::wire::{ErrorBody, InboxPage, Sent, chunks, header_text, incoming, meaning};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Reads the bytes as every body and as the headers of a message. Nothing is made of them; nothing panics.
pub fn read_all(bytes: &[u8]) {
    if let Ok(page) = serde_json::from_slice::<InboxPage>(bytes) {
        let _ = (page.messages.len(), page.continue_from());
    }
    if let Ok(error) = serde_json::from_slice::<ErrorBody>(bytes) {
        let _ = error.first().0.as_deref().and_then(meaning);
    }
    let _ = serde_json::from_slice::<Sent>(bytes).map(|sent| sent.message_id.len());
    let _ = serde_json::from_slice::<Tracking>(bytes);
    header_text(&String::from_utf8_lossy(bytes), 500);
    let mut headers = HeaderMap::new();
    for (line, name) in bytes.split(|byte| *byte == b'\n').zip([
        "mex-chunk-range",
        "mex-messagetype",
        "mex-linkedmsgid",
        "mex-statuscode",
        "mex-statusdescription",
        "mex-from",
        "mex-subject",
    ]) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let _ = (chunks(&headers), incoming("1", &headers, Vec::new()));
}
