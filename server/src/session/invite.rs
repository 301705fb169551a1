//! One-time enrolment links: made by an administrator or the command line, read by whoever follows one.

use crate::app::{App, random_text};
use crate::problem::Problem;
use crate::store::{AuditEntry, Invitation, StoreError};
use sha2::{Digest as _, Sha256};
use shared::api::InvitationLink;
use shared::ids::{OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;

const HOUR: i64 = 3_600_000;

/// What is kept of a token: a stolen database enrols nobody.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.trim()).into()
}

/// Makes a link for one person in one role. It is shown once and cannot be looked up again.
pub async fn invite(
    app: &App,
    pharmacy: &OdsCode,
    role: Role,
    by: Option<PersonId>,
) -> Result<InvitationLink, StoreError> {
    let line = AuditEntry {
        at: app.clock.now(),
        person: by,
        pharmacy: Some(pharmacy.clone()),
        action: "invited".to_owned(),
        subject: role.name().to_owned(),
        ..AuditEntry::default()
    };
    invite_until(app, pharmacy, role, None, line).await
}

/// As [`invite`], with access that ends by itself (practice 30); `line` is what the audit log says of it.
pub async fn invite_until(
    app: &App,
    pharmacy: &OdsCode,
    role: Role,
    access_ends: Option<Millis>,
    line: AuditEntry,
) -> Result<InvitationLink, StoreError> {
    let token = random_text();
    let expires_at = app.clock.now() + i64::from(app.config.invitation_hours) * HOUR;
    let invitation = Invitation {
        token_hash: token_hash(&token),
        pharmacy: pharmacy.clone(),
        role,
        expires_at,
        invited_by: line.person,
        access_ends,
    };
    app.store.put_invitation(&invitation).await?;
    app.store.record_audit(&line).await?;
    Ok(InvitationLink {
        // After the #, so that the token reaches neither the server's log nor a proxy's.
        link: format!("{}/enrol#{token}", app.config.origin_text()),
        expires_at: shared::time::stored(expires_at),
    })
}

/// What people tell a link by that nobody has used: neither the token nor what it is looked up by can be made from it.
pub fn invitation_id(token_hash: &[u8; 32]) -> String {
    let id = Sha256::new_with_prefix(b"satchel invitation id v1\0").chain_update(token_hash).finalize();
    shared::consultation::hex(&id[..16])
}

/// The invitation a token stands for, if it still works.
pub async fn invitation(app: &App, token: &str) -> Result<Invitation, Problem> {
    let found = app.store.invitation(&token_hash(token)).await?.ok_or(Problem::LinkUnknown)?;
    if found.expires_at <= app.clock.now() { Err(Problem::LinkExpired) } else { Ok(found) }
}
