//! Any bytes as a report of the 111 Adaptor's.
#![no_main]

#[path = "../promises.rs"]
#[expect(dead_code, reason = "each target keeps one of the promises")]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::adaptor_report(bytes));
