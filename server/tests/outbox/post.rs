//! An e-mail carrier of tests: counts what was handed over, and fails as it is told.

use async_trait::async_trait;
use satchel::outbox::carrier::{Carrier, Handed, SendError};
use satchel::store::{DeliveryRow, FrozenMessage, Route};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// What becomes of the next e-mails, in their order; those after them are taken.
#[derive(Debug, Default)]
pub struct Post {
    next: Mutex<VecDeque<Fate>>,
    taken: Mutex<Vec<String>>,
}

#[derive(Debug, Clone, Copy)]
pub enum Fate {
    Away,
    /// Refused for good.
    Refused,
    /// Taken, and the answer was lost.
    TakenUnheard,
}

impl Post {
    pub fn then(&self, fate: Fate) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).push_back(fate);
    }

    /// `Message-ID` of everything that arrived.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Carrier for Post {
    fn routes(&self) -> &'static [Route] {
        &[Route::Email]
    }

    fn may_repeat(&self) -> bool {
        false
    }

    async fn send(&self, _row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError> {
        let fate = self.next.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let take = || {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            taken.push(message.header_id.clone());
        };
        match fate {
            None => {
                take();
                let words = "Sent by secure e-mail.".to_owned();
                Ok(Handed { their_id: message.header_id.clone(), answers: false, settled: false, words })
            }
            Some(Fate::Away) => Err(SendError::Unreachable("no mail server".into())),
            Some(Fate::Refused) => {
                let meaning = "the address is not known there".to_owned();
                Err(SendError::Refused { code: "550".to_owned(), meaning, next: true })
            }
            Some(Fate::TakenUnheard) => {
                take();
                Err(SendError::Unknown("cut off".into()))
            }
        }
    }
}
