//! WebCrypto: every key is a `CryptoKey` whose bytes this code never sees.

use super::js::{self, object};
use super::trouble::Trouble;
use js_sys::{Array, Object};
use shared::vault::{KEK_INFO, SERVER_SEAL_INFO, SealedToServer};
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

/// The vault key while it may still be wrapped; held only within one chain at set-up, then dropped.
#[derive(Debug)]
pub struct TransientVaultKey(CryptoKey);

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
        wrap("raw", &key.0, &self.0).await
    }

    /// Opens what [`Self::wrap_vault_key`] made; fails with another person's key.
    pub async fn unwrap_vault_key(&self, wrapped: &str) -> Result<VaultKey, Trouble> {
        let key = self.unwrap("raw", wrapped, &aes(), false, &["encrypt", "decrypt"]).await?;
        Ok(VaultKey(key))
    }

    /// As [`Self::unwrap_vault_key`], for wrapping once more for another person or another way in.
    pub async fn unwrap_vault_key_to_wrap_again(&self, wrapped: &str) -> Result<TransientVaultKey, Trouble> {
        let key = self.unwrap("raw", wrapped, &aes(), true, &["encrypt", "decrypt"]).await?;
        Ok(TransientVaultKey(key))
    }

    pub async fn wrap_signing_key(&self, key: &TransientSigningKey) -> Result<String, Trouble> {
        wrap("pkcs8", &key.pair.get_private_key(), &self.0).await
    }

    pub async fn unwrap_signing_key(&self, wrapped: &str) -> Result<SigningKey, Trouble> {
        Ok(SigningKey(self.unwrap("pkcs8", wrapped, &ecdsa(), false, &["sign"]).await?))
    }

    /// Takes a signing key from this wrap into that of another way in of the same person.
    pub async fn rewrap_signing_key(&self, wrapped: &str, other: &Self) -> Result<String, Trouble> {
        let key = self.unwrap("pkcs8", wrapped, &ecdsa(), true, &["sign"]).await?;
        wrap("pkcs8", &key, &other.0).await
    }

    async fn unwrap(
        &self,
        format: &str,
        wrapped: &str,
        algorithm: &Object,
        extractable: bool,
        uses: &[&str],
    ) -> Result<CryptoKey, Trouble> {
        let bytes = js::from_base64url(wrapped).ok_or(Trouble::Unsealable)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<12>().ok_or(Trouble::Unsealable)?;
        let key = done(subtle()?.unwrap_key_with_js_u8_array_and_object_and_object(
            format,
            &js::array(ciphertext),
            &self.0,
            &gcm(nonce, None),
            algorithm,
            extractable,
            &usages(uses),
        ))
        .await?;
        Ok(key.unchecked_into())
    }
}

async fn wrap(format: &str, key: &CryptoKey, by: &CryptoKey) -> Result<String, Trouble> {
    let nonce = js::random::<12>();
    let wrapped = done(subtle()?.wrap_key_with_object(format, key, by, &gcm(&nonce, None))).await?;
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
        let key =
            done(subtle()?.generate_key_with_object(&aes(), true, &usages(&["encrypt", "decrypt"]))).await?;
        Ok(Self(key.unchecked_into()))
    }

    /// Seals the key to the server's P-256 key: ephemeral ECDH, HKDF-SHA-256 (no salt), AES-256-GCM.
    pub async fn seal_to_server(&self, key_id: &str, public: &str) -> Result<SealedToServer, Trouble> {
        let ecdh = object([("name", "ECDH".into()), ("namedCurve", "P-256".into())]);
        let point = js::from_base64url(public).ok_or(Trouble::StrangeAnswer)?;
        let server =
            done(subtle()?.import_key_with_object("raw", &js::array(&point), &ecdh, false, &usages(&[])))
                .await
                .map_err(|_| Trouble::StrangeAnswer)?;
        let pair: CryptoKeyPair =
            done(subtle()?.generate_key_with_object(&ecdh, false, &usages(&["deriveBits"])))
                .await?
                .unchecked_into();
        let agreement = object([("name", "ECDH".into()), ("public", server)]);
        let secret =
            done(subtle()?.derive_bits_with_object(&agreement, &pair.get_private_key(), 256)).await?;
        let material = done(subtle()?.import_key_with_str(
            "raw",
            secret.unchecked_ref(),
            "HKDF",
            false,
            &usages(&["deriveKey"]),
        ))
        .await?;
        let sealing = hkdf(material.unchecked_ref(), &[], SERVER_SEAL_INFO, &["wrapKey"]).await?;
        let ephemeral = done(subtle()?.export_key("raw", &pair.get_public_key())).await?;
        Ok(SealedToServer {
            key_id: key_id.to_owned(),
            ephemeral: js::base64url(&js::bytes(&ephemeral)),
            sealed: wrap("raw", &self.0, &sealing).await?,
        })
    }
}

impl VaultKey {
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

async fn sign(key: &CryptoKey, message: &[u8]) -> Result<[u8; 64], Trouble> {
    let algorithm = object([("name", "ECDSA".into()), ("hash", "SHA-256".into())]);
    let signature =
        done(subtle()?.sign_with_object_and_js_u8_array(&algorithm, key, &js::array(message))).await?;
    js::bytes(&signature).try_into().map_err(|_| Trouble::Unsealable)
}
