//! Whether NHS England's 111 Adaptor may hand over what it made of NHS 111's reports.

use super::reader::Reader;
use secrecy::{ExposeSecret as _, SecretString};

/// Letters of a token that cannot be guessed.
const SHORTEST: usize = 24;

/// What a running adaptor shows to be believed.
#[derive(Debug, Clone)]
pub struct AdaptorSettings {
    /// Stands in `Authorization: Bearer …`; at least [`SHORTEST`] letters.
    pub token: SecretString,
}

/// `None` unless a token is set: then nobody is answered.
pub fn adaptor(settings: &mut Reader) -> Option<AdaptorSettings> {
    let token = settings.secret("adaptor_token")?;
    if token.expose_secret().len() < SHORTEST {
        settings.problem("adaptor_token", &format!("must have at least {SHORTEST} letters"));
    }
    Some(AdaptorSettings { token })
}
