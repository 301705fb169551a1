//! Takes settings out of text one by one and remembers everything that was wrong.

use super::ConfigError;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

/// What is left to read, and what was wrong so far.
pub struct Reader {
    given: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Reader {
    /// Adds the file that `config` names beneath what is given.
    pub fn new(mut given: BTreeMap<String, String>) -> Self {
        let mut problems = Vec::new();
        if let Some(path) = given.remove("config") {
            match file(Path::new(&path)) {
                Ok(from_file) => {
                    for (key, value) in from_file {
                        given.entry(key).or_insert(value);
                    }
                }
                Err(problem) => problems.push(format!("SATCHEL_CONFIG {problem}")),
            }
        }
        Self { given, problems }
    }

    pub fn problem(&mut self, key: &str, what: &str) {
        self.problems.push(format!("SATCHEL_{} {what}.", key.to_ascii_uppercase()));
    }

    /// `None` for a setting that is absent or empty.
    pub fn text(&mut self, key: &str) -> Option<String> {
        self.given.remove(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A secret, or the file that holds it (`…_file`), so that it need not stand in the environment.
    pub fn secret(&mut self, key: &str) -> Option<SecretString> {
        let path = self.text(&format!("{key}_file"));
        let text = self.text(key);
        let Some(path) = path else { return text.map(SecretString::from) };
        let Ok(secret) = std::fs::read_to_string(&path) else {
            self.problem(&format!("{key}_file"), &format!("names a file that cannot be read: {path}"));
            return None;
        };
        Some(SecretString::from(secret.trim().to_owned()))
    }

    /// `default` must parse; it also stands in for a bad value while the other settings are looked at.
    pub fn value<T: FromStr>(&mut self, key: &str, default: &str, expected: &str) -> T {
        let fallback = || default.parse().ok().expect("a default is a valid value");
        match self.text(key).map(|text| (text.parse::<T>(), text)) {
            None => fallback(),
            Some((Ok(value), _)) => value,
            Some((Err(_), text)) => {
                self.problem(key, &format!("must be {expected}, not “{text}”"));
                fallback()
            }
        }
    }

    pub fn number(&mut self, key: &str, default: u16, allowed: RangeInclusive<u16>) -> u16 {
        let expected = format!("a whole number from {} to {}", allowed.start(), allowed.end());
        let number = self.value(key, &default.to_string(), &expected);
        if !allowed.contains(&number) {
            self.problem(key, &format!("must be {expected}, not “{number}”"));
        }
        number
    }

    pub fn flag(&mut self, key: &str) -> bool {
        match self.text(key).map(|text| text.to_ascii_lowercase()).as_deref() {
            None | Some("false" | "0" | "no") => false,
            Some("true" | "1" | "yes") => true,
            Some(_) => {
                self.problem(key, "must be true or false");
                false
            }
        }
    }

    /// A name nobody asked for is a typing mistake: the setting that was meant would silently keep its default.
    pub fn finish<T>(mut self, config: T) -> Result<T, ConfigError> {
        for key in std::mem::take(&mut self.given).into_keys() {
            self.problem(&key, "is not a setting");
        }
        if self.problems.is_empty() { Ok(config) } else { Err(ConfigError { problems: self.problems }) }
    }
}

/// `[mesh] url = "…"` is `mesh_url`; the table of practices becomes the list that the environment would hold.
fn file(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("names a file that cannot be read: {} ({error}).", path.display()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| {
        format!("names a file that is not TOML: {}: {}.", path.display(), error.message())
    })?;
    let mut settings = BTreeMap::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(practices) if name == "practice_mailboxes" => {
                let pairs: Vec<_> =
                    practices.iter().map(|(ods, mailbox)| format!("{ods}={}", plain(mailbox))).collect();
                settings.insert(name, pairs.join(","));
            }
            toml::Value::Table(section) => {
                for (key, value) in section {
                    settings.insert(format!("{name}_{key}"), plain(&value));
                }
            }
            value => {
                settings.insert(name, plain(&value));
            }
        }
    }
    Ok(settings)
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        // No setting is a date, a list or a table of tables; whoever reads the value says what it must be.
        _ => "?".to_owned(),
    }
}
