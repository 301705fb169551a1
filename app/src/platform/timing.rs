//! How long something took, in the browser's own timeline, for its profiler and for benchmarks. It names no patient.

use super::js;
use wasm_bindgen::JsValue;

/// Does the work and leaves the time it took under `name`, in the place of the one before.
pub fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let performance = js::global("performance");
    let begun = js::call(&performance, "now", &[]);
    let done = work();
    if let Ok(begun) = begun {
        let name = JsValue::from_str(name);
        // A browser without a timeline measures nothing, and everything else goes on.
        let measured = js::call(&performance, "clearMeasures", std::slice::from_ref(&name))
            .and_then(|_| js::call(&performance, "measure", &[name, js::object([("start", begun)]).into()]));
        drop(measured);
    }
    done
}
