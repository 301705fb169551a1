//! The server's lives: after a restore from a backup it is told what it has forgotten (design 5).

use super::push::Resend;
use super::{Device, Effect, Position, Ticket};
use crate::api::HeadsAnswer;
use crate::ids::Epoch;
use crate::time::Millis;

impl Device {
    /// Notes the server's epoch; `false` when it has begun a new life, which forgets the cursor.
    pub(super) fn same_life(&mut self, epoch: Epoch, effects: &mut Vec<Effect>) -> bool {
        match self.position.epoch {
            Some(known) if known == epoch => true,
            None => {
                // Perhaps it was met before and the disk did not take that: what is held here is compared once.
                self.position.epoch = Some(epoch);
                self.position.heads_due = true;
                effects.push(Effect::StorePosition { position: self.position });
                true
            }
            Some(_) => {
                self.position = Position { epoch: Some(epoch), cursor: 0, heads_due: true };
                self.news = 0;
                // Asked again even of a life met before: an answer of an older one may have come in between.
                self.heads_known_for = None;
                self.resend.clear();
                self.kept_back.clear();
                self.pulling = None;
                self.asking = None;
                self.pull_due = true;
                self.receipts_shown = false;
                effects.push(Effect::StorePosition { position: self.position });
                false
            }
        }
    }

    pub(super) fn heads_answered(
        &mut self,
        now: Millis,
        ticket: Ticket,
        answer: HeadsAnswer,
        effects: &mut Vec<Effect>,
    ) {
        if self.asking.take_if(|ask| ask.ticket == ticket).is_none() {
            return;
        }
        self.contact(now);
        if !self.same_life(answer.epoch, effects) {
            return;
        }
        self.heads_known_for = Some(answer.epoch);
        self.resend =
            answer.wanted.into_iter().map(|(document, heads)| (document, Resend::wanted(heads))).collect();
        self.heads_settled(effects);
    }

    /// Once a restored server has got back all it asked for, that is remembered.
    pub(super) fn heads_settled(&mut self, effects: &mut Vec<Effect>) {
        let given_back = self.resend.is_empty() && self.kept_back.is_empty();
        if self.position.heads_due && self.asking.is_none() && given_back && self.heads_known() {
            self.position.heads_due = false;
            effects.push(Effect::StorePosition { position: self.position });
        }
    }

    pub(super) fn heads_known(&self) -> bool {
        self.heads_known_for.is_some() && self.heads_known_for == self.position.epoch
    }
}
