//! Turning a passphrase into key material: in a worker that lives for one derivation and is then ended.

use super::js::{self, object};
use super::trouble::Trouble;
use js_sys::Promise;
use shared::vault::Argon2Parameters;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CryptoKey, MessageEvent, Worker};

/// The worker's own file; it loads and starts the WebAssembly beside it.
const WORKER: &str = "/passphrase-worker_loader.js";

/// What new wraps are made with: about half a second in a browser, and above the minimum that OWASP names.
pub fn parameters() -> Argon2Parameters {
    Argon2Parameters { salt: js::base64url(&js::random::<16>()), memory_kib: 32_768, passes: 2, lanes: 1 }
}

/// Shortest passphrase taken, in characters.
pub const SHORTEST: usize = 12;

/// HKDF material made of Argon2id(passphrase); the bytes stay in the worker and end with it.
pub async fn material(passphrase: &str, parameters: &Argon2Parameters) -> Result<CryptoKey, Trouble> {
    let worker = Worker::new(WORKER).map_err(|_| Trouble::Unsupported("workers"))?;
    let answer = ask(&worker, passphrase, parameters).await;
    worker.terminate();
    let key = js::get(&answer.map_err(|_| Trouble::Unsupported("a worker for passphrases"))?, "key");
    key.dyn_into().map_err(|_| Trouble::Unsealable)
}

/// Waits for the worker's *ready*, posts the request, waits for the key.
async fn ask(worker: &Worker, passphrase: &str, parameters: &Argon2Parameters) -> Result<JsValue, JsValue> {
    let request: JsValue = object([
        ("passphrase", passphrase.into()),
        ("salt", parameters.salt.as_str().into()),
        ("memoryKib", parameters.memory_kib.into()),
        ("passes", parameters.passes.into()),
        ("lanes", parameters.lanes.into()),
    ])
    .into();
    let promise = Promise::new(&mut |resolve, reject| {
        let (to, request) = (worker.clone(), request.clone());
        let failed = reject.clone();
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let said = event.data();
            let answered = if js::get(&said, "ready").is_truthy() {
                to.post_message(&request).map(|()| JsValue::UNDEFINED)
            } else if js::get(&said, "key").is_object() {
                resolve.call1(&JsValue::NULL, &said)
            } else {
                reject.call1(&JsValue::NULL, &said)
            };
            // Whatever was thrown here would only be thrown into the event loop.
            let _ = answered;
        });
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let broken = Closure::<dyn FnMut(JsValue)>::new(move |error: JsValue| {
            let _ = failed.call1(&JsValue::NULL, &error);
        });
        worker.set_onerror(Some(broken.as_ref().unchecked_ref()));
        // The worker is ended within seconds, and these with it.
        heard.forget();
        broken.forget();
    });
    js::wait(promise).await
}
