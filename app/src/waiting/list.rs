//! Draws the waiting list, and the way to it from the work list.

use super::model::line_words;
use crate::platform::clock::sleep;
use crate::platform::trouble::Trouble;
use crate::state::{Connection, Phase, Satchel};
use crate::ui::{BackLink, Clock, PageHeading, words};
use crate::vault::waiting::{self, WaitingBox};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::people::Permission;
use shared::time::Millis;

const LOOK_EVERY: Millis = 2 * 60_000;
/// Milliseconds until the server is told again what it could not take yet.
const AGAIN_AFTER: u32 = 3_000;

/// What is kept on this device, and, where the server answers, what it says now.
fn boxed(satchel: Satchel) -> (RwSignal<WaitingBox>, RwSignal<Option<Trouble>>) {
    let (held, trouble) = (RwSignal::new(WaitingBox::default()), RwSignal::new(None));
    let clock = Clock::from_context();
    // Anew when the server answers again, and now and then, since a message may come at any time.
    let due = Memo::new(move |_| {
        let reached = matches!(satchel.connection.get(), Connection::Reached { .. });
        (reached, clock.now() / LOOK_EVERY)
    });
    Effect::new(move |_| {
        due.track();
        spawn_local(async move {
            if let Ok(kept) = waiting::kept(satchel).await {
                let _ = held.try_set(kept);
            }
            loop {
                match waiting::renew(satchel).await {
                    Ok(renewed) => {
                        // The consultation that a message became is on its way still.
                        let again = !renewed.decided.is_empty();
                        let gone = held.try_set(renewed).is_some();
                        let _ = trouble.try_set(None);
                        if gone || !again {
                            break;
                        }
                    }
                    Err(refused) => {
                        let _ = trouble.try_set(Some(refused));
                        break;
                    }
                }
                sleep(AGAIN_AFTER).await;
            }
        });
    });
    (held, trouble)
}

/// How many messages wait; nothing while none does.
#[component]
pub fn WaitingLink() -> impl IntoView {
    let satchel = Satchel::from_context();
    let may_decide = satchel.phase.with_untracked(
        |phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::RecordConsultations)),
    );
    let held = if may_decide { boxed(satchel).0 } else { RwSignal::new(WaitingBox::default()) };
    let number = Memo::new(move |_| held.with(|held| held.undecided().count() + held.more));
    move || {
        let number = number.get();
        (number > 0).then(|| {
            view! { <A href="/waiting">{words::count(number, "message waits", "messages wait")}</A> }
        })
    }
}

#[component]
pub fn WaitingListPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let (held, trouble) = boxed(satchel);
    let lines = move || {
        held.with(|held| {
            let now = clock.now();
            let undecided = held.undecided();
            undecided.map(|view| (view.id.clone(), line_words(view, now))).collect::<Vec<_>>()
        })
    };
    let foot = move || {
        let at = held.with(|held| words::when(&held.fetched_at, clock.now()));
        let trouble = trouble.with(|trouble| trouble.as_ref().map(ToString::to_string));
        match (trouble, at.is_empty()) {
            (None, _) => String::new(),
            (Some(trouble), true) => trouble,
            (Some(trouble), false) => format!("{trouble} This is the list of {at}."),
        }
    };
    view! {
        <div class="page page--narrow">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Messages waiting"/>
            <p>
                "E-mails and letters to this pharmacy. None of them is a referral until somebody has read it \
                 and said so; all of them are kept."
            </p>
            <p role="status">{foot}</p>
            <ul class="to-do">
                {move || {
                    lines()
                        .into_iter()
                        .map(|(id, words)| {
                            view! {
                                <li class="to-do__item">
                                    <A href=format!("/waiting/{id}")>{words}</A>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            {move || {
                let more = held.with(|held| held.more);
                (more > 0).then(|| {
                    let more = words::count(more, "more message waits", "more messages wait");
                    view! { <p>{format!("{more}. They come onto this list as these are decided about.")}</p> }
                })
            }}
            {move || lines().is_empty().then(|| view! { <p class="empty">"Nothing waits."</p> })}
        </div>
    }
}
