//! The papers of a month: evidence behind its claims, and the report of a failure of IT.

use super::month;
use crate::app::App;
use crate::problem::Problem;
use crate::store::{DaysOf, Pharmacy};
use shared::activity::{Done, Extract};
use shared::claim::{self, ClaimStanding, Month};
use shared::paper::claims::{self, Evidence, ItFailure};
use shared::paper::record::PharmacyOnPaper;
use shared::time;
use std::collections::BTreeMap;

/// Consultations that are read at once.
const PAGE: u32 = 500;

/// The evidence pack of a month as a PDF: every consultation that is claimed or is to be. It is as large as the month, and
/// no month of one pharmacy is large (at most 3,000 are paid).
pub async fn evidence(app: &App, pharmacy: &Pharmacy, name: &str) -> Result<Vec<u8>, Problem> {
    let view = month(app, &pharmacy.ods, name).await?;
    let (days, done) = done_in(app, pharmacy, &view).await?;
    let mut extracts: BTreeMap<String, Extract> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = app.store.extracts(&days, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.place.clone());
        extracts.extend(page.into_iter().map(|row| (row.items.consultation.clone(), row.items)));
    }
    let rows: Vec<Evidence<'_>> = done
        .iter()
        .filter(|done| ClaimStanding::of(done) != ClaimStanding::NotPayable)
        .filter_map(|done| Some(Evidence { done, extract: extracts.get(&done.consultation)? }))
        .collect();
    let printed_at = time::day_and_time(app.clock.now());
    Ok(claims::evidence(&view, &rows, &on_paper(pharmacy), &printed_at))
}

/// The report of a failure of IT as a PDF: with what of the month is payable and has not been claimed.
pub async fn it_failure(
    app: &App,
    pharmacy: &Pharmacy,
    name: &str,
    failure: &ItFailure<'_>,
) -> Result<Vec<u8>, Problem> {
    if failure.what.trim().is_empty() {
        return Err(Problem::Invalid("Say what failed.".to_owned()));
    }
    let view = month(app, &pharmacy.ods, name).await?;
    let (_, done) = done_in(app, pharmacy, &view).await?;
    let open = |done: &&Done| {
        let standing = ClaimStanding::of(done);
        let payable = done.facts.verdict == "payable";
        payable && !matches!(standing, ClaimStanding::Accepted | ClaimStanding::NotPayable)
    };
    let unclaimed: Vec<&Done> = done.iter().filter(open).collect();
    let printed_at = time::day_and_time(app.clock.now());
    Ok(claims::it_failure(&view, failure, &unclaimed, &on_paper(pharmacy), &printed_at))
}

async fn done_in(app: &App, pharmacy: &Pharmacy, view: &Month) -> Result<(DaysOf, Vec<Done>), Problem> {
    let first = claim::first_of(&view.month)
        .ok_or_else(|| Problem::internal("a month that was just answered cannot be read"))?;
    let (from, to) = claim::days_of(first);
    let days = DaysOf { pharmacy: pharmacy.ods.clone(), from, to };
    let done = app.store.done(&days, true).await?;
    Ok((days, done))
}

fn on_paper(pharmacy: &Pharmacy) -> PharmacyOnPaper<'_> {
    PharmacyOnPaper {
        name: &pharmacy.name,
        ods: pharmacy.ods.as_str(),
        address: &pharmacy.address,
        phone: &pharmacy.phone,
    }
}
