//! Checks in the background, with nobody at a screen: whether PDS agrees with what open consultations say.
//!
//! What PDS says never changes a patient's details. It is written beside them as a notice, which a person settles.

use super::vouched::remember;
use crate::app::App;
use crate::nhs::pds::{Access, Client, Mode, PdsError, Search};
use crate::nhs::platform::TokenError;
use crate::problem::chain;
use crate::store::{PdsCheck, StoreError};
use crate::sync::{EditError, server_edit};
use secrecy::SecretString;
use shared::api::{LookUpAnswer, LookUpDetails};
use shared::consultation::{Notice, Patient, WorkListRow};
use shared::ids::{ConsultationId, OdsCode};
use shared::patient::tracing::{DECEASED, SUPERSEDED};
use shared::patient::{NhsNumber, PdsPatient};
use shared::time::{Millis, stored};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

const DAY: Millis = 24 * 3_600_000;
/// Consultations in one round: a whole pharmacy that comes home must not fill the queue in front of PDS.
const AT_ONCE: usize = 20;
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Without news the list is read so often, for those that are a day old.
const LOOK_ANYWAY: Millis = 10 * 60_000;

/// Why a round ended early; what was not asked is asked in a later one.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Pds(#[from] PdsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// A consultation that PDS should be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub consultation: ConsultationId,
    pub pharmacy: OdsCode,
    /// Keyed hash of what is known of the patient.
    asked: [u8; 32],
}

/// Open consultations never asked about, or about whose patient something else is known now, or not asked about for
/// a day; at most so many as one round takes.
pub async fn due(app: &App) -> Result<Vec<Due>, StoreError> {
    let now = app.clock.now();
    let mut due = Vec::new();
    for (row, check) in app.store.open_with_checks().await? {
        let (Ok(consultation), Ok(pharmacy)) = (row.id.parse(), row.pharmacy.parse()) else { continue };
        let asked = app.server_keys.traces.question(&consultation, &known(&row));
        // A clock that was set back makes it due rather than never.
        let fresh = |check: PdsCheck| check.asked == asked && (0..DAY).contains(&(now - check.at));
        if !check.is_some_and(fresh) {
            due.push(Due { consultation, pharmacy, asked });
        }
        if due.len() == AT_ONCE {
            break;
        }
    }
    Ok(due)
}

/// What a list says of the patient.
fn known(row: &WorkListRow) -> String {
    [&row.nhs_number, &row.patient_name, &row.birth_date, &row.postcode].map(String::as_str).join("\n")
}

/// Asks PDS about each, and writes what a person should know into its record. Ends at the first sign that PDS is away
/// or busy.
pub async fn check(app: &App, pds: &Client, token: &SecretString, due: Vec<Due>) -> Result<(), CheckError> {
    for due in due {
        match one(app, pds, token, &due).await {
            // Not there: destroyed, or handed over, since the list was read.
            Ok(()) | Err(CheckError::Edit(EditError::NotThere)) => {}
            Err(CheckError::Pds(error)) if !passes(&error) => {
                tracing::warn!(consultation = %due.consultation, cause = %chain(&error), "PDS gave no answer in the background");
            }
            Err(error) => return Err(error),
        }
        let check = PdsCheck { asked: due.asked, at: app.clock.now() };
        app.store.put_pds_check(&due.consultation, &check).await?;
    }
    Ok(())
}

/// Whether the same question may be answered in a while.
fn passes(error: &PdsError) -> bool {
    matches!(error, PdsError::Busy | PdsError::Away(_) | PdsError::SignInAgain | PdsError::NotSetUp)
}

async fn one(app: &App, pds: &Client, token: &SecretString, due: &Due) -> Result<(), CheckError> {
    let opened = app.open_documents.open(&*app.store, &due.pharmacy, &due.consultation).await;
    let Some(opened) = opened.map_err(EditError::from)? else { return Ok(()) };
    let patient = opened.document.read().map_err(EditError::from)?.patient;
    let access = Access { token: token.clone(), organisation: due.pharmacy.clone(), mode: Mode::Application };
    let (look_up, now) = (Uuid::new_v4(), app.clock.now());
    let id = &due.consultation;
    let mut notices = Vec::new();
    if let Ok(number) = patient.nhs_number.parse::<NhsNumber>() {
        app.audit(None, Some(&due.pharmacy), "checked-number-with-pds", &id.to_string()).await?;
        let answer = pds.patient(&access, look_up, &number, now).await?;
        // That the number is somebody's does not make it this patient's, so it is not vouched for here.
        if !matches!(&answer, LookUpAnswer::Found { superseded, .. } if superseded.is_empty()) {
            remember(app, id, Some(number.as_str()), &without_new(&answer), "application", now).await?;
        }
        notices.extend(about_number(&patient, &number, &answer));
    }
    if patient.nhs_number_status != "verified"
        && let Some(search) = Search::unique(&details(&patient))
    {
        app.audit(None, Some(&due.pharmacy), "searched-patient-in-pds", &id.to_string()).await?;
        let answer = pds.search(&access, look_up, &search, now).await?;
        remember(app, id, None, &answer, "application", now).await?;
        notices.extend(about_details(&patient, &answer));
    }
    // One notice of each kind: what is said of the number comes before what is said of the details.
    let mut kinds = BTreeSet::new();
    notices.retain(|(kind, _)| kinds.insert(*kind));
    write(app, due, notices, now).await
}

/// Only what PDS took back: a number that took another's place was not compared with this patient by anybody.
fn without_new(answer: &LookUpAnswer) -> LookUpAnswer {
    match answer {
        LookUpAnswer::Found { .. } => LookUpAnswer::Invalidated,
        other => other.clone(),
    }
}

fn details(patient: &Patient) -> LookUpDetails {
    LookUpDetails {
        family_name: patient.family_name.clone(),
        given_name: patient.given_name.clone(),
        birth_date: patient.birth_date.clone(),
        postcode: patient.postcode.clone(),
        ..LookUpDetails::default()
    }
}

/// Kind, which is also the key, and words: one notice of each kind stands in a record, whoever found it out first.
type Noticed = (&'static str, String);

fn about_number(patient: &Patient, number: &NhsNumber, answer: &LookUpAnswer) -> Vec<Noticed> {
    let one = |kind: &'static str, text: String| vec![(kind, text)];
    let spaced = number.spaced();
    match answer {
        LookUpAnswer::Invalidated => one(
            "pds-invalidated",
            format!(
                "PDS has withdrawn the record of the NHS number {spaced}: it must not be used. Look the patient up."
            ),
        ),
        LookUpAnswer::NoMatch => one(
            "pds-no-match",
            format!("PDS knows nobody with the NHS number {spaced}. Check it with the patient."),
        ),
        LookUpAnswer::Found { patient: found, superseded } => {
            let mut notices = Vec::new();
            if !superseded.is_empty() {
                let new = spoken(&found.nhs_number);
                notices.extend(one(
                    SUPERSEDED,
                    format!("PDS has replaced the NHS number {spaced} with {new}. Look the patient up and settle it."),
                ));
            }
            if differ(&patient.birth_date, &found.birth_date) {
                notices.extend(one(
                    "pds-another-person",
                    format!("In PDS the NHS number {spaced} is of somebody with another birth date. Look the patient up."),
                ));
            }
            notices.extend(died(found));
            notices
        }
        LookUpAnswer::Several { .. } | LookUpAnswer::TooMany => Vec::new(),
    }
}

fn about_details(patient: &Patient, answer: &LookUpAnswer) -> Vec<Noticed> {
    match answer {
        LookUpAnswer::Found { patient: found, .. } => {
            let mut notices = died(found);
            if found.nhs_number != patient.nhs_number {
                let kind = "pds-number-found";
                let new = spoken(&found.nhs_number);
                notices.push((
                    kind,
                    format!(
                        "PDS knows one patient with this name, birth date and postcode area, under the NHS number \
                         {new}. Look the patient up to confirm it."
                    ),
                ));
            }
            notices
        }
        LookUpAnswer::NoMatch | LookUpAnswer::TooMany | LookUpAnswer::Several { .. } => vec![(
            "pds-no-match",
            "PDS found no single patient with this name, birth date and postcode area. Look the patient up with what \
             they can tell you."
                .to_owned(),
        )],
        LookUpAnswer::Invalidated => Vec::new(),
    }
}

fn died(found: &PdsPatient) -> Vec<Noticed> {
    if found.deceased.is_empty() {
        return Vec::new();
    }
    let how = if found.death_status == "formal" {
        "the registrar has told"
    } else {
        "a care organisation has told"
    };
    vec![(
        DECEASED,
        format!("According to PDS this patient has died ({}, {how}). Look the patient up.", found.deceased),
    )]
}

/// Both known as far as the shorter one goes, and not the same: PDS may know a year only.
fn differ(here: &str, there: &str) -> bool {
    let length = here.len().min(there.len());
    length > 0 && here.as_bytes()[..length] != there.as_bytes()[..length]
}

fn spoken(number: &str) -> String {
    number.parse::<NhsNumber>().map(|number| number.spaced()).unwrap_or_default()
}

/// Writes those that are not there yet. A notice that a person has seen does not come again with another time.
async fn write(app: &App, due: &Due, notices: Vec<Noticed>, now: Millis) -> Result<(), CheckError> {
    if notices.is_empty() {
        return Ok(());
    }
    server_edit(app, &due.pharmacy, &due.consultation, |record| {
        for (kind, text) in &notices {
            let there = record.notices.get(*kind);
            // What a look-up noted of a death is as good; anything else may be about a number that is no more there.
            if there.is_some_and(|there| *kind == DECEASED || there.text == *text) {
                continue;
            }
            let notice = Notice { kind: (*kind).to_owned(), at: stored(now), text: text.clone() };
            record.notices.insert((*kind).to_owned(), notice);
        }
    })
    .await?;
    Ok(())
}

/// Works until the server closes; not at all where PDS or the way to its tokens is not configured.
pub async fn run(app: App) {
    let Some(pds) = app.pds.clone() else { return };
    let mut closing = app.closing.subscribe();
    let mut seen = (BTreeMap::new(), Millis::MIN);
    while !*closing.borrow() {
        if let Err(error) = round(&app, &pds, &mut seen).await {
            tracing::warn!(cause = %chain(&error), "checks with PDS wait; they are tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}

/// One look, where the logs have grown since the last one or some time has passed.
async fn round(
    app: &App,
    pds: &Client,
    seen: &mut (BTreeMap<OdsCode, u64>, Millis),
) -> Result<(), CheckError> {
    let Some(platform) = &app.platform else { return Ok(()) };
    let now = app.clock.now();
    let logs = app.store.last_seqs().await?;
    if logs == seen.0 && (0..LOOK_ANYWAY).contains(&now.saturating_sub(seen.1)) {
        return Ok(());
    }
    let due = due(app).await?;
    let all = due.len() < AT_ONCE;
    if !due.is_empty() {
        let token = platform.as_application(now).await?;
        check(app, pds, &token, due).await?;
    }
    if all {
        *seen = (logs, now);
    }
    Ok(())
}
