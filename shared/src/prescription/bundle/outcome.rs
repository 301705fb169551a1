//! How the NHS says no.

use super::BundleError;
use super::json::{list, text};
use serde_json::Value;

/// Whether an outcome beside matches takes them back.
pub fn is_error(outcome: &Value) -> bool {
    list(outcome, "issue")
        .iter()
        .any(|issue| matches!(text(issue, &["severity"]).as_str(), "error" | "fatal"))
}

/// Codes only: what it says in words may name the patient.
pub fn refused(outcome: &Value) -> BundleError {
    let issue = list(outcome, "issue").first().unwrap_or(&Value::Null);
    let plain = |text: String| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(40).collect()
    };
    BundleError::Refused {
        code: plain(text(issue, &["code"])),
        spine: plain(text(issue, &["details", "coding", "code"])),
    }
}
