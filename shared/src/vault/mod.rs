//! What the vault writes, version 1: sealed records, wraps of the vault key, the header that names them.
//!
//! Only formats live here; the sealing itself is WebCrypto's on the device and RustCrypto's on the server.

mod envelope;
mod header;

pub use envelope::{Envelope, NotAnEnvelope, associated_data};
pub use header::{Argon2Parameters, KEK_INFO, SERVER_SEAL_INFO, SealedToServer, VaultHeader, Wrap, WrapKind};
