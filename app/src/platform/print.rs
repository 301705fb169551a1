//! Gives a PDF to whoever can print it: the share sheet of a tablet, or the browser's own viewer. Needs no network.

use super::js::{self, object};
use super::trouble::Trouble;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

/// How long a viewer that was opened may still read the file, in milliseconds. Then its address leads nowhere.
const KEPT: i32 = 120_000;

/// Offers the file for printing; to be called from a touch or click, or browsers refuse. `name` as it is shown in a
/// print queue: it never names a patient.
pub fn pdf(name: &str, bytes: &[u8]) -> Result<(), Trouble> {
    if is_tablet() && share(name, bytes).is_some() {
        return Ok(());
    }
    open(bytes).ok_or(Trouble::Unsupported("printing"))
}

/// Tablets and phones print from the share sheet; a page of theirs prints as a picture of itself.
fn is_tablet() -> bool {
    let navigator = js::global("navigator");
    let agent = js::get(&navigator, "userAgent").as_string().unwrap_or_default();
    let points = js::get(&navigator, "maxTouchPoints").as_f64().unwrap_or_default();
    shares_to_print(&agent, points)
}

/// An iPad says that it is a Mac; only the Mac has no touch screen.
fn shares_to_print(agent: &str, touch_points: f64) -> bool {
    let says = |name: &str| agent.contains(name);
    says("iPad") || says("iPhone") || says("Android") || (says("Macintosh") && touch_points > 1.0)
}

fn share(name: &str, bytes: &[u8]) -> Option<()> {
    let navigator = js::global("navigator");
    let parts = js_sys::Array::of1(&js::array(bytes));
    let file = js::global("File").dyn_into::<js_sys::Function>().ok()?;
    let kind = object([("type", "application/pdf".into())]);
    let file = js_sys::Reflect::construct(&file, &js_sys::Array::of3(&parts, &name.into(), &kind)).ok()?;
    let what = object([("files", js_sys::Array::of1(&file).into())]);
    let may = js::call(&navigator, "canShare", &[what.clone().into()]).ok()?;
    if !may.is_truthy() {
        return None;
    }
    let sharing = js::call(&navigator, "share", &[what.into()]).ok()?;
    wasm_bindgen_futures::spawn_local(async move {
        // Whoever closes the sheet without printing has changed their mind; nothing went wrong.
        let _ = js::wait_for(sharing).await;
    });
    Some(())
}

/// Opens it in a window of its own, whose viewer prints it at its true size.
fn open(bytes: &[u8]) -> Option<()> {
    let parts = js_sys::Array::of1(&js::array(bytes));
    let blob = js::global("Blob").dyn_into::<js_sys::Function>().ok()?;
    let kind = object([("type", "application/pdf".into())]);
    let blob = js_sys::Reflect::construct(&blob, &js_sys::Array::of2(&parts, &kind)).ok()?;
    let urls = js::global("URL");
    let address = js::call(&urls, "createObjectURL", &[blob]).ok()?;
    let window = js::call(&js_sys::global(), "open", &[address.clone(), "_blank".into()]).ok();
    let release = Closure::once_into_js(move || {
        // An address that is gone already needs no release.
        let _ = js::call(&js::global("URL"), "revokeObjectURL", &[address]);
    });
    let opened = window.is_some_and(|window| !js::is_nothing(&window));
    let wait = if opened { KEPT } else { 0 };
    js::call(&js_sys::global(), "setTimeout", &[release, JsValue::from(wait)]).ok()?;
    opened.then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipad_that_calls_itself_a_mac_still_prints_from_the_share_sheet() {
        assert!(shares_to_print("Mozilla/5.0 (Macintosh; Intel Mac OS X) Safari/605", 5.0));
        assert!(!shares_to_print("Mozilla/5.0 (Macintosh; Intel Mac OS X) Safari/605", 0.0));
        assert!(!shares_to_print("Mozilla/5.0 (Windows NT 10.0) Chrome/150", 10.0));
        assert!(shares_to_print("Mozilla/5.0 (Linux; Android 16) Chrome/150", 5.0));
    }
}
