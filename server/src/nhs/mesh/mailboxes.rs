//! The mailboxes that this server sends from and reads: one for everybody, or a pharmacy's own.

use super::Client;
use shared::ids::OdsCode;
use std::collections::BTreeMap;

/// Which mailbox is whose. A pharmacy without one of its own uses the one for everybody.
#[derive(Debug, Clone, Default)]
pub struct Mailboxes {
    everybody: Option<Client>,
    own: BTreeMap<OdsCode, Client>,
}

impl Mailboxes {
    pub fn new(everybody: Option<Client>, own: BTreeMap<OdsCode, Client>) -> Self {
        Self { everybody, own }
    }

    /// From which a pharmacy sends; `None` where it has none to send from.
    pub fn of(&self, pharmacy: &OdsCode) -> Option<&Client> {
        self.own.get(pharmacy).or(self.everybody.as_ref())
    }

    /// Any of them, for a question that belongs to no mailbox.
    pub fn any(&self) -> Option<&Client> {
        self.all().next()
    }

    /// Each once.
    pub fn all(&self) -> impl Iterator<Item = &Client> {
        self.everybody.iter().chain(self.own.values())
    }

    /// Whose own a mailbox is, by its name; `None` for the one for everybody.
    pub fn owner(&self, mailbox: &str) -> Option<&OdsCode> {
        self.own.iter().find(|(_, client)| client.mailbox() == mailbox).map(|(pharmacy, _)| pharmacy)
    }
}

impl From<Client> for Mailboxes {
    fn from(everybody: Client) -> Self {
        Self::new(Some(everybody), BTreeMap::new())
    }
}
