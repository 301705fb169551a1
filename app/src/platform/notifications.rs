//! Notifications of the device itself, shown by the service worker. Their words are for a lock screen: about nobody.

use super::js::{self, object};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

const ICON: &str = "/icons/satchel.svg";

/// What the browser says of showing notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// This browser has none.
    Missing,
    NotAsked,
    Granted,
    /// Only in the browser's own settings can it be undone.
    Refused,
}

pub fn permission() -> Permission {
    match js::get_path(&js::global("Notification"), &["permission"]).as_string().as_deref() {
        None => Permission::Missing,
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Refused,
        Some(_) => Permission::NotAsked,
    }
}

/// Asks the person; must follow a touch.
pub async fn ask() -> Permission {
    if let Ok(answer) = js::call(&js::global("Notification"), "requestPermission", &[]) {
        // Whatever was answered is asked for again below.
        let _ = js::wait_for(answer).await;
    }
    permission()
}

/// Shows one; a newer one of the same `tag` takes its place. Nothing where it is not allowed.
pub fn show(tag: &'static str, words: &'static str) {
    if permission() != Permission::Granted {
        return;
    }
    let container = js::get_path(&js_sys::global(), &["navigator", "serviceWorker"]);
    if js::is_nothing(&container) {
        return;
    }
    spawn_local(async move {
        let Ok(registration) = js::wait_for(js::get(&container, "ready")).await else { return };
        let options = object([
            ("body", JsValue::from_str(words)),
            ("tag", tag.into()),
            ("renotify", JsValue::TRUE),
            ("icon", ICON.into()),
        ]);
        // Somebody may have taken the permission back; the list says it all the same.
        if let Ok(shown) = js::call(&registration, "showNotification", &["Satchel".into(), options.into()]) {
            let _ = js::wait_for(shown).await;
        }
    });
}
