//! The nudge: a WebSocket on which the server says only that there is news.

use super::js;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

/// An open nudge; dropping it closes it.
pub struct Nudge {
    socket: WebSocket,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _ended: Closure<dyn FnMut(CloseEvent)>,
}

impl Nudge {
    /// Calls `news` with the number in each message and `ended` once when the link is gone. `None` where it cannot even begin.
    pub fn open(news: impl Fn(u64) + 'static, ended: impl FnOnce() + 'static) -> Option<Self> {
        let location = js::global("location");
        let host = js::get(&location, "host").as_string()?;
        let scheme = if js::get(&location, "protocol").as_string()? == "https:" { "wss" } else { "ws" };
        let socket = WebSocket::new(&format!("{scheme}://{host}/api/sync/live")).ok()?;
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(upto) = event.data().as_string().and_then(|text| number(&text)) {
                news(upto);
            }
        });
        socket.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let mut once = Some(ended);
        let over = Closure::<dyn FnMut(CloseEvent)>::new(move |_| {
            if let Some(ended) = once.take() {
                ended();
            }
        });
        socket.set_onclose(Some(over.as_ref().unchecked_ref()));
        Some(Self { socket, _heard: heard, _ended: over })
    }
}

/// The number in a message such as `{"upto":12}` or `12`.
fn number(text: &str) -> Option<u64> {
    let digits: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

impl Drop for Nudge {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Closing a closed socket is no harm, and no other failure is possible without a code.
        let _ = self.socket.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nudge_is_read_with_or_without_a_name() {
        assert_eq!(number("12"), Some(12));
        assert_eq!(number(r#"{"upto":12}"#), Some(12));
        assert_eq!(number("hello"), None);
    }
}
