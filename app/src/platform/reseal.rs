//! Replacing records only where they are still what was read: for rewriting beside somebody who works.

use super::database::Database;
use super::js;
use super::trouble::Trouble;
use idb::{Query, Transaction, TransactionResult};
use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::IdbTransaction;

/// One record to be replaced.
#[derive(Debug, Clone)]
pub struct Replacement {
    pub store: &'static str,
    pub key: String,
    /// What it must still be.
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

/// Replaces all that are still the same, in one transaction that is on disk when this returns. The others stay.
pub async fn replace(database: &Database, replacements: &[Replacement]) -> Result<(), Trouble> {
    if replacements.is_empty() {
        return Ok(());
    }
    let mut stores: Vec<&str> = replacements.iter().map(|one| one.store).collect();
    stores.sort_unstable();
    stores.dedup();
    let stores: Array = stores.into_iter().map(JsValue::from_str).collect();
    let options = js::object([("durability", "strict".into())]);
    let arguments = [stores.into(), "readwrite".into(), options.into()];
    let raw: IdbTransaction = js::call(&database.raw(), "transaction", &arguments)
        .map_err(|_| Trouble::StorageLost)?
        .unchecked_into();
    let transaction: Transaction = raw.into();
    for one in replacements {
        // Nothing but requests of this transaction is awaited here, or it would commit early.
        if compare_and_put(&transaction, one).await.is_err() {
            // A transaction merely dropped would commit what was put so far.
            let _ = transaction.abort();
            return Err(Trouble::StorageLost);
        }
    }
    match transaction.await {
        Ok(TransactionResult::Committed) => Ok(()),
        Ok(TransactionResult::Aborted) | Err(_) => Err(Trouble::StorageLost),
    }
}

async fn compare_and_put(transaction: &Transaction, one: &Replacement) -> Result<(), idb::Error> {
    let store = transaction.object_store(one.store)?;
    let key = JsValue::from_str(&one.key);
    let now = store.get(Query::Key(key.clone()))?.await?;
    if now.is_some_and(|now| js::bytes(&now) == one.before) {
        store.put(&js::array(&one.after), Some(&key))?.await?;
    }
    Ok(())
}
