//! The server's own secret: what is at rest in the database and must not be readable with the database alone.

use super::KeysError;
use crate::config::Config;
use crate::store::Store;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::Sha256;
use shared::consultation::hex;
use shared::patient::NhsNumber;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Leads sealed bytes: format and version.
const MAGIC: [u8; 3] = *b"SR\x01";
/// A known text that only the right secret opens.
const CHECK: &str = "secret-check";

/// 32 bytes from the settings or the key file; every key for data at rest is derived from them.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret that the settings give, or the one in the key file; makes the file where the database is new to
    /// secrets. The database remembers which secret it was sealed with.
    pub async fn load(config: &Config, store: &dyn Store) -> Result<Self, KeysError> {
        let check = store.meta(CHECK).await?;
        let secret = match (&config.secret_key, &config.secret_key_path) {
            (Some(text), _) => read(text.expose_secret()).ok_or(KeysError::NotASecret)?,
            (None, Some(path)) => from_file(path, check.is_some())?,
            (None, None) => Self(rand::random()),
        };
        let Some(check) = check else {
            // Two servers may start at once: the one that comes second is checked like any other.
            let made = secret.seal_text(CHECK, CHECK.as_bytes());
            let kept = store.meta_or_put(CHECK, &made).await?;
            return secret.checked(&kept);
        };
        secret.checked(&check)
    }

    fn checked(self, check: &str) -> Result<Self, KeysError> {
        if self.open_text(CHECK, check).is_some() { Ok(self) } else { Err(KeysError::AnotherSecret) }
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let hkdf = Hkdf::<Sha256>::new(None, &self.0);
        hkdf.expand(purpose.as_bytes(), &mut key).expect("32 bytes are within what HKDF yields");
        key
    }

    /// Seals bytes for one place, for instance `quarantine/FA123`; they open nowhere else.
    ///
    /// The nonce is a MAC over everything that is sealed, so the same bytes always seal to the same: what is set aside
    /// twice is known as one, and no nonce ever serves two texts.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.derive("satchel at rest nonce v1"))
                .expect("an HMAC key may have any length");
        mac.update(&(place.len() as u64).to_be_bytes());
        mac.update(place.as_bytes());
        mac.update(plain);
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&mac.finalize().into_bytes()[..12]);
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place.as_bytes() })
            .expect("AES-GCM seals anything shorter than 64 GiB");
        [MAGIC.as_slice(), &nonce, &sealed].concat()
    }

    /// Opens what [`Self::seal`] made for this place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.strip_prefix(&MAGIC)?.split_first_chunk::<12>()?;
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        self.cipher().decrypt(&Nonce::from(*nonce), payload).ok()
    }

    /// As [`Self::seal`], for columns that hold text.
    pub fn seal_text(&self, place: &str, plain: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(place, plain))
    }

    pub fn open_text(&self, place: &str, sealed: &str) -> Option<Vec<u8>> {
        self.open(place, &URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }

    /// What stands for a patient in the audit log: only who has the secret can make it again from an NHS number.
    pub fn patient_mark(&self, nhs_number: &NhsNumber) -> [u8; 32] {
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.derive("satchel audit patient v1"))
                .expect("an HMAC key may have any length");
        mac.update(nhs_number.as_str().as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// What stands for a value in an export where nobody may be recognised: the same value has the same mark for one
    /// recipient, and another for every other. 32 hexadecimal digits; empty for nothing.
    pub fn pseudonym(&self, recipient: &str, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.derive("satchel export mark v1"))
            .expect("an HMAC key may have any length");
        mac.update(&(recipient.len() as u64).to_be_bytes());
        mac.update(recipient.as_bytes());
        mac.update(value.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.derive("satchel at rest v1").into())
    }
}

/// Whether bytes were sealed by [`Secret::seal`]; what was stored before there was a secret was not.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// 32 bytes as base64, of either alphabet, padded or not.
fn read(text: &str) -> Option<Secret> {
    let plain: String = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(plain).ok()?.try_into().ok().map(Secret)
}

/// `sealed` says that there is something which only the secret opens: then a new one would be of no use.
fn from_file(path: &Path, sealed: bool) -> Result<Secret, KeysError> {
    let unusable = |cause| KeysError::File { path: path.to_owned(), cause };
    match fs::read_to_string(path) {
        Ok(text) => read(&text).ok_or(KeysError::NotASecret),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(error)),
        Err(_) if sealed => Err(KeysError::Missing(path.to_owned())),
        Err(_) => make(path).map_err(unusable),
    }
}

/// Writes a new secret, readable by nobody else, whole or not at all. Whoever came first is followed.
fn make(path: &Path) -> std::io::Result<Secret> {
    let secret = Secret(rand::random());
    let own = PathBuf::from(format!("{}.{}", path.display(), uuid::Uuid::new_v4().simple()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&own)?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(secret.0))?;
    file.sync_all()?;
    // Unlike renaming, linking fails where there is a file already.
    let linked = fs::hard_link(&own, path);
    fs::remove_file(&own)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read(&fs::read_to_string(path)?)
            .ok_or_else(|| std::io::Error::other("another process wrote something that is not a secret")),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_only() {
        let secret = Secret([7; 32]);
        let sealed = secret.seal("quarantine/FA123", b"words");
        assert_eq!(secret.open("quarantine/FA123", &sealed).as_deref(), Some(b"words".as_slice()));
        assert_eq!(secret.open("quarantine/FB456", &sealed), None);
        assert_eq!(Secret([8; 32]).open("quarantine/FA123", &sealed), None);
        assert!(is_sealed(&sealed) && !is_sealed(b"SATF"));
    }

    #[test]
    fn the_same_seals_to_the_same_and_another_text_never_shares_its_nonce() {
        let secret = Secret([7; 32]);
        assert_eq!(secret.seal("a", b"words"), secret.seal("a", b"words"));
        assert_ne!(secret.seal("a", b"words")[3..15], secret.seal("a", b"other")[3..15]);
        assert_ne!(secret.seal("a", b"words")[3..15], secret.seal("b", b"words")[3..15]);
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("satchel.db.key");
        let made = from_file(&path, false).unwrap_or_else(|_| panic!("made"));
        let again = from_file(&path, true).unwrap_or_else(|_| panic!("read"));
        assert_eq!(made.0, again.0);
        assert_eq!(make(&path).expect("the first one is followed").0, made.0);
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_lost_key_file_is_said_and_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("satchel.db.key");
        assert!(matches!(from_file(&path, true), Err(KeysError::Missing(_))));
        assert!(!path.exists());
    }

    #[test]
    fn a_secret_is_read_from_base64_of_either_alphabet() {
        let bytes = [0xfb; 32];
        let url = URL_SAFE_NO_PAD.encode(bytes);
        let standard = base64::engine::general_purpose::STANDARD.encode(bytes);
        assert_ne!(url, standard);
        assert_eq!(read(&url).map(|secret| secret.0), Some(bytes));
        assert_eq!(read(&format!("{standard}\n")).map(|secret| secret.0), Some(bytes));
        assert!(read("too short").is_none());
    }
}
