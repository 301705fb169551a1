//! The server's door for prescriptions in the NHS's tracker.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use shared::api::{PrescriptionsAsked, PrescriptionsFound};

/// Needs a CIS2 sign-in; without one the refusal's type ends in `cis2-needed`.
pub async fn search(satchel: Satchel, what: &PrescriptionsAsked) -> Result<PrescriptionsFound, Trouble> {
    http::post(satchel, "/api/prescriptions/search", what).await
}
