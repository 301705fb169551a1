//! What storing a record sets going: the deliveries that its signatures call for.

use crate::outbox::{Sender, plan};
use crate::patients::Vouched;
use crate::store::NewDelivery;
use shared::consultation::{Document, DocumentError};
use shared::time::Millis;

/// Nothing before there is a signature; afterwards the same each time, which the outbox recognises.
pub fn deliveries(
    document: &mut Document,
    sender: &Sender,
    vouched: &Vouched,
    now: Millis,
) -> Result<Vec<NewDelivery>, DocumentError> {
    if document.standing_signature()?.is_none() {
        return Ok(Vec::new());
    }
    plan(document, sender, vouched, now)
}
