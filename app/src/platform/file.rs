//! A file that a person chose.

use super::js;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use wasm_bindgen::JsValue;

/// What the browser says of it; what it truly is shows only inside.
pub struct Chosen {
    pub name: String,
    /// Media type.
    pub kind: String,
    /// In bytes.
    pub size: f64,
    handle: JsValue,
}

/// The first file of a file box that has just changed.
pub fn chosen(event: &JsValue) -> Option<Chosen> {
    let handle = js::get_path(event, &["target", "files", "0"]);
    let text = |name| js::get(&handle, name).as_string();
    Some(Chosen {
        name: text("name")?,
        kind: text("type")?,
        size: js::get(&handle, "size").as_f64()?,
        handle,
    })
}

impl Chosen {
    /// Its bytes; `None` where the file has gone or may not be read.
    pub async fn bytes(&self) -> Option<Vec<u8>> {
        let reading = js::call(&self.handle, "arrayBuffer", &[]).ok()?;
        let buffer = js::wait_for(reading).await.ok()?;
        Some(js::bytes(&buffer))
    }

    /// Its bytes in base64; `None` as in [`Self::bytes`].
    pub async fn read(&self) -> Option<String> {
        Some(BASE64_STANDARD.encode(self.bytes().await?))
    }
}
