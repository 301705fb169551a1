//! The worker's end of the line: what the page asks is heard here and done by the [`Backroom`].

use super::backroom::Backroom;
use super::messages::{Ask, Failed, Said};
use crate::platform::trouble::Trouble;
use crate::platform::{http, js};
use crate::vault::opened::Sealer;
use js_sys::Array;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Does this code run in the worker rather than in the page?
pub fn is_worker() -> bool {
    js::is_nothing(&js::global("document"))
}

/// What was asked before the records could be opened, with the keys that came with it.
type Early = (Ask, Option<Sealer>);

/// Listens to the page for as long as the worker lives.
pub fn serve() {
    std::panic::set_hook(Box::new(|info| {
        // Where it happened, and nothing of what was being read.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        web_sys_log(&format!("the records worker stopped at {place}"));
        say(&Said::Died);
        // Nothing may run on what a panic has left behind.
        scope().close();
    }));
    let room: Rc<RefCell<Option<Rc<Backroom>>>> = Rc::default();
    let early: Rc<RefCell<Vec<Early>>> = Rc::default();
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        let text = js::get(&data, "text").as_string().unwrap_or_default();
        let Ok(ask) = serde_json::from_str::<Ask>(&text) else { return };
        let keys = Some(js::get(&data, "keys")).filter(JsValue::is_object);
        let keys = keys.and_then(|keys| Sealer::from_js(&keys));
        let (room, early) = (room.clone(), early.clone());
        match ask {
            Ask::Open { database, pharmacy, deadly, signed_in } => {
                let Some(keys) = keys else { return };
                http::ask_only_for(pharmacy);
                spawn_local(async move {
                    match Backroom::open(&database, keys, deadly).await {
                        Ok(opened) => {
                            *room.borrow_mut() = Some(opened.clone());
                            for (ask, keys) in early.take() {
                                opened.clone().hear(ask, keys).await;
                            }
                            opened.begin(signed_in).await;
                        }
                        Err(trouble) => say_trouble(&trouble),
                    }
                });
            }
            ask => {
                let open = room.borrow().clone();
                match open {
                    Some(room) => spawn_local(async move { room.hear(ask, keys).await }),
                    // The database is still being opened. Who waits for a record asks again.
                    None => match ask {
                        Ask::Load { ask, .. } => say(&Said::Loaded { ask, outcome: Err(Failed::Locked) }),
                        ask => early.borrow_mut().push((ask, keys)),
                    },
                }
            }
        }
    });
    scope().set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
    say(&Said::Ready);
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn web_sys_log(text: &str) {
    // A console is in every browser, and nothing can be done without one.
    let _ = js::call(&js::global("console"), "error", &[text.into()]);
}

/// Tells the page.
pub fn say(said: &Said) {
    say_with(said, &[]);
}

/// Tells the page what it may take in when it has a moment; it takes nothing that is told later before that.
pub fn say_unhurried(said: &Said) {
    post(said, &[], true);
}

/// Tells the page, with bytes beside it.
pub fn say_with(said: &Said, parts: &[Vec<u8>]) {
    post(said, parts, false);
}

fn post(said: &Said, parts: &[Vec<u8>], unhurried: bool) {
    let text = serde_json::to_string(said).expect("strings and numbers always serialise");
    let arrays: Vec<JsValue> = parts.iter().map(|part| js::array(part).into()).collect();
    let moved: Array = arrays.iter().map(|array| js::get(array, "buffer")).collect();
    let message = js::object([
        ("text", text.as_str().into()),
        ("parts", arrays.iter().collect::<Array>().into()),
        ("unhurried", unhurried.into()),
    ]);
    // A page that has gone cannot be told, and does not need to be.
    let _ = scope().post_message_with_transfer(&message, &moved);
}

/// Tells the page what went wrong.
pub fn say_trouble(trouble: &Trouble) {
    say(&Said::Trouble(Failed::from(trouble)));
}
