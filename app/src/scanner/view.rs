//! Draws the camera's picture and the box to type in; what was read is shown before it is taken.

use super::model::{Look, Seen, pack_words, warning};
use crate::platform::camera::{Camera, Reader};
use crate::platform::clock;
use crate::ui::{TextBox, link_button};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::scan::{Pack, parse};
use shared::time;

/// Milliseconds between two looks, so that the device stays quick and cool.
const BETWEEN: u32 = 150;

/// Scans or takes the typed code of one pack. `on_pack` gets it once the person has confirmed what was read;
/// `on_cancel` is called when they give up.
#[component]
pub fn Scanner(on_pack: Callback<Pack>, on_cancel: Callback<()>) -> impl IntoView {
    let read = RwSignal::new(None::<Pack>);
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let filming = RwSignal::new(false);
    let today = || time::day(clock::now());
    let take_typed = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match parse(&typed.get_untracked(), today()) {
            Ok(pack) => {
                problem.set(String::new());
                read.set(Some(pack));
            }
            Err(wrong) => problem.set(wrong.to_string()),
        }
    };
    view! {
        <section class="scanner" aria-label="Scan a pack">
            {move || match read.get() {
                Some(pack) => {
                    let words = pack_words(&pack);
                    let warning = warning(&pack, today());
                    view! {
                        <p class="scanner__read" role="status">{words}</p>
                        {warning.map(|words| view! { <p class="panel panel--notice">{words}</p> })}
                        <div class="button-row">
                            <button
                                type="button"
                                class="nhsuk-button"
                                on:click=move |_| on_pack.run(pack.clone())
                            >
                                "Use this pack"
                            </button>
                            <button
                                type="button"
                                class="nhsuk-button nhsuk-button--secondary"
                                on:click=move |_| read.set(None)
                            >
                                "Scan again"
                            </button>
                        </div>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <Show
                            when=move || filming.get()
                            fallback=move || {
                                view! {
                                    <button
                                        type="button"
                                        class="nhsuk-button nhsuk-button--secondary"
                                        on:click=move |_| {
                                            problem.set(String::new());
                                            filming.set(true);
                                        }
                                    >
                                        "Use the camera"
                                    </button>
                                }
                            }
                        >
                            <Picture read problem filming/>
                        </Show>
                        <p class="unlock__problem" role="alert">{move || problem.get()}</p>
                        <form class="medicine-form" novalidate=true on:submit=take_typed>
                            <TextBox
                                id="scan-typed"
                                label="Or type the code"
                                hint="As it is printed beside the square code, for example (01)05012345678900(17)270331(10)AB12"
                                value=typed
                            />
                            <button type="submit" class="nhsuk-button nhsuk-button--secondary">
                                "Read what I typed"
                            </button>
                        </form>
                    }
                        .into_any()
                }
            }}
            {link_button("Cancel scanning", "", on_cancel)}
        </section>
    }
}

/// A button that opens the scanner in its place, and closes it when a pack was read.
pub fn scan_button(on_pack: Callback<Pack>) -> AnyView {
    let open = RwSignal::new(false);
    let taken = Callback::new(move |pack: Pack| {
        open.set(false);
        on_pack.run(pack);
    });
    let cancel = Callback::new(move |()| open.set(false));
    view! {
        <Show
            when=move || open.get()
            fallback=move || {
                view! {
                    <button
                        type="button"
                        class="nhsuk-button nhsuk-button--secondary"
                        on:click=move |_| open.set(true)
                    >
                        "Scan the pack"
                    </button>
                }
            }
        >
            <Scanner on_pack=taken on_cancel=cancel/>
        </Show>
    }
    .into_any()
}

/// The live picture, until a pack is found in it.
#[component]
fn Picture(
    read: RwSignal<Option<Pack>>,
    problem: RwSignal<String>,
    filming: RwSignal<bool>,
) -> impl IntoView {
    let video = NodeRef::<html::Video>::new();
    let camera = StoredValue::new_local(None::<Camera>);
    let torch = RwSignal::new(None::<bool>);
    let here = StoredValue::new(true);
    on_cleanup(move || {
        here.set_value(false);
        camera.set_value(None);
    });
    spawn_local(async move {
        if let Err(why) = film(video, camera, torch, here, read, problem).await {
            problem.try_set(why.to_string());
            filming.try_set(false);
        }
    });
    view! {
        <div class="scanner__picture">
            <video node_ref=video class="scanner__video" autoplay playsinline muted aria-label="Camera picture"></video>
        </div>
        <p class="nhsuk-hint">"Hold the square code on the pack in the middle of the picture."</p>
        <div class="button-row">
            {move || {
                torch
                    .get()
                    .map(|on| {
                        view! {
                            <button
                                type="button"
                                class="nhsuk-button nhsuk-button--secondary"
                                aria-pressed=if on { "true" } else { "false" }
                                on:click=move |_| {
                                    camera
                                        .with_value(|camera| {
                                            if let Some(camera) = camera {
                                                camera.set_torch(!on);
                                            }
                                        });
                                    torch.set(Some(!on));
                                }
                            >
                                {if on { "Light off" } else { "Light on" }}
                            </button>
                        }
                    })
            }}
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary"
                on:click=move |_| filming.set(false)
            >
                "Stop the camera"
            </button>
        </div>
    }
}

/// Looks at one picture after the other until there is a pack, or nobody is here any more.
async fn film(
    video: NodeRef<html::Video>,
    camera: StoredValue<Option<Camera>, LocalStorage>,
    torch: RwSignal<Option<bool>>,
    here: StoredValue<bool>,
    read: RwSignal<Option<Pack>>,
    problem: RwSignal<String>,
) -> Result<(), crate::platform::camera::NoCamera> {
    // First the camera: its question must follow the touch that asked for it.
    let on = Camera::start().await?;
    let still_here = || here.try_get_value().unwrap_or_default();
    if !still_here() {
        return Ok(());
    }
    let reader = Reader::ready().await?;
    let Some(element) = video.try_get_untracked().flatten() else { return Ok(()) };
    on.show(&element);
    torch.try_set(on.has_torch().then_some(false));
    camera.try_set_value(Some(on));
    let mut seen = Seen::default();
    while still_here() {
        clock::sleep(BETWEEN).await;
        let Some(code) = reader.look(&element).await else { continue };
        match seen.look(&code, time::day(clock::now())) {
            Look::Nothing => {}
            Look::Found(pack) => {
                problem.try_set(String::new());
                read.try_set(Some(pack));
                return Ok(());
            }
            Look::Wrong(wrong) => {
                problem.try_set(wrong.to_string());
            }
        }
    }
    Ok(())
}
