//! The one extractor that says who is asking, at which pharmacy, and what they may do.

use super::cookies::hash;
use super::presence::Presence;
use super::{SIGNED_IN, SignedIn};
use crate::app::App;
use crate::problem::Problem;
use crate::store::{Person, SignedInSession, StoreError};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use serde::Deserialize;
use shared::ids::{DeviceId, OdsCode};
use shared::people::{Permission, Role};
use tower_sessions::Session;

const HOUR: i64 = 3_600_000;
/// Whose records the asker keeps, where it says so. A session that is at another pharmacy is none then.
const PHARMACY: HeaderName = HeaderName::from_static("x-satchel-pharmacy");

/// A signed-in member of staff. A handler that takes one cannot be reached signed out.
#[derive(Debug, Clone)]
pub struct Staff {
    pub person: Person,
    /// The pharmacy they are working at now.
    pub pharmacy: OdsCode,
    pub role: Role,
    /// Known once this device has made itself known.
    pub device: Option<DeviceId>,
}

impl Staff {
    /// Whether their role at this pharmacy allows it; otherwise the problem to answer with.
    pub fn may(&self, permission: Permission) -> Result<(), Problem> {
        if self.role.may(permission) { Ok(()) } else { Err(Problem::MayNot(permission)) }
    }

    async fn find(app: &App, session: &Session) -> Result<Option<Self>, Problem> {
        let Some(id) = session.id() else { return Ok(None) };
        let (id, now) = (hash(id), app.clock.now());
        if let Some(staff) = app.presences.get(&id, now) {
            return Ok(Some(staff));
        }
        let reading = app.presences.begin();
        let found = app.store.signed_in_session(&id, now).await?;
        let hours = i64::from(app.config.session_hours);
        match found.map(|session| present(session, hours)).transpose()?.flatten() {
            Some(presence) if now < presence.until => {
                app.presences.keep(reading, id, presence.clone());
                Ok(Some(presence.staff))
            }
            _ => {
                // Looked at in the library's way too: it takes back a cookie that names nothing.
                session.get_value(SIGNED_IN).await?;
                Ok(None)
            }
        }
    }
}

/// What is signed in for reading, out of a session's data.
#[derive(Deserialize)]
struct Data {
    #[serde(rename = "signed-in")]
    signed_in: Option<SignedIn>,
}

/// Who a stored session is of and until when; `None` when they do not work at its pharmacy any more.
fn present(session: SignedInSession, hours: i64) -> Result<Option<Presence>, StoreError> {
    let data: Data = serde_json::from_str(&session.data).map_err(StoreError::broken)?;
    let Some(signed_in) = data.signed_in.filter(|signed_in| signed_in.person == session.person.id) else {
        return Ok(None);
    };
    let role = session.roles.into_iter().find(|(pharmacy, _, _)| *pharmacy == signed_in.pharmacy);
    let session_ends = session.expires_at.min(signed_in.at + hours * HOUR);
    Ok(role.map(|(pharmacy, role, access_ends)| Presence {
        staff: Staff { person: session.person, pharmacy, role, device: signed_in.device },
        until: access_ends.map_or(session_ends, |access_ends| session_ends.min(access_ends)),
    }))
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found = <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        found.ok_or(Problem::NotSignedIn)
    }
}

impl OptionalFromRequestParts<App> for Staff {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let session =
            Session::from_request_parts(parts, app).await.map_err(|(_, why)| Problem::internal(why))?;
        let found = Self::find(app, &session).await?;
        // Somebody of two pharmacies has one session: a vault of the one must not be fed by the other.
        let meant = parts.headers.get(PHARMACY).map(HeaderValue::as_bytes);
        Ok(found.filter(|staff| meant.is_none_or(|meant| meant == staff.pharmacy.as_str().as_bytes())))
    }
}
