//! What the service did, over days, and what a month comes to, out of the rows that signed records left.

mod papers;
#[cfg(test)]
mod tests;
pub mod watch;

pub use papers::{evidence, it_failure};

use crate::app::App;
use crate::problem::Problem;
use crate::store::{ClaimMonth, DaysOf, StoreError};
use crate::supplies;
use futures_util::{StreamExt as _, stream};
use jiff::civil::Date;
use shared::activity::{Asked, Dashboard, Gathering, Health};
use shared::api::ToldOfMonth;
use shared::claim::{self, Month};
use shared::ids::OdsCode;
use shared::people::Permission;
use shared::time;
use std::sync::Arc;

/// Days that may be asked for at once: two years, and the day on both ends.
const LONGEST_DAYS: i32 = 2 * 366 + 1;

/// Pharmacies that are read at the same time.
const AT_ONCE: usize = 4;

/// First and last day, if they make a span that is answered.
pub fn span(from: &str, to: &str) -> Result<(Date, Date), Problem> {
    let day = |text: &str| {
        text.trim()
            .parse::<Date>()
            .map_err(|_| Problem::Invalid("Give both days, for example 2026-11-22.".to_owned()))
    };
    let (first, last) = (day(from)?, day(to)?);
    if first > last {
        return Err(Problem::Invalid("The last day is before the first. Change one of them.".to_owned()));
    }
    if first.until(last).map_or(i32::MAX, |span| span.get_days()) > LONGEST_DAYS {
        return Err(Problem::Invalid("Ask for at most two years at once.".to_owned()));
    }
    Ok((first, last))
}

/// The figures of these pharmacies together.
pub async fn dashboard(app: &App, pharmacies: &[OdsCode], asked: Asked) -> Result<Dashboard, Problem> {
    let (from, to) = span(&asked.from, &asked.to)?;
    let asked = Asked { from: from.to_string(), to: to.to_string(), ..asked };
    if let [one] = pharmacies {
        supplies::catch_up(app, one).await?;
    }
    let mut gathering = Gathering::new(asked.clone());
    let mut health = Health::default();
    let mut reading = Vec::with_capacity(pharmacies.len());
    for pharmacy in pharmacies {
        let (from, to) = (asked.from.clone(), asked.to.clone());
        let (store, days) = (Arc::clone(&app.store), DaysOf { pharmacy: pharmacy.clone(), from, to });
        reading
            .push(async move { (store.done(&days, false).await, store.sync_health(&days.pharmacy).await) });
    }
    let mut reading = stream::iter(reading).buffer_unordered(AT_ONCE);
    while let Some((done, one)) = reading.next().await {
        for done in done? {
            gathering.add(&done);
        }
        let one = one?;
        health.waiting += one.waiting;
        health.stuck += one.stuck;
        health.unsent += one.unsent;
    }
    Ok(gathering.finish(health))
}

/// The pharmacies whose figures somebody may read: where they are a pharmacist or an administrator now.
pub async fn readable(app: &App, person: &shared::ids::PersonId) -> Result<Vec<OdsCode>, StoreError> {
    let memberships = app.store.memberships(person, app.clock.now()).await?;
    let may = memberships.into_iter().filter(|one| one.role.may(Permission::ReadReports));
    Ok(may.map(|one| one.pharmacy).collect())
}

/// A month of claims: `2026-11`.
pub async fn month(app: &App, pharmacy: &OdsCode, month: &str) -> Result<Month, Problem> {
    let first = first_of(month)?;
    supplies::catch_up(app, pharmacy).await?;
    let (from, to) = claim::days_of(first);
    let done = app.store.done(&DaysOf { pharmacy: pharmacy.clone(), from, to }, true).await?;
    let told = app.store.claim_month(pharmacy, month).await?.unwrap_or_default();
    let mut view = claim::month(first, &done, &told.figures, time::day(app.clock.now()));
    if told.declared {
        view.declared = format!("{}, {}", told.told_by, time::day_and_time(told.told_at));
    }
    Ok(view)
}

/// Keeps what somebody read in Manage Your Service.
pub async fn tell(
    app: &App,
    pharmacy: &OdsCode,
    month: &str,
    told: ToldOfMonth,
    by: &str,
) -> Result<(), Problem> {
    first_of(month)?;
    if let Some(unknown) = told.figures.keys().find(|id| claim::service(id).is_none()) {
        let known: Vec<&str> = claim::services().iter().map(|service| service.id.as_str()).collect();
        return Err(Problem::Invalid(format!("“{unknown}” is no service. Use {}.", known.join(", "))));
    }
    let told = ClaimMonth {
        figures: told.figures,
        declared: told.declared,
        told_by: by.to_owned(),
        told_at: app.clock.now(),
    };
    Ok(app.store.put_claim_month(pharmacy, month, &told).await?)
}

fn first_of(month: &str) -> Result<Date, Problem> {
    claim::first_of(month).ok_or_else(|| Problem::Invalid("Give the month, for example 2026-11.".to_owned()))
}
