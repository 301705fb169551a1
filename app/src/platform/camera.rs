//! The camera, and the reader that finds codes in its pictures. The reader is fetched after the medicines file and
//! kept by the service worker, so that it works without a network from then on. No picture leaves this device or is kept.

use super::js::{self, object};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

/// Both files carry the reader's version (`script/finish-web.mjs`).
const SCRIPT: &str = "/scan/reader-3.1.4.js";
const PROGRAM: &str = "/scan/reader-3.1.4.wasm";
/// What the reader's script calls itself.
const READER: &str = "ZXingWASM";
/// A picture wider than this is made smaller before it is read: more pixels find nothing more, and take longer.
const WIDEST: f64 = 1280.0;

/// Why there is no camera picture; `Display` is what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCamera {
    #[error(
        "Satchel may not use the camera. Allow it in the browser's settings for this site, or type the code instead."
    )]
    Refused,
    #[error("No camera was found on this device. Type the code instead.")]
    None,
    #[error("The camera is used by another app. Close that app and try again, or type the code instead.")]
    Busy,
    #[error(
        "The code reader is not on this device yet. It is fetched once with a network and then kept. Type the code \
         instead."
    )]
    NoReader,
    #[error("This browser gives no camera to Satchel. Type the code instead.")]
    Unsupported,
}

impl NoCamera {
    /// By the name of a `DOMException` of `getUserMedia`.
    fn named(name: &str) -> Self {
        match name {
            "NotAllowedError" | "SecurityError" => Self::Refused,
            "NotFoundError" | "OverconstrainedError" => Self::None,
            "NotReadableError" | "AbortError" => Self::Busy,
            _ => Self::Unsupported,
        }
    }
}

/// A camera that is on; dropping it turns it off.
pub struct Camera {
    stream: JsValue,
}

impl Camera {
    /// Turns the camera at the back on, after the person allowed it.
    pub async fn start() -> Result<Self, NoCamera> {
        let devices = js::get_path(&js_sys::global(), &["navigator", "mediaDevices"]);
        if js::is_nothing(&devices) {
            return Err(NoCamera::Unsupported);
        }
        let back = object([("ideal", "environment".into())]);
        let wide = object([("ideal", JsValue::from(WIDEST))]);
        let video = object([("facingMode", back.into()), ("width", wide.into())]);
        let wanted = object([("video", video.into()), ("audio", JsValue::FALSE)]);
        let named = |error: &JsValue| NoCamera::named(&js::error_name(error));
        let asked = js::call(&devices, "getUserMedia", &[wanted.into()]).map_err(|error| named(&error))?;
        let stream = js::wait_for(asked).await.map_err(|error| named(&error))?;
        Ok(Self { stream })
    }

    /// Shows the picture in a `<video>`.
    pub fn show(&self, video: &JsValue) {
        js::set(video, "srcObject", &self.stream);
        // Where it may not begin by itself, the element's own attribute begins it.
        let _ = js::call(video, "play", &[]);
    }

    /// Whether it has a light that can be turned on.
    pub fn has_torch(&self) -> bool {
        let track = self.track();
        let able = js::call(&track, "getCapabilities", &[]);
        able.is_ok_and(|able| js::get(&able, "torch").is_truthy())
    }

    pub fn set_torch(&self, on: bool) {
        let torch = object([("torch", JsValue::from(on))]);
        let wanted = object([("advanced", js_sys::Array::of1(&torch).into())]);
        let asked = js::call(&self.track(), "applyConstraints", &[wanted.into()]);
        wasm_bindgen_futures::spawn_local(async move {
            if let Ok(asked) = asked {
                // A light that fails to come on is seen by whoever wanted it.
                let _ = js::wait_for(asked).await;
            }
        });
    }

    fn track(&self) -> JsValue {
        let tracks = js::call(&self.stream, "getVideoTracks", &[]);
        tracks.map_or(JsValue::UNDEFINED, |tracks| js::get(&tracks, "0"))
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        // A track that has ended already stays ended.
        let _ = js::call(&self.track(), "stop", &[]);
    }
}

thread_local! {
    /// The reader, once its script is there.
    static LOADED: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

/// Looks at pictures of a video.
pub struct Reader {
    reader: JsValue,
    canvas: JsValue,
}

impl Reader {
    /// Fetches the reader if it is not here yet.
    pub async fn ready() -> Result<Self, NoCamera> {
        let canvas = js::call(&js::global("document"), "createElement", &["canvas".into()])
            .map_err(|_| NoCamera::Unsupported)?;
        let loaded = LOADED.with_borrow(Clone::clone);
        let reader = match loaded {
            Some(reader) => reader,
            None => fetch().await?,
        };
        Ok(Self { reader, canvas })
    }

    /// What the picture that the video shows just now says; `None` where there is no code in it. With the symbology in
    /// front, as scanners put it.
    pub async fn look(&self, video: &JsValue) -> Option<String> {
        let picture = self.picture(video)?;
        let formats = ["DataMatrix", "EANUPC", "Code128", "DataBar", "QRCode"];
        let formats: js_sys::Array = formats.into_iter().map(JsValue::from_str).collect();
        let options = object([
            ("formats", formats.into()),
            ("maxNumberOfSymbols", JsValue::from(1)),
            ("textMode", "Plain".into()),
            ("tryHarder", JsValue::TRUE),
        ]);
        let looking = js::call(&self.reader, "readBarcodes", &[picture, options.into()]).ok()?;
        let found = js::get(&js::wait_for(looking).await.ok()?, "0");
        let text = js::get(&found, "text").as_string().filter(|text| !text.is_empty())?;
        let gs1 = js::get(&found, "contentType").as_string().as_deref() == Some("GS1");
        let symbol = js::get(&found, "symbologyIdentifier").as_string().unwrap_or_default();
        Some(as_scanned(&text, &symbol, gs1))
    }

    fn picture(&self, video: &JsValue) -> Option<JsValue> {
        let number = |name: &str| js::get(video, name).as_f64().filter(|number| *number > 0.0);
        let (wide, tall) = (number("videoWidth")?, number("videoHeight")?);
        let scale = (WIDEST / wide).min(1.0);
        let (wide, tall) = ((wide * scale).round(), (tall * scale).round());
        js::set(&self.canvas, "width", &wide.into());
        js::set(&self.canvas, "height", &tall.into());
        let often = object([("willReadFrequently", JsValue::TRUE)]);
        let brush = js::call(&self.canvas, "getContext", &["2d".into(), often.into()]).ok()?;
        let zero = JsValue::from(0);
        let place = [video.clone(), zero.clone(), zero.clone(), wide.into(), tall.into()];
        js::call(&brush, "drawImage", &place).ok()?;
        js::call(&brush, "getImageData", &[zero.clone(), zero, wide.into(), tall.into()]).ok()
    }
}

/// The reader names some GS1 codes by numbers of its own; that it found GS1 is certain all the same.
fn as_scanned(text: &str, symbol: &str, gs1: bool) -> String {
    if gs1 { format!("]d2{text}") } else { format!("{symbol}{text}") }
}

/// Has the service worker keep the reader before it is needed where there is no network. What fails now is fetched when
/// the camera is first used.
pub async fn keep_reader() {
    for address in [SCRIPT, PROGRAM] {
        if let Ok(asked) = js::call(&js_sys::global(), "fetch", &[address.into()]) {
            let _ = js::wait_for(asked).await;
        }
    }
}

/// Runs the reader's script, and tells it where its program is: by itself it would ask a stranger's server.
async fn fetch() -> Result<JsValue, NoCamera> {
    let loading = js_sys::Promise::new(&mut |done, failed| {
        let document = js::global("document");
        let script = js::call(&document, "createElement", &["script".into()]);
        let began = script.and_then(|script| {
            js::set(&script, "onload", &done);
            js::set(&script, "onerror", &failed);
            js::set(&script, "src", &SCRIPT.into());
            js::call(&js::get(&document, "head"), "appendChild", &[script])
        });
        if began.is_err() {
            // The promise's own reject function cannot throw.
            let _ = failed.call0(&JsValue::NULL);
        }
    });
    js::wait(loading).await.map_err(|_| NoCamera::NoReader)?;
    let reader = js::global(READER);
    let locate = Closure::<dyn Fn() -> JsValue>::new(|| JsValue::from_str(PROGRAM)).into_js_value();
    let overrides = object([("locateFile", locate)]);
    let options = object([("overrides", overrides.into()), ("fireImmediately", JsValue::TRUE)]);
    let preparing =
        js::call(&reader, "prepareZXingModule", &[options.into()]).map_err(|_| NoCamera::NoReader)?;
    js::wait_for(preparing).await.map_err(|_| NoCamera::NoReader)?;
    LOADED.with_borrow_mut(|loaded| *loaded = Some(reader.clone()));
    Ok(reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_said_in_words_that_name_the_way_on() {
        for name in ["NotAllowedError", "NotFoundError", "NotReadableError", "SomethingNew"] {
            assert!(NoCamera::named(name).to_string().contains("ype the code instead"), "{name}");
        }
        assert_eq!(NoCamera::named("NotAllowedError"), NoCamera::Refused);
    }

    #[test]
    fn a_gs1_code_is_handed_on_as_one_whatever_number_the_reader_gives_it() {
        let today = jiff::civil::date(2026, 11, 23);
        let code = as_scanned("01050123456789001727033110AB12\u{1d}21XYZ9", "]d8", true);
        assert_eq!(shared::scan::parse(&code, today).expect("a pack").batch.as_deref(), Some("AB12"));
        let code = as_scanned("4006381333931", "]E0", false);
        assert_eq!(shared::scan::parse(&code, today).expect("a pack").gtin, "04006381333931");
    }
}
