//! The end of records: what is due, what is held, and destruction with a certificate (practice 36).
//!
//! A certificate is a file of its own beside the database as well as a row in it, and names the one before it by hash:
//! a database restored from a backup, or lost altogether, still knows what must not come back.

mod certificate;

pub use certificate::{Certificate, CertificateError, Ledger};

use crate::app::App;
use crate::store::{Destroyed, StoreError};
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::retention::{Class, Keep, Schedule};
use shared::time::{Millis, stored};

/// A record whose time is over, or which only a person can judge.
#[derive(Debug, Clone)]
pub struct Due {
    pub id: ConsultationId,
    pub pharmacy: OdsCode,
    pub class: Class,
    pub keep: Keep,
    /// Why it is kept all the same.
    pub hold: Option<String>,
    pub row: WorkListRow,
}

/// Why a record was not destroyed.
#[derive(Debug, thiserror::Error)]
pub enum NotDestroyed {
    #[error("There is no such record.")]
    Unknown,
    #[error("This record is kept until {0}. Nothing was destroyed.")]
    NotDue(String),
    #[error("This record is on legal hold: {0}. Nothing was destroyed.")]
    Held(String),
    #[error(
        "Something about this record is still to be sent, or it was changed a moment ago. Nothing was destroyed."
    )]
    Busy,
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every record with its class and how long it is kept, of one pharmacy or of all; oldest first.
pub async fn review(app: &App, pharmacy: Option<&OdsCode>) -> Result<Vec<Due>, StoreError> {
    let schedule = Schedule::current();
    let holds = app.store.legal_holds().await?;
    let mut found = Vec::new();
    for row in app.store.rows(pharmacy).await? {
        let (Ok(id), Ok(pharmacy)) = (row.id.parse::<ConsultationId>(), row.pharmacy.parse()) else {
            continue;
        };
        let (class, keep) = schedule.keep(&row);
        let hold = holds.iter().find(|hold| hold.document == id).map(|hold| hold.reason.clone());
        found.push(Due { id, pharmacy, class, keep, hold, row });
    }
    found.reverse();
    Ok(found)
}

/// Destroys one record whose time is over, everywhere, and certifies it. `by` is who decided, in words.
pub async fn destroy(
    app: &App,
    ledger: &Ledger,
    id: &ConsultationId,
    by: &str,
    now: Millis,
) -> Result<Certificate, NotDestroyed> {
    let standing = app.store.standing(id).await?.ok_or(NotDestroyed::Unknown)?;
    let due = review(app, Some(&standing.pharmacy)).await?;
    let due = due.into_iter().find(|due| due.id == *id).ok_or(NotDestroyed::Unknown)?;
    if !due.keep.is_over(now) {
        return Err(NotDestroyed::NotDue(match due.keep {
            Keep::Until(day) => shared::time::written_date(day),
            Keep::WhileOpen => "it is completed".to_owned(),
            Keep::Unknown => "a person has found out how old it is".to_owned(),
        }));
    }
    if let Some(reason) = due.hold {
        return Err(NotDestroyed::Held(reason));
    }
    let schedule = Schedule::current();
    let certificate = Certificate {
        v: 1,
        document: *id,
        pharmacy: standing.pharmacy.clone(),
        class: due.class.name().to_owned(),
        source: schedule.period(due.class).source.clone(),
        heads: standing.heads.clone(),
        destroyed_at: stored(now),
        by: by.to_owned(),
        after: ledger.newest(id)?,
    };
    // On disk first: were the database lost in between, a record that is certified gone must not come back from an
    // old backup; one that is certified and still there is destroyed by the next try.
    ledger.keep(&certificate)?;
    let destroyed = Destroyed {
        document: *id,
        pharmacy: standing.pharmacy.clone(),
        at: now,
        certificate: certificate.to_json(),
    };
    match app.store.destroy(&destroyed, standing.seq).await {
        Ok(_) => {}
        Err(StoreError::Conflict) => {
            ledger.withdraw(&certificate)?;
            return Err(NotDestroyed::Busy);
        }
        Err(error) => return Err(error.into()),
    }
    app.audit(None, Some(&standing.pharmacy), "record-destroyed", &id.to_string()).await?;
    Ok(certificate)
}
