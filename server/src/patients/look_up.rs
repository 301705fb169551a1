//! Looking a patient up for one consultation, on behalf of whoever is in front of them.

use super::vouched::remember;
use crate::app::App;
use crate::nhs::pds::{Access, PdsError, Search};
use crate::problem::Problem;
use crate::session::Staff;
use shared::api::{LookUpAnswer, LookUpBy, PatientLookUp};
use shared::ids::OdsCode;
use shared::patient::{NhsNumber, PdsPatient};
use uuid::Uuid;

/// What may be asked of PDS; there is no other way to one than through [`check`].
#[derive(Debug)]
pub struct Question {
    asked: PatientLookUp,
    by: By,
}

#[derive(Debug)]
enum By {
    Number(NhsNumber),
    Search(Search),
}

/// Checks what was typed before anything leaves: a number with a wrong check digit, a wild card, too little.
pub async fn check(app: &App, staff: &Staff, asked: PatientLookUp) -> Result<Question, Problem> {
    // The consultation may be on the asking device only so far; another pharmacy's is none of theirs.
    let owner = app.store.owner(&asked.consultation).await?;
    if owner.is_some_and(|owner| owner != staff.pharmacy) {
        return Err(Problem::NotFound("This consultation"));
    }
    let by = match &asked.by {
        LookUpBy::Number { nhs_number } => By::Number(
            nhs_number
                .parse()
                .map_err(|why: shared::patient::NotAnNhsNumber| Problem::Invalid(why.to_string()))?,
        ),
        LookUpBy::Details(details) => By::Search(Search::by_worker(details).map_err(Problem::Invalid)?),
    };
    Ok(Question { asked, by })
}

/// Asks PDS and remembers which numbers it gave. That somebody asked is in the audit log before anything is.
pub async fn look_up(
    app: &App,
    staff: &Staff,
    access: &Access,
    question: &Question,
) -> Result<LookUpAnswer, Problem> {
    let Some(pds) = &app.pds else { return Err(PdsError::NotSetUp.into()) };
    let consultation = &question.asked.consultation;
    let subject = consultation.to_string();
    app.audit(Some(staff.person.id), Some(&staff.pharmacy), "looked-up-patient", &subject).await?;
    let (look_up, now) = (Uuid::new_v4(), app.clock.now());
    let (asked, answer) = match &question.by {
        By::Number(number) => (Some(number.as_str()), pds.patient(access, look_up, number, now).await),
        By::Search(search) => (None, pds.search(access, look_up, search, now).await),
    };
    let mut answer = answer.inspect_err(|error| {
        let decision = crate::problem::chain(error);
        tracing::warn!(%look_up, cause = %decision, "PDS gave no answer");
    })?;
    remember(app, consultation, asked, &answer, access.mode.as_str(), now).await?;
    match &mut answer {
        LookUpAnswer::Found { patient, .. } => name_practice(app, patient).await?,
        LookUpAnswer::Several { patients } => {
            for patient in patients {
                name_practice(app, patient).await?;
            }
        }
        LookUpAnswer::TooMany | LookUpAnswer::NoMatch | LookUpAnswer::Invalidated => {}
    }
    Ok(answer)
}

/// PDS knows practices by their code; their names are in the ODS, as far as it was asked before.
async fn name_practice(app: &App, patient: &mut PdsPatient) -> Result<(), Problem> {
    let Ok(code) = patient.gp_ods.parse::<OdsCode>() else { return Ok(()) };
    if let Some(practice) = app.store.organisation(&code).await? {
        patient.gp_name = practice.name;
    }
    Ok(())
}
