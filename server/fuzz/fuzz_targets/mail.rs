//! Any bytes as an e-mail.
#![no_main]

#[path = "../promises.rs"]
#[expect(dead_code, reason = "each target keeps one of the promises")]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::mail(bytes));
