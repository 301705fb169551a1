//! The keys that are the server's own: for vault keys sealed to it, for what it writes, for its nonces, and at rest.

mod assertion;
mod nonce;
mod sealing;
mod secret;

pub use assertion::{AssertionKey, AssertionKeyError, invented_pem};
pub use nonce::{Holder, NonceKey};
pub use sealing::{VaultKey, open_sealed, return_key};
pub use secret::{Secret, is_sealed};

use crate::config::Config;
use crate::store::{Store, StoreError};
use crate::sync::signature::PublicKey;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// Why the server's keys could not be had. Each stops the start.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "The database holds data sealed with a key that is missing: {}. Put the key file back from its backup, or \
         name its content in SATCHEL_SECRET_KEY. Nothing was started and nothing was lost.", .0.display()
    )]
    Missing(PathBuf),
    #[error(
        "The database was sealed with another key than SATCHEL_SECRET_KEY or the key file holds. Put the right one \
         back. Nothing was started and nothing was lost."
    )]
    AnotherSecret,
    #[error("SATCHEL_SECRET_KEY or the key file does not hold 32 bytes in base64.")]
    NotASecret,
    #[error("The key file {} cannot be read or written.", .path.display())]
    File {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("The database holds a server key that cannot be read. Restore it from a backup.")]
    Unreadable,
}

/// All of them; the same in every process on one database, and in its backups.
pub struct ServerKeys {
    /// Names the public key in what is sealed to it.
    pub id: String,
    /// P-256, for vault keys sealed to the server (design 6: the way back).
    pub secret: SecretKey,
    /// Vouches for what the server writes into records, as each author's key does for theirs.
    pub signing: SigningKey,
    pub nonces: NonceKey,
    pub at_rest: Secret,
}

impl ServerKeys {
    /// Reads the keys, or makes them where the store has none.
    pub async fn load(config: &Config, store: &dyn Store) -> Result<Self, KeysError> {
        let at_rest = Secret::load(config, store).await?;
        let secret = SecretKey::from_slice(&kept(store, &at_rest, "server-key").await?)
            .map_err(|_| KeysError::Unreadable)?;
        let signing = SigningKey::from_slice(&kept(store, &at_rest, "signing-key").await?)
            .map_err(|_| KeysError::Unreadable)?;
        let nonces = NonceKey(kept(store, &at_rest, "nonce-key").await?);
        let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(public(&secret))[..9]);
        Ok(Self { id, secret, signing, nonces, at_rest })
    }

    /// The public half of [`Self::signing`].
    pub fn verifying(&self) -> PublicKey {
        let point = self.signing.verifying_key().to_sec1_point(false);
        PublicKey::from_point(point.as_bytes()).expect("a public key is on the curve")
    }

    /// Signs as WebCrypto writes it: two numbers of 32 bytes.
    pub fn sign(&self, statement: &[u8]) -> [u8; 64] {
        let signature: Signature = self.signing.sign(statement);
        signature.to_bytes().into()
    }

    /// The public half, as devices are told it.
    pub fn view(&self) -> shared::api::ServerKey {
        shared::api::ServerKey { id: self.id.clone(), public: URL_SAFE_NO_PAD.encode(public(&self.secret)) }
    }
}

/// 32 secret bytes under a name, sealed; made where there are none.
async fn kept(store: &dyn Store, at_rest: &Secret, name: &str) -> Result<[u8; 32], KeysError> {
    let place = format!("meta/{name}");
    let fresh = scalar();
    let stored = store.meta_or_put(name, &at_rest.seal_text(&place, &fresh)).await?;
    if let Some(key) = at_rest.open_text(&place, &stored) {
        return key.try_into().map_err(|_| KeysError::Unreadable);
    }
    // A database from before there was a secret: the key stands there bare.
    let bare = URL_SAFE_NO_PAD.decode(&stored).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bare = bare.ok_or(KeysError::Unreadable)?;
    store.put_meta(name, &at_rest.seal_text(&place, &bare)).await?;
    Ok(bare)
}

/// Random bytes that are also a P-256 private key: one in 2³² random strings is none.
fn scalar() -> [u8; 32] {
    loop {
        let bytes: [u8; 32] = rand::random();
        if SecretKey::from_slice(&bytes).is_ok() {
            return bytes;
        }
    }
}

fn public(secret: &SecretKey) -> Box<[u8]> {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    secret.public_key().to_sec1_point(false).to_bytes()
}
