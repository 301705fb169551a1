//! How this server is known to CIS2 and to the NHS API platform. Each is set whole or not at all.

use super::endpoint;
use super::reader::Reader;
use crate::nhs::platform::PlatformSettings;
use std::path::PathBuf;

/// The platform's settings, and where the key lies that is registered with it.
#[derive(Debug, Clone)]
pub struct PlatformConfig {
    pub settings: PlatformSettings,
    /// RSA private key in PEM.
    pub key: PathBuf,
    /// The name its public half is registered under.
    pub kid: String,
}

/// The NHS API platform; the four belong together, the secret is for refreshing healthcare workers' tokens.
pub fn platform(settings: &mut Reader, demo: bool) -> Option<PlatformConfig> {
    const KEYS: [&str; 4] = ["nhs_api_url", "nhs_api_key", "nhs_api_private_key", "nhs_api_kid"];
    let url = settings.text("nhs_api_url");
    let api_key = settings.text("nhs_api_key");
    let key = settings.text("nhs_api_private_key");
    let kid = settings.text("nhs_api_kid");
    let secret = settings.secret("nhs_api_secret");
    let given = [url.is_some(), api_key.is_some(), key.is_some(), kid.is_some()];
    if let (Some(url), Some(api_key), Some(key), Some(kid)) = (url, api_key, key, kid) {
        endpoint(settings, "nhs_api_url", &url, demo);
        return Some(PlatformConfig {
            settings: PlatformSettings { base_url: url.trim_end_matches('/').to_owned(), api_key, secret },
            key: file(settings, "nhs_api_private_key", &key),
            kid,
        });
    }
    together(settings, &KEYS, &given, "the four settings of the NHS API platform belong together");
    None
}

fn together(settings: &mut Reader, keys: &[&str], given: &[bool], why: &str) {
    if given.contains(&true) {
        for (key, _) in keys.iter().zip(given).filter(|(_, given)| !**given) {
            settings.problem(key, &format!("is missing: {why}"));
        }
    }
}

fn file(settings: &mut Reader, key: &str, path: &str) -> PathBuf {
    let path = PathBuf::from(path);
    if !path.is_file() {
        settings.problem(key, &format!("names a file that is not there: {}", path.display()));
    }
    path
}
