//! The server's own secret: made once, asked for ever after.

use satchel::app::{App, StartError};
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::keys::KeysError;
use satchel::store::SqliteStore;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const NOW: i64 = 1_795_356_300_000;

async fn start(folder: &Path, more: &[(&str, &str)]) -> Result<App, StartError> {
    let url = format!("sqlite://{}/satchel.db", folder.display());
    let mut settings = BTreeMap::from([("database_url".to_owned(), url.clone())]);
    settings.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let config = Config::read(settings, false).expect("settings");
    let store = SqliteStore::open(&url).await.expect("a database");
    App::new(config, Clock::set_to(NOW), Arc::new(store)).await
}

#[tokio::test]
async fn the_keys_are_the_same_after_a_restart_and_nonces_stay_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = start(folder.path(), &[]).await.expect("a first start");
    let nonce = first.issue_nonce(None, None);
    let again = start(folder.path(), &[]).await.expect("a second start");
    assert_eq!(first.server_keys.id, again.server_keys.id);
    assert_eq!(first.server_keys.sign(b"words"), again.server_keys.sign(b"words"));
    let issued = again.server_keys.nonces.issued(&nonce, &[satchel::keys::Holder::Anybody]);
    assert_eq!(issued, Some(NOW));
}

#[tokio::test]
async fn a_lost_key_stops_the_start_with_a_sentence_and_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(start(folder.path(), &[]).await.expect("a first start"));
    let key = folder.path().join("satchel.db.key");
    std::fs::rename(&key, folder.path().join("elsewhere")).expect("moved");
    let stopped = start(folder.path(), &[]).await.err().expect("it does not start");
    assert!(matches!(stopped, StartError::Keys(KeysError::Missing(_))), "{stopped}");
    assert!(stopped.to_string().contains("satchel.db.key"), "{stopped}");
    assert!(!key.exists());
    std::fs::rename(folder.path().join("elsewhere"), &key).expect("put back");
    start(folder.path(), &[]).await.expect("and nothing was lost");
}

#[tokio::test]
async fn another_secret_than_the_databases_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(start(folder.path(), &[]).await.expect("a first start"));
    let other = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    let stopped = start(folder.path(), &[("secret_key", other)]).await.err().expect("it does not start");
    assert!(matches!(stopped, StartError::Keys(KeysError::AnotherSecret)), "{stopped}");
    let stopped = start(folder.path(), &[("secret_key", "short")]).await.err().expect("it does not start");
    assert!(matches!(stopped, StartError::Keys(KeysError::NotASecret)), "{stopped}");
}

#[tokio::test]
async fn a_secret_from_the_settings_needs_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = [("secret_key", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")];
    drop(start(folder.path(), &secret).await.expect("a start"));
    assert!(!folder.path().join("satchel.db.key").exists());
    start(folder.path(), &secret).await.expect("once more");
}
