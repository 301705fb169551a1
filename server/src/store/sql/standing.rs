//! Evidence, authorisations, and the responsible pharmacist.

use super::columns::{Unreadable, parsed};
use super::dialect::BEGIN_WRITE;
use super::{Connection, DbRow, SqlStore};
use crate::store::{Filing, Paper, Responsible, StandingStore, StoreError, StoredCertificate};
use async_trait::async_trait;
use shared::ids::{OdsCode, PersonId};
use shared::people::{Evidence, EvidenceKind, PgdAuthorisation};
use shared::time::Millis;
use sqlx::{Row as _, query};
use uuid::Uuid;

fn table_of(paper: Paper) -> &'static str {
    match paper {
        Paper::Evidence => "evidence",
        Paper::Authorisation => "pgd_authorisation",
    }
}

fn kind_name(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Declaration => "declaration",
        EvidenceKind::Training => "training",
    }
}

fn evidence_from(row: &DbRow) -> Result<Evidence, StoreError> {
    let kind = match row.try_get("kind")? {
        "declaration" => EvidenceKind::Declaration,
        "training" => EvidenceKind::Training,
        _ => return Err(StoreError::broken(Unreadable("kind"))),
    };
    Ok(Evidence {
        id: parsed(row, "id")?,
        service: row.try_get("service")?,
        kind,
        dated: row.try_get("dated")?,
        expires: row.try_get("expires")?,
        note: row.try_get("note")?,
        certificate: row.try_get::<Option<String>, _>("certificate")?.unwrap_or_default(),
    })
}

fn authorisation_from(row: &DbRow) -> Result<PgdAuthorisation, StoreError> {
    Ok(PgdAuthorisation {
        id: parsed(row, "id")?,
        person: parsed(row, "person")?,
        pgd: row.try_get("pgd")?,
        version: row.try_get("version")?,
        signed: row.try_get("signed")?,
        expires: row.try_get("expires")?,
        authorised_by: row.try_get("authorised_by")?,
        certificate: row.try_get::<Option<String>, _>("certificate")?.unwrap_or_default(),
    })
}

async fn put_certificate(
    connection: &mut Connection,
    id: &Uuid,
    certificate: Option<&StoredCertificate>,
) -> Result<(), StoreError> {
    let Some(certificate) = certificate else { return Ok(()) };
    query("insert into certificate (id, name, kind, sealed) values ($1, $2, $3, $4)")
        .bind(id.to_string())
        .bind(&certificate.name)
        .bind(&certificate.kind)
        .bind(&certificate.sealed)
        .execute(connection)
        .await?;
    Ok(())
}

#[async_trait]
impl StandingStore for SqlStore {
    async fn file_evidence(&self, filing: &Filing, evidence: &Evidence) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        query(
            "insert into evidence
                 (id, person, pharmacy, service, kind, dated, expires, note, filed_by, filed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(evidence.id.to_string())
        .bind(filing.person.to_string())
        .bind(filing.pharmacy.as_str())
        .bind(&evidence.service)
        .bind(kind_name(evidence.kind))
        .bind(&evidence.dated)
        .bind(&evidence.expires)
        .bind(&evidence.note)
        .bind(filing.by.to_string())
        .bind(filing.at)
        .execute(&mut *tx)
        .await?;
        put_certificate(&mut tx, &evidence.id, filing.certificate.as_ref()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn file_authorisation(
        &self,
        filing: &Filing,
        authorisation: &PgdAuthorisation,
    ) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        query(
            "insert into pgd_authorisation
                 (id, person, pharmacy, pgd, version, signed, expires, authorised_by, filed_by, filed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(authorisation.id.to_string())
        .bind(filing.person.to_string())
        .bind(filing.pharmacy.as_str())
        .bind(&authorisation.pgd)
        .bind(&authorisation.version)
        .bind(&authorisation.signed)
        .bind(&authorisation.expires)
        .bind(&authorisation.authorised_by)
        .bind(filing.by.to_string())
        .bind(filing.at)
        .execute(&mut *tx)
        .await?;
        put_certificate(&mut tx, &authorisation.id, filing.certificate.as_ref()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn evidence(&self, pharmacy: &OdsCode, person: &PersonId) -> Result<Vec<Evidence>, StoreError> {
        let rows = query(
            "select evidence.id as id, service, evidence.kind as kind, dated, expires, note,
                 certificate.name as certificate
             from evidence left join certificate on certificate.id = evidence.id
             where pharmacy = $1 and person = $2 and withdrawn_at is null
             order by filed_at desc, evidence.id",
        )
        .bind(pharmacy.as_str())
        .bind(person.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(evidence_from).collect()
    }

    async fn authorisations(
        &self,
        pharmacy: &OdsCode,
        person: &PersonId,
    ) -> Result<Vec<PgdAuthorisation>, StoreError> {
        let rows = query(
            "select pgd_authorisation.id as id, person, pgd, version, signed, expires, authorised_by,
                 certificate.name as certificate
             from pgd_authorisation left join certificate on certificate.id = pgd_authorisation.id
             where pharmacy = $1 and person = $2 and withdrawn_at is null
             order by filed_at desc, pgd_authorisation.id",
        )
        .bind(pharmacy.as_str())
        .bind(person.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(authorisation_from).collect()
    }

    async fn certificate(
        &self,
        paper: Paper,
        pharmacy: &OdsCode,
        id: &Uuid,
    ) -> Result<Option<(PersonId, Option<StoredCertificate>)>, StoreError> {
        let table = table_of(paper);
        let select = format!(
            "select person, certificate.name as name, certificate.kind as file_kind, sealed
             from {table} left join certificate on certificate.id = {table}.id
             where {table}.id = $1 and pharmacy = $2"
        );
        let row = query(sqlx::AssertSqlSafe(select))
            .bind(id.to_string())
            .bind(pharmacy.as_str())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let certificate = match row.try_get::<Option<String>, _>("name")? {
            Some(name) => Some(StoredCertificate {
                name,
                kind: row.try_get("file_kind")?,
                sealed: row.try_get("sealed")?,
            }),
            None => None,
        };
        Ok(Some((parsed(&row, "person")?, certificate)))
    }

    async fn withdraw(
        &self,
        paper: Paper,
        pharmacy: &OdsCode,
        id: &Uuid,
        by: &PersonId,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let update = format!(
            "update {} set withdrawn_by = $3, withdrawn_at = $4
             where id = $1 and pharmacy = $2 and withdrawn_at is null",
            table_of(paper)
        );
        let done = query(sqlx::AssertSqlSafe(update))
            .bind(id.to_string())
            .bind(pharmacy.as_str())
            .bind(by.to_string())
            .bind(at)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn name_responsible(&self, pharmacy: &OdsCode, named: &Responsible) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        // Locks the pharmacy: two who are named at once would each find nobody to follow.
        query("update pharmacy set name = name where ods = $1")
            .bind(pharmacy.as_str())
            .execute(&mut *tx)
            .await?;
        query("update responsible_pharmacist set until = $2 where pharmacy = $1 and until is null")
            .bind(pharmacy.as_str())
            .bind(named.since)
            .execute(&mut *tx)
            .await?;
        query(
            "insert into responsible_pharmacist (pharmacy, name, gphc, since, named_by)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(pharmacy.as_str())
        .bind(&named.name)
        .bind(named.gphc.as_str())
        .bind(named.since)
        .bind(named.named_by.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn responsible(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<Responsible>, StoreError> {
        let rows = query(
            "select name, gphc, since, until, named_by from responsible_pharmacist
             where pharmacy = $1 order by place desc limit $2",
        )
        .bind(pharmacy.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Responsible {
                    name: row.try_get("name")?,
                    gphc: parsed(row, "gphc")?,
                    since: row.try_get("since")?,
                    until: row.try_get("until")?,
                    named_by: parsed(row, "named_by")?,
                })
            })
            .collect()
    }
}
