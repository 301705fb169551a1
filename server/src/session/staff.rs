//! The one extractor that says who is asking, at which pharmacy, and what they may do.

use super::{SIGNED_IN, SignedIn};
use crate::app::App;
use crate::problem::Problem;
use crate::store::{Person, StoreError};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use shared::ids::{DeviceId, OdsCode};
use shared::people::{Permission, Role};
use tower_sessions::Session;

const HOUR: i64 = 3_600_000;

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
        let Some(signed_in) = session.get::<SignedIn>(SIGNED_IN).await? else { return Ok(None) };
        let allowed = i64::from(app.config.session_hours) * HOUR;
        if app.clock.now() - signed_in.at >= allowed {
            return Ok(None);
        }
        Ok(Self::present(app, &signed_in).await?)
    }

    /// Looked up each time: whoever was removed from the pharmacy is out at once.
    async fn present(app: &App, signed_in: &SignedIn) -> Result<Option<Self>, StoreError> {
        let Some(role) = app.store.role_at(&signed_in.person, &signed_in.pharmacy).await? else {
            return Ok(None);
        };
        let person = app.store.person(&signed_in.person).await?;
        Ok(person.map(|person| Self {
            person,
            pharmacy: signed_in.pharmacy.clone(),
            role,
            device: signed_in.device,
        }))
    }
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
        Self::find(app, &session).await
    }
}
