//! Turning a passphrase or a PIN into key material: in a worker that lives for one derivation and is then ended.

use super::js::{self, object};
use super::trouble::Trouble;
use js_sys::{Array, Object, Promise};
use shared::vault::Argon2Parameters;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CryptoKey, MessageEvent, Worker};

/// The worker's own file; it loads and starts the WebAssembly beside it.
const WORKER: &str = "/passphrase-worker_loader.js";

/// What new wraps are made with: about half a second in a browser as `script/bench argon2` measures it, and well above
/// the least that OWASP names (19 MiB, 2 passes). Older wraps keep what they were made with.
pub fn parameters() -> Argon2Parameters {
    Argon2Parameters { salt: js::base64url(&js::random::<16>()), memory_kib: 65_536, passes: 6, lanes: 1 }
}

/// Shortest passphrase taken, in characters.
pub const SHORTEST: usize = 12;
/// Fewest digits of a PIN.
pub const SHORTEST_PIN: usize = 6;

/// Is this a PIN worth having: digits enough, and neither one digit repeated nor a run up or down?
pub fn is_pin(text: &str) -> bool {
    let digits = text.as_bytes();
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    let steps = |step: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step);
    digits.len() >= SHORTEST_PIN && all_digits && ![-1, 0, 1].into_iter().any(steps)
}

/// HKDF material made of Argon2id(passphrase); the bytes stay in the worker and end with it.
pub async fn material(passphrase: &str, parameters: &Argon2Parameters) -> Result<CryptoKey, Trouble> {
    derive(passphrase, parameters, None).await
}

/// HKDF material made of the PRF's output followed by Argon2id(PIN). The output is moved into the worker, as the
/// browser's own buffer, and is gone from this page afterwards.
pub async fn pin_material(
    prf: &Object,
    pin: &str,
    parameters: &Argon2Parameters,
) -> Result<CryptoKey, Trouble> {
    derive(pin, parameters, Some(prf)).await
}

async fn derive(
    secret: &str,
    parameters: &Argon2Parameters,
    before: Option<&Object>,
) -> Result<CryptoKey, Trouble> {
    let worker = Worker::new(WORKER).map_err(|_| Trouble::Unsupported("workers"))?;
    let answer = ask(&worker, secret, parameters, before).await;
    worker.terminate();
    let key = js::get(&answer.map_err(|_| Trouble::Unsupported("a worker for passphrases"))?, "key");
    key.dyn_into().map_err(|_| Trouble::Unsealable)
}

/// Waits for the worker's *ready*, posts the request, waits for the key.
async fn ask(
    worker: &Worker,
    secret: &str,
    parameters: &Argon2Parameters,
    before: Option<&Object>,
) -> Result<JsValue, JsValue> {
    let moved: Array = before.map(JsValue::from).into_iter().collect();
    let request: JsValue = object([
        ("secret", secret.into()),
        ("before", before.map_or(JsValue::UNDEFINED, JsValue::from)),
        ("salt", parameters.salt.as_str().into()),
        ("memoryKib", parameters.memory_kib.into()),
        ("passes", parameters.passes.into()),
        ("lanes", parameters.lanes.into()),
    ])
    .into();
    let promise = Promise::new(&mut |resolve, reject| {
        let (to, request, moved) = (worker.clone(), request.clone(), moved.clone());
        let failed = reject.clone();
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let said = event.data();
            let answered = if js::get(&said, "ready").is_truthy() {
                to.post_message_with_transfer(&request, &moved).map(|()| JsValue::UNDEFINED)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits_and_not_one_that_everybody_tries_first() {
        for pin in ["270194", "0074219", "112358"] {
            assert!(is_pin(pin), "{pin}");
        }
        for pin in ["", "27019", "27019a", "111111", "123456", "987654", "٢٧٠١٩٤"] {
            assert!(!is_pin(pin), "{pin}");
        }
    }
}
