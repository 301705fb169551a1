//! Who signed in with CIS2: identities, sign-ins that are still good, and used logout tokens, as the store keeps them.

use super::{Person, StoreError};
use async_trait::async_trait;
use shared::ids::{GphcNumber, OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;

/// A subject of one issuer. Both are compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub issuer: String,
    pub subject: String,
}

/// A sign-in with CIS2 that a web session can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cis2SignIn {
    /// Random; kept in the web session's data.
    pub handle: String,
    pub of: Subject,
    /// The session at the provider; empty where it named none.
    pub sid: String,
    pub person: PersonId,
    /// When this server took it.
    pub signed_in_at: Millis,
    /// From then on it counts no longer.
    pub until: Millis,
    /// Whether the web session was begun by it, and ends with it.
    pub began: bool,
    /// Role and tokens, sealed.
    pub sealed: Vec<u8>,
}

/// What became of a logout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cis2End {
    /// Whose sign-ins ended.
    pub ended: Vec<PersonId>,
    /// Whether there was one that is newer than the logout, and stays.
    pub newer: bool,
}

/// Sign-ins with CIS2.
#[async_trait]
pub trait Cis2Store {
    /// Who a subject is here; `None` where nobody was ever linked to it.
    async fn cis2_person(&self, of: &Subject) -> Result<Option<PersonId>, StoreError>;

    /// Links a subject to somebody, and notes the number that CIS2 vouches for. A subject that is linked already is a
    /// conflict.
    async fn link_cis2(
        &self,
        of: &Subject,
        person: &PersonId,
        gphc: Option<&GphcNumber>,
        at: Millis,
    ) -> Result<(), StoreError>;

    /// Adds a person with their membership and identity, all or nothing. `false` where somebody who works or worked at
    /// that pharmacy has the same GPhC number.
    async fn create_from_cis2(
        &self,
        of: &Subject,
        person: &Person,
        works: (&OdsCode, Role),
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// Lets somebody who is known work at one more pharmacy. `false` as for [`Self::create_from_cis2`].
    async fn join_from_cis2(&self, person: &Person, works: (&OdsCode, Role)) -> Result<bool, StoreError>;

    async fn put_cis2_sign_in(&self, sign_in: &Cis2SignIn) -> Result<(), StoreError>;

    /// A sign-in that is good at `now`.
    async fn cis2_sign_in(&self, handle: &str, now: Millis) -> Result<Option<Cis2SignIn>, StoreError>;

    async fn delete_cis2_sign_in(&self, handle: &str) -> Result<(), StoreError>;

    /// Takes the turn of renewing a sign-in's tokens, until `until` at most. `false` while somebody has it.
    async fn take_cis2_turn(&self, handle: &str, now: Millis, until: Millis) -> Result<bool, StoreError>;

    /// Gives the turn back, with the renewed tokens where there are any.
    async fn end_cis2_turn(&self, handle: &str, sealed: Option<&[u8]>) -> Result<(), StoreError>;

    /// Ends the sign-ins of a subject that are not newer than `issued_at`, with the web sessions they began; of one
    /// session at the provider where `sid` is given.
    async fn end_cis2(
        &self,
        of: &Subject,
        sid: Option<&str>,
        issued_at: Millis,
    ) -> Result<Cis2End, StoreError>;

    /// Notes a logout token until `until`. `false` for one that was used.
    async fn use_logout_token(&self, issuer: &str, jti: &str, until: Millis) -> Result<bool, StoreError>;
}
