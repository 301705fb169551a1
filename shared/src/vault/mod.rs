//! What the vault writes: sealed records, wraps of the vault key, the header that names them.
//!
//! Only formats live here; the sealing itself is WebCrypto's on the device and RustCrypto's on the server.

mod change;
mod envelope;
mod header;
mod log;

pub use change::VaultChange;
pub use envelope::{Envelope, NotAnEnvelope, associated_data};
pub use header::{
    AgreementKey, Argon2Parameters, EarlierKey, HANDED_INFO, HEADER_VERSION, HandedKey, KEK_INFO,
    KEY_RETURN_INFO, NotAHeader, SERVER_SEAL_INFO, SealedToServer, VaultHeader, Wrap, WrapKind,
    earlier_key_data,
};
pub use log::{LOG_PART_BYTES, NotALog, SealedLog, SealedRecord};
