//! IndexedDB: one database a vault, read in ranges, written in transactions that are on disk when they return.

use super::js;
use super::trouble::Trouble;
use idb::{Database as Idb, DatabaseEvent as _, Factory, KeyRange, ObjectStoreParams, Query};
use js_sys::{Array, Promise};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{IdbDatabase, IdbTransaction};

/// Every vault's stores. `header` is in clear; all others hold sealed bytes under keys that name no patient.
pub const STORES: [&str; 6] = ["header", "changes", "bases", "rows", "state", "quarantine"];

const VERSION: u32 = 1;

/// One put or delete, made ready before the transaction opens.
#[derive(Debug, Clone)]
pub enum Write {
    Put {
        store: &'static str,
        key: String,
        value: Vec<u8>,
    },
    /// Text in the clear: only for the header store.
    PutText {
        store: &'static str,
        key: String,
        value: String,
    },
    Delete {
        store: &'static str,
        key: String,
    },
    /// Everything whose key begins with the prefix.
    DeleteUnder {
        store: &'static str,
        prefix: String,
    },
    /// Only while no key of the state store begins with `any`, once everything before it in the transaction is done.
    Unless {
        any: String,
        write: Box<Write>,
    },
}

impl Write {
    /// This write, unless something of that prefix is in the state store.
    #[must_use]
    pub fn unless(self, any: String) -> Self {
        Self::Unless { any, write: Box::new(self) }
    }

    fn stores(&self, stores: &mut Vec<&'static str>) {
        match self {
            Self::Put { store, .. }
            | Self::PutText { store, .. }
            | Self::Delete { store, .. }
            | Self::DeleteUnder { store, .. } => stores.push(store),
            Self::Unless { write, .. } => {
                stores.push("state");
                write.stores(stores);
            }
        }
    }
}

/// A connection that is opened again when the browser takes it away. Closing is left to [`Self::close`], since a
/// dropped handle stays open.
pub struct Database {
    name: String,
    connection: RefCell<IdbDatabase>,
    /// Closed on purpose, here or for another tab: not to be opened again by itself.
    let_go: Rc<Cell<bool>>,
    tell: Rc<dyn Fn(Trouble)>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens, and makes the stores the first time. `tell` hears when another tab is in the way, and when this one has
    /// let go for another.
    pub async fn open(name: &str, tell: impl Fn(Trouble) + 'static) -> Result<Self, Trouble> {
        let tell: Rc<dyn Fn(Trouble)> = Rc::new(tell);
        let let_go = Rc::new(Cell::new(false));
        let connection = RefCell::new(connect(name, &tell, &let_go).await?);
        Ok(Self { name: name.to_owned(), connection, let_go, tell })
    }

    /// The connection itself, for what has a transaction of its own kind.
    pub(super) fn raw(&self) -> IdbDatabase {
        self.connection.borrow().clone()
    }

    /// Begins a transaction, over a new connection where the browser has closed the old one.
    async fn begin(
        &self,
        stores: &[&'static str],
        mode: &str,
        durability: &str,
    ) -> Result<IdbTransaction, Trouble> {
        match self.try_begin(stores, mode, durability) {
            Err(error) if js::error_name(&error) == "InvalidStateError" && !self.let_go.get() => {
                let connection = connect(&self.name, &self.tell, &self.let_go).await?;
                *self.connection.borrow_mut() = connection;
                let begun = self.try_begin(stores, mode, durability).map_err(|error| trouble_of(&error))?;
                if stores.contains(&"header") || self.has_header().await? {
                    // Looking took time, in which the transaction would have ended; it has done nothing yet.
                    drop(begun);
                    return self.try_begin(stores, mode, durability).map_err(|error| trouble_of(&error));
                }
                Err(Trouble::StorageEvicted)
            }
            begun => begun.map_err(|error| trouble_of(&error)),
        }
    }

    fn try_begin(
        &self,
        stores: &[&'static str],
        mode: &str,
        durability: &str,
    ) -> Result<IdbTransaction, JsValue> {
        let stores: Array = stores.iter().map(|store| JsValue::from_str(store)).collect();
        // Through the plain call, because the typed one knows no durability.
        let options = js::object([("durability", durability.into())]);
        let arguments = [stores.into(), mode.into(), options.into()];
        Ok(js::call(&self.raw(), "transaction", &arguments)?.unchecked_into())
    }

    /// An emptied database would be filled with what nobody could open.
    async fn has_header(&self) -> Result<bool, Trouble> {
        let transaction =
            self.try_begin(&["header"], "readonly", "default").map_err(|error| trouble_of(&error))?;
        let transaction: idb::Transaction = transaction.into();
        let objects = transaction.object_store("header").map_err(storage_trouble)?;
        let count = objects.count(None).map_err(storage_trouble)?.await.map_err(storage_trouble)?;
        Ok(count > 0)
    }

    /// Deletes a whole database; needs every connection closed.
    pub async fn delete(name: &str) -> Result<(), Trouble> {
        let factory = Factory::new().map_err(|_| Trouble::Unsupported("IndexedDB"))?;
        factory.delete(name).map_err(storage_trouble)?.await.map_err(storage_trouble)
    }

    /// Names of all databases of this site; empty where the browser does not tell.
    pub async fn names() -> Vec<String> {
        let Ok(asking) = js::call(&js::global("indexedDB"), "databases", &[]) else { return Vec::new() };
        let Ok(listed) = js::wait_for(asking).await else { return Vec::new() };
        Array::from(&listed).iter().filter_map(|entry| js::get(&entry, "name").as_string()).collect()
    }

    pub fn close(&self) {
        self.let_go.set(true);
        self.raw().close();
    }

    /// One record's bytes.
    pub async fn get(&self, store: &'static str, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(self.get_value(store, key).await?.map(|value| js::bytes(&value)))
    }

    /// One record's text (header store).
    pub async fn get_text(&self, store: &'static str, key: &str) -> Result<Option<String>, Trouble> {
        Ok(self.get_value(store, key).await?.as_ref().and_then(JsValue::as_string))
    }

    async fn get_value(&self, store: &'static str, key: &str) -> Result<Option<JsValue>, Trouble> {
        let transaction = self.reading(store).await?;
        let objects = transaction.object_store(store).map_err(storage_trouble)?;
        objects
            .get(Query::Key(JsValue::from_str(key)))
            .map_err(storage_trouble)?
            .await
            .map_err(storage_trouble)
    }

    /// Keys and bytes of every record whose key begins with `prefix`, in key order.
    pub async fn under(&self, store: &'static str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Trouble> {
        let transaction = self.reading(store).await?;
        let objects = transaction.object_store(store).map_err(storage_trouble)?;
        let keys = objects.get_all_keys(Some(range(prefix)?), None).map_err(storage_trouble)?;
        let values = objects.get_all(Some(range(prefix)?), None).map_err(storage_trouble)?;
        let (keys, values) = futures_util::future::join(keys.into_future(), values.into_future()).await;
        let (keys, values) = (keys.map_err(storage_trouble)?, values.map_err(storage_trouble)?);
        Ok(keys
            .into_iter()
            .zip(values)
            .filter_map(|(key, value)| Some((key.as_string()?, js::bytes(&value))))
            .collect())
    }

    /// Keys of every record whose key begins with `prefix`, in key order.
    pub async fn keys_under(&self, store: &'static str, prefix: &str) -> Result<Vec<String>, Trouble> {
        let transaction = self.reading(store).await?;
        let objects = transaction.object_store(store).map_err(storage_trouble)?;
        let keys = objects
            .get_all_keys(Some(range(prefix)?), None)
            .map_err(storage_trouble)?
            .await
            .map_err(storage_trouble)?;
        Ok(keys.iter().filter_map(JsValue::as_string).collect())
    }

    /// Keys and bytes of at most `count` records whose keys begin with `prefix` and come after `after`, in key order.
    pub async fn some_under(
        &self,
        store: &'static str,
        prefix: &str,
        after: Option<&str>,
        count: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, Trouble> {
        let transaction = self.reading(store).await?;
        let objects = transaction.object_store(store).map_err(storage_trouble)?;
        let keys = objects.get_all_keys(Some(range_after(prefix, after)?), Some(count));
        let values = objects.get_all(Some(range_after(prefix, after)?), Some(count));
        let (keys, values) = (keys.map_err(storage_trouble)?, values.map_err(storage_trouble)?);
        let (keys, values) = futures_util::future::join(keys.into_future(), values.into_future()).await;
        let (keys, values) = (keys.map_err(storage_trouble)?, values.map_err(storage_trouble)?);
        Ok(keys
            .into_iter()
            .zip(values)
            .filter_map(|(key, value)| Some((key.as_string()?, js::bytes(&value))))
            .collect())
    }

    async fn reading(&self, store: &'static str) -> Result<idb::Transaction, Trouble> {
        Ok(self.begin(&[store], "readonly", "default").await?.into())
    }

    /// Writes all or none, and returns when it is on disk (durability strict).
    pub async fn write(&self, writes: &[Write]) -> Result<(), Trouble> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut stores: Vec<&str> = Vec::new();
        for write in writes {
            write.stores(&mut stores);
        }
        stores.sort_unstable();
        stores.dedup();
        let raw = self.begin(&stores, "readwrite", "strict").await?;
        let transaction: idb::Transaction = raw.clone().into();
        let finished = finished(&raw);
        // Only requests of this transaction are awaited inside; any other promise would commit it early.
        for write in writes {
            if let Err(trouble) = put(&transaction, write).await {
                // A transaction merely dropped would commit what was put so far.
                let _ = transaction.abort();
                let _ = js::wait(finished).await;
                return Err(trouble);
            }
        }
        js::wait(finished).await.map(drop).map_err(|_| aborted(&raw))
    }
}

/// Resolves when the transaction is on disk, rejects when it was aborted. Errors of single requests come first and
/// may be many; only how it ends counts.
fn finished(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    })
}

async fn connect(
    name: &str,
    tell: &Rc<dyn Fn(Trouble)>,
    let_go: &Rc<Cell<bool>>,
) -> Result<IdbDatabase, Trouble> {
    let factory = Factory::new().map_err(|_| Trouble::Unsupported("IndexedDB"))?;
    let mut request = factory.open(name, Some(VERSION)).map_err(storage_trouble)?;
    request.on_upgrade_needed(|event| {
        if let Ok(database) = event.database() {
            for store in STORES {
                // Fails only where the store is there already.
                let _ = database.create_object_store(store, ObjectStoreParams::new());
            }
        }
    });
    let blocked = tell.clone();
    request.on_blocked(move |_| blocked(Trouble::StorageBlocked));
    let mut database = request.await.map_err(storage_trouble)?;
    let (tell, let_go) = (tell.clone(), let_go.clone());
    database.on_version_change(move |event| {
        // A newer version, or a deletion, in another tab waits for this one to let go.
        let_go.set(true);
        if let Some(target) = event.target()
            && let Ok(database) = Idb::try_from(target)
        {
            database.close();
        }
        tell(Trouble::StorageLost);
    });
    database.forget_callbacks();
    Ok(database.into())
}

async fn put(transaction: &idb::Transaction, write: &Write) -> Result<(), Trouble> {
    let objects = |store: &str| transaction.object_store(store).map_err(storage_trouble);
    let (mut write, mut conditions) = (write, Vec::new());
    while let Write::Unless { any, write: inner } = write {
        conditions.push(any);
        write = inner;
    }
    for prefix in conditions {
        let asking = objects("state")?.get_all_keys(Some(range(prefix)?), Some(1));
        if !asking.map_err(storage_trouble)?.await.map_err(storage_trouble)?.is_empty() {
            return Ok(());
        }
    }
    match write {
        Write::Put { store, key, value } => {
            objects(store)?.put(&js::array(value), Some(&JsValue::from_str(key))).map_err(storage_trouble)?;
        }
        Write::PutText { store, key, value } => {
            objects(store)?
                .put(&JsValue::from_str(value), Some(&JsValue::from_str(key)))
                .map_err(storage_trouble)?;
        }
        Write::Delete { store, key } => {
            objects(store)?.delete(Query::Key(JsValue::from_str(key))).map_err(storage_trouble)?;
        }
        Write::DeleteUnder { store, prefix } => {
            objects(store)?.delete(range(prefix)?).map_err(storage_trouble)?;
        }
        Write::Unless { .. } => {}
    }
    Ok(())
}

fn range_after(prefix: &str, after: Option<&str>) -> Result<Query, Trouble> {
    let Some(after) = after else { return range(prefix) };
    let upper = JsValue::from_str(&format!("{prefix}\u{ffff}"));
    let range = KeyRange::bound(&JsValue::from_str(after), &upper, Some(true), None);
    Ok(Query::KeyRange(range.map_err(storage_trouble)?))
}

fn range(prefix: &str) -> Result<Query, Trouble> {
    let upper = format!("{prefix}\u{ffff}");
    let range = KeyRange::bound(&JsValue::from_str(prefix), &JsValue::from_str(&upper), None, None);
    Ok(Query::KeyRange(range.map_err(storage_trouble)?))
}

fn aborted(transaction: &IdbTransaction) -> Trouble {
    transaction.error().map_or(Trouble::StorageLost, |error| trouble_of(error.unchecked_ref()))
}

fn trouble_of(error: &JsValue) -> Trouble {
    match js::error_name(error).as_str() {
        "QuotaExceededError" => Trouble::StorageFull,
        _ => Trouble::StorageLost,
    }
}

fn storage_trouble(error: idb::Error) -> Trouble {
    match error {
        idb::Error::DomException(exception) => trouble_of(&exception),
        idb::Error::UpdateFailed(error) | idb::Error::AddFailed(error) => trouble_of(&error),
        _ => Trouble::StorageLost,
    }
}
