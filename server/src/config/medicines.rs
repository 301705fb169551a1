//! Where releases of dm+d come from: TRUD, where the server has a subscriber's key.

use super::endpoint;
use super::reader::Reader;
use crate::dmd::trud::{DEFAULT_URL, TrudSettings};

/// `None`: releases are imported by hand.
pub fn trud(settings: &mut Reader, demo: bool) -> Option<TrudSettings> {
    let url = settings.text("trud_url");
    let Some(key) = settings.secret("trud_api_key") else {
        if url.is_some() {
            settings.problem("trud_api_key", "is missing: SATCHEL_TRUD_URL says where it would be used");
        }
        return None;
    };
    let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
    endpoint(settings, "trud_url", &url, demo);
    Some(TrudSettings { base_url: url.trim_end_matches('/').to_owned(), key })
}
