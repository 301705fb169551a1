//! Sessions in the browser: signing in and out, the cookie, and WebAuthn ceremonies half-way through.

mod ceremony;
mod cookies;
mod invite;
mod presence;
mod staff;

pub use ceremony::{Ceremony, begin, take};
pub use cookies::{busy_store_as_busy, cookie_name, layer};
pub use invite::{invitation, invitation_id, invite, invite_until, token_hash};
pub use presence::Presences;
pub use staff::Staff;

use crate::app::App;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::time::Millis;
use tower_sessions::{Expiry, Session};

/// Key of [`SignedIn`] in the session's data.
const SIGNED_IN: &str = "signed-in";

/// What the session remembers of a sign-in. Role and name are looked up each time, so that a removal counts at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub person: PersonId,
    pub pharmacy: OdsCode,
    /// Known once the device has made itself known.
    pub device: Option<DeviceId>,
    pub at: Millis,
}

/// Signs a person in: a new session id, so that nobody who knew the old one rides along.
pub async fn sign_in(
    app: &App,
    session: &Session,
    person: PersonId,
    pharmacy: OdsCode,
) -> Result<(), Problem> {
    // What CIS2 proved of somebody else is nothing to whom this session is of now.
    if signed_in(session).await?.is_none_or(|before| before.person != person) {
        crate::cis2::forget(app, session).await?;
    }
    session.cycle_id().await?;
    session.set_expiry(Some(Expiry::OnInactivity(time::Duration::hours(app.config.session_hours.into()))));
    let signed_in = SignedIn { person, pharmacy, device: None, at: app.clock.now() };
    session.insert(SIGNED_IN, signed_in).await?;
    Ok(())
}

/// Takes a session to another pharmacy of the same person. They have not proved anything anew, so the time of the
/// sign-in stays; which device it is at that pharmacy is not known yet.
pub async fn go_to(session: &Session, pharmacy: OdsCode) -> Result<(), Problem> {
    let signed_in = session.get::<SignedIn>(SIGNED_IN).await?.ok_or(Problem::NotSignedIn)?;
    session.cycle_id().await?;
    session.insert(SIGNED_IN, SignedIn { pharmacy, device: None, ..signed_in }).await?;
    Ok(())
}

/// Notes which device this session is on, so that revoking the device ends it.
pub async fn name_device(session: &Session, device: DeviceId) -> Result<(), Problem> {
    if let Some(signed_in) = session.get::<SignedIn>(SIGNED_IN).await? {
        session.insert(SIGNED_IN, SignedIn { device: Some(device), ..signed_in }).await?;
    }
    Ok(())
}

/// Whether the session is there still, looked up anew: for connections that outlive their request.
pub async fn still_signed_in(session: &Session) -> Result<bool, Problem> {
    session.load().await?;
    Ok(session.get::<SignedIn>(SIGNED_IN).await?.is_some())
}

/// What the session remembers of its sign-in; `None` signed out.
pub async fn signed_in(session: &Session) -> Result<Option<SignedIn>, Problem> {
    Ok(session.get::<SignedIn>(SIGNED_IN).await?)
}

/// Gives a session that is signed in another id, because what it may do has grown.
pub async fn renew_id(session: &Session) -> Result<(), Problem> {
    Ok(session.cycle_id().await?)
}

/// When the person signed in; `None` signed out.
pub async fn signed_in_at(session: &Session) -> Result<Option<Millis>, Problem> {
    Ok(session.get::<SignedIn>(SIGNED_IN).await?.map(|signed_in| signed_in.at))
}

/// Ends the session here and in the store.
pub async fn sign_out(session: &Session) -> Result<(), Problem> {
    Ok(session.flush().await?)
}
