//! What goes up, and what the server's verdict on it means.

use super::patience::{Pause, Request, wait_after};
use super::{Content, Device, Effect, Failure, Hash, PUSH_DOCUMENTS, ToPush};
use crate::api::{PushAnswer, Refusal, Verdict};
use crate::ids::ConsultationId;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Heads that no server gives, so that the first answer always differs.
const NEVER_ASKED: [&str; 1] = ["-"];

/// A push that has no answer yet.
#[derive(Debug, Clone)]
pub(super) struct Pushing {
    pub request: Request,
    pub documents: BTreeMap<ConsultationId, Sent>,
    with_receipts: bool,
}

/// What a push has of one document.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// What was unsent of it.
    changes: BTreeSet<Hash>,
    /// The server's heads upon which it was put together, where the server wanted something again.
    upon: Option<Vec<String>>,
}

/// A document of which the server lacks more than what is new here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Resend {
    /// What the server has of it, in hex.
    pub heads: Vec<String>,
    /// How often in a row this was not enough.
    tries: u32,
    pub pause: Option<Pause>,
}

impl Resend {
    pub fn wanted(heads: Vec<String>) -> Self {
        Self { heads, ..Self::default() }
    }
}

/// Whether showing receipts and claims may be all that was missing: a restored server has forgotten them.
fn is_about_proofs(reason: Refusal) -> bool {
    matches!(
        reason,
        Refusal::ForeignActor | Refusal::Receipt | Refusal::LostAuthor | Refusal::AuthorSignature
    )
}

impl Device {
    /// Sends what waits, where nothing is under way.
    pub(super) fn push(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        let mut waiting: BTreeSet<ConsultationId> =
            self.unsent.keys().chain(self.resend.keys()).copied().collect();
        waiting.retain(|document| {
            let pause = self.resend.get(document).and_then(|resend| resend.pause);
            !pause.is_some_and(|pause| pause.holds(now))
        });
        if waiting.is_empty() {
            return;
        }
        let mut in_flight = BTreeMap::new();
        let mut documents = Vec::new();
        for document in waiting.into_iter().take(self.batch.clamp(1, self.most)) {
            let unsent = self.unsent.get(&document);
            let changes = unsent.map(|unsent| unsent.changes.clone()).unwrap_or_default();
            let upon = self.resend.get(&document).map(|resend| resend.heads.clone());
            let content = match &upon {
                Some(heads) if heads.is_empty() => Content::Whole,
                Some(heads) => Content::Since(heads.clone()),
                None if unsent.is_some_and(|unsent| unsent.created_here) => Content::Whole,
                None => Content::Changes(changes.clone()),
            };
            in_flight.insert(document, Sent { changes, upon });
            documents.push(ToPush { document, content });
        }
        let request = self.request(now);
        let with_receipts = !self.receipts_shown;
        self.pushing = Some(Pushing { request, documents: in_flight, with_receipts });
        effects.push(Effect::Push { ticket: request.ticket, documents, with_receipts });
    }

    pub(super) fn push_answered(
        &mut self,
        now: Millis,
        ticket: u64,
        answer: PushAnswer,
        effects: &mut Vec<Effect>,
    ) {
        let Some(push) = self.pushing.take_if(|push| push.request.ticket == ticket) else { return };
        self.contact(now);
        // What a new life has stored is stored: those verdicts hold either way.
        let same_life = self.same_life(answer.epoch, effects);
        self.receipts_shown = same_life;
        self.batch = (self.batch * 2).min(self.most);
        if answer.documents.len() < push.documents.len() {
            self.wait(now);
        }
        for document in answer.documents {
            let Some(pushed) = push.documents.get(&document.id) else { continue };
            match document.verdict {
                Verdict::Stored { .. } => {
                    // What the server said it lacks while this was under way is not in it.
                    if self.resend.get(&document.id).map(|resend| &resend.heads) == pushed.upon.as_ref() {
                        self.resend.remove(&document.id);
                    }
                    self.kept_back.remove(&document.id);
                    self.settle(document.id, &pushed.changes, effects);
                }
                Verdict::Missing { heads } => {
                    self.receipts_shown = false;
                    self.missing(now, document.id, heads);
                }
                Verdict::Refused { reason: Refusal::Destroyed, .. } => {
                    self.forget(&document.id);
                    effects.push(Effect::Forget { document: document.id });
                }
                Verdict::Refused { reason, detail } => {
                    self.receipts_shown = false;
                    // A server in a new life no longer knows whom it had been shown, and is shown again first.
                    let shown = push.with_receipts || !is_about_proofs(reason);
                    if same_life && shown {
                        // Later edits were made upon the refused ones, so they stand on the same branch.
                        self.set_aside(document.id, reason, detail, effects);
                    }
                }
            }
        }
        self.heads_settled(effects);
    }

    /// The server cannot place what was sent: send more; and where that was not enough either, less often.
    fn missing(&mut self, now: Millis, document: ConsultationId, heads: Vec<String>) {
        let resend = self
            .resend
            .entry(document)
            .or_insert_with(|| Resend::wanted(NEVER_ASKED.map(str::to_owned).to_vec()));
        if resend.heads == heads {
            let wait = wait_after(resend.tries);
            resend.tries = resend.tries.saturating_add(1);
            resend.pause = Some(Pause { since: now, until: now + wait });
        } else {
            *resend = Resend::wanted(heads);
        }
    }

    fn settle(&mut self, document: ConsultationId, pushed: &BTreeSet<Hash>, effects: &mut Vec<Effect>) {
        let Some(unsent) = self.unsent.get_mut(&document) else { return };
        unsent.created_here = false;
        let settled: BTreeSet<Hash> = unsent.changes.intersection(pushed).copied().collect();
        unsent.changes.retain(|change| !settled.contains(change));
        if unsent.changes.is_empty() {
            self.unsent.remove(&document);
        }
        if !settled.is_empty() {
            effects.push(Effect::Settle { document, changes: settled });
        }
    }

    fn set_aside(
        &mut self,
        document: ConsultationId,
        reason: Refusal,
        detail: String,
        effects: &mut Vec<Effect>,
    ) {
        let Some(unsent) = self.unsent.remove(&document) else {
            // All of it is others' work, or was confirmed before the server was restored. It stays here and is
            // not said to be with the server; it is offered again after the next unlock.
            self.resend.remove(&document);
            self.kept_back.insert(document);
            return;
        };
        // What a restored server lost of it, it may still want, without what is set aside: if anything is left, which
        // the next comparison of heads will tell.
        if self.resend.remove(&document).is_some() {
            self.heads_known_for = None;
        }
        // Among them may be some that the server has, its answer having been lost: all of the server's version is
        // fetched again, and what it wants is asked anew, because the answer under way may name what is now aside.
        self.position.cursor = 0;
        self.pulling = None;
        self.pull_due = true;
        self.asking = None;
        let (changes, position) = (unsent.changes, self.position);
        effects.push(Effect::SetAside { document, changes, reason, detail, position });
    }

    pub(super) fn push_failed(
        &mut self,
        now: Millis,
        ticket: u64,
        failure: Failure,
        effects: &mut Vec<Effect>,
    ) {
        let Some(push) = self.pushing.take_if(|push| push.request.ticket == ticket) else { return };
        self.receipts_shown = false;
        if failure != Failure::TooLarge {
            return self.failed(now, failure, effects);
        }
        if push.documents.len() > 1 {
            self.most = push.documents.len() / 2;
            return;
        }
        for document in push.documents.into_keys() {
            let detail = "The server does not take a record of this size.".to_owned();
            self.set_aside(document, Refusal::TooLarge, detail, effects);
        }
        self.most = PUSH_DOCUMENTS;
        self.batch = PUSH_DOCUMENTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DocumentAnswer, HeadsAnswer};
    use crate::ids::Epoch;
    use crate::sync::device::{Input, Position, Unsent};

    #[test]
    fn what_a_restored_server_lacks_is_sent_though_a_push_of_the_same_record_was_under_way() {
        let (id, epoch) = (ConsultationId::from_bytes([1; 16]), Epoch::from_bytes([2; 16]));
        let mut device = Device::new();
        let begun = device.handle(
            0,
            Input::Unlocked {
                position: Position { epoch: Some(epoch), cursor: 5, heads_due: true },
                unsent: BTreeMap::from([(
                    id,
                    Unsent { changes: BTreeSet::from([[9; 32]]), created_here: false },
                )]),
                signed_in: true,
            },
        );
        let [Effect::AskHeads { ticket: asked }, Effect::Push { ticket: pushed, .. }, ..] = begun.as_slice()
        else {
            panic!("it asks and pushes at once: {begun:?}");
        };
        let wanted = BTreeMap::from([(id, vec!["aa".to_owned()])]);
        device.handle(1, Input::HeadsAnswered { ticket: *asked, answer: HeadsAnswer { epoch, wanted } });
        let documents = vec![DocumentAnswer { id, verdict: Verdict::Stored { seq: 6 } }];
        let answer = PushAnswer { epoch, server_nonce: String::new(), documents };
        let next = device.handle(2, Input::PushAnswered { ticket: *pushed, answer });

        let again = [ToPush { document: id, content: Content::Since(vec!["aa".to_owned()]) }];
        assert!(
            next.iter().any(|effect| matches!(effect, Effect::Push { documents, .. } if *documents == again)),
            "{next:?}"
        );
    }
}
