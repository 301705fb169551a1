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

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use std::collections::BTreeMap;

    fn with(token: &str) -> Result<Config, crate::config::ConfigError> {
        Config::read(BTreeMap::from([("adaptor_token".to_owned(), token.to_owned())]), false)
    }

    #[test]
    fn a_token_that_could_be_guessed_stops_the_start_and_is_not_quoted() {
        let problems = with("hunter2").expect_err("too short").problems;
        assert!(
            problems[0].contains("SATCHEL_ADAPTOR_TOKEN") && !problems[0].contains("hunter2"),
            "{problems:?}"
        );
        let config = with("as-long-as-nobody-can-guess").expect("long enough");
        assert!(config.adaptor.is_some() && !format!("{config:?}").contains("nobody-can-guess"));
        assert!(Config::read(BTreeMap::new(), false).expect("the defaults").adaptor.is_none());
        assert!(include_str!("../../../docs/configuration.md").contains("`SATCHEL_ADAPTOR_TOKEN`"));
    }
}
