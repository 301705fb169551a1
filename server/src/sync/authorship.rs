//! Who wrote what was pushed: receipts, actors and author signatures, checked before anything is opened (design 6).

use crate::app::App;
use crate::session::Staff;
use crate::store::{ActorBinding, StoreError, StoredReceipt};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::json;
use shared::api::Refusal;
use shared::authorship::{Actor, PasskeyAssertion, Receipt, author_statement};
use shared::ids::ConsultationId;
use shared::sync::frame::PushFrame;
use std::collections::{BTreeMap, BTreeSet};
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PublicKeyCredential};

/// Why something was refused: for the device, and in words for whoever looks into it. Never patient data.
pub type Refused = (Refusal, String);

/// What is established about one actor.
#[derive(Debug, Clone)]
pub struct Writer {
    pub key: VerifyingKey,
    /// `passkey`, `passkey-and-pin`, `passphrase`.
    pub unlocked_by: &'static str,
}

/// Everything one push proves about its actors, and what of it is new and to be stored.
#[derive(Debug, Default)]
pub struct Writers {
    by_actor: BTreeMap<Actor, Result<Writer, Refused>>,
    pub receipts: Vec<StoredReceipt>,
    pub actors: Vec<ActorBinding>,
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
}

fn foreign(detail: &str) -> Refused {
    (Refusal::ForeignActor, detail.to_owned())
}

fn unfit(detail: &str) -> Refused {
    (Refusal::Receipt, detail.to_owned())
}

/// Establishes who is behind each actor that the push claims, and behind those in `used`.
pub async fn establish(
    app: &App,
    staff: &Staff,
    frame: &PushFrame,
    used: &BTreeSet<Actor>,
) -> Result<Writers, StoreError> {
    let mut writers = Writers::default();
    let mut receipts: BTreeMap<[u8; 32], Result<Receipt, Refused>> = BTreeMap::new();
    for bytes in &frame.receipts {
        let hash = Receipt::hash(bytes);
        if receipts.contains_key(&hash) {
            continue;
        }
        let verified = if app.store.receipt(&hash).await?.is_some() {
            own(staff, bytes)
        } else {
            let verified = verify(app, staff, bytes).await?;
            if let Ok(receipt) = &verified {
                writers.receipts.push(StoredReceipt {
                    hash,
                    person: receipt.person,
                    device: receipt.device,
                    bytes: bytes.clone(),
                });
            }
            verified
        };
        receipts.insert(hash, verified);
    }
    let mut claimed: BTreeMap<Actor, [u8; 32]> = BTreeMap::new();
    for claim in &frame.actors {
        claimed.insert(shared::authorship::actor(&claim.receipt_hash, &claim.tab_nonce), claim.receipt_hash);
    }
    for actor in used {
        let bound = app.store.actor(actor).await?;
        let hash = match (&bound, claimed.get(actor)) {
            (Some((_, binding)), _) => binding.receipt,
            (None, Some(hash)) => *hash,
            (None, None) => continue,
        };
        if !receipts.contains_key(&hash)
            && let Some((_, stored)) = app.store.receipt(&hash).await?
        {
            receipts.insert(hash, own(staff, &stored.bytes));
        }
        let writer = match receipts.get(&hash) {
            None => Err(unfit("the receipt behind an actor was not sent")),
            Some(Err(refused)) => Err(refused.clone()),
            Some(Ok(receipt)) => {
                bind(staff, *actor, hash, receipt, bound.as_ref().map(|(_, b)| b), &mut writers)
            }
        };
        writers.by_actor.insert(*actor, writer);
    }
    Ok(writers)
}

/// Binds an actor to its receipt at first sight; afterwards it must be the same for ever.
fn bind(
    staff: &Staff,
    actor: Actor,
    hash: [u8; 32],
    receipt: &Receipt,
    bound: Option<&ActorBinding>,
    writers: &mut Writers,
) -> Result<Writer, Refused> {
    let binding = ActorBinding { actor, person: receipt.person, device: receipt.device, receipt: hash };
    if bound.is_some_and(|bound| *bound != binding) || receipt.person != staff.person.id {
        return Err(foreign("a change’s actor is another person’s or device’s"));
    }
    let key = signing_key(receipt).ok_or_else(|| unfit("the signing key is not a P-256 key"))?;
    if bound.is_none() {
        writers.actors.push(binding);
    }
    Ok(Writer { key, unlocked_by: receipt.unlock.name() })
}

/// Reads a receipt and checks that it is this person's at this pharmacy.
fn own(staff: &Staff, bytes: &[u8]) -> Result<Receipt, Refused> {
    let receipt = Receipt::from_bytes(bytes).map_err(|why| unfit(&why.to_string()))?;
    if receipt.person != staff.person.id {
        return Err(foreign("the receipt is another person’s"));
    }
    if receipt.pharmacy != staff.pharmacy {
        return Err((Refusal::ForeignPharmacy, "the receipt is another pharmacy’s".to_owned()));
    }
    if staff.device.is_some_and(|device| device != receipt.device) {
        return Err(foreign("the receipt is another device’s"));
    }
    Ok(receipt)
}

/// Checks a receipt at first sight: the key is registered, the nonce is ours, the key and the passkey answered.
async fn verify(app: &App, staff: &Staff, bytes: &[u8]) -> Result<Result<Receipt, Refused>, StoreError> {
    let receipt = match own(staff, bytes) {
        Ok(receipt) => receipt,
        Err(refused) => return Ok(Err(refused)),
    };
    let registered = app.store.signing_key(&receipt.person, &receipt.device, &receipt.signing_key).await?;
    let Some(registered) = registered.filter(|key| key.pharmacy == staff.pharmacy) else {
        return Ok(Err(unfit("this signing key was never registered for this person on this device")));
    };
    let Some(nonce) = app.store.nonce_known(&receipt.server_nonce).await? else {
        return Ok(Err(unfit("the nonce was never given out by this server")));
    };
    let foreign_nonce = nonce.person.is_some_and(|person| person != receipt.person)
        || nonce.device.is_some_and(|device| device != receipt.device);
    if foreign_nonce {
        return Ok(Err(unfit("the nonce was given to somebody else")));
    }
    if registered.revoked_at.is_some() {
        return Ok(Err(unfit("this device or person was removed; an administrator can release the work")));
    }
    if !proved(&receipt) {
        return Ok(Err(unfit("the signing key did not sign this receipt")));
    }
    if let Some(assertion) = &receipt.assertion {
        let Some(passkey) = app.store.passkey(&assertion.credential_id).await? else {
            return Ok(Err(unfit("the passkey is not known here")));
        };
        if passkey.person != receipt.person {
            return Ok(Err(unfit("the passkey is another person’s")));
        }
        if !asserted(app, &passkey.passkey, assertion, &receipt.challenge()) {
            return Ok(Err(unfit("the passkey’s answer does not hold")));
        }
    }
    Ok(Ok(receipt))
}

fn signing_key(receipt: &Receipt) -> Option<VerifyingKey> {
    let point = URL_SAFE_NO_PAD.decode(&receipt.signing_key).ok()?;
    VerifyingKey::from_sec1_bytes(&point).ok()
}

fn proved(receipt: &Receipt) -> bool {
    let signature =
        URL_SAFE_NO_PAD.decode(&receipt.proof).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    match (signing_key(receipt), signature) {
        (Some(key), Some(signature)) => key.verify(&receipt.challenge(), &signature).is_ok(),
        _ => false,
    }
}

/// Whether the passkey itself answered this challenge, for this site, with the person verified.
///
/// The library that guards sign-in checks it; it is handed a ceremony with our challenge. The counter starts from 0,
/// because a receipt made offline may well be older than the latest sign-in (design 6).
fn asserted(app: &App, passkey: &str, assertion: &PasskeyAssertion, challenge: &[u8; 32]) -> bool {
    let check = || -> Result<bool, Box<dyn std::error::Error>> {
        let passkey: Passkey = serde_json::from_str(passkey)?;
        let (_, ceremony) = app.webauthn.start_passkey_authentication(&[passkey])?;
        let mut state = serde_json::to_value(&ceremony)?;
        state["ast"]["challenge"] = json!(URL_SAFE_NO_PAD.encode(challenge));
        for credential in state["ast"]["credentials"].as_array_mut().into_iter().flatten() {
            credential["counter"] = json!(0);
        }
        let ceremony: PasskeyAuthentication = serde_json::from_value(state)?;
        let answer: PublicKeyCredential = serde_json::from_value(json!({
            "id": assertion.credential_id,
            "rawId": assertion.credential_id,
            "type": "public-key",
            "response": {
                "authenticatorData": assertion.authenticator_data,
                "clientDataJSON": assertion.client_data_json,
                "signature": assertion.signature,
                "userHandle": null,
            },
        }))?;
        Ok(app.webauthn.finish_passkey_authentication(&answer, &ceremony)?.user_verified())
    };
    check().unwrap_or_else(|cause| {
        tracing::info!(%cause, "a receipt's passkey answer did not hold");
        false
    })
}

/// Whether the author vouches for everything up to this change.
pub fn vouched(
    writer: &Writer,
    document: &ConsultationId,
    actor: &Actor,
    newest: &[u8; 32],
    signature: &[u8],
) -> bool {
    let statement = author_statement(document, actor, newest);
    Signature::from_slice(signature).is_ok_and(|signature| writer.key.verify(&statement, &signature).is_ok())
}
