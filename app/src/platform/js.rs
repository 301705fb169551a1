//! Talking to JavaScript objects that have no typed door, and base64url.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A plain object with these properties.
pub fn object<'a>(properties: impl IntoIterator<Item = (&'a str, JsValue)>) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        set(&object, name, &value);
    }
    object
}

/// A property; `undefined` where there is none.
pub fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A property of a property.
pub fn get_path(target: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(target.clone(), |value, name| if is_nothing(&value) { value } else { get(&value, name) })
}

/// Sets a property of an object that this code made, which therefore takes it.
pub fn set(target: &JsValue, name: &str, value: &JsValue) {
    // A frozen object would refuse; none is passed here, and the caller could do nothing about it.
    let _ = Reflect::set(target, &JsValue::from_str(name), value);
}

pub fn is_nothing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// A global of the page, such as `PublicKeyCredential`; `undefined` where the platform lacks it.
pub fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// Calls a method with what it is given; a missing method is an error like any other.
pub fn call(target: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: js_sys::Function = get(target, name).dyn_into()?;
    function.apply(target, &arguments.iter().collect())
}

/// Waits for a promise.
pub async fn wait(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

/// Waits for whatever a method answered, promise or not.
pub async fn wait_for(answer: JsValue) -> Result<JsValue, JsValue> {
    wait(Promise::resolve(&answer)).await
}

/// The bytes of an `ArrayBuffer` or a view on one.
pub fn bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}

pub fn array(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

pub fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// `None` where the text is not base64url without padding.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// Fresh random bytes from the browser's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("every browser that runs this has crypto.getRandomValues");
    bytes
}

/// The name of a `DOMException` or `Error`; empty for anything else.
pub fn error_name(error: &JsValue) -> String {
    get(error, "name").as_string().unwrap_or_default()
}
