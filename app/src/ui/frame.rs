//! What stands around every screen: the header, the strips that tell how things are, and the cover.

use super::privacy::{Cover, Privacy};
use super::{Clock, words};
use crate::standing::PlaceBanner;
use crate::state::{Connection, Phase, Satchel, Who};
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let satchel = Satchel::from_context();
    let privacy = Privacy(RwSignal::new(false));
    provide_context(privacy);
    view! {
        <div
            class="frame"
            class=("frame--covered", move || privacy.0.get())
            on:pointerdown=move |_| satchel.touched()
            on:keydown=move |_| satchel.touched()
        >
            <a class="nhsuk-skip-link" href="#main" rel="external">
                "Skip to main content"
            </a>
            <Header/>
            <Strips/>
            <main id="main" class="main" tabindex="-1">
                {children()}
            </main>
            <Cover/>
        </div>
    }
}

fn who(satchel: Satchel) -> Option<Who> {
    match satchel.phase.get() {
        Phase::Open(who) => Some(who),
        _ => None,
    }
}

#[component]
fn Header() -> impl IntoView {
    let satchel = Satchel::from_context();
    let privacy = Privacy::from_context();
    let here = Memo::new(move |_| who(satchel));
    view! {
        <header class="header">
            <div class="header__inner">
                <A href="/" attr:class="header__name">
                    <img class="header__icon" src="/icons/satchel.svg" alt="" width="32" height="32"/>
                    <span>"Satchel"</span>
                </A>
                {move || {
                    here.get()
                        .map(|who| {
                            view! {
                                <p class="header__place">
                                    {format!("{} {}", who.pharmacy_name, who.ods)}
                                    <span class="header__person">{who.name}</span>
                                </p>
                                <nav class="header__actions" aria-label="Satchel">
                                    <A href="/settings" attr:class="header__action">
                                        "Settings"
                                    </A>
                                    <button
                                        type="button"
                                        class="header__action"
                                        on:click=move |_| privacy.0.set(true)
                                    >
                                        "Hide"
                                        <span class="nhsuk-u-visually-hidden">" patient details"</span>
                                    </button>
                                    <button
                                        type="button"
                                        class="header__action"
                                        on:click=move |_| satchel.lock()
                                    >
                                        "Lock"
                                    </button>
                                </nav>
                            }
                        })
                }}
            </div>
        </header>
    }
}

/// Quiet lines, each only while it is true.
#[component]
fn Strips() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let open = Memo::new(move |_| who(satchel).is_some());
    // The seconds change the words only; the button must keep its place and its focus.
    let locking = Memo::new(move |_| satchel.locks_in.get().is_some());
    let offline = Memo::new(move |_| {
        offline_words(satchel.connection.get(), open.get().then(|| satchel.waiting.get()))
    });
    let overdue = Memo::new(move |_| {
        let closed = open.get() && satchel.closed.get();
        closed.then(|| match satchel.last_contact.get() {
            Some(at) => format!("No contact with the server since {}.", words::moment(at, clock.now())),
            None => "This device has not been in contact with the server.".to_owned(),
        })
    });
    view! {
        <section aria-label="How things are">
            <Show when=move || satchel.demo.get()>
                <p class="strip strip--demo">
                    <strong>"Demonstration."</strong>
                    " The NHS services are simulated. Do not enter real patients."
                </p>
            </Show>
            <div role="status">
                {move || {
                    offline
                        .get()
                        .map(|words| {
                            if open.get() {
                                view! {
                                    <p class="strip strip--offline">
                                        <A href="/?waiting=yes">{words}</A>
                                    </p>
                                }
                                    .into_any()
                            } else {
                                view! { <p class="strip strip--offline">{words}</p> }.into_any()
                            }
                        })
                }}
                {move || {
                    overdue
                        .get()
                        .map(|words| {
                            view! {
                                <p class="strip strip--notice">
                                    {words}
                                    " Patients are closed until this device connects; your own unsent work stays \
                                     readable. "
                                    <A href="/">"What to do"</A>
                                </p>
                            }
                        })
                }}
                <Show when=move || satchel.clock_doubtful.get()>
                    <p class="strip strip--notice">
                        "This device's clock was set, or does not agree with the server's. Check the time in the \
                         device's settings: it is written into the records."
                    </p>
                </Show>
            </div>
            <PlaceBanner/>
            <Show when=move || satchel.update_ready.get()>
                <p class="strip strip--notice">
                    "A new version is ready. "
                    <button type="button" class="link-button" on:click=move |_| satchel.update_app()>
                        "Change to it now"
                    </button>
                </p>
            </Show>
            <div role="status">
                <Show when=move || locking.get()>
                    <span class="nhsuk-u-visually-hidden">"Satchel is about to lock."</span>
                </Show>
            </div>
            <Show when=move || locking.get()>
                <p class="strip strip--lock">
                    <span role="timer">
                        {move || format!("Locks in {} seconds. ", satchel.locks_in.get().unwrap_or_default())}
                    </span>
                    <button type="button" class="link-button" on:click=move |_| satchel.touched()>
                        "Stay unlocked"
                    </button>
                </p>
            </Show>
            <div role="alert">
                {move || {
                    satchel
                        .trouble
                        .get()
                        .map(|words| {
                            view! {
                                <p class="strip strip--trouble">
                                    <span>{words}</span>
                                    <button
                                        type="button"
                                        class="link-button"
                                        on:click=move |_| satchel.trouble.set(None)
                                    >
                                        "Dismiss"
                                    </button>
                                </p>
                            }
                        })
                }}
            </div>
        </section>
    }
}

/// The strip's words while the server does not answer, or while work waits; `None` when all is well.
///
/// While the vault is shut, what waits is not known (`None`) and nothing is claimed about it.
fn offline_words(connection: Connection, waiting: Option<usize>) -> Option<String> {
    let wait = match waiting {
        None => String::new(),
        Some(0) => " Everything recorded here is with the server.".to_owned(),
        Some(1) => " 1 consultation waits to be sent.".to_owned(),
        Some(many) => format!(" {many} consultations wait to be sent."),
    };
    match connection {
        Connection::Unreachable { .. } => Some(format!("Working offline.{wait}")),
        Connection::Unknown | Connection::Reached { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_is_said_with_how_many_wait() {
        let offline = Connection::Unreachable { since: 0 };
        assert_eq!(
            offline_words(offline, Some(3)).as_deref(),
            Some("Working offline. 3 consultations wait to be sent.")
        );
        assert_eq!(
            offline_words(offline, Some(1)).as_deref(),
            Some("Working offline. 1 consultation waits to be sent.")
        );
        assert_eq!(offline_words(offline, None).as_deref(), Some("Working offline."));
    }

    #[test]
    fn a_server_not_yet_tried_is_not_called_offline() {
        assert_eq!(offline_words(Connection::Unknown, Some(2)), None);
    }
}
