//! What others send into our MESH mailboxes of their own accord, handed on by workflow.

use crate::app::App;
use crate::store::{IncomingMessage, StoreError};
use async_trait::async_trait;
use std::sync::Arc;

/// Takes in one kind of message. What nobody takes stays in the mailbox, for whatever program it is meant for.
#[async_trait]
pub trait Inbound: Send + Sync {
    /// Whether messages of this MESH workflow are for it.
    fn takes(&self, workflow: &str) -> bool;

    /// Stores what has come and does what follows from it; says in words, without patient data, what was made of it.
    ///
    /// The message is off the mailbox by then and kept here until this succeeds. After a crash it is called again with
    /// the same message, which must change nothing more.
    async fn take_in(&self, app: &App, message: &IncomingMessage) -> Result<String, StoreError>;
}

/// Whoever takes something in on this server, asked in this order.
pub type Inbounds = Vec<Arc<dyn Inbound>>;
