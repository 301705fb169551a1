//! Any bytes as a letter over MESH.
#![no_main]

#[path = "../promises.rs"]
#[expect(dead_code, reason = "each target keeps one of the promises")]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::itk3_letter(bytes));
