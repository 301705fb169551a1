//! Vault keys on their way to the server and back: ephemeral ECDH on P-256, HKDF-SHA-256, AES-256-GCM.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use shared::vault::{Envelope, KEY_RETURN_INFO, SERVER_SEAL_INFO, SealedToServer, associated_data};

/// One version of a vault's key, in the server's memory while it is used and nowhere else.
pub struct VaultKey([u8; 32]);

impl VaultKey {
    /// Opens one record of the vault; `record` is its store and key. `None` where anything is not as it was sealed.
    pub fn open(&self, vault: &str, record: &str, envelope: &Envelope) -> Option<Vec<u8>> {
        let associated = associated_data(vault, envelope.key_version, record);
        self.open_with(&envelope.nonce, &envelope.ciphertext, &associated)
    }

    /// A key wrapped under this one: nonce and ciphertext, base64url.
    pub fn unwrap(&self, wrapped: &str, associated: &[u8]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(wrapped).ok()?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<12>()?;
        self.open_with(nonce, ciphertext, associated)?.try_into().ok().map(Self)
    }

    pub fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn open_with(&self, nonce: &[u8; 12], ciphertext: &[u8], associated: &[u8]) -> Option<Vec<u8>> {
        let payload = aes_gcm::aead::Payload { msg: ciphertext, aad: associated };
        Aes256Gcm::new(&self.0.into()).decrypt(&Nonce::from(*nonce), payload).ok()
    }
}

/// Opens what a device sealed to the server at registration.
pub fn open_sealed(secret: &SecretKey, sealed: &SealedToServer) -> Option<VaultKey> {
    let ephemeral = point(&sealed.ephemeral)?;
    let bytes = URL_SAFE_NO_PAD.decode(&sealed.sealed).ok()?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<12>()?;
    let key = agreed(secret, &ephemeral, SERVER_SEAL_INFO).decrypt(&Nonce::from(*nonce), ciphertext).ok()?;
    key.try_into().ok().map(VaultKey)
}

/// Seals a vault key to the ephemeral key of the device that asks for it; `None` when that is not a point.
pub fn return_key(key: &VaultKey, to: &str) -> Option<SealedToServer> {
    use p256::elliptic_curve::Generate as _;
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    let to = point(to)?;
    let own = SecretKey::generate_from_rng(&mut rand::rng());
    let nonce: [u8; 12] = rand::random();
    let sealed = agreed(&own, &to, KEY_RETURN_INFO).encrypt(&Nonce::from(nonce), key.0.as_slice()).ok()?;
    Some(SealedToServer {
        key_id: String::new(),
        ephemeral: URL_SAFE_NO_PAD.encode(own.public_key().to_sec1_point(false).as_bytes()),
        sealed: URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()),
    })
}

/// An uncompressed point in base64url.
fn point(text: &str) -> Option<PublicKey> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 65)?;
    PublicKey::from_sec1_bytes(&bytes).ok()
}

fn agreed(own: &SecretKey, other: &PublicKey, info: &str) -> Aes256Gcm {
    let shared = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine());
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, shared.raw_secret_bytes())
        .expand(info.as_bytes(), &mut key)
        .expect("32 bytes are within what HKDF yields");
    Aes256Gcm::new(&key.into())
}
