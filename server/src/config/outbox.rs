//! How messages leave: further MESH mailboxes, whom MESH is believed by, and which ways are switched on.

use super::reader::Reader;
use crate::nhs::gp_connect::DateOrder;
use crate::store::Route;
use secrecy::SecretString;
use serde::Deserialize;
use shared::ids::OdsCode;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the outbox is told.
#[derive(Debug, Clone, Default)]
pub struct OutboxConfig {
    /// Mailboxes of pharmacies that do not use the one for everybody.
    pub mailboxes: Vec<OwnMailbox>,
    /// PEM file with the only authorities that MESH's certificate is believed from: the NHS root.
    pub mesh_authorities: Option<PathBuf>,
    /// How the date of birth stands in `GPPROVIDER_…` (referrals.md 8.4).
    pub date_order: DateOrder,
    /// Ways to practices that are gone only where they are switched on.
    pub switched_on: BTreeSet<Route>,
}

/// A pharmacy's own mailbox, at the MESH of the one for everybody.
#[derive(Debug, Clone)]
pub struct OwnMailbox {
    pub pharmacy: OdsCode,
    /// Upper case.
    pub mailbox: String,
    pub password: SecretString,
    /// PEM file with its certificate and key, where it is not that of the one for everybody.
    pub identity: Option<PathBuf>,
}

/// `[[mailbox]]` in the file that `SATCHEL_MESH_MAILBOXES` names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mailbox: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    pharmacy: OdsCode,
    name: String,
    password: Option<SecretString>,
    password_file: Option<PathBuf>,
    identity: Option<PathBuf>,
}

/// Reads them. `has_mesh`: the one mailbox for everybody is set.
pub fn read(settings: &mut Reader, has_mesh: bool) -> OutboxConfig {
    let date_order = match settings.text("mesh_date_order").as_deref() {
        None | Some("ymd") => DateOrder::YearFirst,
        Some("dmy") => DateOrder::DayFirst,
        Some(_) => {
            settings.problem("mesh_date_order", "must be ymd or dmy");
            DateOrder::YearFirst
        }
    };
    let ways = [("emergency_supply", Route::EmergencySupply), ("send_document", Route::SendDocument)];
    let switched_on =
        ways.into_iter().filter(|(key, _)| settings.flag(key)).map(|(_, route)| route).collect();
    let mesh_authorities = settings.text("mesh_authorities").map(PathBuf::from);
    if let Some(path) = mesh_authorities.as_ref().filter(|path| !path.is_file()) {
        settings.problem("mesh_authorities", &format!("names a file that is not there: {}", path.display()));
    }
    let path = settings.text("mesh_mailboxes").map(PathBuf::from);
    let mailboxes = path.map(|path| mailboxes(settings, &path)).unwrap_or_default();
    if !mailboxes.is_empty() && !has_mesh {
        settings.problem(
            "mesh_mailboxes",
            "needs the four MESH settings beside it, of the mailbox for everybody",
        );
    }
    OutboxConfig { mailboxes, mesh_authorities, date_order, switched_on }
}

fn mailboxes(settings: &mut Reader, path: &Path) -> Vec<OwnMailbox> {
    const KEY: &str = "mesh_mailboxes";
    let Ok(text) = std::fs::read_to_string(path) else {
        settings.problem(KEY, &format!("names a file that cannot be read: {}", path.display()));
        return Vec::new();
    };
    let file: File = match toml::from_str(&text) {
        Ok(file) => file,
        // What it says of the place may quote a password.
        Err(error) => {
            settings.problem(KEY, &format!("names a file that is not right: {}", error.message()));
            return Vec::new();
        }
    };
    let mut mailboxes = Vec::new();
    for Line { pharmacy, name, password, password_file, identity } in file.mailbox {
        let read = |path: &PathBuf| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
        let Some(password) =
            password.or_else(|| password_file.as_ref().and_then(read).map(SecretString::from))
        else {
            settings.problem(KEY, &format!("gives no password for the mailbox {name}"));
            continue;
        };
        if let Some(path) = identity.as_ref().filter(|path| !path.is_file()) {
            settings.problem(KEY, &format!("names a file that is not there: {}", path.display()));
        }
        if mailboxes.iter().any(|known: &OwnMailbox| known.pharmacy == pharmacy) {
            settings.problem(KEY, &format!("names {pharmacy} twice"));
        }
        mailboxes.push(OwnMailbox { pharmacy, mailbox: name.to_ascii_uppercase(), password, identity });
    }
    mailboxes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use secrecy::ExposeSecret as _;
    use std::collections::BTreeMap;

    fn config(mailboxes: &str) -> Result<Config, Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mailboxes.toml");
        std::fs::write(&path, mailboxes).expect("written");
        let given = [
            ("mesh_url", "https://mesh.example.test"),
            ("mesh_mailbox", "X26HC001"),
            ("mesh_password", "one"),
            ("mesh_shared_key", "key"),
            ("mesh_date_order", "dmy"),
            ("emergency_supply", "yes"),
            ("mesh_mailboxes", &path.to_string_lossy()),
        ];
        let given: BTreeMap<_, _> = given.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        Config::read(given, false).map_err(|error| error.problems)
    }

    #[test]
    fn a_pharmacy_may_have_a_mailbox_of_its_own() {
        let config = config("[[mailbox]]\npharmacy = \"FB456\"\nname = \"fb456ot001\"\npassword = \"two\"\n");
        let outbox = config.expect("valid").outbox;
        let own = &outbox.mailboxes[0];
        assert_eq!((own.pharmacy.as_str(), own.mailbox.as_str()), ("FB456", "FB456OT001"));
        assert_eq!(own.password.expose_secret(), "two");
        assert_eq!(outbox.date_order, DateOrder::DayFirst);
        assert_eq!(outbox.switched_on, BTreeSet::from([Route::EmergencySupply]));
    }

    #[test]
    fn mailboxes_that_are_not_right_are_named_and_their_passwords_are_not() {
        let twice = "[[mailbox]]\npharmacy = \"FB456\"\nname = \"A\"\npassword = \"tell-nobody\"\n".repeat(2);
        let problems = config(&twice).expect_err("twice").join("\n");
        assert!(problems.contains("FB456 twice") && !problems.contains("tell-nobody"), "{problems}");
        let problems = config("[[mailbox]]\npharmacy = \"FB456\"\nname = \"A\"\n").expect_err("no password");
        assert!(problems[0].contains("no password"), "{problems:?}");
        assert!(config("mailbox = 3").expect_err("no list")[0].starts_with("SATCHEL_MESH_MAILBOXES"));
    }
}
