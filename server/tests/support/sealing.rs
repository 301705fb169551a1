//! Vault keys sealed to the server, as the browser seals them.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use shared::api::ServerKey;
use shared::vault::{SERVER_SEAL_INFO, SealedToServer};

/// `None` where the server's key is none.
pub fn sealed_to(server: &ServerKey, key: &[u8; 32]) -> Option<SealedToServer> {
    let point = URL_SAFE_NO_PAD.decode(&server.public).ok()?;
    let own = SecretKey::from_slice(&rand::random::<[u8; 32]>()).ok()?;
    let other = PublicKey::from_sec1_bytes(&point).ok()?;
    let agreed = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine());
    let mut sealing = [0; 32];
    Hkdf::<Sha256>::new(None, agreed.raw_secret_bytes())
        .expand(SERVER_SEAL_INFO.as_bytes(), &mut sealing)
        .ok()?;
    let nonce: [u8; 12] = rand::random();
    let sealed = Aes256Gcm::new(&sealing.into()).encrypt(&Nonce::from(nonce), key.as_slice()).ok()?;
    Some(SealedToServer {
        key_id: server.id.clone(),
        ephemeral: URL_SAFE_NO_PAD.encode(own.public_key().to_sec1_point(false).as_bytes()),
        sealed: URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()),
    })
}
