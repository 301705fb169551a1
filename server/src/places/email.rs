//! Learning an organisation's mailbox from the national directories. What they name is proposed to the address book and
//! nothing more: which endpoint is meant for messages about patients is not written anywhere, so somebody there has to
//! confirm it first.

use crate::app::App;
use crate::directory::{self, DirectoryError};
use crate::nhs::dos_rest;
use crate::nhs::services::ServicesError;
use crate::problem::{Problem, chain};
use shared::api::AddressChange;
use shared::ids::OdsCode;

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// In the address book from now on, unconfirmed.
    Added(String),
    /// The organisation has an address there already; nothing was changed.
    KnownAlready,
    /// No directory names a mailbox.
    Nothing,
}

/// Asks the directories for the mailbox of an organisation, and proposes it.
pub async fn propose_email(app: &App, pharmacy: &OdsCode, ods: &OdsCode) -> Result<Proposed, Problem> {
    let Some(change) = learn(app, ods).await? else { return Ok(Proposed::Nothing) };
    let email = change.email.clone();
    match directory::propose(app, pharmacy, &change).await {
        Ok(true) => Ok(Proposed::Added(email)),
        Ok(false) => Ok(Proposed::KnownAlready),
        // What a directory has in the place of an address is none.
        Err(DirectoryError::Invalid(_)) => Ok(Proposed::Nothing),
        Err(error) => Err(error.into()),
    }
}

/// dos-search first, which replaces the other.
async fn learn(app: &App, ods: &OdsCode) -> Result<Option<AddressChange>, Problem> {
    let mut asked = false;
    let mut failed = None;
    if let (Some(client), Some(platform)) = (&app.directories.dos_fhir, &app.platform) {
        asked = true;
        let token = platform.as_application(app.clock.now()).await?;
        match client.organisation(&token, ods).await {
            Ok(Some(found)) => {
                if let Some(email) = found.proposed_email() {
                    return Ok(Some(change(ods, &found.name, email, &found.phone)));
                }
            }
            Ok(None) => {}
            Err(error) => failed = Some(error),
        }
    }
    if let Some(client) = &app.directories.dos_rest {
        asked = true;
        match client.by_ods(ods).await {
            Ok(Some(found)) if !found.email().is_empty() => {
                let place = dos_rest::Service::place(&found);
                return Ok(Some(change(ods, &place.name, &found.email(), place.number_to_call())));
            }
            Ok(_) => {}
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        _ if !asked => Err(super::problem(ServicesError::NotSetUp)),
        Some(error) => {
            tracing::warn!(cause = %chain(&error), "the mailbox of an organisation could not be learnt");
            Err(super::problem(error))
        }
        None => Ok(None),
    }
}

fn change(ods: &OdsCode, name: &str, email: &str, phone: &str) -> AddressChange {
    AddressChange {
        ods: ods.to_string(),
        kind: String::new(),
        name: name.to_owned(),
        email: email.to_owned(),
        phone: phone.to_owned(),
        note: "Named by the Directory of Services. Ask there whether messages about patients go to it."
            .to_owned(),
    }
}
