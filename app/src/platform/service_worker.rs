//! The service worker: registered once, watched for a newer version, told when it may take over.

use super::js::{self, object};
use super::page;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;

const SCRIPT: &str = "/service-worker.js";
/// What the worker listens for; see `public/service-worker.js`.
const TAKE_OVER: &str = "use-new-version";

fn container() -> Option<JsValue> {
    let container = js::get_path(&js_sys::global(), &["navigator", "serviceWorker"]);
    (!js::is_nothing(&container)).then_some(container)
}

/// Registers it and calls `ready` when a newer version has been fetched and waits.
pub fn start(ready: impl Fn() + Clone + 'static) {
    let Some(container) = container() else { return };
    spawn_local(async move {
        let Ok(registering) = js::call(&container, "register", &[SCRIPT.into()]) else { return };
        // Without it the app still works while there is a network; nothing is lost on the device.
        let Ok(registration) = js::wait_for(registering).await else { return };
        if js::get(&registration, "waiting").is_object() {
            ready();
        }
        let seen = registration.clone();
        listen(&registration, "updatefound", move || {
            let installing = js::get(&seen, "installing");
            let (worker, ready, container) = (installing.clone(), ready.clone(), container.clone());
            listen(&installing, "statechange", move || {
                let installed = js::get(&worker, "state").as_string().as_deref() == Some("installed");
                // The first version ever has nothing to replace.
                if installed && js::get(&container, "controller").is_object() {
                    ready();
                }
            });
        });
    });
}

/// Lets the waiting version take over, and starts the app afresh with it.
pub fn update() {
    let Some(container) = container() else { return };
    spawn_local(async move {
        listen(&container, "controllerchange", page::reload);
        let Ok(asking) = js::call(&container, "getRegistration", &[]) else { return };
        let Ok(registration) = js::wait_for(asking).await else { return };
        let waiting = js::get(&registration, "waiting");
        if waiting.is_object() {
            // A worker that has just gone will be found waiting again at the next start.
            let _ = js::call(&waiting, "postMessage", &[TAKE_OVER.into()]);
        } else {
            page::reload();
        }
    });
}

fn listen(target: &JsValue, event: &str, heard: impl FnMut() + 'static) {
    let heard = Closure::<dyn FnMut()>::new(heard).into_js_value();
    let options = object([("passive", JsValue::TRUE)]);
    // Event targets always take listeners.
    let _ = js::call(target, "addEventListener", &[event.into(), heard.unchecked_into(), options.into()]);
}
