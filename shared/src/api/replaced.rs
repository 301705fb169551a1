//! What took the place of a code of the dictionary of medicines.

use serde::{Deserialize, Serialize};

/// `GET /api/medicines/replaced/{code}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplacedView {
    /// Codes have up to 18 digits, more than a number of JavaScript holds.
    pub code: String,
    pub current: String,
    /// `vtm`, `vmp`, `ingredient`, `form`, `route`, `supplier`, `unit`.
    pub kind: String,
}
