//! The mail server that e-mail leaves through. Set whole or not at all.

use super::identity::together;
use super::is_this_machine;
use super::reader::Reader;
use crate::mail::{MailSettings, SECURE_DOMAINS};
use lettre::message::Mailbox;
use std::path::PathBuf;

/// How e-mail leaves, and to whom it may go without more.
#[derive(Debug, Clone)]
pub struct MailConfig {
    pub settings: MailSettings,
    /// PEM file with an authority that the mail server's certificate may come from, beside the machine's own.
    pub authority: Option<PathBuf>,
    /// Domains, lower case, between which patients' data may go as they are (DCB1596).
    pub secure_domains: Vec<String>,
}

/// Host, user, password and sender belong together; a demonstration's own mail server takes their place.
pub fn mail(settings: &mut Reader, demo: bool) -> Option<MailConfig> {
    const KEYS: [&str; 4] = ["smtp_host", "smtp_user", "smtp_password", "smtp_from"];
    let host = settings.text("smtp_host");
    let user = settings.text("smtp_user");
    let password = settings.secret("smtp_password");
    let from = settings.text("smtp_from");
    let port = settings.number("smtp_port", 587, 1..=u16::MAX);
    let authority = settings.text("smtp_ca").map(PathBuf::from);
    let secure_domains = secure_domains(settings);
    if let Some(path) = authority.as_ref().filter(|path| !path.is_file()) {
        settings.problem("smtp_ca", &format!("names a file that is not there: {}", path.display()));
    }
    let given = [host.is_some(), user.is_some(), password.is_some(), from.is_some()];
    if let (Some(host), Some(user), Some(password), Some(from)) = (host, user, password, from) {
        if demo && !is_this_machine(&host) {
            settings.problem("smtp_host", &format!("is {host}, which a demonstration must never reach"));
        }
        if from.parse::<Mailbox>().is_err() {
            settings.problem("smtp_from", "must be an e-mail address, for example pharmacy.fa123@nhs.net");
        }
        let settings = MailSettings { host, port, user, password, from };
        return Some(MailConfig { settings, authority, secure_domains });
    }
    together(settings, &KEYS, &given, "the four settings of the mail server belong together");
    None
}

/// `nhs.net, surgery.example`.
fn secure_domains(settings: &mut Reader) -> Vec<String> {
    let Some(text) = settings.text("smtp_secure_domains") else {
        return SECURE_DOMAINS.map(str::to_owned).to_vec();
    };
    let mut domains = Vec::new();
    for domain in text.split([',', ' ']).map(str::trim).filter(|domain| !domain.is_empty()) {
        let plausible = domain.contains('.')
            && domain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        if plausible {
            domains.push(domain.to_ascii_lowercase());
        } else {
            let problem = format!("must be domains such as nhs.net, which “{domain}” is not");
            settings.problem("smtp_secure_domains", &problem);
        }
    }
    domains
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use std::collections::BTreeMap;

    fn problems(given: &[(&str, &str)], demo: bool) -> Vec<String> {
        let given = given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let read = Config::read(given.collect::<BTreeMap<_, _>>(), demo);
        read.map_or_else(|error| error.problems, |_| Vec::new())
    }

    const WHOLE: [(&str, &str); 4] = [
        ("smtp_host", "send.nhs.example"),
        ("smtp_user", "pharmacy"),
        ("smtp_password", "never-printed"),
        ("smtp_from", "Elm Pharmacy <pharmacy.fa123@nhs.net>"),
    ];

    #[test]
    fn the_mail_server_is_set_whole_or_not_at_all() {
        assert_eq!(problems(&WHOLE, false), Vec::<String>::new());
        for missing in 0..WHOLE.len() {
            let mut given = WHOLE.to_vec();
            let (key, _) = given.remove(missing);
            let problems = problems(&given, false);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].starts_with(&format!("SATCHEL_{} is missing", key.to_uppercase())),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn a_demonstration_reaches_no_real_mail_server() {
        assert!(problems(&WHOLE, true)[0].contains("must never reach"));
        let here: Vec<_> = WHOLE
            .iter()
            .map(|(key, value)| (*key, if *key == "smtp_host" { "localhost" } else { *value }))
            .collect();
        assert_eq!(problems(&here, true), Vec::<String>::new());
    }

    #[test]
    fn an_address_that_is_none_and_a_domain_that_is_none_stop_the_start() {
        let mut given = WHOLE.to_vec();
        given[3].1 = "the pharmacy";
        given.push(("smtp_secure_domains", "nhs.net, not a domain!"));
        let problems = problems(&given, false);
        assert!(problems.iter().any(|problem| problem.starts_with("SATCHEL_SMTP_FROM")), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("“domain!”")), "{problems:?}");
    }

    #[test]
    fn the_password_is_in_nothing_that_is_printed() {
        let given = WHOLE.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config = Config::read(given.collect(), false).expect("settings");
        assert!(!format!("{config:?}").contains("never-printed"));
    }
}
