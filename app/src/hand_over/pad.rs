//! The box to sign in with a finger or a pen.

use super::model::{HEIGHT, Strokes, WIDTH};
use crate::platform::pointer;
use leptos::prelude::*;

#[component]
pub fn Pad(strokes: RwSignal<Strokes>) -> impl IntoView {
    let path = Memo::new(move |_| strokes.with(Strokes::path));
    let empty = Memo::new(move |_| strokes.with(Strokes::is_empty));
    view! {
        <div class="pad">
            <svg
                class="pad__box"
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                role="img"
                aria-label=move || if empty.get() { "Signature box, empty" } else { "Signature box, signed" }
                on:pointerdown=move |event| {
                    if let Some((x, y)) = pointer::place(&event, WIDTH, HEIGHT) {
                        pointer::keep(&event);
                        strokes.update(|strokes| strokes.begin(x, y));
                    }
                }
                on:pointermove=move |event| {
                    if let Some((x, y)) = pointer::place(&event, WIDTH, HEIGHT) {
                        strokes.update(|strokes| strokes.go_on(x, y));
                    }
                }
                on:pointerup=move |_| strokes.update(Strokes::end)
                on:pointercancel=move |_| strokes.update(Strokes::end)
            >
                <path class="pad__stroke" d=move || path.get() fill="none" stroke-linecap="round" stroke-linejoin="round"></path>
            </svg>
            <div class="button-row">
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || empty.get()
                    on:click=move |_| strokes.update(Strokes::undo)
                >
                    "Take back the last stroke"
                </button>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || empty.get()
                    on:click=move |_| strokes.update(Strokes::clear)
                >
                    "Clear"
                </button>
            </div>
        </div>
    }
}
