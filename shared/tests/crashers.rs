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
fn whatever_broke_a_file_of_medicines_is_harmless() {
    replay("crashers/medicines_file", promises::medicines_file);
}

#[test]
fn whatever_broke_the_reading_of_a_pack_is_harmless() {
    replay("crashers/pack_code", promises::pack_code);
}

#[test]
fn whatever_broke_an_answer_about_prescriptions_is_harmless() {
    replay("crashers/prescriptions", promises::prescriptions);
}

#[test]
fn bytes_of_every_released_format_keep_the_promises() {
    for keeps in [
        promises::push_frame,
        promises::pull_stream,
        promises::document,
        promises::vault,
        promises::medicines_file,
        promises::pack_code,
        promises::prescriptions,
    ] {
        replay("", keeps);
    }
}
