//! Where on a drawing a finger, pen or mouse is.

use super::js;
use wasm_bindgen::JsValue;

/// The place of a pointer event on what it happened to, as if that were `width` by `height`. `None` where it has no
/// size, because it is not drawn.
pub fn place(event: &JsValue, width: f64, height: f64) -> Option<(f64, f64)> {
    let target = js::get(event, "currentTarget");
    let drawn = js::call(&target, "getBoundingClientRect", &[]).ok()?;
    let number = |of: &JsValue, name: &str| js::get(of, name).as_f64();
    let (wide, tall) = (number(&drawn, "width")?, number(&drawn, "height")?);
    if wide <= 0.0 || tall <= 0.0 {
        return None;
    }
    let x = (number(event, "clientX")? - number(&drawn, "left")?) / wide * width;
    let y = (number(event, "clientY")? - number(&drawn, "top")?) / tall * height;
    Some((x, y))
}

/// From here on the drawing hears this pointer, also when it leaves the drawing.
pub fn keep(event: &JsValue) {
    // A pointer that has gone already need not be kept.
    let _ = js::call(&js::get(event, "currentTarget"), "setPointerCapture", &[js::get(event, "pointerId")]);
}
