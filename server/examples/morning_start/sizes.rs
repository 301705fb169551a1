//! What each table takes on the disk, its indexes included: the numbers that `docs/scaling.md` multiplies.

use crate::Failure;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

/// Bytes of each table in a database file, the overflow pages and indexes with it.
const SQLITE: &str = "SELECT sqlite_schema.tbl_name AS name, CAST(SUM(dbstat.pgsize) AS INTEGER) AS bytes
    FROM dbstat JOIN sqlite_schema ON sqlite_schema.name = dbstat.name GROUP BY sqlite_schema.tbl_name";
const POSTGRES: &str = "SELECT CAST(relname AS TEXT) AS name, pg_total_relation_size(oid) AS bytes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";

/// One line a table that has rows.
pub async fn report(database: &str) -> Result<(), Failure> {
    if database.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(database).await?;
        for row in sqlx::query(SQLITE).fetch_all(&mut connection).await? {
            let (name, bytes): (String, i64) = (row.try_get("name")?, row.try_get("bytes")?);
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{name}\""));
            say(&name, bytes, sqlx::query_scalar(count).fetch_one(&mut connection).await?);
        }
    } else {
        let mut connection = PgConnection::connect(database).await?;
        for row in sqlx::query(POSTGRES).fetch_all(&mut connection).await? {
            let (name, bytes): (String, i64) = (row.try_get("name")?, row.try_get("bytes")?);
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{name}\""));
            say(&name, bytes, sqlx::query_scalar(count).fetch_one(&mut connection).await?);
        }
    }
    Ok(())
}

fn say(table: &str, bytes: i64, rows: i64) {
    if rows > 0 {
        let value = bytes as f64 / rows as f64;
        let bench = format!("table-{table}");
        println!("{}", json!({"bench": bench, "value": value.round(), "unit": "bytes a row", "n": rows}));
    }
}
