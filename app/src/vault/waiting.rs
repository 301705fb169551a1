//! The waiting list as it was last fetched, sealed on this device, and decisions that the server has not heard of yet.

use super::kept::{keep, kept as read};
use crate::platform::trouble::Trouble;
use crate::platform::{api_waiting, clock};
use crate::state::Satchel;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::api::{WaitingSettlement, WaitingView};
use shared::time;
use std::collections::{BTreeMap, BTreeSet};

const KEY: &str = "waiting";
/// Somebody has decided otherwise; anything else passes.
const DECIDED_OTHERWISE: u16 = 409;

/// What lies here. A version 1 record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingBox {
    /// RFC 3339; empty before the first time.
    pub fetched_at: String,
    pub list: Vec<WaitingView>,
    /// How many wait beside those of the list.
    pub more: usize,
    /// Decided here and not yet with the server, by message id.
    pub decided: BTreeMap<String, WaitingSettlement>,
}

impl WaitingBox {
    /// What nobody has decided about, as far as this device knows.
    pub fn undecided(&self) -> impl Iterator<Item = &WaitingView> {
        self.list.iter().filter(|view| view.settled_as.is_empty() && !self.decided.contains_key(&view.id))
    }

    pub fn find(&self, id: &str) -> Option<&WaitingView> {
        self.undecided().find(|view| view.id == id)
    }
}

/// What lies here, without asking anybody.
pub async fn kept(satchel: Satchel) -> Result<WaitingBox, Trouble> {
    read(satchel, KEY).await
}

/// Tells the server what was decided here, then fetches the list anew.
pub async fn renew(satchel: Satchel) -> Result<WaitingBox, Trouble> {
    let mut told = BTreeSet::new();
    for (id, settlement) in kept(satchel).await?.decided {
        match api_waiting::settle(satchel, &id, &settlement).await {
            Ok(()) => {}
            // There is nothing more to be done from here, but somebody has to know.
            Err(Trouble::Refused(problem)) if problem.status == DECIDED_OTHERWISE => {
                satchel.trouble.set(Some(problem.detail));
            }
            // The consultation may not be with the server yet, or there is no network: it is told again.
            Err(_) => continue,
        }
        told.insert(id);
    }
    let listed = api_waiting::list(satchel).await;
    // Read anew: what was decided while the server was asked stays.
    let mut held = kept(satchel).await?;
    held.decided.retain(|id, _| !told.contains(id));
    if let Ok((list, total)) = &listed {
        // What is not on the list any more is decided, whoever did it.
        held.decided.retain(|id, _| list.iter().any(|view| view.id == *id));
        held.more = total.saturating_sub(list.len());
        held.list.clone_from(list);
        held.fetched_at = time::stored(clock::now());
    }
    keep(satchel, KEY.to_owned(), &held).await?;
    listed.map(|_| held)
}

/// Decides about a message here and now; the server is told as soon as it answers.
pub async fn decide(satchel: Satchel, id: String, settlement: WaitingSettlement) -> Result<(), Trouble> {
    let mut held = kept(satchel).await?;
    held.decided.insert(id, settlement);
    keep(satchel, KEY.to_owned(), &held).await?;
    match renew(satchel).await {
        Ok(_) | Err(Trouble::Unreachable | Trouble::NotSignedIn) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::format;

    #[test]
    fn what_was_decided_here_is_off_the_list_before_the_server_knows() {
        let view = |id: &str| WaitingView { id: id.to_owned(), ..WaitingView::default() };
        let mut held = WaitingBox { list: vec![view("a"), view("b")], ..WaitingBox::default() };
        held.decided.insert("a".to_owned(), WaitingSettlement::default());
        assert_eq!(held.undecided().map(|view| view.id.as_str()).collect::<Vec<_>>(), ["b"]);
        assert!(held.find("a").is_none());
    }

    #[test]
    fn a_list_kept_by_any_release_is_read() {
        let stored = r#"{"v":1,"fetched_at":"2026-11-23T10:00:00Z","list":[{"id":"a","source":"email","content":{"subject":"Referral"}}],"decided":{}}"#;
        let held: WaitingBox = format::from_json(stored.as_bytes()).expect("version 1 is readable");
        assert_eq!(held.list[0].content.subject, "Referral");
    }
}
