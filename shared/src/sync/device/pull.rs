//! What comes down: frames after the cursor, and what they say was destroyed.

use super::{Device, Effect, Input};
use crate::ids::{ConsultationId, Epoch};
use crate::time::Millis;

impl Device {
    pub(super) fn pulled(
        &mut self,
        now: Millis,
        ticket: u64,
        (epoch, cursor, more): (Epoch, u64, bool),
        effects: &mut Vec<Effect>,
    ) {
        let Some(pull) = self.pulling.as_mut().filter(|pull| pull.ticket == ticket) else {
            effects.push(Effect::DropFrame);
            return;
        };
        pull.since = now;
        self.contact(now);
        if !self.same_life(epoch, effects) {
            // The frame was asked for with a cursor of the old life and may leave things out.
            effects.push(Effect::DropFrame);
            return;
        }
        self.position.cursor = cursor.max(self.position.cursor);
        self.pull_due = more;
        // What the server lacked may have reached it from another device.
        self.resend.values_mut().for_each(|resend| resend.pause = None);
        effects.push(Effect::Store { position: self.position });
    }

    /// Nothing of this document is pushed, waited for or given back any more.
    pub(super) fn forget(&mut self, document: &ConsultationId) {
        self.unsent.remove(document);
        self.resend.remove(document);
        self.kept_back.remove(document);
        if let Some(push) = &mut self.pushing {
            push.documents.remove(document);
        }
        // The answer under way may name it; what the server wants is asked anew.
        self.asking = None;
    }

    /// A write that the disk did not take: what it was for is done again, after a while.
    pub(super) fn unwritten(&mut self, now: Millis, effect: Effect, effects: &mut Vec<Effect>) {
        match effect {
            Effect::Store { .. } => {
                self.position.cursor = 0;
                self.pulling = None;
                self.pull_due = true;
            }
            Effect::StorePosition { .. } => self.position_due = true,
            Effect::Settle { document, changes } | Effect::SetAside { document, changes, .. } => {
                self.unsent.entry(document).or_default().changes.extend(changes);
            }
            Effect::Forget { document } => {
                // Pushing nothing of it is refused like anything of it, and says so again.
                self.resend.entry(document).or_default();
            }
            Effect::Push { ticket, .. } => {
                return self.take_in(
                    now,
                    Input::PushFailed { ticket, failure: super::Failure::Unreachable },
                    effects,
                );
            }
            Effect::Pull { ticket, .. } => {
                return self.take_in(
                    now,
                    Input::PullFailed { ticket, failure: super::Failure::Unreachable },
                    effects,
                );
            }
            Effect::AskHeads { ticket } => {
                return self.take_in(
                    now,
                    Input::HeadsFailed { ticket, failure: super::Failure::Unreachable },
                    effects,
                );
            }
            Effect::DropFrame | Effect::AskToSignIn | Effect::Wait { .. } => return,
        }
        self.wait(now);
    }
}
