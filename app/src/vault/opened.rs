//! A vault that is open: the keys, the person, and the sealing of single records.

use crate::platform::crypto::{SigningKey, VaultKey};
use crate::platform::js;
use crate::platform::trouble::Trouble;
use crate::state::Who;
use js_sys::Array;
use shared::authorship::Actor;
use shared::consultation::Writer;
use shared::vault::{Envelope, NotAnEnvelope, VaultHeader, associated_data};
use std::cell::Cell;
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast as _, JsValue};

/// The text that proves a vault key right.
const KEY_CHECK: &[u8] = b"satchel key check v1";
const KEY_CHECK_RECORD: &str = "key-check";

/// The vault keys with what each seal vouches for.
#[derive(Debug, Clone)]
pub struct Sealer {
    /// Seals every new record.
    pub key: VaultKey,
    pub vault: String,
    pub key_version: u32,
    /// By version: they open what was sealed before a person was removed.
    pub earlier: BTreeMap<u32, VaultKey>,
}

/// Everything that locking forgets.
#[derive(Debug)]
pub struct Opened {
    pub sealer: Sealer,
    pub signing: SigningKey,
    pub who: Who,
    pub writer: Writer,
    pub actor: Actor,
    /// Which unlock of this vault this is.
    pub counter: u64,
    pub edits: Cell<u32>,
}

impl Sealer {
    /// Seals one record under its own name, `store/key`.
    pub async fn seal(&self, store: &str, key: &str, plaintext: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.seal_named(&format!("{store}/{key}"), plaintext).await
    }

    /// Opens one record; one that was moved, changed or sealed with another key does not open.
    pub async fn open(&self, store: &str, key: &str, sealed: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.open_named(&format!("{store}/{key}"), sealed).await
    }

    async fn seal_named(&self, record: &str, plaintext: &[u8]) -> Result<Vec<u8>, Trouble> {
        let nonce = js::random::<12>();
        let associated = associated_data(&self.vault, self.key_version, record);
        let ciphertext = self.key.seal(&nonce, &associated, plaintext).await?;
        Ok(Envelope { key_version: self.key_version, nonce, ciphertext }.to_bytes())
    }

    async fn open_named(&self, record: &str, sealed: &[u8]) -> Result<Vec<u8>, Trouble> {
        let envelope = Envelope::from_bytes(sealed).map_err(|why| match why {
            NotAnEnvelope::Newer => Trouble::NewerRecords,
            NotAnEnvelope::Short | NotAnEnvelope::Foreign => Trouble::Unsealable,
        })?;
        let associated = associated_data(&self.vault, envelope.key_version, record);
        let key = self.key_of(envelope.key_version).ok_or(Trouble::Unsealable)?;
        key.open(&envelope.nonce, &associated, &envelope.ciphertext).await
    }

    fn key_of(&self, version: u32) -> Option<&VaultKey> {
        if version == self.key_version { Some(&self.key) } else { self.earlier.get(&version) }
    }

    /// Is there a key here of the version that sealed this? Of what is no sealed record, nothing is missing.
    pub fn holds(&self, sealed: &[u8]) -> bool {
        Envelope::from_bytes(sealed).map_or(true, |envelope| self.key_of(envelope.key_version).is_some())
    }

    /// Is this a record that an earlier key sealed? Markers and the like are none.
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        Envelope::from_bytes(sealed).is_ok_and(|envelope| envelope.key_version != self.key_version)
    }

    /// For a worker of this page: keys are cloned there without their bytes being seen.
    pub fn to_js(&self) -> JsValue {
        let keys = Array::new();
        let newest = (&self.key_version, &self.key);
        for (version, key) in std::iter::once(newest).chain(&self.earlier) {
            let key: JsValue = key.handle().into();
            keys.push(&js::object([("version", (*version).into()), ("key", key)]));
        }
        js::object([("vault", self.vault.as_str().into()), ("keys", keys.into())]).into()
    }

    /// What [`Self::to_js`] made; `None` for anything else.
    pub fn from_js(value: &JsValue) -> Option<Self> {
        let mut keys = Array::from(&js::get(value, "keys")).into_iter().map(|entry| {
            let version = js::get(&entry, "version").as_f64()? as u32;
            // Unchecked, because a worker's `CryptoKey` is not an instance of the page's class in every engine.
            Some((version, VaultKey::from_handle(js::get(&entry, "key").unchecked_into())))
        });
        let (key_version, key) = keys.next()??;
        let earlier = keys.collect::<Option<BTreeMap<u32, VaultKey>>>()?;
        Some(Self { key, vault: js::get(value, "vault").as_string()?, key_version, earlier })
    }

    /// Seals something of the header, which names itself: `header/NAME`.
    pub async fn seal_in_header(&self, name: &str, plaintext: &[u8]) -> Result<String, Trouble> {
        Ok(js::base64url(&self.seal("header", name, plaintext).await?))
    }

    /// Opens what [`Self::seal_in_header`] made.
    pub async fn open_in_header(&self, name: &str, sealed: &str) -> Result<Vec<u8>, Trouble> {
        let sealed = js::from_base64url(sealed).ok_or(Trouble::Unsealable)?;
        self.open("header", name, &sealed).await
    }

    /// What the header keeps to tell the right key from a wrong one.
    pub async fn key_check(&self) -> Result<String, Trouble> {
        self.seal_in_header(KEY_CHECK_RECORD, KEY_CHECK).await
    }

    /// Refuses a key that did not make this vault.
    pub async fn check(&self, header: &VaultHeader) -> Result<(), Trouble> {
        let found = self.open_in_header(KEY_CHECK_RECORD, &header.key_check).await?;
        if found == KEY_CHECK { Ok(()) } else { Err(Trouble::Unsealable) }
    }
}

impl Opened {
    /// The place of the next edit in this device's order; grows over all unlocks.
    pub fn next_edit(&self) -> u64 {
        let edit = self.edits.get();
        self.edits.set(edit + 1);
        (self.counter << 32) | u64::from(edit)
    }
}
