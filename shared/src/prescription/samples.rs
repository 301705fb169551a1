//! Where tests find the samples that the NHS publishes, and what is said where they are absent.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Absence is said aloud past the test harness; with `SATCHEL_TEST_REQUIRE_SAMPLES` it is a failure.
fn present(part: &str) -> Option<PathBuf> {
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

/// One file as text.
#[expect(clippy::disallowed_methods, reason = "a test reads its samples")]
pub fn sample(file: &str) -> Option<String> {
    Some(std::fs::read_to_string(present(file)?).expect("a readable sample"))
}

/// Names and bytes of a folder's files, by name.
#[expect(clippy::disallowed_methods, reason = "a test reads its samples")]
pub fn folder(part: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(present(part)?).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.push((name, std::fs::read(&path).expect("a readable sample")));
    }
    files.sort();
    Some(files)
}
