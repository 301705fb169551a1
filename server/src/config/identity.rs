//! How this server is known to CIS2 and to the NHS API platform. Each is set whole or not at all.

use super::endpoint;
use super::reader::Reader;
use crate::cis2::{Cis2Settings, PATIENCE};
use crate::nhs::platform::PlatformSettings;
use jsonwebtoken::Algorithm;
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

/// The settings of CIS2, and what its keys are.
#[derive(Debug, Clone)]
pub struct Cis2Config {
    pub settings: Cis2Settings,
    /// RSA private keys in PEM: the first signs, all are published.
    pub keys: Vec<PathBuf>,
    /// What is registered there as `jwks_uri_signing_algorithm`.
    pub signing: Algorithm,
}

/// CIS2; the three belong together. `origin` is where browsers find this server, without a slash at the end.
pub fn cis2(settings: &mut Reader, demo: bool, origin: &str) -> Option<Cis2Config> {
    const KEYS: [&str; 3] = ["cis2_issuer", "cis2_client_id", "cis2_key"];
    let issuer = settings.text("cis2_issuer");
    let client_id = settings.text("cis2_client_id");
    let keys = settings.text("cis2_key");
    let discovery = settings.text("cis2_discovery");
    let acr = settings.text("cis2_acr").unwrap_or_else(|| "AAL2_OR_AAL3_ANY".to_owned());
    if !acr.starts_with("AAL2_") && !acr.starts_with("AAL3_") {
        settings.problem("cis2_acr", "must begin with AAL2_ or AAL3_, as AAL2_OR_AAL3_ANY and AAL3_ANY do");
    }
    let signing = match settings.text("cis2_signing").as_deref() {
        None | Some("RS512") => Algorithm::RS512,
        Some("RS256") => Algorithm::RS256,
        Some(_) => {
            settings.problem("cis2_signing", "must be RS256 or RS512");
            Algorithm::RS512
        }
    };
    let given = [issuer.is_some(), client_id.is_some(), keys.is_some()];
    if let (Some(issuer), Some(client_id), Some(keys)) = (issuer, client_id, keys) {
        // Kept as it stands: an address type would drop the port, and with it every token.
        endpoint(settings, "cis2_issuer", &issuer, demo);
        let discovery = discovery
            .unwrap_or_else(|| format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')));
        endpoint(settings, "cis2_discovery", &discovery, demo);
        let paths = keys.split(',').map(str::trim).filter(|path| !path.is_empty());
        return Some(Cis2Config {
            keys: paths.map(|path| file(settings, "cis2_key", path)).collect(),
            settings: Cis2Settings {
                issuer,
                discovery,
                client_id,
                acr,
                redirect_uri: callback(origin),
                patience: PATIENCE,
            },
            signing,
        });
    }
    together(settings, &KEYS, &given, "the settings of CIS2 belong together");
    None
}

/// Where CIS2 sends browsers back to; registered there.
pub fn callback(origin: &str) -> String {
    format!("{origin}/api/cis2/callback")
}

pub(super) fn together(settings: &mut Reader, keys: &[&str], given: &[bool], why: &str) {
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
