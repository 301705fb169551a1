//! The page's end of the line to the records worker: started early, restarted when it dies, ended by locking.

use super::messages::{Ask, Failed, Said};
use crate::platform::trouble::Trouble;
use crate::platform::{clock, js};
use crate::state::Satchel;
use crate::sync::driver;
use crate::vault::opened::{Opened, Sealer};
use js_sys::{Array, Function, Promise};
use leptos::prelude::*;
use shared::ids::ConsultationId;
use shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// The worker's own file; it loads the app's script, which this page names.
const WORKER: &str = "/records-worker.js";
/// Looks at the clock, one a second, that one document may take to open.
const PATIENCE: u32 = 15;
/// Deaths in a row without a document to blame, after which it is said aloud.
const TOO_MANY: u32 = 3;
/// Milliseconds before the next try after such a death.
const PAUSE: u32 = 1_000;
/// Milliseconds that lines of the list are taken in at a stretch, and before the first: what somebody waits for, the
/// first screen above all, is drawn between two stretches.
const STRETCH: Millis = 6;
const BEFORE_LISTING: u32 = 60;
/// Milliseconds between two questions for a record while the worker still opens its database.
const AGAIN: u32 = 50;

/// The worker and what the page waits for.
pub struct Line {
    worker: Worker,
    ready: Cell<bool>,
    /// What was asked before the worker was ready.
    early: RefCell<Vec<JsValue>>,
    /// What the worker said and the page has not taken in yet, in order.
    unheard: RefCell<VecDeque<JsValue>>,
    /// Who waits for a record.
    waiting: RefCell<BTreeMap<u32, Function>>,
    last_ask: Cell<u32>,
    /// The document that is being opened, and since how many looks at the clock.
    touching: Cell<Option<(ConsultationId, u32)>>,
}

/// Starts a worker without keys, so that it is warm when the vault opens.
pub fn warm(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    if keeper.0.line.borrow().is_some() {
        return;
    }
    match Line::start(satchel) {
        Ok(line) => *keeper.0.line.borrow_mut() = Some(Rc::new(line)),
        Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
    }
}

/// Hands the keys over: listing and sync begin.
pub fn open(satchel: Satchel, opened: &Opened) {
    warm(satchel);
    let keeper = satchel.keeper.get_value();
    let Ok(vault) = keeper.vault() else { return };
    let pharmacy = vault.header.borrow().pharmacy.clone();
    let ask = Ask::Open {
        database: crate::vault::start::database_name(&pharmacy),
        pharmacy,
        deadly: keeper.0.deadly.borrow().clone(),
        signed_in: keeper.0.signed_in.get(),
    };
    post(satchel, &ask, Some(&opened.sealer));
    let open = keeper.0.document.borrow().as_ref().map(|open| open.id);
    post(satchel, &Ask::OnScreen(open), None);
    let days = crate::platform::settings::window_days();
    post(satchel, &Ask::Window { days }, None);
}

/// The vault key was changed.
pub fn new_keys(satchel: Satchel, sealer: &Sealer) {
    post(satchel, &Ask::NewKeys, Some(sealer));
}

/// Tells the worker something that needs no answer. Without a worker it is on disk, where the next one finds it.
pub fn tell(satchel: Satchel, ask: &Ask) {
    post(satchel, ask, None);
}

/// Ends the worker, keys and all, and starts a fresh one without.
pub fn end(satchel: Satchel) {
    stop(satchel);
    satchel.keeper.get_value().0.deadly.borrow_mut().clear();
    warm(satchel);
}

fn stop(satchel: Satchel) {
    let line = satchel.keeper.get_value().0.line.borrow_mut().take();
    if let Some(line) = line {
        line.worker.set_onmessage(None);
        line.worker.set_onerror(None);
        line.worker.terminate();
        let waiting = std::mem::take(&mut *line.waiting.borrow_mut());
        for answer in waiting.into_values() {
            // A promise's own resolve function cannot throw.
            let _ = answer.call1(&JsValue::NULL, &JsValue::NULL);
        }
    }
}

/// The parts of a document, saves first, after the worker has tried them out.
pub async fn load(satchel: Satchel, id: &ConsultationId) -> Result<(Vec<Vec<u8>>, Vec<Vec<u8>>), Trouble> {
    let keeper = satchel.keeper.get_value();
    let opened = keeper.opened()?;
    loop {
        if keeper.0.deadly.borrow().contains(id) {
            return Err(Trouble::Deadly);
        }
        let line = keeper.0.line.borrow().clone();
        let answer = match line {
            Some(line) => line.ask_for(satchel, id).await,
            None => None,
        };
        match answer {
            Some(Ok(parts)) => return Ok(parts),
            Some(Err(Failed::Locked)) | None if keeper.is_current(&opened) => clock::sleep(AGAIN).await,
            Some(Err(failed)) => return Err(failed.into()),
            None => return Err(Trouble::Locked),
        }
    }
}

/// Once a second: is the worker still at the same document?
pub fn tick(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let Some(line) = keeper.0.line.borrow().clone() else { return };
    if let Some((id, looks)) = line.touching.get() {
        line.touching.set(Some((id, looks + 1)));
        if looks >= PATIENCE {
            died(satchel);
        }
    }
}

fn post(satchel: Satchel, ask: &Ask, keys: Option<&Sealer>) {
    let line = satchel.keeper.get_value().0.line.borrow().clone();
    if let Some(line) = line {
        line.post(ask, keys);
    }
}

/// The worker is no more: whatever it was opening is set aside, and another one goes on.
fn died(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let touching = keeper.0.line.borrow().as_ref().and_then(|line| line.touching.get());
    match touching {
        Some((id, _)) => {
            keeper.0.deadly.borrow_mut().insert(id);
            let waits = crate::vault::list::listed(satchel, &id).is_some_and(|row| row.unsent);
            driver::set_aside(satchel, &id, Trouble::Deadly.to_string(), waits);
        }
        None => keeper.0.deaths.set(keeper.0.deaths.get() + 1),
    }
    stop(satchel);
    if keeper.0.deaths.get() >= TOO_MANY {
        satchel.trouble.set(Some(Trouble::Unsupported("a worker for records").to_string()));
    }
    leptos::task::spawn_local(async move {
        if touching.is_none() {
            clock::sleep(PAUSE << keeper.0.deaths.get().min(6)).await;
        }
        match keeper.opened() {
            Ok(opened) => open(satchel, &opened),
            Err(_) => warm(satchel),
        }
    });
}

impl Line {
    fn start(satchel: Satchel) -> Result<Self, Trouble> {
        const LACKING: Trouble = Trouble::Unsupported("module workers");
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(WORKER, &options).map_err(|_| LACKING)?;
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            hear(satchel, &event.data());
        });
        // Left to the garbage collector: a message may end the worker, and so the very closure that heard it.
        worker.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
        let failed = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            // It is dealt with here; the page itself has no error.
            let _ = js::call(&event, "preventDefault", &[]);
            died(satchel);
        });
        worker.set_onerror(Some(failed.into_js_value().unchecked_ref()));
        let start = js::object([
            ("script", script().ok_or(LACKING)?.as_str().into()),
            ("module", wasm_bindgen::module()),
        ]);
        worker.post_message(&start).map_err(|_| LACKING)?;
        Ok(Self {
            worker,
            ready: Cell::new(false),
            early: RefCell::default(),
            unheard: RefCell::default(),
            waiting: RefCell::default(),
            last_ask: Cell::new(0),
            touching: Cell::new(None),
        })
    }

    fn post(&self, ask: &Ask, keys: Option<&Sealer>) {
        let text = serde_json::to_string(ask).expect("strings and numbers always serialise");
        let message = js::object([("text", text.as_str().into())]);
        if let Some(keys) = keys {
            js::set(&message, "keys", &keys.to_js());
        }
        if self.ready.get() {
            // A worker that has gone is noticed by its silence, and another one starts from what is on disk.
            let _ = self.worker.post_message(&message);
        } else {
            self.early.borrow_mut().push(message.into());
        }
    }

    /// Keeps what was said until the page has a moment.
    fn hear_later(self: &Rc<Self>, satchel: Satchel, message: &JsValue) {
        let mut unheard = self.unheard.borrow_mut();
        unheard.push_back(message.clone());
        if unheard.len() == 1 {
            let line = self.clone();
            leptos::task::spawn_local(async move { line.hear_all(satchel).await });
        }
    }

    /// Takes in what was kept, a stretch at a time, for as long as this is the line to the worker.
    async fn hear_all(self: Rc<Self>, satchel: Satchel) {
        let keeper = satchel.keeper.get_value();
        clock::sleep(BEFORE_LISTING).await;
        loop {
            let began = clock::moment().running;
            while clock::moment().running - began < STRETCH {
                let is_current = keeper.0.line.borrow().as_ref().is_some_and(|line| Rc::ptr_eq(line, &self));
                let next = self.unheard.borrow().front().cloned().filter(|_| is_current);
                let Some(message) = next else {
                    self.unheard.borrow_mut().clear();
                    return;
                };
                if let Ok(said) = read(&message) {
                    take_in(satchel, said, &message);
                }
                // Only now, so that nothing overtakes it.
                self.unheard.borrow_mut().pop_front();
            }
            clock::sleep(0).await;
        }
    }

    async fn ask_for(
        &self,
        satchel: Satchel,
        id: &ConsultationId,
    ) -> Option<Result<(Vec<Vec<u8>>, Vec<Vec<u8>>), Failed>> {
        let ask = self.last_ask.get() + 1;
        self.last_ask.set(ask);
        let promise = Promise::new(&mut |resolve, _| {
            self.waiting.borrow_mut().insert(ask, resolve);
        });
        post(satchel, &Ask::Load { ask, id: *id }, None);
        let answer = js::wait(promise).await.ok()?;
        let Ok(Said::Loaded { outcome, .. }) = read(&answer) else { return None };
        Some(outcome.map(|parts| {
            let mut bytes = bytes_of(&answer);
            let changes = bytes.split_off(parts.bases.min(bytes.len()));
            (bytes, changes)
        }))
    }
}

fn read(message: &JsValue) -> Result<Said, serde_json::Error> {
    serde_json::from_str(&js::get(message, "text").as_string().unwrap_or_default())
}

fn bytes_of(message: &JsValue) -> Vec<Vec<u8>> {
    let parts = js::get(message, "parts");
    if parts.is_object() {
        Array::from(&parts).iter().map(|part| js::bytes(&part)).collect()
    } else {
        Vec::new()
    }
}

/// The address of the app's own script, under the name that this build gave it.
fn script() -> Option<String> {
    let document = js::global("document");
    let link = js::call(&document, "querySelector", &["link[rel=modulepreload]".into()]).ok()?;
    js::get(&link, "href").as_string()
}

fn hear(satchel: Satchel, message: &JsValue) {
    let keeper = satchel.keeper.get_value();
    let Some(line) = keeper.0.line.borrow().clone() else { return };
    if js::get(message, "unhurried").is_truthy() {
        line.hear_later(satchel, message);
        return;
    }
    let Ok(said) = read(message) else { return };
    match said {
        Said::Ready => {
            line.ready.set(true);
            for early in line.early.take() {
                let _ = line.worker.post_message(&early);
            }
        }
        Said::Loaded { ask, .. } => {
            let answer = line.waiting.borrow_mut().remove(&ask);
            if let Some(answer) = answer {
                // A promise's own resolve function cannot throw.
                let _ = answer.call1(&JsValue::NULL, message);
            }
        }
        Said::Touching(id) => line.touching.set(id.map(|id| (id, 0))),
        Said::Died => died(satchel),
        // Nobody waits for the rest so much that it could overtake the lines of the list it may be about.
        _ if !line.unheard.borrow().is_empty() => line.unheard.borrow_mut().push_back(message.clone()),
        said => take_in(satchel, said, message),
    }
}

fn take_in(satchel: Satchel, said: Said, message: &JsValue) {
    satchel.keeper.get_value().0.deaths.set(0);
    driver::hear(satchel, said, bytes_of(message));
}

/// Documents that have ended a worker since the vault was opened.
pub type DeadlyDocuments = RefCell<BTreeSet<ConsultationId>>;
