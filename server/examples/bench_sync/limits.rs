//! What no server on this machine can do faster: compression, disk, ciphers.

use crate::records;
use crate::{Failure, report};
use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use satchel::clock::Stopwatch;
use shared::consultation::{Author, Writer};
use shared::sync::frame::{PushFrame, PushedDocument};
use std::hint::black_box;
use std::io::{Seek as _, SeekFrom, Write as _};

/// Commits of one small page each, to see how many the disk takes.
const FSYNCS: usize = 200;
/// Bytes that are sealed at a time.
const SEALED: usize = 1 << 20;

/// What no server on this machine can do faster.
pub fn limits(count: usize, folder: &std::path::Path) -> Result<(), Failure> {
    let writer = Writer { actor: [7; 16], author: Author::default() };
    let mut made: Vec<records::Made> = records::consultations(count, &"FA123".parse()?, &writer)?;
    let documents = made.iter_mut().map(|one| PushedDocument {
        id: one.id,
        whole: one.document.save_for_frame(),
        changes: Vec::new(),
        signatures: Vec::new(),
    });
    let frame = PushFrame { documents: documents.collect(), ..PushFrame::default() };
    let plain: usize = frame.documents.iter().map(|document| document.whole.len()).sum();
    let watch = Stopwatch::start();
    let packed = frame.to_bytes();
    report("limit-pack", plain as f64 / watch.seconds() / 1e6, "MB/s", count);
    let watch = Stopwatch::start();
    black_box(PushFrame::from_bytes(&packed)?);
    report("limit-unpack", plain as f64 / watch.seconds() / 1e6, "MB/s", count);

    let mut file = tempfile::tempfile_in(folder)?;
    let watch = Stopwatch::start();
    for _ in 0..FSYNCS {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
    }
    report("limit-fsyncs", FSYNCS as f64 / watch.seconds(), "per second", FSYNCS);

    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from([1; 32]));
    let content = vec![7; SEALED];
    let watch = Stopwatch::start();
    for turn in 0..64u8 {
        black_box(cipher.encrypt(&Nonce::from([turn; 12]), content.as_slice()).map_err(|_| "not sealed")?);
    }
    report("limit-seal", 64.0 * SEALED as f64 / watch.seconds() / 1e6, "MB/s", 64);

    let key = SigningKey::from_slice(&[9; 32])?;
    let signature: Signature = key.sign(b"a statement");
    let point = key.verifying_key().to_sec1_point(false);
    let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes())?;
    let watch = Stopwatch::start();
    for _ in 0..count {
        public.verify_sig(black_box(b"a statement"), &signature.to_bytes())?;
    }
    report("limit-signatures", count as f64 / watch.seconds(), "per second", count);
    Ok(())
}
