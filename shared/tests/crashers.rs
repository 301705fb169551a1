//! Whatever once broke a promise about foreign bytes never does again: one file for each under `fixtures/crashers`.

#[path = "../fuzz/promises.rs"]
mod promises;

use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a test reads fixtures")]
fn replay(folder: &str, keeps: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| path.is_file()) {
        println!("{}", path.display());
        keeps(&std::fs::read(&path).expect("a fixture can be read"));
    }
}

#[test]
fn whatever_broke_a_push_frame_is_harmless() {
    replay("crashers/push_frame", promises::push_frame);
}

#[test]
fn whatever_broke_a_pull_is_harmless() {
    replay("crashers/pull_stream", promises::pull_stream);
}

#[test]
fn whatever_broke_a_record_is_harmless() {
    replay("crashers/document", promises::document);
}

#[test]
fn whatever_broke_the_vault_is_harmless() {
    replay("crashers/vault", promises::vault);
}

#[test]
fn bytes_of_every_released_format_keep_the_promises() {
    for keeps in [promises::push_frame, promises::pull_stream, promises::document, promises::vault] {
        replay("", keeps);
    }
}
