//! What proves who wrote what.

use super::append::cut;
use super::columns::{exactly, parsed};
use super::{Connection, DbRow, SqlStore};
use crate::store::{AuthorSignature, PageProofs, ProofStore, Proofs, StoreError};
use async_trait::async_trait;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use shared::ids::{ConsultationId, OdsCode};
use shared::sync::frame::ActorClaim;
use sqlx::{QueryBuilder, Row as _, query};

/// Documents that one query asks for by name.
const BY_NAME: usize = 256;

/// Stores where the actors of an append come from. `first` is the number of its first document.
pub async fn store(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    proofs: &Proofs,
    first: i64,
) -> Result<(), StoreError> {
    for (challenge, receipt) in &proofs.challenges {
        query(
            "insert into receipt_challenge (challenge, receipt) values ($1, $2)
             on conflict (challenge) do nothing",
        )
        .bind(challenge.as_slice())
        .bind(receipt.as_slice())
        .execute(&mut *connection)
        .await?;
    }
    for (actor, claim) in &proofs.claims {
        query(
            "insert into actor_claim (actor, pharmacy, receipt, tab_nonce, seq) values ($1, $2, $3, $4, $5)
             on conflict (actor) do nothing",
        )
        .bind(actor.as_slice())
        .bind(pharmacy.as_str())
        .bind(claim.receipt_hash.as_slice())
        .bind(claim.tab_nonce.as_slice())
        .bind(first)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Stores signatures, each with the number of the write it came with.
pub async fn store_signatures(
    connection: &mut Connection,
    signed: &[(i64, &AuthorSignature)],
) -> Result<(), StoreError> {
    for signed in cut(signed) {
        let mut query = QueryBuilder::new("insert into author_signature (document, actor, seq, signature) ");
        query.push_values(signed, |mut row, (seq, signed)| {
            row.push_bind(signed.document.to_string())
                .push_bind(signed.actor.as_slice())
                .push_bind(*seq)
                .push_bind(signed.signature.as_slice());
        });
        query.push(
            " on conflict (document, actor) do update set seq = excluded.seq, signature = excluded.signature",
        );
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// The proofs that came with the log after `cursor` and up to `upto`, and for `documents` those since `cursor`.
pub async fn of_page(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    documents: &[ConsultationId],
    cursor: u64,
    upto: u64,
) -> Result<PageProofs, StoreError> {
    let mut proofs = PageProofs::default();
    for ids in documents.chunks(BY_NAME) {
        let mut query =
            QueryBuilder::new("select document, actor, signature from author_signature where seq > ");
        query.push_bind(cursor as i64).push(" and document in (");
        let mut separated = query.separated(", ");
        for id in ids {
            separated.push_bind(id.to_string());
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            proofs.signatures.entry(parsed(&row, "document")?).or_default().push(signature_from(&row)?);
        }
    }
    let rows = query(
        "select receipt, tab_nonce from actor_claim where pharmacy = $1 and seq > $2 and seq <= $3
         order by seq",
    )
    .bind(pharmacy.as_str())
    .bind(cursor as i64)
    .bind(upto as i64)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let claim =
            ActorClaim { receipt_hash: exactly(row, "receipt")?, tab_nonce: exactly(row, "tab_nonce")? };
        proofs.claims.push(claim);
    }
    if proofs.claims.is_empty() {
        return Ok(proofs);
    }
    let rows = query(
        "select bytes from receipt where hash in
             (select receipt from actor_claim where pharmacy = $1 and seq > $2 and seq <= $3)",
    )
    .bind(pharmacy.as_str())
    .bind(cursor as i64)
    .bind(upto as i64)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        proofs.receipts.push(row.try_get("bytes")?);
    }
    Ok(proofs)
}

fn signature_from(row: &DbRow) -> Result<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH]), StoreError> {
    Ok((exactly(row, "actor")?, exactly(row, "signature")?))
}

#[async_trait]
impl ProofStore for SqlStore {
    async fn receipt_of_challenge(&self, challenge: &[u8; 32]) -> Result<Option<[u8; 32]>, StoreError> {
        let row = query("select receipt from receipt_challenge where challenge = $1")
            .bind(challenge.as_slice())
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| exactly(&row, "receipt")).transpose()
    }

    async fn signatures_of(
        &self,
        pharmacy: &OdsCode,
        document: &ConsultationId,
    ) -> Result<Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>, StoreError> {
        let rows = query(
            "select author_signature.actor, author_signature.signature
             from author_signature join document on document.id = author_signature.document
             where document.pharmacy = $1 and document.id = $2 order by author_signature.actor",
        )
        .bind(pharmacy.as_str())
        .bind(document.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(signature_from).collect()
    }
}
