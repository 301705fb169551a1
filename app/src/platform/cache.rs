//! Cache Storage, for what belongs to no patient: the medicines file. Whatever is kept is there whole or not at all.

use super::js;
use super::trouble::Trouble;
use wasm_bindgen::{JsCast as _, JsValue};

/// One cache of this origin, by its name.
pub struct Cache(JsValue);

impl Cache {
    /// Made where there is none yet.
    pub async fn open(name: &str) -> Result<Self, Trouble> {
        let caches = js::global("caches");
        if js::is_nothing(&caches) {
            return Err(Trouble::Unsupported("Cache Storage"));
        }
        ask(&caches, "open", &[name.into()]).await.map(Self)
    }

    /// Addresses (without the origin) of all that is kept.
    pub async fn addresses(&self) -> Result<Vec<String>, Trouble> {
        let requests = ask(&self.0, "keys", &[]).await?;
        let origin = js::get_path(&js_sys::global(), &["location", "origin"]).as_string().unwrap_or_default();
        let address = |request: JsValue| {
            let url = js::get(&request, "url").as_string()?;
            Some(url.strip_prefix(&origin).unwrap_or(&url).to_owned())
        };
        Ok(js_sys::Array::from(&requests).iter().filter_map(address).collect())
    }

    /// `None` where nothing is kept under that address.
    pub async fn get(&self, address: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let response = ask(&self.0, "match", &[address.into()]).await?;
        if js::is_nothing(&response) {
            return Ok(None);
        }
        ask(&response, "arrayBuffer", &[]).await.map(|buffer| Some(js::bytes(&buffer)))
    }

    /// Returns once all of it is kept.
    pub async fn put(&self, address: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let lacking = |_| Trouble::Unsupported("Cache Storage");
        let constructor: js_sys::Function = js::global("Response").dyn_into().map_err(lacking)?;
        let response = js_sys::Reflect::construct(&constructor, &js_sys::Array::of1(&js::array(bytes)))
            .map_err(lacking)?;
        ask(&self.0, "put", &[address.into(), response]).await.map(drop)
    }

    pub async fn remove(&self, address: &str) -> Result<(), Trouble> {
        ask(&self.0, "delete", &[address.into()]).await.map(drop)
    }
}

async fn ask(target: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, Trouble> {
    let failed = |error: JsValue| {
        if js::error_name(&error) == "QuotaExceededError" {
            Trouble::StorageFull
        } else {
            Trouble::StorageLost
        }
    };
    let answer = js::call(target, method, arguments).map_err(failed)?;
    js::wait_for(answer).await.map_err(failed)
}
