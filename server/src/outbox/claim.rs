//! The claim that follows from a signature: whether one is made, and with what it is made, changed or taken back.

use crate::nhs::claims::{Act, Claim, compose, reference};
use crate::outbox::plan::Signed;
use crate::outbox::prepare::{NotPrepared, Preparing};
use crate::store::{DeliveryKind, DeliveryRow, DeliveryState, FrozenMessage, NewDelivery, Route};
use shared::claim::{self, Allowed, Standing, Verdict, Window, month_of};
use shared::consultation::{Consultation, Signature};
use shared::time::{self, Millis};

const KIND: DeliveryKind = DeliveryKind::Claim;

/// The claim of one signature; nothing where this server makes none.
///
/// The first is judged at once. An amendment may have to change or take back what was claimed before, which is known only
/// when it is its turn: then it is prepared ([`prepare`]).
pub fn plan(signed: &Signed<'_>) -> Option<NewDelivery> {
    let allowed = signed.sender.claims.as_ref()?;
    let amends = signed.signature.amendment > 0;
    let (state, detail) = match decide(signed.record, signed.signature, allowed, signed.now) {
        _ if amends => (DeliveryState::Queued, "Waits to be claimed.".to_owned()),
        Decision::Claim(..) => (DeliveryState::Queued, "Waits to be claimed.".to_owned()),
        Decision::Hold(why) => (DeliveryState::Held, why),
        Decision::Nothing(why) => (DeliveryState::NotRequired, why),
    };
    Some(NewDelivery { state, detail, answer_by: None, ..signed.row(KIND, Route::Mys, 0, "NHSBSA") })
}

enum Decision {
    Claim(claim::Payable, Window),
    /// A person must find out or mend something.
    Hold(String),
    /// It is not paid for.
    Nothing(String),
}

fn decide(record: &Consultation, signature: &Signature, allowed: &Allowed, now: Millis) -> Decision {
    match claim::assess(record, signature, allowed) {
        Verdict::Payable(payable) => {
            in_time(record, now).map_or_else(Decision::Hold, |window| Decision::Claim(payable, window))
        }
        held @ Verdict::Hold { .. } => Decision::Hold(held.words()),
        not @ Verdict::NotPayable { .. } => Decision::Nothing(not.words()),
    }
}

/// The window of the consultation while it is open, or in words why nothing is sent.
fn in_time(record: &Consultation, now: Millis) -> Result<Window, String> {
    let seen = time::read(&record.visit.started_at).map(time::day);
    let window = seen.and_then(claim::window).ok_or("There was no such service on that day.")?;
    match window.on(time::day(now)) {
        Standing::InTime | Standing::Late => Ok(window),
        Standing::OnlyItFailure => Err(format!(
            "{} could be claimed until {}. With evidence of a failure of IT it can be claimed until {}: make the report, and \
             write to NHSBSA.",
            month_of(window.month),
            time::written_date(window.late_until),
            time::written_date(window.it_failure_until)
        )),
        Standing::Over => Err(format!("{} cannot be claimed any more.", month_of(window.month))),
    }
}

/// Makes the message of a claim whose turn has come: new, a change of what was claimed before, or taking that back.
pub async fn prepare(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let Preparing { app, sender, row, signed, signature, others, now, .. } = preparing;
    let allowed = sender.claims.as_ref();
    let allowed = allowed.ok_or_else(|| {
        NotPrepared::Held("This server makes no claims. Set SATCHEL_CLAIMS_URL.".to_owned())
    })?;
    let before = standing_before(row, others);
    let decided = decide(signed, signature, allowed, *now);
    let Some(before) = before else {
        return match decided {
            Decision::Claim(payable, window) => {
                Ok(message(row, Act::Create, "", &composed(preparing, &payable, window)))
            }
            Decision::Hold(why) => Err(NotPrepared::Held(why)),
            Decision::Nothing(why) => Err(NotPrepared::NotNeeded(why)),
        };
    };
    let theirs = before.mesh_message_id.as_deref().unwrap_or_default();
    match decided {
        Decision::Claim(payable, window) => {
            let body = composed(preparing, &payable, window);
            let earlier = app.store.frozen_message(before.id).await?;
            if earlier.is_some_and(|earlier| earlier.payload == body) {
                return Err(NotPrepared::NotNeeded(
                    "The claim stays as it is: nothing in it has changed.".to_owned(),
                ));
            }
            Ok(message(row, Act::Amend, theirs, &body))
        }
        Decision::Nothing(_) => Ok(message(row, Act::Delete, theirs, b"")),
        Decision::Hold(why) => Err(NotPrepared::Held(format!("It was claimed before. {why}"))),
    }
}

fn composed(preparing: &Preparing<'_>, payable: &claim::Payable, window: Window) -> Vec<u8> {
    compose(&Claim {
        consultation: preparing.row.consultation,
        record: preparing.signed,
        signature: preparing.signature,
        payable,
        window,
        pharmacy: &preparing.sender.pharmacy,
    })
}

/// The newest claim before this one that stands at NHSBSA; `None` where there is none, or where it was taken back.
fn standing_before<'a>(row: &DeliveryRow, others: &'a [DeliveryRow]) -> Option<&'a DeliveryRow> {
    let earlier = others.iter().filter(|other| other.amendment < row.amendment);
    let taken =
        earlier.filter(|other| other.state == DeliveryState::Accepted && other.mesh_message_id.is_some());
    taken.max_by_key(|other| other.amendment).filter(|last| last.target != TAKEN_BACK)
}

/// The target of a claim that is taken back: nothing stands afterwards.
const TAKEN_BACK: &str = "delete";

fn message(row: &DeliveryRow, act: Act, theirs: &str, body: &[u8]) -> FrozenMessage {
    FrozenMessage {
        target: act.as_str().to_owned(),
        workflow: String::new(),
        subject: theirs.to_owned(),
        local_id: reference(row.consultation),
        content_type: "application/json".to_owned(),
        payload: body.to_vec(),
        header_id: row.id.to_string(),
    }
}
