//! Every failure the server admits to, as RFC 9457 problem details.

use serde::{Deserialize, Serialize};

/// `application/problem+json`. Written for the person who reads it; the cause stays in the server's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{title}. {detail}")]
pub struct Problem {
    /// `/problems/not-signed-in`: stable, for programs.
    pub r#type: String,
    /// What happened.
    pub title: String,
    pub status: u16,
    /// What it means and what to do.
    pub detail: String,
    /// To find the cause in the server's log.
    #[serde(default)]
    pub correlation: String,
}
