//! The device's clock.

use gloo_timers::future::TimeoutFuture;
use shared::time::Millis;

/// Now, by this device's clock.
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Waits at least so long; a hidden page may wait much longer.
pub async fn sleep(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}
