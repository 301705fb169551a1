//! Any bytes as what a prescription tracker answers.
#![no_main]

#[path = "../promises.rs"]
#[expect(dead_code, reason = "each target keeps one of the promises")]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::prescriptions(bytes));
