//! What holds for any bytes whatever: read or refused, never a panic, and what was read is written the same again.
//!
//! The fuzz targets run these, and `shared/tests/crashers.rs` runs them over every file that once broke one.

use automerge::Change;
use shared::authorship::Receipt;
use shared::consultation::{Document, change_hash};
use shared::medicines::file;
use shared::prescription::{Id, bundle};
use shared::scan;
use shared::sync::frame::{PullFrame, PushFrame, split_stream};
use shared::time;
use shared::vault::{Envelope, SealedLog, VaultChange, VaultHeader};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

/// What a device sends.
pub fn push_frame(bytes: &[u8]) {
    let Ok(frame) = PushFrame::from_bytes(bytes) else { return };
    assert_eq!(PushFrame::from_bytes(&frame.to_bytes()), Ok(frame));
}

/// What a server sends, arriving in two parts.
pub fn pull_stream(bytes: &[u8]) {
    if let Ok(frame) = PullFrame::from_bytes(bytes) {
        assert_eq!(PullFrame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
    let Ok(whole) = split_stream(&mut bytes.to_vec()) else { return };
    let mut arrived = bytes[..bytes.len() / 2].to_vec();
    let mut parts = split_stream(&mut arrived).expect("less of what can be read can be read");
    arrived.extend_from_slice(&bytes[bytes.len() / 2..]);
    parts.extend(split_stream(&mut arrived).expect("the rest of what can be read can be read"));
    assert_eq!(parts, whole);
}

/// The bytes of a record. Automerge 0.12 panics over some, which both ends guard against; here as there it must not
/// hang or take all memory, and what can be read and saved is the same when loaded again.
pub fn document(bytes: &[u8]) {
    let _ = change_hash(bytes);
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let saved = catch_unwind(AssertUnwindSafe(|| {
        let _ = Change::from_bytes(bytes.to_vec());
        let mut document = Document::load(bytes).ok()?;
        document.read().ok()?;
        let _ = (document.row(), document.clashes(), document.history());
        Some((document.save(), document.heads()))
    }));
    set_hook(hook);
    let Ok(Some((saved, heads))) = saved else { return };
    let mut again = Document::load(&saved).expect("what was saved loads again");
    assert_eq!(again.heads(), heads);
}

/// What lies in the vault, and receipts.
pub fn vault(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::from_bytes(bytes) {
        assert_eq!(Envelope::from_bytes(&envelope.to_bytes()), Ok(envelope));
    }
    if let Ok(log) = SealedLog::from_bytes(bytes) {
        let _ = log.names();
        assert_eq!(SealedLog::from_bytes(&log.to_bytes()), Ok(log));
    }
    let _ = VaultChange::from_bytes(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(header) = VaultHeader::from_json(text)
    {
        // An older header becomes one of this version; from then on nothing changes.
        let now = VaultHeader::from_json(&header.to_json()).expect("what is written is readable");
        assert_eq!(VaultHeader { v: header.v, ..now.clone() }, header);
        assert_eq!(VaultHeader::from_json(&now.to_json()), Ok(now));
    }
    if let Ok(receipt) = Receipt::from_bytes(bytes) {
        assert_eq!(Receipt::from_bytes(&receipt.to_bytes()).ok(), Some(receipt));
    }
}

/// A file of medicines as a device fetched it: what opens is searched, and every product of it is read.
pub fn medicines_file(bytes: &[u8]) {
    let Ok(index) = file::read(bytes) else { return };
    let checked = file::check(bytes).expect("what opens is whole");
    assert_eq!((checked.products, checked.release.as_str()), (index.len(), index.release()));
    for product in index.products() {
        let first = product.name.split(' ').next().unwrap_or_default();
        assert!(index.search(first, 5).len() <= 5);
    }
}

/// What a camera or a person read off a pack, and off a prescription.
pub fn pack_code(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let today = time::day(1_795_384_800_000);
    if let Ok(pack) = scan::parse(&text, today) {
        assert!(scan::has_check_digit(&pack.gtin) && pack.gtin.len() == 14);
    }
    if let Ok(id) = Id::parse(&text) {
        assert_eq!(Id::parse(&id.short()).as_ref(), Ok(&id));
    }
}

/// What a prescription tracker answers.
pub fn prescriptions(bytes: &[u8]) {
    let found = bundle::read(bytes);
    assert_eq!(found, bundle::read(bytes));
}
