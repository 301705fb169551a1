//! The vault keys that a device sealed to this server, opened for as long as they are used.

use crate::app::App;
use crate::keys::{VaultKey, open_sealed, return_key};
use crate::store::StoreError;
use serde::Deserialize;
use shared::api::ReturnedKey;
use shared::ids::DeviceId;
use shared::vault::{EarlierKey, Envelope, SealedRecord, SealedToServer, earlier_key_data};
use std::collections::BTreeMap;

/// Every version of one vault's key that can be had.
pub struct VaultKeys {
    vault: String,
    by_version: BTreeMap<u32, VaultKey>,
}

/// What a header says of keys; version 1 knew no earlier ones.
#[derive(Default, Deserialize)]
struct Header {
    #[serde(default)]
    key_version: u32,
    sealed_to_server: Option<SealedToServer>,
    #[serde(default)]
    earlier: Vec<EarlierKey>,
}

impl Header {
    /// The newest key as the header itself holds it: made offline, it may never have been registered. Anybody can seal
    /// something to this server, so it counts only where a registered key lies wrapped under it.
    fn newest(&self, app: &App, vault: &str, registered: &BTreeMap<u32, VaultKey>) -> Option<VaultKey> {
        let newest = open_sealed(&app.server_keys.secret, self.sealed_to_server.as_ref()?)?;
        let continues = self.earlier.iter().any(|earlier| {
            let associated = earlier_key_data(vault, earlier.key_version);
            let unwrapped = newest.unwrap(&earlier.wrapped_key, &associated);
            unwrapped.is_some_and(|key| registered.get(&earlier.key_version).is_some_and(|own| own.is(&key)))
        });
        continues.then_some(newest)
    }
}

impl VaultKeys {
    /// Opens what the device sealed at registration, and from those keys the earlier ones that the header holds.
    pub async fn load(app: &App, device: &DeviceId, vault: &str, header: &str) -> Result<Self, StoreError> {
        let mut by_version = BTreeMap::new();
        for (of, version, sealed) in app.store.sealed_keys(device).await? {
            if of == vault
                && let Some(key) = open(app, &sealed)
            {
                by_version.entry(version).or_insert(key);
            }
        }
        let header: Header = serde_json::from_str(header).unwrap_or_default();
        if let Some(newest) = header.newest(app, vault, &by_version) {
            by_version.insert(header.key_version, newest);
        }
        for earlier in header.earlier {
            let associated = earlier_key_data(vault, earlier.key_version);
            let found =
                by_version.values().rev().find_map(|key| key.unwrap(&earlier.wrapped_key, &associated));
            if let Some(key) = found {
                by_version.entry(earlier.key_version).or_insert(key);
            }
        }
        Ok(Self { vault: vault.to_owned(), by_version })
    }

    pub fn is_empty(&self) -> bool {
        self.by_version.is_empty()
    }

    /// Opens one record; `None` where it is torn, moved, or sealed with a key that never came here.
    pub fn open(&self, record: &SealedRecord) -> Option<Vec<u8>> {
        let envelope = Envelope::from_bytes(&record.sealed).ok()?;
        self.by_version.get(&envelope.key_version)?.open(&self.vault, &record.name(), &envelope)
    }
}

/// Every key the device ever sealed to this server, sealed to the device's ephemeral key, newest first. `None` when
/// that is not a point on the curve.
pub async fn returned(
    app: &App,
    device: &DeviceId,
    to: &str,
) -> Result<Option<Vec<ReturnedKey>>, StoreError> {
    let mut keys = Vec::new();
    for (vault, key_version, sealed) in app.store.sealed_keys(device).await? {
        let Some(key) = open(app, &sealed) else {
            tracing::warn!(%device, key_version, "a vault key that was sealed to this server does not open");
            continue;
        };
        let Some(sealed) = return_key(&key, to) else { return Ok(None) };
        keys.push(ReturnedKey { vault, key_version, sealed });
    }
    Ok(Some(keys))
}

fn open(app: &App, sealed: &str) -> Option<VaultKey> {
    let sealed: SealedToServer = serde_json::from_str(sealed).ok()?;
    open_sealed(&app.server_keys.secret, &sealed)
}
