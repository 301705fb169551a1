//! The outbox: what is to be sent, what came back, and which worker has which row.

use super::columns::{Unreadable, count, parsed};
use super::dialect::skip_locked;
use super::{Connection, DbRow, SqlStore};
use crate::store::{
    DeliveryKind, DeliveryRow, DeliveryState, FOR_NOBODY, FrozenMessage, IncomingMessage, NewDelivery,
    OutboxStore, Route, StoreError,
};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use sqlx::Row as _;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Inserts rows inside the transaction that made them necessary. The ways of one delivery are planned together and once:
/// what is there already stays as it is, and nothing is added to it, whatever the practice's order has become since.
///
/// An earlier message of the same kind that was never sent and waits for a person is answered by the new one.
pub(super) async fn insert(
    connection: &mut Connection,
    deliveries: &[NewDelivery],
) -> Result<(), StoreError> {
    let mut planned: BTreeSet<(ConsultationId, DeliveryKind, u64)> = BTreeSet::new();
    for new in deliveries {
        let one = (new.consultation, new.kind, new.amendment);
        if !planned.contains(&one) {
            if is_planned(connection, new).await? {
                continue;
            }
            planned.insert(one);
        }
        let empty = FrozenMessage {
            target: String::new(),
            workflow: String::new(),
            subject: String::new(),
            local_id: String::new(),
            content_type: String::new(),
            payload: Vec::new(),
            header_id: String::new(),
        };
        let message = new.message.as_ref().unwrap_or(&empty);
        let due = (new.state == DeliveryState::Queued).then_some(new.created_at);
        let inserted = sqlx::query(
            "INSERT INTO delivery (id, pharmacy, consultation, kind, amendment, route, position, state, addressee, detail,
                 target, workflow, subject, local_id, content_type, payload, payload_sha256, header_id,
                 next_at, answer_by, created_at, changed_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $20, $21, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                 $19, $19)
             ON CONFLICT (consultation, kind, amendment, route) DO NOTHING",
        )
        .bind(new.id.to_string())
        .bind(new.pharmacy.as_str())
        .bind(new.consultation.to_string())
        .bind(new.kind.as_str())
        .bind(new.amendment as i64)
        .bind(new.state.as_str())
        .bind(&new.addressee)
        .bind(&new.detail)
        .bind(&message.target)
        .bind(&message.workflow)
        .bind(&message.subject)
        .bind(&message.local_id)
        .bind(&message.content_type)
        .bind(&message.payload)
        .bind(Sha256::digest(&message.payload).to_vec())
        .bind(new.message.as_ref().map(|message| message.header_id.to_lowercase()))
        .bind(due)
        .bind(new.answer_by)
        .bind(new.created_at)
        .bind(new.route.as_str())
        .bind(i64::from(new.position))
        .execute(&mut *connection)
        .await?;
        if inserted.rows_affected() > 0 && new.amendment > 0 {
            sqlx::query(
                "UPDATE delivery
                 SET state = 'not-required', detail = 'Answered by the later record of the same visit.',
                     next_at = NULL, answer_by = NULL, to_show = 1, version = version + 1,
                     changed_at = $4, updated_at = $4
                 WHERE consultation = $1 AND kind = $2 AND amendment < $3 AND mesh_message_id IS NULL
                     AND (state = 'standby' OR header_id IS NULL AND state IN ('held', 'needs-attention'))",
            )
            .bind(new.consultation.to_string())
            .bind(new.kind.as_str())
            .bind(new.amendment as i64)
            .bind(new.created_at)
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// Whether the ways of this delivery are there.
async fn is_planned(connection: &mut Connection, new: &NewDelivery) -> Result<bool, StoreError> {
    let there = sqlx::query(
        "SELECT 1 FROM delivery WHERE consultation = $1 AND kind = $2 AND amendment = $3 LIMIT 1",
    )
    .bind(new.consultation.to_string())
    .bind(new.kind.as_str())
    .bind(new.amendment as i64)
    .fetch_optional(connection)
    .await?;
    Ok(there.is_some())
}

fn delivery_row(row: &DbRow) -> Result<DeliveryRow, StoreError> {
    Ok(DeliveryRow {
        id: parsed(row, "id")?,
        consultation: parsed(row, "consultation")?,
        pharmacy: parsed(row, "pharmacy")?,
        kind: parsed(row, "kind")?,
        amendment: count(row, "amendment")?,
        route: parsed(row, "route")?,
        position: count(row, "position")?,
        state: parsed(row, "state")?,
        gave_way: row.try_get("gave_way")?,
        may_have_left: row.try_get("may_have_left")?,
        addressee: row.try_get("addressee")?,
        detail: row.try_get("detail")?,
        target: row.try_get("target")?,
        header_id: row.try_get("header_id")?,
        attempts: count(row, "attempts")?,
        next_at: row.try_get("next_at")?,
        answer_by: row.try_get("answer_by")?,
        lease_owner: row.try_get("lease_owner")?,
        lease_until: row.try_get("lease_until")?,
        mesh_message_id: row.try_get("mesh_message_id")?,
        inf_status: row.try_get("inf_status")?,
        bus_status: row.try_get("bus_status")?,
        last_error: row.try_get("last_error")?,
        version: count(row, "version")?,
        created_at: row.try_get("created_at")?,
        changed_at: row.try_get("changed_at")?,
    })
}

/// That `earlier` is another way of the delivery that `waiting` is one of.
macro_rules! same_delivery {
    () => {
        "earlier.consultation = waiting.consultation AND earlier.kind = waiting.kind
             AND earlier.amendment = waiting.amendment"
    };
}

fn incoming(row: &DbRow) -> Result<IncomingMessage, StoreError> {
    Ok(IncomingMessage {
        mailbox: row.try_get("mailbox")?,
        id: row.try_get("id")?,
        sender: row.try_get("sender")?,
        workflow: row.try_get("workflow")?,
        about: row.try_get("about")?,
        code: row.try_get("code")?,
        description: row.try_get("description")?,
        body: row.try_get("body")?,
        ours: row.try_get("ours")?,
        received_at: row.try_get("received_at")?,
    })
}

fn delivery_rows(rows: &[DbRow]) -> Result<Vec<DeliveryRow>, StoreError> {
    rows.iter().map(delivery_row).collect()
}

fn optional_row(row: Option<&DbRow>) -> Result<Option<DeliveryRow>, StoreError> {
    row.map(delivery_row).transpose()
}

#[async_trait]
impl OutboxStore for SqlStore {
    async fn lease_deliveries(
        &self,
        worker: &str,
        routes: &[Route],
        now: Millis,
        until: Millis,
        most: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        self.clock_agrees().await?;
        // The words of `Route` hold no comma.
        let routes: Vec<String> = routes.iter().map(|route| format!(",{route},")).collect();
        let routes = routes.concat();
        let rows = sqlx::query(concat!(
            "WITH leased AS MATERIALIZED (
                 SELECT due.id FROM delivery due
                 WHERE due.next_at <= $2 AND $5 LIKE '%,' || due.route || ',%'
                     AND (due.lease_until IS NULL OR due.lease_until <= $2)
                     AND NOT EXISTS (
                         SELECT 1 FROM delivery earlier
                         WHERE earlier.consultation = due.consultation AND earlier.kind = due.kind
                             AND earlier.amendment < due.amendment AND earlier.next_at IS NOT NULL)
                     AND NOT EXISTS (SELECT 1 FROM outbox_hold WHERE outbox_hold.pharmacy = due.pharmacy)
                 ORDER BY due.next_at LIMIT $4 ",
            skip_locked!("due"),
            ")
             UPDATE delivery
             SET may_have_left = CASE WHEN lease_until IS NULL OR header_id IS NULL THEN may_have_left ELSE TRUE END,
                 last_error = CASE WHEN lease_until IS NULL THEN last_error ELSE '' END,
                 lease_owner = $1, lease_until = $3, attempts = attempts + 1, version = version + 1, updated_at = $2
             WHERE id IN (SELECT leased.id FROM leased)
             RETURNING *",
        ))
        .bind(worker)
        .bind(now)
        .bind(until)
        .bind(i64::from(most))
        .bind(routes)
        .fetch_all(&self.write)
        .await?;
        delivery_rows(&rows)
    }

    async fn freeze_message(
        &self,
        row: &DeliveryRow,
        message: &FrozenMessage,
        now: Millis,
    ) -> Result<(), StoreError> {
        let written = sqlx::query(
            "UPDATE delivery
             SET target = $3, workflow = $4, subject = $5, local_id = $6, content_type = $7, payload = $8,
                 payload_sha256 = $9, header_id = $10, version = version + 1, updated_at = $11
             WHERE id = $1 AND version = $2 AND header_id IS NULL",
        )
        .bind(row.id.to_string())
        .bind(row.version as i64)
        .bind(&message.target)
        .bind(&message.workflow)
        .bind(&message.subject)
        .bind(&message.local_id)
        .bind(&message.content_type)
        .bind(&message.payload)
        .bind(Sha256::digest(&message.payload).to_vec())
        .bind(message.header_id.to_lowercase())
        .bind(now)
        .execute(&self.write)
        .await?;
        if written.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    async fn frozen_message(&self, id: Uuid) -> Result<Option<FrozenMessage>, StoreError> {
        let row = sqlx::query("SELECT * FROM delivery WHERE id = $1 AND header_id IS NOT NULL")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let message = FrozenMessage {
            target: row.try_get("target")?,
            workflow: row.try_get("workflow")?,
            subject: row.try_get("subject")?,
            local_id: row.try_get("local_id")?,
            content_type: row.try_get("content_type")?,
            payload: row.try_get("payload")?,
            header_id: row.try_get("header_id")?,
        };
        let frozen: Vec<u8> = row.try_get("payload_sha256")?;
        if Sha256::digest(&message.payload).as_slice() == frozen.as_slice() {
            Ok(Some(message))
        } else {
            Err(StoreError::broken(Unreadable("payload")))
        }
    }

    async fn put_delivery(&self, row: &DeliveryRow, now: Millis) -> Result<(), StoreError> {
        let written = sqlx::query(
            "UPDATE delivery
             SET to_show = CASE WHEN state = $3 AND detail = $4 THEN to_show ELSE 1 END,
                 changed_at = CASE WHEN state = $3 AND detail = $4 THEN changed_at ELSE $14 END,
                 state = $3, detail = $4, attempts = $5, next_at = $6, answer_by = $7, lease_owner = $8,
                 lease_until = $9, mesh_message_id = $10, inf_status = $11, bus_status = $12, last_error = $13,
                 gave_way = $15, may_have_left = $16, version = version + 1, updated_at = $14
             WHERE id = $1 AND version = $2",
        )
        .bind(row.id.to_string())
        .bind(row.version as i64)
        .bind(row.state.as_str())
        .bind(&row.detail)
        .bind(i64::from(row.attempts))
        .bind(row.next_at)
        .bind(row.answer_by)
        .bind(&row.lease_owner)
        .bind(row.lease_until)
        .bind(&row.mesh_message_id)
        .bind(&row.inf_status)
        .bind(&row.bus_status)
        .bind(&row.last_error)
        .bind(now)
        .bind(row.gave_way)
        .bind(row.may_have_left)
        .execute(&self.write)
        .await?;
        if written.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    async fn delivery(&self, id: Uuid) -> Result<Option<DeliveryRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM delivery WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        optional_row(row.as_ref())
    }

    async fn delivery_by_header(&self, header_id: &str) -> Result<Option<DeliveryRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM delivery WHERE header_id = $1")
            .bind(header_id.to_lowercase())
            .fetch_optional(&self.read)
            .await?;
        optional_row(row.as_ref())
    }

    async fn delivery_by_mesh_id(&self, mesh_message_id: &str) -> Result<Option<DeliveryRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM delivery WHERE mesh_message_id = $1")
            .bind(mesh_message_id)
            .fetch_optional(&self.read)
            .await?;
        optional_row(row.as_ref())
    }

    async fn deliveries(&self, pharmacy: Option<&OdsCode>) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM delivery WHERE CAST($1 AS TEXT) IS NULL OR pharmacy = $1 ORDER BY created_at DESC, amendment DESC",
        )
        .bind(pharmacy.map(OdsCode::as_str))
        .fetch_all(&self.read)
        .await?;
        delivery_rows(&rows)
    }

    async fn deliveries_of(&self, consultation: &ConsultationId) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM delivery WHERE consultation = $1 ORDER BY kind, amendment, position")
                .bind(consultation.to_string())
                .fetch_all(&self.read)
                .await?;
        delivery_rows(&rows)
    }

    async fn ways_to_decide(&self, most: u32) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT * FROM delivery waiting WHERE state = 'standby'
                 AND (NOT EXISTS (SELECT 1 FROM delivery earlier WHERE ",
            same_delivery!(),
            " AND earlier.position < waiting.position AND NOT earlier.gave_way)
                     OR EXISTS (SELECT 1 FROM delivery earlier WHERE ",
            same_delivery!(),
            " AND (earlier.state = 'accepted' OR (earlier.state IN ('sent', 'received')
                             AND earlier.answer_by IS NULL AND NOT earlier.gave_way))))
                 AND NOT EXISTS (SELECT 1 FROM outbox_hold WHERE outbox_hold.pharmacy = waiting.pharmacy)
             ORDER BY created_at, position LIMIT $1",
        ))
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        delivery_rows(&rows)
    }

    async fn overdue_deliveries(&self, now: Millis) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM delivery WHERE answer_by <= $1 AND state <> 'standby' ORDER BY answer_by",
        )
        .bind(now)
        .fetch_all(&self.read)
        .await?;
        delivery_rows(&rows)
    }

    async fn unshown_deliveries(&self, most: u32) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM delivery WHERE to_show = 1
                 AND NOT EXISTS (SELECT 1 FROM outbox_hold WHERE outbox_hold.pharmacy = delivery.pharmacy)
             ORDER BY changed_at LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        delivery_rows(&rows)
    }

    async fn delivery_shown(&self, row: &DeliveryRow) -> Result<(), StoreError> {
        sqlx::query("UPDATE delivery SET to_show = 0 WHERE id = $1 AND changed_at = $2 AND state = $3 AND detail = $4")
            .bind(row.id.to_string())
            .bind(row.changed_at)
            .bind(row.state.as_str())
            .bind(&row.detail)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn keep_incoming(&self, message: &IncomingMessage) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO mesh_incoming (mailbox, id, sender, workflow, about, code, description, body, ours,
                 received_at, handled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (mailbox, id) DO NOTHING",
        )
        .bind(&message.mailbox)
        .bind(&message.id)
        .bind(&message.sender)
        .bind(&message.workflow)
        .bind(&message.about)
        .bind(&message.code)
        .bind(&message.description)
        .bind(&message.body)
        .bind(message.ours)
        .bind(message.received_at)
        .bind((!message.ours).then_some(message.received_at))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn left_incoming(&self) -> Result<Vec<IncomingMessage>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM mesh_incoming WHERE NOT ours OR outcome = $1 ORDER BY received_at")
                .bind(FOR_NOBODY)
                .fetch_all(&self.read)
                .await?;
        let left = |row| {
            let message = incoming(row)?;
            let outcome: String = row.try_get("outcome")?;
            Ok(match message.description.as_str() {
                "" => IncomingMessage { description: outcome, ..message },
                _ => message,
            })
        };
        rows.iter().map(left).collect()
    }

    async fn knows_incoming(&self, mailbox: &str, id: &str) -> Result<Option<bool>, StoreError> {
        let row = sqlx::query("SELECT ours FROM mesh_incoming WHERE mailbox = $1 AND id = $2")
            .bind(mailbox)
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|row| row.try_get("ours")).transpose()?)
    }

    async fn unhandled_incoming(&self, most: u32) -> Result<Vec<IncomingMessage>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM mesh_incoming WHERE handled_at IS NULL
             ORDER BY CASE WHEN about <> '' OR workflow LIKE '%ACK' THEN 0 ELSE 1 END,
                 COALESCE(tried_at, received_at), received_at LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(incoming).collect()
    }

    async fn incoming_tried(&self, mailbox: &str, id: &str, now: Millis) -> Result<(), StoreError> {
        sqlx::query("UPDATE mesh_incoming SET tried_at = $3 WHERE mailbox = $1 AND id = $2")
            .bind(mailbox)
            .bind(id)
            .bind(now)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn incoming_handled(
        &self,
        mailbox: &str,
        id: &str,
        outcome: &str,
        now: Millis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE mesh_incoming
             SET handled_at = $3, outcome = $4,
                 body = CASE WHEN about <> '' OR workflow LIKE '%ACK' OR $4 = $6 THEN body ELSE $5 END
             WHERE mailbox = $1 AND id = $2",
        )
        .bind(mailbox)
        .bind(id)
        .bind(now)
        .bind(outcome)
        .bind(Vec::<u8>::new())
        .bind(FOR_NOBODY)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
