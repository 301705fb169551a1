//! WebAuthn ceremonies half-way through: begun in one request, finished in the next, kept in the session only.

use crate::app::App;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, GphcNumber, PersonId};
use shared::time::Millis;
use tower_sessions::Session;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

const CEREMONY: &str = "ceremony";
/// A person needs a minute; a stolen challenge should not live much longer.
const LASTS: Millis = 10 * 60 * 1000;

/// What is under way. The challenge stays on the server.
#[derive(Serialize, Deserialize)]
pub enum Ceremony {
    /// Somebody new, with a one-time link.
    Enrol {
        token_hash: [u8; 32],
        person: PersonId,
        name: String,
        gphc: Option<GphcNumber>,
        state: PasskeyRegistration,
    },
    /// One more passkey for somebody who is signed in.
    AddPasskey { person: PersonId, state: PasskeyRegistration },
    /// Signing in, with no name asked.
    SignIn { state: DiscoverableAuthentication },
    /// Signing in with the key that a device's vault holds.
    DeviceKey { person: PersonId, device: DeviceId, challenge: String },
}

#[derive(Serialize, Deserialize)]
struct Begun {
    ceremony: Ceremony,
    at: Millis,
}

/// Remembers a ceremony; one begun earlier is forgotten.
pub async fn begin(app: &App, session: &Session, ceremony: Ceremony) -> Result<(), Problem> {
    session.insert(CEREMONY, Begun { ceremony, at: app.clock.now() }).await?;
    Ok(())
}

/// Takes the ceremony out, so that no answer counts twice.
pub async fn take(app: &App, session: &Session) -> Result<Ceremony, Problem> {
    let begun: Option<Begun> = session.remove(CEREMONY).await?;
    match begun {
        Some(begun) if app.clock.now() - begun.at < LASTS => Ok(begun.ceremony),
        _ => Err(Problem::CeremonyExpired),
    }
}
