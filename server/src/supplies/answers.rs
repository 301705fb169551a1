//! The four questions, asked of what was read out of the signed records.

use super::catch_up;
use crate::app::App;
use crate::problem::Problem;
use crate::store::SuppliedTo;
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::api::{EarlierAsked, EarlierSupply, EarlierView, RecallView, RegisterView, TokensView};
use shared::ids::{ConsultationId, OdsCode};
use shared::patient::NhsNumber;
use shared::register::{self, Given, Supplied, batch_key, entries, is_product, of_person};

/// Supplies that a screen shows of one patient.
const MOST: usize = 50;
/// The longest stretch of the register in one answer: as long as it is kept, and the day on both ends.
const LONGEST_YEARS: i64 = 2;

/// Earlier emergency supplies of one patient at this pharmacy, newest first (practice 16).
pub async fn earlier(app: &App, pharmacy: &OdsCode, asked: &EarlierAsked) -> Result<EarlierView, Problem> {
    let patient = whose(app, pharmacy, asked).await?;
    if patient == SuppliedTo::default() {
        return Ok(EarlierView { unknown_patient: true, ..EarlierView::default() });
    }
    catch_up(app, pharmacy).await?;
    let most = u32::try_from(2 * MOST).unwrap_or(u32::MAX);
    let mut found = app.store.supplied_to(pharmacy, &patient, "emergency-supply", most).await?;
    found.retain(|supplied| supplied.consultation != asked.consultation);
    let more = found.len() > MOST;
    found.truncate(MOST);
    let supplies = found.iter().map(|supplied| shown(supplied, &patient)).collect();
    Ok(EarlierView { supplies, more, unknown_patient: false })
}

/// What was asked, and what the record says where the question leaves it out.
async fn whose(app: &App, pharmacy: &OdsCode, asked: &EarlierAsked) -> Result<SuppliedTo, Problem> {
    let number = asked.nhs_number.trim();
    let number = if number.is_empty() {
        String::new()
    } else {
        let number: NhsNumber = number
            .parse()
            .map_err(|why: shared::patient::NotAnNhsNumber| Problem::Invalid(why.to_string()))?;
        number.to_string()
    };
    let mut patient = SuppliedTo { nhs_number: number, person: of_person(&asked.name, &asked.birth_date) };
    if asked.consultation.is_empty() {
        return Ok(patient);
    }
    let id: ConsultationId = asked
        .consultation
        .parse()
        .map_err(|problem: shared::ids::NotAnId| Problem::Invalid(problem.to_string()))?;
    // The consultation may be on the asking device only so far; another pharmacy's is none of theirs.
    let Some(owner) = app.store.owner(&id).await? else { return Ok(patient) };
    if owner != *pharmacy {
        return Err(Problem::NotFound("This consultation"));
    }
    if let Some(stored) = app.store.document(pharmacy, &id).await? {
        if patient.nhs_number.is_empty() {
            patient.nhs_number = stored.row.nhs_number;
        }
        if patient.person.is_empty() {
            patient.person = of_person(&stored.row.patient_name, &stored.row.birth_date);
        }
    }
    Ok(patient)
}

fn shown(supplied: &Supplied, patient: &SuppliedTo) -> EarlierSupply {
    EarlierSupply {
        consultation: supplied.consultation.clone(),
        at: supplied.supplied_at.clone(),
        name: supplied.name.clone(),
        code: supplied.code.clone(),
        ingredients: supplied.ingredients.clone(),
        form: supplied.form.clone(),
        strength: supplied.strength.clone(),
        amount: supplied.amount(),
        days: supplied.days.clone(),
        nature: supplied.nature.clone(),
        prescribed_by: supplied.prescribed_by.clone(),
        exception: supplied.exception.clone(),
        owed: supplied.owed.clone(),
        signed_by: supplied.signed_by.clone(),
        by_name_only: patient.nhs_number.is_empty() || supplied.nhs_number != patient.nhs_number,
    }
}

/// The register of some days, both of them included.
pub async fn register(app: &App, pharmacy: &OdsCode, from: &str, to: &str) -> Result<RegisterView, Problem> {
    let day = |text: &str| {
        text.parse::<Date>()
            .map_err(|_| Problem::Invalid("Give both days, for example 2026-11-22.".to_owned()))
    };
    let (from, to) = (day(from)?, day(to)?);
    if from > to {
        return Err(Problem::Invalid("The last day is before the first. Change one of them.".to_owned()));
    }
    if to > from.saturating_add(LONGEST_YEARS.years()) {
        return Err(Problem::Invalid("Ask for at most two years of the register at once.".to_owned()));
    }
    let unreadable = catch_up(app, pharmacy).await?;
    let (from, to) = (from.to_string(), to.to_string());
    let supplied = app.store.supplied_between(pharmacy, &from, &to).await?;
    let entries = entries(&supplied, app.clock.now());
    Ok(RegisterView { from, to, entries, source: register::source().to_owned(), unreadable })
}

/// Everyone who was given a batch, and where a product is named everyone who was given that without a batch.
pub async fn recall(
    app: &App,
    pharmacy: &OdsCode,
    batch: &str,
    product: &str,
) -> Result<RecallView, Problem> {
    let batch = batch_key(batch);
    if batch.is_empty() {
        return Err(Problem::Invalid("Type the batch number as it stands on the pack.".to_owned()));
    }
    let unreadable = catch_up(app, pharmacy).await?;
    let given = of_product(app.store.supplied_of_batch(pharmacy, &batch).await?, product);
    let batch_unknown = if product.trim().is_empty() {
        Vec::new()
    } else {
        of_product(app.store.supplied_of_batch(pharmacy, "").await?, product)
    };
    Ok(RecallView { given, batch_unknown, unreadable })
}

fn of_product(supplied: Vec<Supplied>, product: &str) -> Vec<Given> {
    supplied.iter().filter(|supplied| is_product(supplied, product)).map(Given::of).collect()
}

/// The tokens of a month: `2026-11`.
pub async fn tokens(app: &App, pharmacy: &OdsCode, month: &str) -> Result<TokensView, Problem> {
    let first: Result<Date, _> = format!("{month}-01").parse();
    let Some(first) = first.ok().filter(|_| month.len() == 7) else {
        return Err(Problem::Invalid("Give the month, for example 2026-11.".to_owned()));
    };
    catch_up(app, pharmacy).await?;
    let month: String = first.to_string().chars().take(7).collect();
    let tokens = app.store.tokens_of(pharmacy, &month).await?;
    Ok(TokensView { month, tokens })
}
