//! The practices around our pharmacies, fetched at night so that they are there with no network.

use super::view;
use crate::app::App;
use crate::nhs::ods::{Client, OdsError, OrganisationSearch};
use crate::problem::chain;
use crate::store::{Organisation, StoreError};
use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};
use shared::api::{AreaView, OrganisationKind};
use shared::patient::Postcode;
use shared::time::{Millis, day, stored};
use std::collections::BTreeSet;
use std::time::Duration;

/// Where it is written down when the list was last brought up to date.
const DONE: &str = "ods-area";
const HOUR: Millis = 3_600_000;
/// Once a day, whenever that is.
const DUE_AFTER: Millis = 20 * HOUR;
/// Every so often all of it is fetched, so that nothing missed stays missing.
const WHOLE_AFTER: Millis = 30 * 24 * HOUR;
const LOOK_EVERY: Duration = Duration::from_mins(15);
/// Practices of one district; the largest has some dozens.
const MOST: usize = 2000;

/// What was done when.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    districts: BTreeSet<String>,
    at: Millis,
    whole_at: Millis,
}

/// Why the list is as old as it was.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error(transparent)]
    Ods(#[from] OdsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The postcode district of an address that ends with a postcode: `ZZ99`.
pub fn district(address: &str) -> Option<String> {
    let words: Vec<&str> = address.split([' ', ',', '\n']).filter(|word| !word.is_empty()).collect();
    let last = words.last()?;
    let two = words.len().checked_sub(2).map(|place| format!("{} {last}", words[place]));
    let postcode = two.and_then(|two| two.parse::<Postcode>().ok()).or_else(|| last.parse().ok())?;
    postcode.as_str().split(' ').next().map(str::to_owned)
}

/// Districts as they are set, or else those in which our pharmacies are.
async fn districts(app: &App) -> Result<BTreeSet<String>, StoreError> {
    if !app.config.ods_area.is_empty() {
        return Ok(app.config.ods_area.iter().cloned().collect());
    }
    let pharmacies = app.store.pharmacies().await?;
    Ok(pharmacies.iter().filter_map(|pharmacy| district(&pharmacy.address)).collect())
}

/// The practices of the area as they were last fetched.
pub async fn area(app: &App) -> Result<AreaView, StoreError> {
    let districts = districts(app).await?;
    let done = done(app).await?;
    let mut practices = app.store.organisations(Some(OrganisationKind::Practice)).await?;
    practices.retain(|practice| district(&practice.postcode).is_some_and(|one| districts.contains(&one)));
    Ok(AreaView {
        fetched_at: if done.at == 0 { String::new() } else { stored(done.at) },
        practices: practices.into_iter().map(view).collect(),
    })
}

async fn done(app: &App) -> Result<Done, StoreError> {
    let text = app.store.meta(DONE).await?;
    // What cannot be read is fetched anew.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Brings the list up to date where it is due: what changed since the last time, or everything where the districts are
/// others or a month has passed. Answers whether anything was asked.
pub async fn refresh(app: &App, client: &Client) -> Result<bool, RefreshError> {
    let (now, districts, done) = (app.clock.now(), districts(app).await?, done(app).await?);
    let within = |since: Millis, limit| (0..limit).contains(&(now - since));
    let same = done.districts == districts;
    if districts.is_empty() || (same && within(done.at, DUE_AFTER)) {
        return Ok(false);
    }
    let whole = !same || !within(done.whole_at, WHOLE_AFTER);
    // ODS writes days, and brings them up to date at night: two days back misses none.
    let since = if whole { String::new() } else { day(done.at).saturating_sub(2.days()).to_string() };
    let mut told: Vec<Organisation> = Vec::new();
    for one in &districts {
        let search = OrganisationSearch {
            kind: Some(OrganisationKind::Practice),
            postcode: one.clone(),
            // Of what changed, the closed count most.
            active: whole,
            changed_since: since.clone(),
            ..OrganisationSearch::default()
        };
        let found = client.search(&search, MOST, now).await?;
        told.extend(found.into_iter().filter(|found| district(&found.postcode).as_ref() == Some(one)));
    }
    app.store.put_organisations(&told).await?;
    let whole_at = if whole { now } else { done.whole_at };
    let done = Done { districts, at: now, whole_at };
    let text = serde_json::to_string(&done).map_err(StoreError::broken)?;
    app.store.put_meta(DONE, &text).await?;
    Ok(true)
}

/// Looks now and then whether it is due, until the server closes.
pub async fn run(app: App) {
    let Some(client) = app.ods.clone() else { return };
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        match refresh(&app, &client).await {
            Ok(true) => tracing::info!("the practices of the area are up to date"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(cause = %chain(&error), "the practices of the area stay as they were; it is tried again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_district_is_read_off_the_end_of_an_address() {
        assert_eq!(district("1 Elm Road, Zettington, ZZ99 3VZ").as_deref(), Some("ZZ99"));
        assert_eq!(district("1 Elm Road\nZettington\nm11ae").as_deref(), Some("M1"));
        assert_eq!(district("ZZ99 3VZ").as_deref(), Some("ZZ99"));
        assert_eq!(district("1 Elm Road, Zettington"), None);
        assert_eq!(district(""), None);
    }
}
