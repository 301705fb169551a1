//! `POST /api/sync/heads`: after a restore, what a device holds that this server has lost (design 5).

use super::accept::hex_heads;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::Wanted;
use automerge::ChangeHash;
use shared::api::{HeadsAnswer, HeadsRequest};
use shared::ids::ConsultationId;
use shared::sync::server::wants;
use std::collections::BTreeMap;

/// More documents than any device holds (practice 32: ten thousand is capacity).
const MOST: usize = 50_000;

/// Compares heads; a document is opened only where its heads are not simply the same.
pub async fn compare(app: &App, staff: &Staff, request: HeadsRequest) -> Result<HeadsAnswer, Problem> {
    if request.documents.len() > MOST {
        return Err(Problem::TooLarge);
    }
    let ids: Vec<ConsultationId> = request.documents.keys().copied().collect();
    let mut standings = app.store.standings(&ids).await?;
    let unknown: Vec<ConsultationId> = ids.iter().filter(|id| !standings.contains_key(id)).copied().collect();
    let destroyed = app.store.destroyed_among(&unknown).await?;
    let mut wanted = BTreeMap::new();
    let mut awaited = Vec::new();
    for (id, heads) in request.documents {
        match standings.remove(&id) {
            // A record that was destroyed is not wanted back (practice 36).
            None if destroyed.contains(&id) => {}
            None => {
                wanted.insert(id, Vec::new());
                awaited.push(Wanted { document: id, heads });
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
                    awaited.push(Wanted { document: id, heads });
                }
            }
        }
    }
    if let Some(device) = staff.device {
        app.store.hold_wants(&device, &awaited).await?;
    }
    Ok(HeadsAnswer { epoch: app.epoch(), wanted })
}
