//! Everything as rows, and everything from rows: what backup and restore move.

use super::append::take_numbers;
use super::audit;
use super::columns::{count, parsed};
use super::dialect::{self, BEGIN_READ, BEGIN_WRITE};
use super::{Connection, DbRow, SqlStore};
use crate::store::{
    AuditHead, BackupStore, Cell, LEFT_OUT, Layout, NewLife, StoreError, TABLES, TableLayout, TableRow,
};
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use shared::ids::OdsCode;
use sqlx::{Row as _, query, query_scalar};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Boolean,
    Text,
    Blob,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
}

/// The backup names something that this database has not got, or a value of another kind.
#[derive(Debug, thiserror::Error)]
#[error("{0} does not fit this version's database")]
struct DoesNotFit(String);

/// The rows ended before the end of the backup was reached.
#[derive(Debug, thiserror::Error)]
#[error("the backup could not be read to its end")]
struct CutShort;

async fn columns(connection: &mut Connection, table: &str) -> Result<Vec<Column>, StoreError> {
    let rows = query(dialect::COLUMNS).bind(table).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let name: String = row.try_get("name")?;
            let kind: String = row.try_get("kind")?;
            let kind = match kind.to_ascii_lowercase().as_str() {
                "integer" | "bigint" => Kind::Integer,
                "boolean" => Kind::Boolean,
                "text" => Kind::Text,
                "blob" | "bytea" => Kind::Blob,
                _ => return Err(StoreError::broken(DoesNotFit(format!("{table}.{name}")))),
            };
            Ok(Column { name, kind })
        })
        .collect()
}

fn cell(row: &DbRow, place: usize, kind: Kind) -> Result<Cell, StoreError> {
    Ok(match kind {
        Kind::Integer => row.try_get::<Option<i64>, _>(place)?.map_or(Cell::Null, Cell::Integer),
        Kind::Boolean => {
            row.try_get::<Option<bool>, _>(place)?.map_or(Cell::Null, |yes| Cell::Integer(i64::from(yes)))
        }
        Kind::Text => row.try_get::<Option<String>, _>(place)?.map_or(Cell::Null, Cell::Text),
        Kind::Blob => row.try_get::<Option<Vec<u8>>, _>(place)?.map_or(Cell::Null, Cell::Blob),
    })
}

/// Numbers of the log go on after those that were given out in the life before, so that nothing remembered of it can
/// be taken for something of this one.
fn is_log_number(column: &str) -> bool {
    column == "seq" || column.ends_with("_seq")
}

/// One table being filled.
struct Filling {
    name: String,
    insert: String,
    kinds: Vec<(String, Kind)>,
}

impl Filling {
    async fn prepare(connection: &mut Connection, table: &TableLayout) -> Result<Self, StoreError> {
        let present = columns(connection, &table.name).await?;
        let mut kinds = Vec::with_capacity(table.columns.len());
        for wanted in &table.columns {
            let column = present.iter().find(|column| column.name == *wanted);
            let column =
                column.ok_or_else(|| StoreError::broken(DoesNotFit(format!("{}.{wanted}", table.name))))?;
            kinds.push((wanted.clone(), column.kind));
        }
        let names = table.columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let places = (1..=kinds.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let (name, overriding) = (&table.name, dialect::OVERRIDING);
        let insert = format!("INSERT INTO \"{name}\" ({names}) {overriding} VALUES ({places})");
        Ok(Self { name: table.name.clone(), insert, kinds })
    }

    async fn put(&self, connection: &mut Connection, row: TableRow, shift: i64) -> Result<(), StoreError> {
        if row.cells.len() != self.kinds.len() {
            return Err(StoreError::broken(DoesNotFit(self.name.clone())));
        }
        let mut insert = query(sqlx::AssertSqlSafe(self.insert.clone()));
        for (cell, (column, kind)) in row.cells.into_iter().zip(&self.kinds) {
            insert = match (kind, cell) {
                (Kind::Integer, Cell::Integer(value)) => {
                    insert.bind(Some(if is_log_number(column) { value + shift } else { value }))
                }
                (Kind::Boolean, Cell::Integer(value)) => insert.bind(Some(value != 0)),
                (Kind::Text, Cell::Text(text)) => insert.bind(Some(text)),
                (Kind::Blob, Cell::Blob(bytes)) => insert.bind(Some(bytes)),
                (Kind::Integer, Cell::Null) => insert.bind(None::<i64>),
                (Kind::Boolean, Cell::Null) => insert.bind(None::<bool>),
                (Kind::Text, Cell::Null) => insert.bind(None::<String>),
                (Kind::Blob, Cell::Null) => insert.bind(None::<Vec<u8>>),
                _ => return Err(StoreError::broken(DoesNotFit(format!("{}.{column}", self.name)))),
            };
        }
        insert.execute(connection).await?;
        Ok(())
    }
}

/// The audit log is not emptied before a restore: what it says happened did happen.
const LOG: &str = "audit";

/// Takes a backup's audit log in: lines that are here already stay, and so do those after them, written since. Where the
/// backup's log is another one, its lines take the place of those from the first that differs.
#[derive(Default)]
struct TakingLog {
    /// Nothing of the present log is left from here on.
    replaced: bool,
}

impl TakingLog {
    async fn is_new(
        &mut self,
        connection: &mut Connection,
        filling: &Filling,
        row: &TableRow,
    ) -> Result<bool, StoreError> {
        if self.replaced {
            return Ok(true);
        }
        let place = filling.kinds.iter().position(|(column, _)| column == "place");
        let Some(Cell::Integer(place)) = place.and_then(|place| row.cells.get(place)) else {
            return Err(StoreError::broken(DoesNotFit(filling.name.clone())));
        };
        let names: Vec<_> = filling.kinds.iter().map(|(column, _)| format!("\"{column}\"")).collect();
        let select = format!("SELECT {} FROM {LOG} WHERE place = $1", names.join(", "));
        let here = query(sqlx::AssertSqlSafe(select)).bind(*place).fetch_optional(&mut *connection).await?;
        if let Some(here) = here {
            let cells = filling.kinds.iter().enumerate().map(|(place, (_, kind))| cell(&here, place, *kind));
            if cells.collect::<Result<Vec<_>, _>>()? == row.cells {
                return Ok(false);
            }
        }
        for statement in dialect::LOG_UNGUARDED {
            query(*statement).execute(&mut *connection).await?;
        }
        query("DELETE FROM audit WHERE place >= $1").bind(*place).execute(&mut *connection).await?;
        for statement in dialect::LOG_GUARDED {
            query(*statement).execute(&mut *connection).await?;
        }
        self.replaced = true;
        Ok(true)
    }
}

/// What of the present data stands, whatever the backup says.
struct Stands {
    /// The highest log number ever given out.
    shift: i64,
    destroyed: BTreeMap<String, (OdsCode, i64, String)>,
    revoked: Vec<(String, i64)>,
    removed: Vec<Removed>,
    /// Devices in use that the backup may not know: what they hold is waited for as well.
    devices: Vec<(String, String)>,
    /// Where the audit log ended.
    log_ended: Option<AuditHead>,
    /// People with the passkeys they have now; others of theirs were removed.
    passkeys: BTreeMap<String, BTreeSet<String>>,
}

/// Somebody who was removed from a pharmacy.
struct Removed {
    person: String,
    pharmacy: String,
    role: String,
    at: i64,
}

impl Stands {
    async fn read(connection: &mut Connection, life: &NewLife) -> Result<Self, StoreError> {
        let shift = query_scalar("SELECT COALESCE(MAX(seq), 0) FROM pharmacy_log");
        let shift: i64 = shift.fetch_one(&mut *connection).await?;
        let mut destroyed: BTreeMap<_, _> = life
            .destroyed
            .iter()
            .map(|(id, pharmacy)| (id.to_string(), (pharmacy.clone(), life.at, String::new())))
            .collect();
        let rows = query("SELECT document, pharmacy, at, certificate FROM destroyed");
        for row in &rows.fetch_all(&mut *connection).await? {
            let known = (parsed(row, "pharmacy")?, row.try_get("at")?, row.try_get("certificate")?);
            destroyed.insert(row.try_get("document")?, known);
        }
        let rows = query("SELECT id, revoked_at FROM device WHERE revoked_at IS NOT NULL");
        let rows = rows.fetch_all(&mut *connection).await?;
        let revoked = rows
            .iter()
            .map(|row| Ok((row.try_get("id")?, row.try_get("revoked_at")?)))
            .collect::<Result<_, StoreError>>()?;
        let rows =
            query("SELECT person, pharmacy, role, at FROM removal").fetch_all(&mut *connection).await?;
        let removed = rows
            .iter()
            .map(|row| {
                Ok(Removed {
                    person: row.try_get("person")?,
                    pharmacy: row.try_get("pharmacy")?,
                    role: row.try_get("role")?,
                    at: row.try_get("at")?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        let rows = query("SELECT id, pharmacy FROM device WHERE revoked_at IS NULL AND seen_at > $1");
        let rows = rows.bind(life.devices_since).fetch_all(&mut *connection).await?;
        let devices = rows
            .iter()
            .map(|row| Ok((row.try_get("id")?, row.try_get("pharmacy")?)))
            .collect::<Result<_, StoreError>>()?;
        let mut passkeys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in &query("SELECT id FROM person").fetch_all(&mut *connection).await? {
            passkeys.insert(row.try_get("id")?, BTreeSet::new());
        }
        for row in &query("SELECT credential_id, person FROM passkey").fetch_all(&mut *connection).await? {
            passkeys.entry(row.try_get("person")?).or_default().insert(row.try_get("credential_id")?);
        }
        let log_ended = audit::head(&mut *connection).await?;
        Ok(Self { shift, destroyed, revoked, removed, devices, log_ended, passkeys })
    }

    async fn write(self, connection: &mut Connection) -> Result<(), StoreError> {
        for (document, (pharmacy, at, certificate)) in self.destroyed {
            for table in ["quarantine", "legal_hold"] {
                let delete = format!("DELETE FROM {table} WHERE document = $1");
                query(sqlx::AssertSqlSafe(delete)).bind(&document).execute(&mut *connection).await?;
            }
            query("DELETE FROM document WHERE id = $1").bind(&document).execute(&mut *connection).await?;
            let known = query("SELECT document FROM destroyed WHERE document = $1").bind(&document);
            if known.fetch_optional(&mut *connection).await?.is_none() {
                let seq = take_numbers(connection, &pharmacy, 1).await?;
                query(
                    "INSERT INTO destroyed (document, pharmacy, seq, at, certificate)
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(&document)
                .bind(pharmacy.as_str())
                .bind(seq)
                .bind(at)
                .bind(certificate)
                .execute(&mut *connection)
                .await?;
            }
        }
        for (device, at) in self.revoked {
            query("UPDATE device SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                .bind(device)
                .bind(at)
                .execute(&mut *connection)
                .await?;
        }
        for removed in self.removed {
            query("DELETE FROM membership WHERE person = $1 AND pharmacy = $2")
                .bind(&removed.person)
                .bind(&removed.pharmacy)
                .execute(&mut *connection)
                .await?;
            query(
                "INSERT INTO removal (person, pharmacy, role, at)
                 SELECT person.id, pharmacy.ods, $3, $4 FROM person CROSS JOIN pharmacy
                 WHERE person.id = $1 AND pharmacy.ods = $2
                 ON CONFLICT (person, pharmacy) DO NOTHING",
            )
            .bind(&removed.person)
            .bind(&removed.pharmacy)
            .bind(&removed.role)
            .bind(removed.at)
            .execute(&mut *connection)
            .await?;
        }
        for (device, pharmacy) in self.devices {
            query(
                "INSERT INTO outbox_hold_device (device, pharmacy, asked) VALUES ($1, $2, 0)
                 ON CONFLICT (device) DO NOTHING",
            )
            .bind(device)
            .bind(pharmacy)
            .execute(&mut *connection)
            .await?;
        }
        for row in &query("SELECT credential_id, person FROM passkey").fetch_all(&mut *connection).await? {
            let (credential, person): (String, String) =
                (row.try_get("credential_id")?, row.try_get("person")?);
            if self.passkeys.get(&person).is_some_and(|now| !now.contains(&credential)) {
                query("DELETE FROM passkey WHERE credential_id = $1")
                    .bind(credential)
                    .execute(&mut *connection)
                    .await?;
            }
        }
        // A link that was used since would work once more.
        query("DELETE FROM invitation").execute(&mut *connection).await?;
        // Whoever is signed in stays so, unless this life does not know them.
        query("DELETE FROM session WHERE person IS NOT NULL AND person NOT IN (SELECT id FROM person)")
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

/// Another epoch, and nothing sent until the devices have given back what they hold.
async fn begin_life(connection: &mut Connection, life: &NewLife) -> Result<(), StoreError> {
    query("UPDATE meta SET value = $1 WHERE name = 'epoch'")
        .bind(life.epoch.to_string())
        .execute(&mut *connection)
        .await?;
    query(
        "INSERT INTO meta (name, value) VALUES ('restored_at', $1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(life.at.to_string())
    .execute(&mut *connection)
    .await?;
    query("INSERT INTO outbox_hold (pharmacy, since) SELECT ods, $1 FROM pharmacy")
        .bind(life.at)
        .execute(&mut *connection)
        .await?;
    query(
        "INSERT INTO outbox_hold_device (device, pharmacy, asked)
         SELECT id, pharmacy, 0 FROM device WHERE revoked_at IS NULL AND seen_at > $1
         ON CONFLICT (device) DO NOTHING",
    )
    .bind(life.devices_since)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

#[async_trait]
impl BackupStore for SqlStore {
    async fn layout(&self) -> Result<Layout, StoreError> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await?;
        let newest = query("SELECT COALESCE(MAX(version), 0) AS schema FROM _sqlx_migrations WHERE success");
        let schema = count::<i64>(&newest.fetch_one(&mut *transaction).await?, "schema")?;
        let mut tables = Vec::with_capacity(TABLES.len());
        for &name in TABLES {
            let columns = columns(&mut transaction, name).await?;
            let columns = columns.into_iter().map(|column| column.name).collect();
            tables.push(TableLayout { name: name.to_owned(), columns });
        }
        Ok(Layout { schema, tables })
    }

    async fn dump(&self, layout: &Layout, rows: mpsc::Sender<TableRow>) -> Result<(), StoreError> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await?;
        for (table, wanted) in layout.tables.iter().enumerate() {
            let present = columns(&mut transaction, &wanted.name).await?;
            let names =
                wanted.columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
            // What comes in the order of its place goes back in that order: a change after what it builds on.
            let ordered = wanted.columns.iter().any(|name| name == "place");
            let order = if ordered { " ORDER BY place" } else { "" };
            let select = format!("SELECT {names} FROM \"{}\"{order}", wanted.name);
            let mut found = query(sqlx::AssertSqlSafe(select)).fetch(&mut *transaction);
            while let Some(row) = found.try_next().await? {
                let mut cells = Vec::with_capacity(wanted.columns.len());
                for (place, name) in wanted.columns.iter().enumerate() {
                    let column = present.iter().find(|column| column.name == *name);
                    let column = column.ok_or_else(|| StoreError::broken(DoesNotFit(name.clone())))?;
                    cells.push(cell(&row, place, column.kind)?);
                }
                if rows.send(TableRow { table, cells }).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn load(
        &self,
        layout: &Layout,
        mut rows: mpsc::Receiver<Option<TableRow>>,
        life: &NewLife,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        for statement in dialect::alone(TABLES) {
            query(sqlx::AssertSqlSafe(statement)).execute(&mut *transaction).await?;
        }
        let stands = Stands::read(&mut transaction, life).await?;
        let stays = |table: &&&str| **table != "session";
        // The log goes on: lines that the backup has as well stay where they are (`TakingLog`).
        let emptied = TABLES.iter().rev().filter(|table| **table != LOG);
        for table in LEFT_OUT.iter().rev().filter(stays).chain(emptied) {
            let delete = format!("DELETE FROM \"{table}\"");
            query(sqlx::AssertSqlSafe(delete)).execute(&mut *transaction).await?;
        }
        let mut log = TakingLog::default();
        let mut fillings = Vec::with_capacity(layout.tables.len());
        for table in &layout.tables {
            fillings.push(Filling::prepare(&mut transaction, table).await?);
        }
        loop {
            match rows.recv().await {
                Some(Some(row)) => {
                    let filling = fillings.get(row.table);
                    let filling =
                        filling.ok_or_else(|| StoreError::broken(DoesNotFit("a table".to_owned())))?;
                    if filling.name == LOG && !log.is_new(&mut transaction, filling, &row).await? {
                        continue;
                    }
                    filling.put(&mut transaction, row, stands.shift).await?;
                }
                Some(None) => break,
                None => return Err(StoreError::broken(CutShort)),
            }
        }
        for statement in dialect::places_go_on(layout) {
            query(sqlx::AssertSqlSafe(statement)).execute(&mut *transaction).await?;
        }
        let log_ended = stands.log_ended;
        stands.write(&mut transaction).await?;
        begin_life(&mut transaction, life).await?;
        audit::go_on_after_restore(&mut transaction, log_ended, life.at).await?;
        transaction.commit().await?;
        Ok(())
    }
}
