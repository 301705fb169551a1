//! Practices and pharmacies: asked of the ODS, remembered, and answered from memory when the ODS is away.

mod area;

pub use area::{area, district, refresh, run};

use crate::app::App;
use crate::nhs::ods::{OdsError, OrganisationSearch};
use crate::problem::{Problem, chain};
use crate::store::{Organisation, StoreError};
use shared::api::{OrganisationKind, OrganisationView};
use shared::ids::OdsCode;
use shared::time::{Millis, stored};

/// ODS brings its data up to date once a day (Organisation Data Terminology API).
const FRESH: Millis = 24 * 3_600_000;
/// A search answers with so many at most.
pub const MOST: usize = 50;

/// The organisation of a code. Known from the last day it is not asked for again; with the ODS away it is answered as
/// it was known, however old that is.
pub async fn by_code(app: &App, ods: &OdsCode) -> Result<OrganisationView, Problem> {
    let now = app.clock.now();
    let known = app.store.organisation(ods).await?;
    // A clock that was set back must not make old news fresh.
    let fresh = known.as_ref().is_some_and(|known| (0..FRESH).contains(&(now - known.fetched_at)));
    let asked = match &app.ods {
        Some(client) if !fresh => client.organisation(ods, now).await,
        Some(_) => Ok(known.clone()),
        None => Err(OdsError::NotSetUp),
    };
    match (asked, known) {
        (Ok(Some(told)), _) => {
            app.store.put_organisations(std::slice::from_ref(&told)).await?;
            Ok(view(told))
        }
        (Ok(None), _) => Err(Problem::NotFound("An organisation with this code")),
        (Err(error), Some(known)) => {
            tracing::warn!(cause = %chain(&error), "an organisation is answered from memory");
            Ok(view(known))
        }
        (Err(error), None) => Err(error.into()),
    }
}

/// Those whose name contains, and whose postcode begins with, what was typed; from memory when the ODS is away.
pub async fn by_name(
    app: &App,
    kind: Option<OrganisationKind>,
    name: &str,
    postcode: &str,
) -> Result<Vec<OrganisationView>, Problem> {
    let (name, postcode) = (name.trim(), postcode.trim());
    if let Some(problem) = unsearchable(name, postcode) {
        return Err(Problem::Invalid(problem.to_owned()));
    }
    let search = OrganisationSearch {
        kind,
        name: name.to_owned(),
        postcode: postcode.to_owned(),
        active: true,
        ..OrganisationSearch::default()
    };
    let told = match &app.ods {
        Some(client) => client.search(&search, MOST, app.clock.now()).await,
        None => Err(OdsError::NotSetUp),
    };
    let found = match told {
        Ok(told) => {
            app.store.put_organisations(&told).await?;
            told
        }
        Err(error @ (OdsError::SayMore | OdsError::Refused { .. })) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(cause = %chain(&error), "organisations are answered from memory");
            remembered(app, &search).await?
        }
    };
    Ok(found.into_iter().map(view).collect())
}

/// What the API does not search with (Organisation Data Terminology API, search parameters).
fn unsearchable(name: &str, postcode: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "&()’+-_./:@ ".contains(c);
    if name.is_empty() && postcode.is_empty() {
        Some("Type a part of the name, or the beginning of the postcode.")
    } else if !name.is_empty() && !(3..=100).contains(&name.chars().count()) {
        Some("Type at least three letters of the name.")
    } else if !name.chars().all(plain) {
        Some("The name holds a character that cannot be searched for. Leave it out.")
    } else if !postcode.is_empty() && postcode.len() < 2 {
        Some("Type at least the first two characters of the postcode.")
    } else if !postcode.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ') {
        Some("A postcode has letters, digits and a space only.")
    } else {
        None
    }
}

async fn remembered(app: &App, search: &OrganisationSearch) -> Result<Vec<Organisation>, StoreError> {
    let squeezed = |text: &str| text.replace(' ', "").to_uppercase();
    let (name, postcode) = (search.name.to_uppercase(), squeezed(&search.postcode));
    let mut known = app.store.organisations(search.kind).await?;
    known.retain(|one| {
        one.active
            && one.name.to_uppercase().contains(&name)
            && squeezed(&one.postcode).starts_with(&postcode)
    });
    known.truncate(MOST);
    Ok(known)
}

/// As the app is told of it.
fn view(known: Organisation) -> OrganisationView {
    OrganisationView {
        ods: known.ods.to_string(),
        name: known.name,
        kind: known.kind,
        active: known.active,
        successor: known.successor,
        address: known.address,
        postcode: known.postcode,
        phone: known.phone,
        fetched_at: stored(known.fetched_at),
    }
}
