//! The page itself: touched, hidden, shown again, and only one tab at a time.

use super::js::{self, object};
use super::trouble::Trouble;
use js_sys::{Function, Promise};
use shared::api::Cis2Failure;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

/// Calls `heard` whenever a person touches, types or moves, for as long as the page lives.
pub fn on_touch(heard: impl Fn() + 'static) {
    let heard = Closure::<dyn FnMut()>::new(heard).into_js_value();
    for event in ["pointerdown", "keydown", "wheel", "touchstart"] {
        listen("window", event, &heard);
    }
}

/// Calls `heard` when the page is hidden (`true`) or shown again (`false`).
pub fn on_hiding(heard: impl Fn(bool) + 'static) {
    let heard = Closure::<dyn FnMut()>::new(move || heard(is_hidden())).into_js_value();
    listen("document", "visibilitychange", &heard);
}

/// Calls `heard` when the browser believes that there is a network again.
pub fn on_network(heard: impl Fn() + 'static) {
    let heard = Closure::<dyn FnMut()>::new(heard).into_js_value();
    listen("window", "online", &heard);
}

/// Calls `heard` when the print dialog opens (`true`) and when it is gone (`false`).
pub fn on_printing(heard: impl Fn(bool) + Clone + 'static) {
    for (event, printing) in [("beforeprint", true), ("afterprint", false)] {
        let heard = heard.clone();
        let heard = Closure::<dyn FnMut()>::new(move || heard(printing)).into_js_value();
        listen("window", event, &heard);
    }
}

pub fn is_hidden() -> bool {
    js::get(&js::global("document"), "hidden").is_truthy()
}

fn listen(target: &str, event: &str, heard: &JsValue) {
    // Both targets exist in every page, and listeners may always be added.
    let _ = js::call(
        &js::global(target),
        "addEventListener",
        &[event.into(), heard.clone(), object([("passive", JsValue::TRUE)]).into()],
    );
}

/// Starts the app afresh.
pub fn reload() {
    let _ = js::call(&js::global("location"), "reload", &[]);
}

/// Leaves for another address of this origin; everything in memory is gone then.
pub fn leave_for(address: &str) {
    let _ = js::call(&js::global("location"), "assign", &[address.into()]);
}

/// Takes the cursor out of the box it is in, which saves what was typed there.
pub fn leave_box() {
    // Without a box that has the cursor there is nothing to leave.
    let _ = js::call(&js::get(&js::global("document"), "activeElement"), "blur", &[]);
}

/// Puts a text on the clipboard; `false` where the browser does not let this page.
pub async fn copy(text: &str) -> bool {
    let clipboard = js::get_path(&js_sys::global(), &["navigator", "clipboard"]);
    match js::call(&clipboard, "writeText", &[text.into()]) {
        Ok(writing) => js::wait_for(writing).await.is_ok(),
        Err(_) => false,
    }
}

/// Empties the clipboard if this text is still on it, and if the browser lets this page look without asking.
pub async fn uncopy(text: &str) {
    let permissions = js::get_path(&js_sys::global(), &["navigator", "permissions"]);
    let wanted = object([("name", "clipboard-read".into())]);
    let Ok(asked) = js::call(&permissions, "query", &[wanted.into()]) else { return };
    let Ok(answer) = js::wait_for(asked).await else { return };
    if js::get(&answer, "state").as_string().as_deref() != Some("granted") {
        return;
    }
    let clipboard = js::get_path(&js_sys::global(), &["navigator", "clipboard"]);
    let Ok(reading) = js::call(&clipboard, "readText", &[]) else { return };
    if js::wait_for(reading).await.is_ok_and(|found| found.as_string().as_deref() == Some(text)) {
        copy("").await;
    }
}

/// Why a sign-in with CIS2 failed, in words, as the address says it once: from then on it does not.
pub fn take_cis2_failure() -> Option<String> {
    let location = js::global("location");
    let part = |name| js::get(&location, name).as_string().unwrap_or_default();
    let (words, rest) = cis2_failure(&part("hash"))?;
    let address = format!("{}{}{rest}", part("pathname"), part("search"));
    // An address that stays says the same again after a reload, and no more.
    let _ = js::call(
        &js::global("history"),
        "replaceState",
        &[JsValue::NULL, JsValue::from_str(""), address.into()],
    );
    Some(words.to_owned())
}

/// The failure that a fragment tells, and the fragment without it.
fn cis2_failure(hash: &str) -> Option<(&'static str, String)> {
    let mut found = None;
    let kept: Vec<&str> = hash
        .trim_start_matches('#')
        .split('&')
        .filter(|part| match part.strip_prefix("cis2=") {
            Some(reason) => {
                found = Some(reason);
                false
            }
            None => !part.is_empty(),
        })
        .collect();
    let words = Cis2Failure::of(found?)
        .map_or("The NHS sign-in (CIS2) did not succeed. Try again.", Cis2Failure::words);
    let rest = if kept.is_empty() { String::new() } else { format!("#{}", kept.join("&")) };
    Some((words, rest))
}

/// Gives the person a file to keep.
pub fn save_file(name: &str, kind: &str, bytes: &[u8]) -> Result<(), Trouble> {
    offer_file(name, kind, bytes).ok_or(Trouble::Unsupported("downloads"))
}

fn offer_file(name: &str, kind: &str, bytes: &[u8]) -> Option<()> {
    let parts = js_sys::Array::of1(&js::array(bytes));
    let blob = js::global("Blob").dyn_into::<Function>().ok()?;
    let blob =
        js_sys::Reflect::construct(&blob, &js_sys::Array::of2(&parts, &object([("type", kind.into())])));
    let urls = js::global("URL");
    let address = js::call(&urls, "createObjectURL", &[blob.ok()?]).ok()?;
    let link = js::call(&js::global("document"), "createElement", &["a".into()]).ok()?;
    js::set(&link, "href", &address);
    js::set(&link, "download", &name.into());
    js::call(&link, "click", &[]).ok()?;
    // The download has begun; what it reads from stays until then.
    let _ = js::call(&urls, "revokeObjectURL", &[address]);
    Some(())
}

/// Opens the browser's print dialog.
pub fn print() {
    let _ = js::call(&js_sys::global(), "print", &[]);
}

/// `iPad, Safari`: what people tell devices apart by.
pub fn device_label() -> String {
    let agent = js::get_path(&js_sys::global(), &["navigator", "userAgent"]).as_string().unwrap_or_default();
    label(&agent)
}

fn label(agent: &str) -> String {
    let first = |pairs: &[(&'static str, &'static str)], otherwise| {
        pairs.iter().find(|(mark, _)| agent.contains(mark)).map_or(otherwise, |(_, name)| *name)
    };
    let machine = first(
        &[
            ("iPad", "iPad"),
            ("iPhone", "iPhone"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Macintosh", "Mac or iPad"),
            ("CrOS", "Chromebook"),
            ("Linux", "Linux"),
        ],
        "A device",
    );
    let browser = first(
        &[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")],
        "browser",
    );
    format!("{machine}, {browser}")
}

/// Holding this, a tab is the only one with the vault open; dropping it lets another in.
#[derive(Debug)]
pub struct OnlyTab {
    release: Option<Function>,
}

impl OnlyTab {
    /// `None` when another tab holds it. Where the platform has no Web Locks every tab may.
    pub async fn hold(name: &str) -> Option<Self> {
        let locks = js::get_path(&js_sys::global(), &["navigator", "locks"]);
        if js::is_nothing(&locks) {
            return Some(Self { release: None });
        }
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let granted = Promise::new(&mut |resolve, _| {
            let held = held.clone();
            let answer = Closure::once_into_js(move |lock: JsValue| -> JsValue {
                let got = !js::is_nothing(&lock);
                // The promise's own resolve function cannot throw.
                let _ = resolve.call1(&JsValue::NULL, &got.into());
                // While this promise is open, the lock is ours.
                if got { held.into() } else { JsValue::UNDEFINED }
            });
            let options = object([("ifAvailable", JsValue::TRUE)]);
            let _ = js::call(&locks, "request", &[name.into(), options.into(), answer]);
        });
        let granted = js::wait(granted).await.as_ref().is_ok_and(JsValue::is_truthy);
        granted.then_some(Self { release })
    }
}

impl Drop for OnlyTab {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // The promise's own resolve function cannot throw.
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_browser_is_not_called_chrome() {
        assert_eq!(label("Mozilla/5.0 (Windows NT 10.0) Chrome/150 Safari/537 Edg/150.0"), "Windows, Edge");
    }

    #[test]
    fn a_failed_sign_in_is_read_from_the_address_and_taken_out_of_it() {
        let (words, rest) = cis2_failure("#cis2=unavailable").expect("a failure");
        assert_eq!((words, rest.as_str()), (Cis2Failure::Unavailable.words(), ""));
        let (words, rest) = cis2_failure("#patient&cis2=no-role").expect("a failure");
        assert_eq!((words, rest.as_str()), (Cis2Failure::NoRole.words(), "#patient"));
        assert_eq!(cis2_failure("#patient"), None);
        assert_eq!(cis2_failure(""), None);
    }

    #[test]
    fn a_failure_that_this_version_does_not_know_is_told_without_repeating_it() {
        let (words, _) = cis2_failure("#cis2=<script>").expect("a failure");
        assert!(words.contains("did not succeed"));
    }

    #[test]
    fn an_unknown_machine_still_has_a_name() {
        assert_eq!(label("curl/8"), "A device, browser");
    }
}
