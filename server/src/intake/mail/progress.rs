//! How far a mailbox has been read. It is remembered here and not in marks there: a mail that somebody has opened must
//! come in all the same, one that nobody has opened must stay bold, and NHSmail keeps no marks of others'.

use crate::app::App;
use crate::config::ImapSettings;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};

/// What has been found in a mailbox and what of it is still to be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// UIDVALIDITY; under another one all numbers mean other mails.
    pub validity: u32,
    /// Every mail up to this UID was found; `None` before the first look.
    pub found_to: Option<u32>,
    /// UIDs still to be taken in, the longest untried first.
    pub pending: Vec<u32>,
}

fn name(settings: &ImapSettings) -> String {
    format!("imap|{}|{}|{}", settings.host, settings.user, settings.mailbox)
}

impl Progress {
    /// What is remembered of the mailbox; nothing where its numbers have changed their meaning.
    pub async fn of(app: &App, settings: &ImapSettings, validity: u32) -> Result<Self, StoreError> {
        let known = app.store.meta(&name(settings)).await?;
        let known = known.and_then(|text| serde_json::from_str::<Self>(&text).ok());
        let same = known.filter(|known| known.validity == validity);
        Ok(same.unwrap_or(Self { validity, ..Self::default() }))
    }

    pub async fn remember(&self, app: &App, settings: &ImapSettings) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).map_err(StoreError::broken)?;
        app.store.put_meta(&name(settings), &text).await
    }

    /// Adds what was found; none twice.
    pub fn found(&mut self, mut uids: Vec<u32>) {
        uids.sort_unstable();
        self.found_to = self.found_to.max(uids.last().copied()).or(Some(0));
        uids.retain(|uid| !self.pending.contains(uid));
        self.pending.extend(uids);
    }

    /// Whatever comes of the try, the others come before it the next time.
    pub fn trying(&mut self, uid: u32) {
        self.pending.retain(|other| *other != uid);
        self.pending.push(uid);
    }

    pub fn done(&mut self, uid: u32) {
        self.pending.retain(|other| *other != uid);
    }
}
