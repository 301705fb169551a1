//! The nonce each device is told with every answer: a new one each hour, so that the table of them stays small.

use crate::app::App;
use crate::session::Staff;
use crate::store::StoreError;
use shared::ids::{DeviceId, PersonId};
use shared::time::Millis;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How long one nonce is given out before a new one is made.
const FRESH_FOR: Millis = 60 * 60_000;

type Whose = (PersonId, Option<DeviceId>);

/// The latest nonce of each person on each device.
#[derive(Debug, Default)]
pub struct Nonces {
    latest: Mutex<BTreeMap<Whose, (String, Millis)>>,
}

impl Nonces {
    /// A nonce not older than an hour, stored before it is given out.
    pub async fn fresh(&self, app: &App, staff: &Staff) -> Result<String, StoreError> {
        let whose = (staff.person.id, staff.device);
        let now = app.clock.now();
        {
            let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
            latest.retain(|_, (_, at)| (0..FRESH_FOR).contains(&(now - *at)));
            if let Some((nonce, _)) = latest.get(&whose) {
                return Ok(nonce.clone());
            }
        }
        let nonce = app.issue_nonce(Some(staff.person.id), staff.device).await?;
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).insert(whose, (nonce.clone(), now));
        Ok(nonce)
    }
}
