//! Who wrote what was pushed: receipts, actors and author signatures, checked before anything is opened (design 6).
//!
//! Each change is judged as its author's, whoever brings it: after a restore a device gives back the work of others.

use super::known::{KnownAuthor, Vouched};
use super::receipts::{asserted, proved, signing_key};
use super::signature::PublicKey;
use crate::app::App;
use crate::keys::Holder;
use crate::session::Staff;
use crate::store::{ActorBinding, Append, AuthorSignature, Person, StoreError, StoredReceipt};
use shared::api::Refusal;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor, Receipt, author_statement};
use shared::ids::{ConsultationId, PersonId};
use shared::people::Role;
use shared::sync::frame::{ActorClaim, PushFrame};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why something was refused: for the device, and in words for whoever looks into it. Never patient data.
pub type Refused = (Refusal, String);

/// Whether what is refused for this reason may be released as it is.
pub fn is_releasable(reason: Refusal) -> bool {
    matches!(reason, Refusal::Removed | Refusal::LostAuthor | Refusal::FormerRole)
}

/// In `meta`: when this data was last restored from a backup, milliseconds since 1970.
const RESTORED_AT: &str = "restored_at";

/// How strictly authors are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judging {
    /// As it arrives from a device.
    Arriving,
    /// An administrator has released it: that its author was removed, lost in a restore, or has another role now is set
    /// aside. Everything else must hold.
    Released,
}

/// Who an author is.
#[derive(Debug, Clone)]
pub enum Who {
    /// This server, in this life of the data or an earlier one.
    Server,
    /// As they are known here, with the role they have or had.
    Staff(Box<Person>, Role),
    /// Lost in a restore and vouched for by who released the work: what the record says of them stands.
    Lost(Lost),
}

/// An author whom a restore took from this pharmacy.
#[derive(Debug, Clone)]
pub struct Lost {
    pub person: PersonId,
    /// Where they are known all the same, from before or from another pharmacy: then their name is not the record's to
    /// say.
    pub known: Option<Box<Person>>,
    /// Colleagues as whom nobody can pass. Empty for a lost device: its owner may have enrolled anew under the old name.
    pub colleagues: Vec<Person>,
}

/// What is established about one actor.
#[derive(Debug, Clone)]
pub struct Writer {
    pub key: PublicKey,
    /// `passkey`, `passkey-and-pin`, `passphrase`, `server`.
    pub unlocked_by: &'static str,
    pub who: Who,
    /// Whether it is who pushes, on the device they push from.
    pub own: bool,
    /// Whether an administrator has released it.
    pub released: bool,
    /// Whether the passkey was asked about, where the vault was unlocked with one.
    passkey_checked: bool,
    /// Why their work is not stored even where their signature holds.
    removed: Option<Refused>,
}

impl Writer {
    /// The one among these signatures with which the author vouches for everything up to this change; otherwise why it
    /// is refused. There may be several: a device cannot tell which of this server's own is the newest.
    pub fn vouches(
        &self,
        document: &ConsultationId,
        actor: &Actor,
        newest: &[u8; 32],
        signatures: impl IntoIterator<Item = [u8; AUTHOR_SIGNATURE_LENGTH]>,
    ) -> Result<[u8; AUTHOR_SIGNATURE_LENGTH], Refused> {
        let statement = author_statement(document, actor, newest);
        let Some(holds) = signatures.into_iter().find(|signature| self.key.verifies(&statement, signature))
        else {
            return Err(match &self.who {
                Who::Server => foreign("a change’s actor was never shown to be anybody’s"),
                _ if self.own => {
                    (Refusal::AuthorSignature, "the author’s signature does not hold".to_owned())
                }
                _ => foreign(
                    "a change’s actor is another person’s or device’s, without that author’s signature",
                ),
            });
        };
        self.removed.clone().map_or(Ok(holds), Err)
    }
}

/// Everything one push proves about its actors, and what of it is new and to be stored.
#[derive(Debug, Default)]
pub struct Writers {
    by_actor: BTreeMap<Actor, Result<Writer, Refused>>,
    new: BTreeMap<Actor, New>,
    claims: BTreeMap<Actor, ActorClaim>,
}

/// What is stored with an actor's first changes.
#[derive(Debug)]
struct New {
    binding: ActorBinding,
    /// `None` when the receipt is stored already.
    receipt: Option<(StoredReceipt, [u8; 32])>,
}

impl Writers {
    /// The writer behind an actor, or why its changes are refused.
    pub fn find(&self, actor: &[u8]) -> Result<&Writer, Refused> {
        let known = Actor::try_from(actor).ok().and_then(|actor| self.by_actor.get(&actor));
        match known {
            Some(Ok(writer)) => Ok(writer),
            Some(Err(refused)) => Err(refused.clone()),
            None => Err(foreign("a change’s actor was never shown to be anybody’s")),
        }
    }

    /// Whether it was the passkey that opened the vault as far as this server can tell.
    pub fn is_passkey_checked(&self, actor: &[u8]) -> bool {
        self.find(actor).is_ok_and(|writer| writer.passkey_checked)
    }

    /// Adds what an accepted document proves to what is stored: only those whose signature has held may bind anything.
    pub fn prove(
        &self,
        append: &mut Append,
        document: ConsultationId,
        signatures: Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>,
    ) {
        for (actor, signature) in signatures {
            append.proofs.signatures.push(AuthorSignature { document, actor, signature });
            if let Some(claim) = self.claims.get(&actor)
                && !append.proofs.claims.iter().any(|(known, _)| *known == actor)
            {
                append.proofs.claims.push((actor, claim.clone()));
            }
            let Some(new) = self.new.get(&actor) else { continue };
            if !append.actors.contains(&new.binding) {
                append.actors.push(new.binding.clone());
            }
            if let Some((receipt, challenge)) = &new.receipt
                && !append.receipts.contains(receipt)
            {
                append.receipts.push(receipt.clone());
                append.proofs.challenges.push((*challenge, receipt.hash));
            }
        }
    }
}

fn foreign(detail: &str) -> Refused {
    (Refusal::ForeignActor, detail.to_owned())
}

fn elsewhere() -> Refused {
    (Refusal::ForeignPharmacy, "the receipt is another pharmacy’s".to_owned())
}

fn unfit(detail: &str) -> Refused {
    (Refusal::Receipt, detail.to_owned())
}

/// Establishes who is behind each actor in `used`. `pusher` is who brings it, and says at which pharmacy.
pub async fn establish(
    app: &App,
    pusher: &Staff,
    frame: &PushFrame,
    used: &BTreeSet<Actor>,
    judging: Judging,
) -> Result<Writers, StoreError> {
    let shown = frame.receipts.iter().map(|bytes| (Receipt::hash(bytes), bytes.as_slice())).collect();
    let mut desk = Desk { app, pusher, judging, shown, authors: BTreeMap::new() };
    let mut writers = Writers::default();
    for claim in &frame.actors {
        let actor = shared::authorship::actor(&claim.receipt_hash, &claim.tab_nonce);
        if used.contains(&actor) {
            writers.claims.insert(actor, claim.clone());
        }
    }
    for actor in used {
        let writer = desk.writer(actor, &mut writers).await?;
        writers.by_actor.insert(*actor, writer);
    }
    writers.claims.retain(|actor, _| matches!(writers.by_actor.get(actor), Some(Ok(_))));
    Ok(writers)
}

/// When the nonce in a receipt was given out, and whether it names the device or the person.
#[derive(Debug, Clone, Copy)]
struct Issued {
    at: Millis,
    named: bool,
}

/// Where the papers of one push are looked at, each once.
struct Desk<'a> {
    app: &'a App,
    pusher: &'a Staff,
    judging: Judging,
    /// The receipts that were sent, by their hash.
    shown: BTreeMap<[u8; 32], &'a [u8]>,
    /// Whom receipts are found to be of.
    authors: BTreeMap<[u8; 32], Result<Arc<KnownAuthor>, Refused>>,
}

impl Desk<'_> {
    async fn writer(
        &mut self,
        actor: &Actor,
        writers: &mut Writers,
    ) -> Result<Result<Writer, Refused>, StoreError> {
        if let Some(author) = self.app.authors.get(actor) {
            if author.pharmacy != self.pusher.pharmacy {
                return Ok(Err(elsewhere()));
            }
            return self.standing(&author).await;
        }
        let bound = self.app.store.actor(actor).await?.map(|(_, binding)| binding);
        let receipt = match (&bound, writers.claims.get(actor)) {
            (Some(binding), _) => binding.receipt,
            (None, Some(claim)) => claim.receipt_hash,
            // Nobody's claim: then only the server's own key can vouch for it.
            (None, None) => return Ok(Ok(self.server())),
        };
        let author = match self.author(receipt).await? {
            Ok(author) => author,
            Err(refused) => return Ok(Err(refused)),
        };
        let binding = ActorBinding { actor: *actor, person: author.person, device: author.device, receipt };
        match bound {
            Some(bound) if bound != binding => {
                return Ok(Err(foreign("a change’s actor is another person’s or device’s")));
            }
            // Somebody lost may be known again any time: once they have made themselves known anew.
            Some(_) if author.lost => {}
            Some(_) => self.app.authors.keep(*actor, Arc::clone(&author)),
            None => {
                let receipt = author.unstored.as_ref().map(|bytes| {
                    let stored = StoredReceipt {
                        hash: receipt,
                        person: author.person,
                        device: author.device,
                        bytes: bytes.clone(),
                    };
                    (stored, author.challenge)
                });
                writers.new.insert(*actor, New { binding, receipt });
            }
        }
        self.standing(&author).await
    }

    fn server(&self) -> Writer {
        Writer {
            key: self.app.server_keys.verifying(),
            unlocked_by: "server",
            who: Who::Server,
            own: false,
            released: self.judging == Judging::Released,
            passkey_checked: true,
            removed: None,
        }
    }

    /// Whom a receipt is of, as far as it never changes.
    async fn author(&mut self, hash: [u8; 32]) -> Result<Result<Arc<KnownAuthor>, Refused>, StoreError> {
        if let Some(found) = self.authors.get(&hash) {
            return Ok(found.clone());
        }
        let found = if let Some((_, stored)) = self.app.store.receipt(&hash).await? {
            match self.read(&stored.bytes) {
                Ok(receipt) => match (self.issued(&receipt).await?, signing_key(&receipt)) {
                    (Some(issued), Some(key)) => {
                        let vouched = self.vouched_before(&receipt, issued).await?;
                        vouched.map(|vouched| KnownAuthor::of(&receipt, key, issued.at, None, vouched))
                    }
                    _ => Err(unfit("a stored receipt cannot be read")),
                },
                Err(refused) => Err(refused),
            }
        } else if let Some(bytes) = self.shown.get(&hash).copied() {
            self.verify(hash, bytes).await?
        } else {
            Err(unfit("the receipt behind an actor was not sent"))
        };
        let found = found.map(Arc::new);
        self.authors.insert(hash, found.clone());
        Ok(found)
    }

    fn read(&self, bytes: &[u8]) -> Result<Receipt, Refused> {
        let receipt = Receipt::from_bytes(bytes).map_err(|why| unfit(&why.to_string()))?;
        if receipt.pharmacy == self.pusher.pharmacy { Ok(receipt) } else { Err(elsewhere()) }
    }

    async fn issued(&self, receipt: &Receipt) -> Result<Option<Issued>, StoreError> {
        let nonces = &self.app.server_keys.nonces;
        let named = [Holder::Device(receipt.device), Holder::Person(receipt.person)];
        if let Some(at) = nonces.issued(&receipt.server_nonce, &named) {
            return Ok(Some(Issued { at, named: true }));
        }
        if let Some(at) = nonces.issued(&receipt.server_nonce, &[Holder::Anybody]) {
            return Ok(Some(Issued { at, named: false }));
        }
        // Those that an earlier release gave out stand in a table.
        let known = self.app.store.nonce_known(&receipt.server_nonce).await?;
        Ok(known
            .filter(|nonce| nonce.person.is_none_or(|person| person == receipt.person))
            .filter(|nonce| nonce.device.is_none_or(|device| device == receipt.device))
            .map(|nonce| Issued { at: nonce.issued_at, named: false }))
    }

    /// Looks at a receipt for the first time: the key answered and is registered, the nonce is ours, the passkey
    /// answered, and the unlock was not shown before in other words.
    async fn verify(&self, hash: [u8; 32], bytes: &[u8]) -> Result<Result<KnownAuthor, Refused>, StoreError> {
        let store = &self.app.store;
        let receipt = match self.read(bytes) {
            Ok(receipt) => receipt,
            Err(refused) => return Ok(Err(refused)),
        };
        let key = match signing_key(&receipt) {
            Some(key) if proved(&receipt, &key) => key,
            Some(_) => return Ok(Err(unfit("the signing key did not sign this receipt"))),
            None => return Ok(Err(unfit("the signing key is not a P-256 key"))),
        };
        let before = store.receipt_of_challenge(&receipt.challenge()).await?;
        if before.is_some_and(|before| before != hash) {
            return Ok(Err(unfit("this unlock was shown before in other words")));
        }
        let Some(issued) = self.issued(&receipt).await? else {
            return Ok(Err(unfit("the nonce was never given to this person or device by this server")));
        };
        let vouched = if self.is_registered(&receipt).await? {
            let known = self.passkey(&receipt).await?;
            known.map(|known| Vouched { lost: !known, passkey_checked: known })
        } else {
            self.vouched_unregistered(&receipt, issued).await?
        };
        Ok(vouched.map(|vouched| KnownAuthor::of(&receipt, key, issued.at, Some(bytes.to_vec()), vouched)))
    }

    async fn is_registered(&self, receipt: &Receipt) -> Result<bool, StoreError> {
        let store = &self.app.store;
        let key = store.signing_key(&receipt.person, &receipt.device, &receipt.signing_key).await?;
        Ok(key.is_some_and(|key| key.pharmacy == self.pusher.pharmacy))
    }

    /// Of a stored receipt: it was looked at when it was first seen. Under a key that is not registered it was let in
    /// with one released document, and stands for no other.
    async fn vouched_before(
        &self,
        receipt: &Receipt,
        issued: Issued,
    ) -> Result<Result<Vouched, Refused>, StoreError> {
        if self.is_registered(receipt).await? {
            return Ok(Ok(Vouched { lost: false, passkey_checked: true }));
        }
        self.vouched_unregistered(receipt, issued).await
    }

    /// Of a key that is not registered: lost, where a restore can have taken it away. The nonce proves that somebody was
    /// signed in there once; where person and device are both known, the key is simply not theirs.
    async fn vouched_unregistered(
        &self,
        receipt: &Receipt,
        issued: Issued,
    ) -> Result<Result<Vouched, Refused>, StoreError> {
        let store = &self.app.store;
        let restored = store.meta(RESTORED_AT).await?.and_then(|at| at.parse::<Millis>().ok());
        let taken_away = issued.named
            && restored.is_some_and(|restored| issued.at <= restored)
            && (store.device(&receipt.device).await?.is_none()
                || store.person(&receipt.person).await?.is_none());
        if !taken_away {
            return Ok(Err(unfit("this signing key was never registered for this person on this device")));
        }
        let known = self.passkey(receipt).await?;
        Ok(known.map(|known| Vouched { lost: true, passkey_checked: known }))
    }

    /// Whether the passkey in a receipt, where there is one, answered it; `false` for one that is not known here.
    async fn passkey(&self, receipt: &Receipt) -> Result<Result<bool, Refused>, StoreError> {
        let Some(assertion) = &receipt.assertion else { return Ok(Ok(true)) };
        let Some(passkey) = self.app.store.passkey(&assertion.credential_id).await? else {
            return Ok(Ok(false));
        };
        Ok(if passkey.person != receipt.person {
            Err(unfit("the passkey is another person’s"))
        } else if asserted(self.app, &passkey.passkey, assertion, &receipt.challenge()) {
            Ok(true)
        } else {
            Err(unfit("the passkey’s answer does not hold"))
        })
    }

    /// What an author is today: looked up each time, so that a removal counts at once.
    async fn standing(&self, author: &KnownAuthor) -> Result<Result<Writer, Refused>, StoreError> {
        if author.lost && self.judging == Judging::Arriving {
            let detail = "its author or their passkey is not known here, perhaps since a restore; an \
                          administrator can release the work";
            return Ok(Err((Refusal::LostAuthor, detail.to_owned())));
        }
        let (store, pharmacy) = (&self.app.store, &self.pusher.pharmacy);
        let pushes = self.judging == Judging::Arriving && author.person == self.pusher.person.id;
        let own = pushes && self.pusher.device.is_none_or(|device| device == author.device);
        let mut removed_at = None;
        let who = if pushes {
            Who::Staff(Box::new(self.pusher.person.clone()), self.pusher.role)
        } else {
            let now = self.app.clock.now();
            let role = store.role_at(&author.person, pharmacy, now).await?;
            let role = match role {
                Some(role) => Some(role),
                None => store.removal(&author.person, pharmacy, now).await?.map(|removal| {
                    removed_at = Some(removal.at);
                    removal.role
                }),
            };
            match (store.person(&author.person).await?, role) {
                (Some(person), Some(role)) => Who::Staff(Box::new(person), role),
                (known, _) if self.judging == Judging::Released && author.lost => {
                    let is_here = store.device(&author.device).await?.is_some();
                    let staff = if is_here { store.staff(pharmacy).await? } else { Vec::new() };
                    let colleagues = staff.into_iter().map(|member| member.person);
                    Who::Lost(Lost {
                        person: author.person,
                        known: known.map(Box::new),
                        colleagues: colleagues.filter(|person| person.id != author.person).collect(),
                    })
                }
                _ => return Ok(Err(foreign("the author does not work at this pharmacy"))),
            }
        };
        // A session on a device ends when the device is revoked, so who pushes from it is on one that was not.
        if self.pusher.device != Some(author.device) || !pushes {
            let revoked = store.device(&author.device).await?.and_then(|device| device.revoked_at);
            removed_at = removed_at.into_iter().chain(revoked).min();
        }
        let removed = match removed_at {
            Some(at) if author.issued_at > at => {
                return Ok(Err(unfit(
                    "it was recorded under a nonce from after the author’s or the device’s removal",
                )));
            }
            Some(_) if self.judging == Judging::Arriving => {
                let detail = "its author or the device was removed; an administrator can release the work";
                Some((Refusal::Removed, detail.to_owned()))
            }
            _ => None,
        };
        Ok(Ok(Writer {
            key: author.key.clone(),
            unlocked_by: author.unlocked_by,
            who,
            own,
            released: self.judging == Judging::Released,
            passkey_checked: author.passkey_checked,
            removed,
        }))
    }
}
