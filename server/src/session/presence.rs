//! Whom sessions are known to be of, for a second at most; whatever ends sessions on this server counts at once.

use super::Staff;
use crate::recent::{Reading, Recent};
use shared::ids::PersonId;
use shared::time::Millis;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

/// A signed-in session as the database had it.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    pub staff: Staff,
    /// The session ends then, by the server's clock.
    pub until: Millis,
}

/// Presences by the hash of the session's id.
#[derive(Debug)]
pub struct Presences {
    recent: Recent<[u8; 32], Presence>,
    ended: Mutex<broadcast::Receiver<PersonId>>,
}

impl Presences {
    /// Forgets whenever `ended` was rung: it is listened to before each answer, so nothing is answered from before.
    pub fn heeding(ended: &broadcast::Sender<PersonId>) -> Self {
        Self { recent: Recent::default(), ended: Mutex::new(ended.subscribe()) }
    }

    fn heed(&self) {
        // Held until all is forgotten: who asks at the same moment must not find the bell silent and the old value there.
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rung = false;
        while matches!(ended.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {
            rung = true;
        }
        if rung {
            self.recent.forget_all();
        }
    }

    pub(super) fn get(&self, session: &[u8; 32], now: Millis) -> Option<Staff> {
        self.heed();
        let presence = self.recent.get(session)?;
        (now < presence.until).then_some(presence.staff)
    }

    pub(super) fn begin(&self) -> Reading {
        self.recent.begin()
    }

    pub(super) fn keep(&self, reading: Reading, session: [u8; 32], presence: Presence) {
        self.heed();
        self.recent.keep(reading, session, presence);
    }

    /// After this session was written or deleted.
    pub(super) fn forget(&self, session: &[u8; 32]) {
        self.recent.forget(session);
    }

    /// After all of the data was exchanged.
    pub(crate) fn forget_all(&self) {
        self.recent.forget_all();
    }
}
