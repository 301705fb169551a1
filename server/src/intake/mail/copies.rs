//! An e-mail copy of a case that came by its own message joins it by the sender's case reference (practice 19).

use super::take_in::NotTakenIn;
use crate::app::App;
use crate::store::{Decided, IntakeKey, Pharmacy, SettledAs, StoreError};
use crate::sync::server_edit;
use shared::api::WaitingContent;
use shared::consultation::{Consultation, Notice};
use shared::ids::ConsultationId;
use shared::time::{Millis, read, stored};
use uuid::Uuid;

/// How long ago a case may have come, in milliseconds.
const RECENT: Millis = 14 * 24 * 60 * 60 * 1000;

/// Puts a notice beside the consultation that the mail quotes, and takes the mail off the list. Never by a name alone,
/// and not where what it says of the patient contradicts the record: then a person decides.
pub async fn join(
    app: &App,
    pharmacy: &Pharmacy,
    id: Uuid,
    content: &WaitingContent,
) -> Result<Option<ConsultationId>, NotTakenIn> {
    let row = app.store.waiting_row(&pharmacy.ods, &id).await?;
    if row.is_none_or(|row| row.settled.is_some()) {
        return Ok(None);
    }
    let Some(consultation) = quoted(app, pharmacy, content).await? else { return Ok(None) };
    let key = format!("copy-{id}");
    let at = stored(app.clock.now());
    let notice = Notice { kind: "copy".to_owned(), at, text: words(content) };
    server_edit(app, &pharmacy.ods, &consultation, |record| {
        record.notices.entry(key.clone()).or_insert_with(|| notice.clone());
    })
    .await?;
    let settled = Decided {
        what: SettledAs::Joined,
        at: app.clock.now(),
        by: String::new(),
        consultation: Some(consultation),
    };
    app.store.settle_waiting(&pharmacy.ods, &id, &settled).await?;
    Ok(Some(consultation))
}

fn words(content: &WaitingContent) -> String {
    let attached = match content.attachments.len() {
        0 => String::new(),
        1 => " One file is attached.".to_owned(),
        many => format!(" {many} files are attached."),
    };
    format!("An e-mail that quotes this case came from {}.{attached}\n{}", content.from, content.text)
        .trim_end()
        .to_owned()
}

/// The one consultation that the case reference belongs to, unless the patients differ.
async fn quoted(
    app: &App,
    pharmacy: &Pharmacy,
    content: &WaitingContent,
) -> Result<Option<ConsultationId>, StoreError> {
    let case = content.field("case_reference").to_lowercase();
    if case.is_empty() {
        return Ok(None);
    }
    for key in [format!("case-reference|{case}"), format!("quoted|{case}")] {
        let Some(id) = app.store.intake_document(&pharmacy.ods, &IntakeKey::DocumentSet(key)).await? else {
            continue;
        };
        let Some(stored) = app.store.document(&pharmacy.ods, &id).await? else { continue };
        let Ok(record) = crate::intake::opened(&stored).and_then(|document| document.read()) else {
            continue;
        };
        if is_recent(app, &record) && agrees(&record, content) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Some senders begin their numbers again, so an old case is not meant.
fn is_recent(app: &App, record: &Consultation) -> bool {
    let received = read(&record.referral.received_at);
    received.is_some_and(|at| app.clock.now().saturating_sub(at) <= RECENT)
}

/// What the mail says of the patient, where it says something, is what the record says.
fn agrees(record: &Consultation, content: &WaitingContent) -> bool {
    let same =
        |said: &str, stands: &str| said.is_empty() || stands.is_empty() || said.eq_ignore_ascii_case(stands);
    same(content.field("nhs_number"), &record.patient.nhs_number)
        && same(content.field("birth_date"), &record.patient.birth_date)
        && same(content.field("family_name"), &record.patient.family_name)
}
