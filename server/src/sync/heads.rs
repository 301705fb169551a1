//! `POST /api/sync/heads`: after a restore, what a device holds that this server has lost (design 5).

use super::accept::hex_heads;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use automerge::ChangeHash;
use shared::api::{HeadsAnswer, HeadsRequest};
use shared::sync::server::wants;
use std::collections::BTreeMap;

/// Compares heads; a document is opened only where its heads are not simply the same.
pub async fn compare(app: &App, staff: &Staff, request: HeadsRequest) -> Result<HeadsAnswer, Problem> {
    let mut wanted = BTreeMap::new();
    for (id, heads) in request.documents {
        let standing = app.store.standing(&id).await?;
        match standing {
            None => {
                wanted.insert(id, Vec::new());
            }
            // Another pharmacy's: nothing is said about it, and nothing wanted.
            Some(standing) if standing.pharmacy != staff.pharmacy => {}
            Some(standing) if heads.iter().all(|head| standing.heads.contains(head)) => {}
            Some(_) => {
                let opened = app.open_documents.open(&*app.store, &staff.pharmacy, &id).await?;
                let Some(mut opened) = opened else { continue };
                let mut known =
                    |head: &str| head.parse::<ChangeHash>().is_ok_and(|hash| opened.document.has(&hash));
                let known: Vec<&String> = heads.iter().filter(|head| known(head)).collect();
                if wants(|head| known.iter().any(|known| *known == head), &heads) {
                    wanted.insert(id, hex_heads(&mut opened.document));
                }
            }
        }
    }
    Ok(HeadsAnswer { epoch: app.epoch, wanted })
}
