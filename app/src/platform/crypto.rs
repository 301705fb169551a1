//! WebCrypto: every key is a `CryptoKey` whose bytes this code never sees.

use super::js::{self, object};
use super::trouble::Trouble;
use js_sys::{Array, Object};
use shared::vault::{HANDED_INFO, HandedKey, KEK_INFO, SERVER_SEAL_INFO, SealedToServer};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CryptoKey, CryptoKeyPair, SubtleCrypto};

const NO_WEBCRYPTO: Trouble = Trouble::Unsupported("WebCrypto; open Satchel over https");

fn subtle() -> Result<SubtleCrypto, Trouble> {
    // Absent outside a secure context, where the typed getter would answer with a broken object.
    let subtle = js::get_path(&js_sys::global(), &["crypto", "subtle"]);
    if js::is_nothing(&subtle) { Err(NO_WEBCRYPTO) } else { Ok(subtle.unchecked_into()) }
}

fn usages(names: &[&str]) -> JsValue {
    names.iter().map(|name| JsValue::from_str(name)).collect::<Array>().into()
}

fn aes() -> Object {
    object([("name", "AES-GCM".into()), ("length", 256.into())])
}

fn ecdh() -> Object {
    object([("name", "ECDH".into()), ("namedCurve", "P-256".into())])
}

fn ecdsa() -> Object {
    object([("name", "ECDSA".into()), ("namedCurve", "P-256".into())])
}

fn gcm(nonce: &[u8; 12], associated: Option<&[u8]>) -> Object {
    let algorithm = object([("name", "AES-GCM".into()), ("iv", js::array(nonce).into())]);
    if let Some(associated) = associated {
        js::set(&algorithm, "additionalData", &js::array(associated));
    }
    algorithm
}

/// SHA-256 in hexadecimal, worked out beside the page.
pub async fn sha256(bytes: &[u8]) -> Result<String, Trouble> {
    let digest = done(subtle()?.digest_with_str_and_js_u8_array("SHA-256", &js::array(bytes))).await?;
    let digit = |four: u8| char::from_digit(u32::from(four), 16);
    Ok(js::bytes(&digest).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect())
}

async fn done(answer: Result<js_sys::Promise, JsValue>) -> Result<JsValue, Trouble> {
    let promise = answer.map_err(|_| NO_WEBCRYPTO)?;
    js::wait(promise).await.map_err(|_| Trouble::Unsealable)
}

/// A key that wraps keys: HKDF-SHA-256 over what only this person can bring.
#[derive(Debug, Clone)]
pub struct WrappingKey(CryptoKey);

/// The vault key, which opens and seals records and cannot be taken out.
#[derive(Debug, Clone)]
pub struct VaultKey(CryptoKey);

/// The vault key while it may still be wrapped; held only within one chain after a fresh unlock, then dropped.
#[derive(Debug)]
pub struct TransientVaultKey(CryptoKey);

/// One of a wrap's own keys for taking what somebody else handed over, just made.
#[derive(Debug)]
pub struct TransientAgreementKey {
    pair: CryptoKeyPair,
    /// P-256 uncompressed point.
    pub public: Vec<u8>,
}

/// The private half of an agreement, which cannot be taken out.
#[derive(Debug)]
pub struct AgreementSecret(CryptoKey);

/// A person's signing key on this device, which cannot be taken out.
#[derive(Debug, Clone)]
pub struct SigningKey(CryptoKey);

/// A signing key just made, which may still be wrapped.
#[derive(Debug)]
pub struct TransientSigningKey {
    pair: CryptoKeyPair,
    /// P-256 uncompressed point, base64url.
    pub public: String,
}

impl WrappingKey {
    /// From the passkey's PRF output: an `ArrayBuffer` that goes straight into the browser's key store.
    pub async fn from_prf(output: &Object, salt: &[u8]) -> Result<Self, Trouble> {
        let material =
            done(subtle()?.import_key_with_str("raw", output, "HKDF", false, &usages(&["deriveKey"])))
                .await?;
        Self::from_material(material.unchecked_ref(), salt).await
    }

    /// From HKDF material, such as the passphrase worker posts.
    pub async fn from_material(material: &CryptoKey, salt: &[u8]) -> Result<Self, Trouble> {
        let key = hkdf(material, salt, KEK_INFO, &["wrapKey", "unwrapKey"]).await?;
        Ok(Self(key))
    }

    /// Nonce and ciphertext, base64url.
    pub async fn wrap_vault_key(&self, key: &TransientVaultKey) -> Result<String, Trouble> {
        wrap("raw", &key.0, &self.0, None).await
    }

    /// Opens what [`Self::wrap_vault_key`] made, for records: a key that cannot be taken out.
    pub async fn open_vault_key(&self, wrapped: &str) -> Result<VaultKey, Trouble> {
        let key = unwrap(&self.0, "raw", wrapped, None, &aes(), false, &["encrypt", "decrypt"]).await?;
        Ok(VaultKey(key))
    }

    /// As [`Self::open_vault_key`], for wrapping it once more; fails with another person's key.
    pub async fn unwrap_vault_key(&self, wrapped: &str) -> Result<TransientVaultKey, Trouble> {
        let key = unwrap(&self.0, "raw", wrapped, None, &aes(), true, &VAULT_KEY_USES).await?;
        Ok(TransientVaultKey(key))
    }

    pub async fn wrap_signing_key(&self, key: &TransientSigningKey) -> Result<String, Trouble> {
        wrap("pkcs8", &key.pair.get_private_key(), &self.0, None).await
    }

    pub async fn unwrap_signing_key(&self, wrapped: &str) -> Result<SigningKey, Trouble> {
        let key = unwrap(&self.0, "pkcs8", wrapped, None, &ecdsa(), false, &["sign"]).await?;
        Ok(SigningKey(key))
    }

    /// Takes a signing key from this wrap into that of another way in of the same person.
    pub async fn rewrap_signing_key(&self, wrapped: &str, other: &Self) -> Result<String, Trouble> {
        let key = unwrap(&self.0, "pkcs8", wrapped, None, &ecdsa(), true, &["sign"]).await?;
        wrap("pkcs8", &key, &other.0, None).await
    }

    /// As [`Self::rewrap_signing_key`], for an agreement key.
    pub async fn rewrap_agreement_key(&self, wrapped: &str, other: &Self) -> Result<String, Trouble> {
        let key = unwrap(&self.0, "pkcs8", wrapped, None, &ecdh(), true, &["deriveBits"]).await?;
        wrap("pkcs8", &key, &other.0, None).await
    }

    pub async fn wrap_agreement_key(&self, key: &TransientAgreementKey) -> Result<String, Trouble> {
        wrap("pkcs8", &key.pair.get_private_key(), &self.0, None).await
    }

    pub async fn unwrap_agreement_key(&self, wrapped: &str) -> Result<AgreementSecret, Trouble> {
        let key = unwrap(&self.0, "pkcs8", wrapped, None, &ecdh(), false, &["deriveBits"]).await?;
        Ok(AgreementSecret(key))
    }
}

/// What a vault key that can still be wrapped is used for: wrapping its predecessors, and being wrapped.
const VAULT_KEY_USES: [&str; 4] = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];

async fn unwrap(
    by: &CryptoKey,
    format: &str,
    wrapped: &str,
    associated: Option<&[u8]>,
    algorithm: &Object,
    extractable: bool,
    uses: &[&str],
) -> Result<CryptoKey, Trouble> {
    let bytes = js::from_base64url(wrapped).ok_or(Trouble::Unsealable)?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<12>().ok_or(Trouble::Unsealable)?;
    let key = done(subtle()?.unwrap_key_with_js_u8_array_and_object_and_object(
        format,
        &js::array(ciphertext),
        by,
        &gcm(nonce, associated),
        algorithm,
        extractable,
        &usages(uses),
    ))
    .await?;
    Ok(key.unchecked_into())
}

async fn wrap(
    format: &str,
    key: &CryptoKey,
    by: &CryptoKey,
    associated: Option<&[u8]>,
) -> Result<String, Trouble> {
    let nonce = js::random::<12>();
    let wrapped = done(subtle()?.wrap_key_with_object(format, key, by, &gcm(&nonce, associated))).await?;
    Ok(js::base64url(&[nonce.as_slice(), &js::bytes(&wrapped)].concat()))
}

async fn hkdf(material: &CryptoKey, salt: &[u8], info: &str, uses: &[&str]) -> Result<CryptoKey, Trouble> {
    let algorithm = object([
        ("name", "HKDF".into()),
        ("hash", "SHA-256".into()),
        ("salt", js::array(salt).into()),
        ("info", js::array(info.as_bytes()).into()),
    ]);
    let key =
        done(subtle()?.derive_key_with_object_and_object(&algorithm, material, &aes(), false, &usages(uses)))
            .await?;
    Ok(key.unchecked_into())
}

impl TransientVaultKey {
    pub async fn generate() -> Result<Self, Trouble> {
        let key = done(subtle()?.generate_key_with_object(&aes(), true, &usages(&VAULT_KEY_USES))).await?;
        Ok(Self(key.unchecked_into()))
    }

    /// Wraps an earlier vault key under this one.
    pub async fn wrap_earlier(&self, earlier: &Self, associated: &[u8]) -> Result<String, Trouble> {
        wrap("raw", &earlier.0, &self.0, Some(associated)).await
    }

    /// Opens what [`Self::wrap_earlier`] made, for opening records; it cannot be taken out.
    pub async fn open_earlier(&self, wrapped: &str, associated: &[u8]) -> Result<VaultKey, Trouble> {
        let uses = ["encrypt", "decrypt"];
        let key = unwrap(&self.0, "raw", wrapped, Some(associated), &aes(), false, &uses).await?;
        Ok(VaultKey(key))
    }

    /// As [`Self::open_earlier`], for wrapping it under the next key.
    pub async fn unwrap_earlier(&self, wrapped: &str, associated: &[u8]) -> Result<Self, Trouble> {
        let key = unwrap(&self.0, "raw", wrapped, Some(associated), &aes(), true, &VAULT_KEY_USES).await?;
        Ok(Self(key))
    }

    /// Seals the key to the server's P-256 key: ephemeral ECDH, HKDF-SHA-256 (no salt), AES-256-GCM.
    pub async fn seal_to_server(&self, key_id: &str, public: &str) -> Result<SealedToServer, Trouble> {
        let point = js::from_base64url(public).ok_or(Trouble::StrangeAnswer)?;
        let (ephemeral, sealed) = self.seal_to(&point, SERVER_SEAL_INFO).await?;
        Ok(SealedToServer { key_id: key_id.to_owned(), ephemeral, sealed })
    }

    /// Hands the key to somebody who is not here.
    pub async fn hand_to(&self, public: &[u8], key_version: u32) -> Result<HandedKey, Trouble> {
        let (ephemeral, sealed) = self.seal_to(public, HANDED_INFO).await?;
        Ok(HandedKey { key_version, ephemeral, sealed })
    }

    /// The ephemeral point, and nonce with ciphertext.
    async fn seal_to(&self, point: &[u8], info: &str) -> Result<(String, String), Trouble> {
        let pair: CryptoKeyPair =
            done(subtle()?.generate_key_with_object(&ecdh(), false, &usages(&["deriveBits"])))
                .await?
                .unchecked_into();
        let sealing = agreed_key(&pair.get_private_key(), point, info, &["wrapKey"]).await?;
        let ephemeral = done(subtle()?.export_key("raw", &pair.get_public_key())).await?;
        Ok((js::base64url(&js::bytes(&ephemeral)), wrap("raw", &self.0, &sealing, None).await?))
    }
}

/// ECDH, then HKDF-SHA-256 without salt: the pair of one side is used once.
async fn agreed_key(
    private: &CryptoKey,
    point: &[u8],
    info: &str,
    uses: &[&str],
) -> Result<CryptoKey, Trouble> {
    let public =
        done(subtle()?.import_key_with_object("raw", &js::array(point), &ecdh(), false, &usages(&[])))
            .await
            .map_err(|_| Trouble::StrangeAnswer)?;
    let agreement = object([("name", "ECDH".into()), ("public", public)]);
    let secret = done(subtle()?.derive_bits_with_object(&agreement, private, 256)).await?;
    let material = done(subtle()?.import_key_with_str(
        "raw",
        secret.unchecked_ref(),
        "HKDF",
        false,
        &usages(&["deriveKey"]),
    ))
    .await?;
    hkdf(material.unchecked_ref(), &[], info, uses).await
}

impl TransientAgreementKey {
    pub async fn generate() -> Result<Self, Trouble> {
        let pair: CryptoKeyPair =
            done(subtle()?.generate_key_with_object(&ecdh(), true, &usages(&["deriveBits"])))
                .await?
                .unchecked_into();
        let public = done(subtle()?.export_key("raw", &pair.get_public_key())).await?;
        Ok(Self { pair, public: js::bytes(&public) })
    }

    /// For taking one answer, such as a key that the server releases.
    pub fn secret(&self) -> AgreementSecret {
        AgreementSecret(self.pair.get_private_key())
    }
}

impl AgreementSecret {
    /// Opens a vault key that was sealed to this key's public half.
    pub async fn open(
        &self,
        ephemeral: &str,
        sealed: &str,
        info: &str,
    ) -> Result<TransientVaultKey, Trouble> {
        let point = js::from_base64url(ephemeral).ok_or(Trouble::Unsealable)?;
        let opening = agreed_key(&self.0, &point, info, &["unwrapKey"]).await?;
        let key = unwrap(&opening, "raw", sealed, None, &aes(), true, &VAULT_KEY_USES).await?;
        Ok(TransientVaultKey(key))
    }
}

impl VaultKey {
    /// For handing it to a worker of this page; it is cloned there without its bytes being seen.
    pub fn handle(&self) -> &CryptoKey {
        &self.0
    }

    /// A key that the page posted.
    pub fn from_handle(key: CryptoKey) -> Self {
        Self(key)
    }

    /// Ciphertext with tag.
    pub async fn seal(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Trouble> {
        let algorithm = gcm(nonce, Some(associated));
        let sealed =
            done(subtle()?.encrypt_with_object_and_js_u8_array(&algorithm, &self.0, &js::array(plaintext)))
                .await?;
        Ok(js::bytes(&sealed))
    }

    /// Fails when the key, the record's name or a single bit is not what it was.
    pub async fn open(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        ciphertext: &[u8],
    ) -> Result<Vec<u8>, Trouble> {
        let algorithm = gcm(nonce, Some(associated));
        let plain =
            done(subtle()?.decrypt_with_object_and_js_u8_array(&algorithm, &self.0, &js::array(ciphertext)))
                .await?;
        Ok(js::bytes(&plain))
    }
}

impl TransientSigningKey {
    pub async fn generate() -> Result<Self, Trouble> {
        let pair: CryptoKeyPair =
            done(subtle()?.generate_key_with_object(&ecdsa(), true, &usages(&["sign", "verify"])))
                .await?
                .unchecked_into();
        let public = done(subtle()?.export_key("raw", &pair.get_public_key())).await?;
        Ok(Self { pair, public: js::base64url(&js::bytes(&public)) })
    }

    /// Signs before the key has been wrapped: enrolment by device key.
    pub async fn sign(&self, message: &[u8]) -> Result<[u8; 64], Trouble> {
        sign(&self.pair.get_private_key(), message).await
    }
}

impl SigningKey {
    /// ECDSA with SHA-256, `r ‖ s`.
    pub async fn sign(&self, message: &[u8]) -> Result<[u8; 64], Trouble> {
        sign(&self.0, message).await
    }
}

/// Is this ECDSA signature of the message by the owner of that public key (P-256 point, base64url)?
pub async fn is_signed(public: &str, message: &[u8], signature: &[u8]) -> Result<bool, Trouble> {
    let Some(point) = js::from_base64url(public) else { return Ok(false) };
    let importing =
        subtle()?.import_key_with_object("raw", &js::array(&point), &ecdsa(), false, &usages(&["verify"]));
    let Ok(key) = done(importing).await else { return Ok(false) };
    let algorithm = object([("name", "ECDSA".into()), ("hash", "SHA-256".into())]);
    let verifying = subtle()?.verify_with_object_and_js_u8_array_and_js_u8_array(
        &algorithm,
        key.unchecked_ref(),
        &js::array(signature),
        &js::array(message),
    );
    Ok(done(verifying).await?.is_truthy())
}

async fn sign(key: &CryptoKey, message: &[u8]) -> Result<[u8; 64], Trouble> {
    let algorithm = object([("name", "ECDSA".into()), ("hash", "SHA-256".into())]);
    let signature =
        done(subtle()?.sign_with_object_and_js_u8_array(&algorithm, key, &js::array(message))).await?;
    js::bytes(&signature).try_into().map_err(|_| Trouble::Unsealable)
}
