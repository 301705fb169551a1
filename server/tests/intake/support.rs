//! A server with one pharmacy in a folder of its own.

use satchel::app::App;
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::outbox::{self, plan};
use satchel::patients::vouched;
use satchel::store::{Append, DocumentWrite, Pharmacy, SqliteStore};
use shared::consultation::Document;
use sqlx::{Connection as _, SqliteConnection, query};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// 22 Nov 2026, 14:13 UTC.
const NOW: i64 = 1_795_356_800_000;

pub struct Server {
    pub app: App,
    /// As `SATCHEL_DATABASE_URL` names it.
    pub database: String,
    _folder: tempfile::TempDir,
}

/// Somebody said that the proxy lets nobody but BaRS through.
const ADMITTED: (&str, &str) = ("bars_proxy_admits_only_bars", "true");

/// FZ999, which referrals also reach as 2099000001.
pub async fn server() -> Server {
    server_with(&[ADMITTED], |_| {}).await
}

/// As [`server`], giving up on an answer that takes longer than a moment.
pub async fn impatient_server() -> Server {
    server_with(&[ADMITTED], |config| config.bars.patience = Duration::from_millis(100)).await
}

/// As [`server`], behind a proxy that says whom it let through.
pub async fn guarded_server() -> Server {
    server_with(&[("bars_client_header", "X-Client-Verify=SUCCESS")], |_| {}).await
}

/// With settings of its own, named as in the environment without `SATCHEL_`, in small letters, or changed afterwards.
pub async fn server_with(more: &[(&str, &str)], change: impl FnOnce(&mut Config)) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store = Arc::new(SqliteStore::open(&database).await.expect("a store"));
    let mut settings = BTreeMap::from([("database_url".to_owned(), database.clone())]);
    settings.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut config = Config::read(settings, false).expect("settings");
    // No test depends on how fast this machine is.
    config.bars.patience = Duration::from_mins(5);
    change(&mut config);
    let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
    let pharmacy = Pharmacy {
        ods: "FZ999".parse().expect("a code"),
        name: "Larch Pharmacy".into(),
        dos_ids: vec!["2099000001".into()],
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    };
    app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
    Server { app, database, _folder: folder }
}

/// Somebody else who is writing to the database and has not finished.
pub struct Lock(SqliteConnection);

impl Lock {
    pub async fn release(mut self) {
        query("ROLLBACK").execute(&mut self.0).await.expect("released");
    }
}

impl Server {
    /// From now on nothing can be written here.
    pub async fn locked(&self) -> Lock {
        let mut connection = SqliteConnection::connect(&self.database).await.expect("the database");
        query("BEGIN IMMEDIATE").execute(&mut connection).await.expect("the lock");
        Lock(connection)
    }

    /// Stores a changed record with what its signatures call for, as a push does.
    pub async fn store(&self, document: &mut Document, based_on: u64) {
        let record = document.read().expect("a record");
        let pharmacy = record.pharmacy.parse().expect("a code");
        let sender = outbox::sender(&self.app, &pharmacy).await.expect("the store").expect("our pharmacy");
        let id = record.id.parse().expect("an id");
        let seen = vouched(&self.app, &id).await.expect("the store");
        let write = DocumentWrite {
            id,
            based_on,
            base: Some(document.save()),
            changes: Vec::new(),
            heads: document.heads().iter().map(ToString::to_string).collect(),
            row: document.row().expect("a row"),
            intake: Vec::new(),
            deliveries: plan(document, &sender, &seen, self.app.clock.now()).expect("a plan"),
            supplies: None,
        };
        let append = Append { documents: vec![write], ..Append::default() };
        self.app.store.append(&pharmacy, append).await.expect("stored");
    }
}
