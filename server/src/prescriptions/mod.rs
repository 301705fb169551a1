//! A patient's prescriptions as the NHS's tracker has them, and their exemption from charges, asked on behalf of whoever
//! is in front of them. Nothing is written into the consultation here: the device records what came of it.

use crate::app::App;
use crate::config::Config;
use crate::nhs::exemption_check::{self, Asker, Question, Said};
use crate::nhs::platform::WorkerAccess;
use crate::nhs::prescription_tracker::{self, Access, TrackerError};
use crate::nhs::simulator;
use crate::problem::{Problem, chain};
use crate::session::Staff;
use futures_util::future::join_all;
use shared::api::{ExemptionAsked, PrescriptionsAsked, PrescriptionsBy, PrescriptionsFound};
use shared::consultation::Consultation;
use shared::ids::ConsultationId;
use shared::patient::NhsNumber;
use shared::prescription::exemption_check::{Answer, Asked, may_call};
use shared::prescription::tracker::By;
use shared::prescription::{Id, Prescription, preferred};
use shared::time::{Millis, day, stored};
use std::time::Duration;
use tokio::time::timeout;

/// The NHS systems that are asked here, as far as this server may.
#[derive(Debug, Clone, Default)]
pub struct Prescriptions {
    pub tracker: Option<prescription_tracker::Client>,
    pub exemption_check: Option<exemption_check::Client>,
}

impl Prescriptions {
    /// Those that the settings name; in a demonstration the simulators where they name none.
    pub fn new(config: &Config, http: &reqwest::Client) -> Self {
        let simulators = format!("http://127.0.0.1:{}/simulator", config.listen.port());
        let demo = config.demo.then(|| simulator::prescriptions(&simulators, &config.origin_text()));
        let (tracker, check) = demo.unzip();
        let set = &config.prescriptions;
        Self {
            tracker: set
                .tracker_url
                .clone()
                .or(tracker)
                .map(|url| prescription_tracker::Client::new(http.clone(), url)),
            exemption_check: set
                .exemption_check
                .clone()
                .or(check)
                .map(|settings| exemption_check::Client::new(http.clone(), settings)),
        }
    }
}

/// Of so many waiting prescriptions the lines are fetched: a person waits for the answer.
const WITH_LINES: usize = 5;
/// All of them are asked for at once, and what has not come by then is shown without its lines.
const LINES_WITHIN: Duration = Duration::from_secs(6);

/// What may be looked for; there is no other way to one than through [`check_search`].
#[derive(Debug)]
pub struct Search {
    consultation: ConsultationId,
    by: By,
}

/// Checks what was typed before anything leaves.
pub async fn check_search(app: &App, staff: &Staff, asked: &PrescriptionsAsked) -> Result<Search, Problem> {
    of_this_pharmacy(app, staff, &asked.consultation).await?;
    let invalid = |why: &dyn std::fmt::Display| Problem::Invalid(why.to_string());
    let by = match &asked.by {
        PrescriptionsBy::Id { id } => By::Id(Id::parse(id).map_err(|why| invalid(&why))?),
        PrescriptionsBy::NhsNumber { nhs_number } => {
            By::Number(nhs_number.parse().map_err(|why: shared::patient::NotAnNhsNumber| invalid(&why))?)
        }
    };
    Ok(Search { consultation: asked.consultation, by })
}

/// The consultation may be on the asking device only so far; another pharmacy's is none of theirs.
async fn of_this_pharmacy(app: &App, staff: &Staff, id: &ConsultationId) -> Result<(), Problem> {
    let owner = app.store.owner(id).await?;
    if owner.is_some_and(|owner| owner != staff.pharmacy) {
        return Err(Problem::NotFound("This consultation"));
    }
    Ok(())
}

/// The worker's role as the tracker wants to know it.
pub fn access(staff: &Staff, worker: WorkerAccess) -> Access {
    Access {
        token: worker.token,
        role: worker.role_id,
        job_role: worker.job_role,
        organisation: staff.pharmacy.clone(),
    }
}

/// Looks, and fetches the lines of what is waiting. That somebody looked is in the audit log before anything is asked.
pub async fn search(
    app: &App,
    staff: &Staff,
    access: &Access,
    search: &Search,
) -> Result<PrescriptionsFound, Problem> {
    let Some(tracker) = &app.prescriptions.tracker else { return Err(TrackerError::NotSetUp.into()) };
    let action = "looked-for-prescriptions";
    match &search.by {
        By::Number(number) => {
            app.audit_patient(staff, action, &search.consultation, number, "").await?;
        }
        By::Id(_) => app.audit_consultation(staff, action, &search.consultation, "").await?,
    }
    let mut found = tracker.search(access, &search.by).await?;
    let waiting: Vec<(Id, Option<u32>)> =
        preferred(&found.prescriptions).into_iter().take(WITH_LINES).map(issue).collect();
    let mut without_lines = 0;
    let asked = waiting.into_iter().map(move |one| async move {
        let came = timeout(LINES_WITHIN, tracker.whole(access, &one.0, one.1)).await;
        (one, came)
    });
    for (one, came) in join_all(asked).await {
        match came {
            Ok(Ok(whole)) if whole.nhs_number == found.nhs_number => {
                for held in whole.prescriptions {
                    let listed = found.prescriptions.iter_mut().find(|listed| issue(listed) == one);
                    if let Some(listed) = listed.filter(|_| held.id == one.0) {
                        *listed = held;
                    }
                }
            }
            Ok(Ok(_)) => without_lines += 1,
            Ok(Err(error)) => {
                tracing::warn!(cause = %chain(&error), "the lines of a prescription could not be had");
                without_lines += 1;
            }
            Err(_) => {
                tracing::warn!("the lines of a prescription did not come in time");
                without_lines += 1;
            }
        }
    }
    Ok(PrescriptionsFound { found, fetched_at: stored(app.clock.now()), without_lines })
}

fn issue(prescription: &Prescription) -> (Id, Option<u32>) {
    (prescription.id.clone(), prescription.repeats.map(|repeats| repeats.issue))
}

/// What will be asked about an exemption, or why nothing is.
#[derive(Debug)]
pub enum Plan {
    Ask(Box<Question>),
    /// With the answer that the device gets.
    Nothing(Answer),
}

/// Decides by the same rules as the device (`shared::prescription::exemption_check`), with what this server saw PDS say
/// of the number in place of the device's word. Each decision is audited, also the one to ask nothing (PEC-FR-44).
pub async fn plan(app: &App, staff: &Staff, asked: &ExemptionAsked) -> Result<Plan, Problem> {
    of_this_pharmacy(app, staff, &asked.consultation).await?;
    let prescription = match asked.prescription.trim() {
        "" => None,
        typed => Some(Id::parse(typed).map_err(|why| Problem::Invalid(why.to_string()))?),
    };
    let number: NhsNumber = asked
        .nhs_number
        .parse()
        .map_err(|why: shared::patient::NotAnNhsNumber| Problem::Invalid(why.to_string()))?;
    let now = app.clock.now();
    let record = as_known(app, staff, asked, &number, now).await?;
    let circumstances = Asked {
        today: day(now),
        released_from_prison: asked.released_from_prison,
        endorsements: &asked.endorsements,
    };
    let decided = may_call(&record, prescription.as_ref(), circumstances);
    if let Some(because) = decided.because() {
        let why = format!("not-called {}", because.rule);
        app.audit_patient(staff, "checked-exemption", &asked.consultation, &number, &why).await?;
        return Ok(Plan::Nothing(Answer::NotCalled(because.clone())));
    }
    let question =
        prescription.zip(record.patient.birth_date.parse().ok()).zip(record.patient.postcode.parse().ok());
    let Some(((prescription, birth_date), postcode)) = question else {
        return Err(Problem::Invalid("Birth date and postcode are needed for a check.".to_owned()));
    };
    Ok(Plan::Ask(Box::new(Question {
        birth_date,
        nhs_number: number,
        postcode,
        given_name: record.patient.given_name,
        family_name: record.patient.family_name,
        prescription,
    })))
}

/// What the device says of the patient, verified only where this server saw PDS give the number for this consultation.
async fn as_known(
    app: &App,
    staff: &Staff,
    asked: &ExemptionAsked,
    number: &NhsNumber,
    now: Millis,
) -> Result<Consultation, Problem> {
    let hash = app.server_keys.traces.number(&asked.consultation, number.as_str());
    let seen = app.store.seen_numbers(&asked.consultation).await?;
    let mut record = Consultation::new(asked.consultation, &staff.pharmacy, "", now);
    let patient = &mut record.patient;
    if seen.iter().any(|(seen, stands)| *seen == hash && *stands) {
        "verified".clone_into(&mut patient.nhs_number_status);
        patient.traced_at = stored(now);
    }
    patient.nhs_number = number.to_string();
    for (field, value) in [
        (&mut patient.given_name, &asked.given_name),
        (&mut patient.family_name, &asked.family_name),
        (&mut patient.birth_date, &asked.birth_date),
        (&mut patient.postcode, &asked.postcode),
    ] {
        value.trim().clone_into(field);
    }
    Ok(record)
}

/// Asks. A failure is an answer too: the patient signs a declaration and goes (PEC-FR-42).
pub async fn exemption(
    app: &App,
    staff: &Staff,
    worker: &WorkerAccess,
    consultation: &ConsultationId,
    question: &Question,
) -> Result<Answer, Problem> {
    let number = &question.nhs_number;
    app.audit_patient(staff, "checked-exemption", consultation, number, "asked").await?;
    let asker = Asker {
        person: staff.person.id.to_string(),
        name: staff.person.name.clone(),
        role: worker.role_id.clone(),
        job_role: worker.job_role.clone(),
        organisation: staff.pharmacy.clone(),
    };
    let answer = match &app.prescriptions.exemption_check {
        None => Answer::Failed,
        Some(check) => match check.search(&asker, question, app.clock.now()).await {
            Ok(Said::Found(kind)) => Answer::Found(kind),
            Ok(Said::NotFound) => Answer::NotFound,
            Err(error) => {
                tracing::warn!(cause = %chain(&error), "an exemption could not be checked");
                Answer::Failed
            }
        },
    };
    let why = match &answer {
        Answer::Found(_) => "found",
        Answer::NotFound => "none",
        Answer::Failed | Answer::NotCalled(_) => "failed",
    };
    app.audit_patient(staff, "checked-exemption", consultation, number, why).await?;
    Ok(answer)
}
