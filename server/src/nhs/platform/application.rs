//! One token for many callers: fetched once however many ask, and a little before the one in use ends.

use super::errors::TokenError;
use super::wire::{TokenAnswer, ends};
use secrecy::SecretString;
use shared::time::Millis;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Mutex as Turn;

/// A token is renewed this long before it ends, so that no request begins with one that ends on its way.
pub const RENEWED_BEFORE: Millis = 60_000;

/// A token and when it ends.
#[derive(Debug, Clone)]
struct Kept {
    token: SecretString,
    until: Millis,
}

/// The token in use, and whose turn it is to fetch the next.
#[derive(Debug, Default)]
pub struct Single {
    kept: Mutex<Option<Kept>>,
    turn: Turn<Last>,
    /// Grows with each fetch that ended, well or not.
    tries: Mutex<u64>,
}

/// How the last fetch ended; whoever waited for it shares its failure instead of trying again one by one.
#[derive(Debug, Default)]
struct Last(Option<TokenError>);

impl Single {
    /// The token in use while it is good; otherwise what `fetch` brings.
    pub async fn token<F>(&self, now: Millis, fetch: impl FnOnce() -> F) -> Result<SecretString, TokenError>
    where
        F: Future<Output = Result<TokenAnswer, TokenError>>,
    {
        if let Some(token) = self.good(now, RENEWED_BEFORE) {
            return Ok(token);
        }
        let tries = self.tries();
        let mut last = if let Ok(last) = self.turn.try_lock() {
            last
        } else {
            // Somebody is at it. What is good for some seconds still need not wait for them.
            if let Some(token) = self.good(now, RENEWED_BEFORE / 6) {
                return Ok(token);
            }
            self.turn.lock().await
        };
        if let Some(token) = self.good(now, RENEWED_BEFORE) {
            return Ok(token);
        }
        if let (true, Some(failure)) = (self.tries() != tries, &last.0) {
            return Err(failure.clone());
        }
        let fetched = fetch().await;
        *self.tries.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        match fetched {
            Ok(answer) => {
                *last = Last(None);
                let kept = Kept { token: answer.access_token, until: ends(now, answer.expires_in) };
                let token = kept.token.clone();
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
                Ok(token)
            }
            Err(failure) => {
                *last = Last(Some(failure.clone()));
                // A token that is good still bridges a short outage.
                self.good(now, 0).ok_or(failure)
            }
        }
    }

    fn good(&self, now: Millis, before: Millis) -> Option<SecretString> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|kept| now < kept.until - before).map(|kept| kept.token.clone())
    }

    fn tries(&self) -> u64 {
        *self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
