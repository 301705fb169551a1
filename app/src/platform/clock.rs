//! The device's clock.

use super::js;
use gloo_timers::future::TimeoutFuture;
use shared::time::Millis;

/// Now, by this device's clock.
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Both of the device's clocks, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The clock that people can set, in milliseconds since 1970.
    pub now: Millis,
    /// Milliseconds since the page was loaded, which nobody can set; some platforms stop it while they sleep.
    pub running: Millis,
}

/// Now, by both clocks.
pub fn moment() -> Moment {
    let running = js::call(&js::global("performance"), "now", &[]).ok().and_then(|now| now.as_f64());
    Moment { now: now(), running: running.unwrap_or_default() as Millis }
}

/// Waits at least so long; a hidden page may wait much longer.
pub async fn sleep(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}
