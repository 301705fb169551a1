//! Any bytes as a file of medicines.
#![no_main]

#[path = "../promises.rs"]
#[expect(dead_code, reason = "each target keeps one of the promises")]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::medicines_file(bytes));
