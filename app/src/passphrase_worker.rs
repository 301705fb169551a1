//! The worker in which a passphrase or a PIN becomes key material; it answers once and is then ended by the page.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, SubtleCrypto};

fn main() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answers_to = scope.clone();
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let scope = answers_to.clone();
        spawn_local(async move {
            let answer = match key(&event.data()).await {
                Ok(key) => message("key", &key),
                Err(error) => message("error", &error),
            };
            say(&scope, &answer);
        });
    });
    scope.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
    say(&scope, &message("ready", &JsValue::TRUE));
}

/// Argon2id, then straight into a key that cannot be taken out; behind the passkey's PRF output where there is one.
async fn key(request: &JsValue) -> Result<JsValue, JsValue> {
    let secret = text(request, "secret")?;
    let salt =
        BASE64_URL_SAFE_NO_PAD.decode(text(request, "salt")?).map_err(|error| failed(&error.to_string()))?;
    let params = Params::new(
        number(request, "memoryKib")?,
        number(request, "passes")?,
        number(request, "lanes")?,
        Some(32),
    )
    .map_err(|error| failed(&error.to_string()))?;
    let mut derived = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_bytes(), &salt, &mut derived)
        .map_err(|error| failed(&error.to_string()))?;
    // The PRF output stays in the browser's own buffers: it is never copied into this memory.
    let before = Reflect::get(request, &"before".into())?;
    let before = if before.is_object() { Uint8Array::new(&before) } else { Uint8Array::new_with_length(0) };
    let bytes = Uint8Array::new_with_length(before.length() + 32);
    bytes.set(&before, 0);
    bytes.subarray(before.length(), bytes.length()).copy_from(&derived);
    before.fill(0, 0, before.length());
    derived.fill(0);
    let subtle: SubtleCrypto =
        Reflect::get(&Reflect::get(&js_sys::global(), &"crypto".into())?, &"subtle".into())?.unchecked_into();
    let importing: Promise =
        subtle.import_key_with_str("raw", &bytes, "HKDF", false, &Array::of1(&"deriveKey".into()))?;
    let key = JsFuture::from(importing).await;
    bytes.fill(0, 0, bytes.length());
    key
}

fn text(request: &JsValue, name: &str) -> Result<String, JsValue> {
    Reflect::get(request, &name.into())?.as_string().ok_or_else(|| failed(name))
}

fn number(request: &JsValue, name: &str) -> Result<u32, JsValue> {
    let number = Reflect::get(request, &name.into())?.as_f64().ok_or_else(|| failed(name))?;
    Ok(number as u32)
}

fn failed(why: &str) -> JsValue {
    js_sys::Error::new(why).into()
}

fn message(name: &str, value: &JsValue) -> JsValue {
    let message = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&message, &name.into(), value);
    message.into()
}

fn say(scope: &DedicatedWorkerGlobalScope, message: &JsValue) {
    // A page that has gone cannot be answered, and does not need to be.
    let _ = scope.post_message(message);
}
