//! Joining a further pharmacy.

use super::SqlStore;
use super::dialect::BEGIN_WRITE;
use crate::store::{InvitationUse, JoiningStore, StoreError};
use async_trait::async_trait;
use shared::ids::PersonId;
use shared::time::Millis;
use sqlx::{Row as _, query};

#[async_trait]
impl JoiningStore for SqlStore {
    async fn join(
        &self,
        token_hash: &[u8; 32],
        person: &PersonId,
        at: Millis,
    ) -> Result<InvitationUse, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let row = query(
            "delete from invitation where token_hash = $1
             returning pharmacy, role, expires_at, access_ends",
        )
        .bind(&token_hash[..])
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(InvitationUse::Unknown) };
        if row.try_get::<Millis, _>("expires_at")? <= at {
            return Ok(InvitationUse::Expired);
        }
        // Somebody who works there already has been invited to a new role.
        query(
            "insert into membership (person, pharmacy, role, until) values ($1, $2, $3, $4)
             on conflict (person, pharmacy) do update set role = excluded.role, until = excluded.until",
        )
        .bind(person.to_string())
        .bind(row.try_get::<String, _>("pharmacy")?)
        .bind(row.try_get::<String, _>("role")?)
        .bind(row.try_get::<Option<Millis>, _>("access_ends")?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(InvitationUse::Used)
    }
}
