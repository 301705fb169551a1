//! IndexedDB: one database a vault, read in ranges, written in transactions that are on disk when they return.

use super::js;
use super::trouble::Trouble;
use idb::{
    Database as Idb, DatabaseEvent as _, Factory, KeyRange, ObjectStoreParams, Query, TransactionMode,
    TransactionResult,
};
use js_sys::Array;
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
}

impl Write {
    fn store(&self) -> &'static str {
        match self {
            Self::Put { store, .. } | Self::PutText { store, .. } | Self::Delete { store, .. } => store,
        }
    }
}

/// An open connection. Closing is left to [`Self::close`], since a dropped handle stays open.
#[derive(Debug)]
pub struct Database(IdbDatabase);

impl Database {
    /// Opens, and makes the stores the first time. `tell` hears when another tab is in the way, and when the browser
    /// takes the connection away.
    pub async fn open(name: &str, tell: impl Fn(Trouble) + Clone + 'static) -> Result<Self, Trouble> {
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
        let lost = tell.clone();
        database.on_close(move |_| lost(Trouble::StorageLost));
        database.on_version_change(move |event| {
            // A newer version, or a deletion, in another tab waits for this one to let go.
            if let Some(target) = event.target()
                && let Ok(database) = Idb::try_from(target)
            {
                database.close();
            }
            tell(Trouble::StorageLost);
        });
        database.forget_callbacks();
        Ok(Self(database.into()))
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
        self.0.close();
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
        let transaction = self.reading(store)?;
        let objects = transaction.object_store(store).map_err(storage_trouble)?;
        objects
            .get(Query::Key(JsValue::from_str(key)))
            .map_err(storage_trouble)?
            .await
            .map_err(storage_trouble)
    }

    /// Keys and bytes of every record whose key begins with `prefix`, in key order.
    pub async fn under(&self, store: &'static str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Trouble> {
        let transaction = self.reading(store)?;
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
        let transaction = self.reading(store)?;
        let objects = transaction.object_store(store).map_err(storage_trouble)?;
        let keys = objects
            .get_all_keys(Some(range(prefix)?), None)
            .map_err(storage_trouble)?
            .await
            .map_err(storage_trouble)?;
        Ok(keys.iter().filter_map(JsValue::as_string).collect())
    }

    fn reading(&self, store: &'static str) -> Result<idb::Transaction, Trouble> {
        let transaction = self
            .0
            .transaction_with_str_sequence_and_mode(
                &Array::of1(&JsValue::from_str(store)),
                TransactionMode::ReadOnly.into(),
            )
            .map_err(|error| trouble_of(&error))?;
        Ok(transaction.into())
    }

    /// Writes all or none, and returns when it is on disk (durability strict).
    pub async fn write(&self, writes: &[Write]) -> Result<(), Trouble> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut stores: Vec<&str> = writes.iter().map(Write::store).collect();
        stores.sort_unstable();
        stores.dedup();
        let stores: Array = stores.into_iter().map(JsValue::from_str).collect();
        // Through the plain call, because the typed one knows no durability.
        let options = js::object([("durability", "strict".into())]);
        let raw: IdbTransaction =
            js::call(&self.0, "transaction", &[stores.into(), "readwrite".into(), options.into()])
                .map_err(|error| trouble_of(&error))?
                .unchecked_into();
        let transaction: idb::Transaction = raw.clone().into();
        // Only puts and deletes happen inside; an awaited promise of another kind would commit it early.
        for write in writes {
            if let Err(trouble) = put(&transaction, write) {
                // A transaction merely dropped would commit what was put so far.
                let _ = transaction.abort();
                return Err(trouble);
            }
        }
        match transaction.await {
            Ok(TransactionResult::Committed) => Ok(()),
            Ok(TransactionResult::Aborted) | Err(_) => Err(aborted(&raw)),
        }
    }
}

fn put(transaction: &idb::Transaction, write: &Write) -> Result<(), Trouble> {
    let store = transaction.object_store(write.store()).map_err(storage_trouble)?;
    match write {
        Write::Put { key, value, .. } => {
            store.put(&js::array(value), Some(&JsValue::from_str(key))).map_err(storage_trouble)?;
        }
        Write::PutText { key, value, .. } => {
            store.put(&JsValue::from_str(value), Some(&JsValue::from_str(key))).map_err(storage_trouble)?;
        }
        Write::Delete { key, .. } => {
            store.delete(Query::Key(JsValue::from_str(key))).map_err(storage_trouble)?;
        }
    }
    Ok(())
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
