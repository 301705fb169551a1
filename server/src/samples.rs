//! Where tests find the samples that NHS England publishes, and what is said where they are absent.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A folder or file of the samples. Its absence is said aloud past the test harness, which swallows what is printed;
/// with `SATCHEL_TEST_REQUIRE_SAMPLES` it is a failure.
#[expect(clippy::disallowed_methods, reason = "only a test is told where the samples must be")]
pub fn samples(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples").join(part);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("SATCHEL_TEST_REQUIRE_SAMPLES").is_some();
    assert!(!required, "the NHS samples are not at {}", path.display());
    // Standard error may be closed; then nobody is there to read it.
    let _ = writeln!(std::io::stderr(), "SKIPPED: the NHS samples are not at {}", path.display());
    None
}

#[test]
fn samples_that_are_absent_are_no_samples() {
    assert_eq!(samples("no/such/folder"), None);
}
