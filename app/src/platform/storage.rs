//! How much the browser lets us keep, and whether it promises to keep it.

use super::js;
use crate::state::StorageUse;
use wasm_bindgen::JsValue;

/// Asks the browser not to delete by itself. Some ask the person, some decide alone, some refuse.
pub async fn ask_to_persist() -> bool {
    let storage = js::get_path(&js_sys::global(), &["navigator", "storage"]);
    ask(&storage, "persist").await.as_ref().is_some_and(JsValue::is_truthy)
}

pub async fn estimate() -> StorageUse {
    let storage = js::get_path(&js_sys::global(), &["navigator", "storage"]);
    let estimate = ask(&storage, "estimate").await.unwrap_or_default();
    StorageUse {
        used: js::get(&estimate, "usage").as_f64().unwrap_or_default(),
        quota: js::get(&estimate, "quota").as_f64().unwrap_or_default(),
        persisted: ask(&storage, "persisted").await.as_ref().is_some_and(JsValue::is_truthy),
    }
}

async fn ask(storage: &JsValue, method: &str) -> Option<JsValue> {
    if js::is_nothing(storage) {
        return None;
    }
    js::wait_for(js::call(storage, method, &[]).ok()?).await.ok()
}
