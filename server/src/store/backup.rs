//! Everything a database holds, as rows that any of the databases can give and take.

use super::StoreError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::ids::{ConsultationId, Epoch, OdsCode};
use shared::time::Millis;
use tokio::sync::mpsc;

/// Every table that a backup holds, those that others refer to first. Sessions are left out: a backup opens none.
pub const TABLES: &[&str] = &[
    "meta",
    "pharmacy",
    "contact_limit",
    "pharmacy_dos",
    "person",
    "membership",
    "cis2_identity",
    "invitation",
    "passkey",
    "device",
    "removal",
    "evidence",
    "pgd_authorisation",
    "certificate",
    "responsible_pharmacist",
    "register_entry",
    "signing_key",
    "sealed_key",
    "nonce",
    "pharmacy_log",
    "document",
    "change",
    "receipt",
    "actor",
    "author_signature",
    "actor_claim",
    "receipt_challenge",
    "quarantine",
    "intake_key",
    "supply_read",
    "supply",
    "supply_token",
    "activity",
    "activity_extract",
    "claim_month",
    "delivery",
    "mesh_incoming",
    "kept_message",
    "waiting",
    "alert",
    "waiting_alert",
    "alert_address",
    "address_book",
    "practice_route",
    "bars_request",
    "audit",
    "destroyed",
    "legal_hold",
    "pds_seen",
    "pds_check",
    "organisation",
    "dmd_release",
    "dmd_file",
    "dmd_chunk",
    "dmd_replaced",
];
/// Tables that no backup holds: sessions and what they proved, since a backup opens none; holds, which belong to one life
/// of the data; and what directories said of an area, which they say again.
pub const LEFT_OUT: &[&str] = &[
    "session",
    "cis2_session",
    "cis2_logout",
    "outbox_hold",
    "outbox_hold_device",
    "outbox_hold_document",
    "place_search",
];

/// The tables and columns of a database, in the order of their rows and cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Number of the newest migration.
    pub schema: i64,
    pub tables: Vec<TableLayout>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLayout {
    pub name: String,
    pub columns: Vec<String>,
}

/// One row of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Place of the table in the layout.
    pub table: usize,
    pub cells: Vec<Cell>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// How a restore begins another life of the data.
#[derive(Debug, Clone)]
pub struct NewLife {
    pub epoch: Epoch,
    pub at: Millis,
    /// Destroyed according to certificates kept outside the database.
    pub destroyed: Vec<(ConsultationId, OdsCode)>,
    /// Devices seen later than this are waited for before anything is sent.
    pub devices_since: Millis,
}

/// Giving out and taking in everything.
#[async_trait]
pub trait BackupStore {
    /// The tables a backup of this database holds.
    async fn layout(&self) -> Result<Layout, StoreError>;

    /// Sends every row, all as they were at one moment. Ends early when nobody takes them any more.
    async fn dump(&self, layout: &Layout, rows: mpsc::Sender<TableRow>) -> Result<(), StoreError>;

    /// Puts these rows in the place of everything, in one transaction, and begins another life of the data.
    ///
    /// The rows end with a `None`; where they end without one, all of it is undone. Destructions and revocations that the present data know of stand,
    /// log numbers go on after those given out, and every pharmacy's outbox is held.
    async fn load(
        &self,
        layout: &Layout,
        rows: mpsc::Receiver<Option<TableRow>>,
        life: &NewLife,
    ) -> Result<(), StoreError>;
}
