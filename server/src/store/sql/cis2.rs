//! Sign-ins with CIS2.

use super::columns::parsed;
use super::dialect::BEGIN_WRITE;
use super::{Connection, DbRow, SqlStore};
use crate::store::{Cis2End, Cis2SignIn, Cis2Store, Person, StoreError, Subject};
use async_trait::async_trait;
use shared::ids::{GphcNumber, OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;
use sqlx::{Row as _, query};

fn sign_in_from(row: &DbRow) -> Result<Cis2SignIn, StoreError> {
    Ok(Cis2SignIn {
        handle: row.try_get("handle")?,
        of: Subject { issuer: row.try_get("issuer")?, subject: row.try_get("subject")? },
        sid: row.try_get("sid")?,
        person: parsed(row, "person")?,
        signed_in_at: row.try_get("signed_in_at")?,
        until: row.try_get("until")?,
        began: row.try_get("began")?,
        sealed: row.try_get("sealed")?,
    })
}

async fn insert_identity(
    to: &mut Connection,
    of: &Subject,
    person: &PersonId,
    at: Millis,
) -> Result<(), StoreError> {
    query("insert into cis2_identity (issuer, subject, person, linked_at) values ($1, $2, $3, $4)")
        .bind(&of.issuer)
        .bind(&of.subject)
        .bind(person.to_string())
        .bind(at)
        .execute(to)
        .await?;
    Ok(())
}

/// Adds a membership. `false` where another who works or worked there has the same number.
async fn insert_membership(
    to: &mut Connection,
    person: &Person,
    (pharmacy, role): (&OdsCode, Role),
) -> Result<bool, StoreError> {
    // Locks the pharmacy: two of one number at once would each find nobody.
    query("update pharmacy set name = name where ods = $1").bind(pharmacy.as_str()).execute(&mut *to).await?;
    let taken = query(
        "select 1 as one from person join
             (select person, pharmacy from membership union all select person, pharmacy from removal) place
             on place.person = person.id
         where person.gphc = $1 and person.id <> $2 and place.pharmacy = $3",
    )
    .bind(person.gphc.as_ref().map(GphcNumber::as_str))
    .bind(person.id.to_string())
    .bind(pharmacy.as_str())
    .fetch_optional(&mut *to)
    .await?;
    if taken.is_some() {
        return Ok(false);
    }
    query("insert into membership (person, pharmacy, role) values ($1, $2, $3)")
        .bind(person.id.to_string())
        .bind(pharmacy.as_str())
        .bind(role.name())
        .execute(to)
        .await?;
    Ok(true)
}

#[async_trait]
impl Cis2Store for SqlStore {
    async fn cis2_person(&self, of: &Subject) -> Result<Option<PersonId>, StoreError> {
        let row = query("select person from cis2_identity where issuer = $1 and subject = $2")
            .bind(&of.issuer)
            .bind(&of.subject)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| parsed(&row, "person")).transpose()
    }

    async fn link_cis2(
        &self,
        of: &Subject,
        person: &PersonId,
        gphc: Option<&GphcNumber>,
        at: Millis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        insert_identity(&mut tx, of, person, at).await?;
        if let Some(gphc) = gphc {
            query("update person set gphc = $2, gphc_checked = $3 where id = $1")
                .bind(person.to_string())
                .bind(gphc.as_str())
                .bind(true)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn create_from_cis2(
        &self,
        of: &Subject,
        person: &Person,
        works: (&OdsCode, Role),
        at: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        query("insert into person (id, name, gphc, gphc_checked) values ($1, $2, $3, $4)")
            .bind(person.id.to_string())
            .bind(&person.name)
            .bind(person.gphc.as_ref().map(GphcNumber::as_str))
            .bind(person.gphc_checked)
            .execute(&mut *tx)
            .await?;
        if !insert_membership(&mut tx, person, works).await? {
            return Ok(false);
        }
        insert_identity(&mut tx, of, &person.id, at).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn join_from_cis2(&self, person: &Person, works: (&OdsCode, Role)) -> Result<bool, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        if !insert_membership(&mut tx, person, works).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn put_cis2_sign_in(&self, sign_in: &Cis2SignIn) -> Result<(), StoreError> {
        query(
            "insert into cis2_session (handle, issuer, subject, sid, person, signed_in_at, until, began, sealed)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&sign_in.handle)
        .bind(&sign_in.of.issuer)
        .bind(&sign_in.of.subject)
        .bind(&sign_in.sid)
        .bind(sign_in.person.to_string())
        .bind(sign_in.signed_in_at)
        .bind(sign_in.until)
        .bind(sign_in.began)
        .bind(&sign_in.sealed)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn cis2_sign_in(&self, handle: &str, now: Millis) -> Result<Option<Cis2SignIn>, StoreError> {
        let row = query(
            "select handle, issuer, subject, sid, person, signed_in_at, until, began, sealed
             from cis2_session where handle = $1 and until > $2",
        )
        .bind(handle)
        .bind(now)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(sign_in_from).transpose()
    }

    async fn delete_cis2_sign_in(&self, handle: &str) -> Result<(), StoreError> {
        query("delete from cis2_session where handle = $1").bind(handle).execute(&self.write).await?;
        Ok(())
    }

    async fn take_cis2_turn(&self, handle: &str, now: Millis, until: Millis) -> Result<bool, StoreError> {
        let done = query("update cis2_session set turn_until = $3 where handle = $1 and turn_until <= $2")
            .bind(handle)
            .bind(now)
            .bind(until)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn end_cis2_turn(&self, handle: &str, sealed: Option<&[u8]>) -> Result<(), StoreError> {
        query("update cis2_session set turn_until = 0, sealed = coalesce($2, sealed) where handle = $1")
            .bind(handle)
            .bind(sealed)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn end_cis2(
        &self,
        of: &Subject,
        sid: Option<&str>,
        issued_at: Millis,
    ) -> Result<Cis2End, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let rows = query(
            "select handle, issuer, subject, sid, person, signed_in_at, until, began, sealed
             from cis2_session where issuer = $1 and subject = $2",
        )
        .bind(&of.issuer)
        .bind(&of.subject)
        .fetch_all(&mut *tx)
        .await?;
        let mut end = Cis2End::default();
        for row in &rows {
            let sign_in = sign_in_from(row)?;
            if sid.is_some_and(|sid| sid != sign_in.sid) {
                continue;
            }
            if sign_in.signed_in_at > issued_at {
                end.newer = true;
                continue;
            }
            query("delete from cis2_session where handle = $1")
                .bind(&sign_in.handle)
                .execute(&mut *tx)
                .await?;
            if sign_in.began {
                query("delete from session where cis2 = $1").bind(&sign_in.handle).execute(&mut *tx).await?;
            }
            end.ended.push(sign_in.person);
        }
        tx.commit().await?;
        Ok(end)
    }

    async fn use_logout_token(&self, issuer: &str, jti: &str, until: Millis) -> Result<bool, StoreError> {
        let done = query(
            "insert into cis2_logout (issuer, jti, until) values ($1, $2, $3)
             on conflict (issuer, jti) do nothing",
        )
        .bind(issuer)
        .bind(jti)
        .bind(until)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
