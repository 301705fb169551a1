//! Draws the work list.

use super::model::{Entry, Question, Tab, listing, nothing_here};
use crate::attention::AttentionNote;
use crate::figures::ReportsLinks;
use crate::registers::RegistersLink;
use crate::set_aside::SetAsideNotice;
use crate::state::Satchel;
use crate::ui::{Clock, PageHeading, words};
use crate::waiting::WaitingLink;
use crate::worker::messages::Progress;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};
use std::time::Duration;

/// As many entries as are drawn before *Show more*.
const FIRST: usize = 100;
/// As many as a tablet's screen shows: drawn at once, and the others once nobody is waiting.
const SCREENFUL: usize = 6;
/// Quiet after which more are drawn.
const QUIET: Duration = Duration::from_millis(120);

#[component]
pub fn WorkListPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let query = use_query_map();
    let navigate = use_navigate();
    let waiting_only = Memo::new(move |_| query.with(|query| query.get("waiting").is_some()));
    let tab = RwSignal::new(Tab::ToDo);
    let search = RwSignal::new(String::new());
    let limit = RwSignal::new(FIRST);

    let drawn = RwSignal::new(SCREENFUL);
    let list = Memo::new(move |_| {
        let search = search.get();
        let question = Question {
            tab: tab.get(),
            search: &search,
            waiting_only: waiting_only.get(),
            limit: limit.get().min(drawn.get()),
            now: clock.now(),
        };
        let list = satchel.rows.with(|rows| listing(rows, question));
        let nothing = list.entries.is_empty().then(|| nothing_here(&list, question));
        (list, nothing)
    });
    let more = StoredValue::new(None::<TimeoutHandle>);
    let draw_later = move || {
        if let Some(Some(waiting)) = more.try_update_value(Option::take) {
            waiting.clear();
        }
        let draw = move || {
            let wanted = list.with_untracked(|(list, _)| list.found).min(limit.get_untracked());
            if drawn.get_untracked() < wanted {
                drawn.update(|drawn| *drawn += SCREENFUL);
            }
        };
        more.set_value(set_timeout_with_handle(draw, QUIET).ok());
    };
    // Each screenful is a short task of its own, so that typing is never kept waiting.
    Effect::new(move |_| {
        list.track();
        drawn.track();
        draw_later();
    });
    on_cleanup(move || {
        if let Some(Some(waiting)) = more.try_update_value(Option::take) {
            waiting.clear();
        }
    });
    let hidden = move || list.with(|(list, _)| list.found.saturating_sub(limit.get()));
    let choose = move |chosen: Tab| {
        tab.set(chosen);
        limit.set(FIRST);
        drawn.set(SCREENFUL);
        if waiting_only.get_untracked() {
            navigate("/", leptos_router::NavigateOptions::default());
        }
    };

    view! {
        <div class="page">
            <div class="page__top">
                <PageHeading text="Work list"/>
                <A href="/walk-in" attr:class="nhsuk-button page__action">
                    "Add walk-in"
                </A>
            </div>
            <nav class="page__links" aria-label="Work list">
                <WaitingLink/>
                <A href="/walk-in?came=phone">"Add phone referral"</A>
                <A href="/ready">"Ready for the visit"</A>
                <A href="/places">"Services nearby"</A>
                <A href="/medicines">"Medicines"</A>
                <RegistersLink/>
                <ReportsLinks/>
            </nav>
            <div class="nhsuk-form-group search" role="search">
                <label class="nhsuk-label" for="search">
                    "Search by name, NHS number or postcode"
                </label>
                <input
                    class="nhsuk-input box"
                    id="search"
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || search.get()
                    on:input=move |event| {
                        drawn.set(SCREENFUL);
                        search.set(event_target_value(&event));
                    }
                />
            </div>
            <div class="tabs" role="group" aria-label="Which consultations">
                {Tab::ALL
                    .into_iter()
                    .map(|one| {
                        let choose = choose.clone();
                        let pressed = move || {
                            if tab.get() == one && !waiting_only.get() { "true" } else { "false" }
                        };
                        view! {
                            <button
                                type="button"
                                class="tabs__tab"
                                aria-pressed=pressed
                                on:click=move |_| choose(one)
                            >
                                {one.title()}
                                <span class="tabs__count">
                                    {move || list.with(|(list, _)| list.of(one))}
                                </span>
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            <p class="page__note" role="status" hidden=move || satchel.progress.with(Option::is_none)>
                {move || {
                    satchel.progress.get().map(|Progress { done, of }| {
                        format!(
                            "Fetching consultations: {} of {}. You can work meanwhile.",
                            words::thousands(done),
                            words::thousands(of),
                        )
                    })
                }}
            </p>
            <Show when=move || waiting_only.get()>
                <p class="page__note">"Showing only what waits to be sent. " <A href="/">"Show all"</A></p>
            </Show>
            <p class="nhsuk-u-visually-hidden" role="status">
                {move || list.with(|(list, _)| words::count(list.found, "consultation", "consultations"))}
            </p>
            <AttentionNote/>
            <SetAsideNotice/>
            <ul class="entries">
                <For
                    each=move || list.with(|(list, _)| list.entries.clone())
                    key=|entry| entry.clone()
                    let:entry
                >
                    <EntryLine entry/>
                </For>
            </ul>
            {move || {
                list.with(|(_, nothing)| *nothing).map(|words| view! { <p class="empty">{words}</p> })
            }}
            <Show when=move || { hidden() > 0 }>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    on:click=move |_| limit.update(|limit| *limit += FIRST)
                >
                    {move || format!("Show more ({} not shown)", hidden())}
                </button>
            </Show>
            <Footer/>
        </div>
    }
}

/// Who, what, by when: three lines at most.
#[component]
fn EntryLine(entry: Entry) -> impl IntoView {
    let satchel = Satchel::from_context();
    let id = entry.id.clone();
    let is_new = entry.status == "New";
    let take = move |_| {
        let Ok(id) = id.parse() else { return };
        spawn_local(async move {
            if let Err(trouble) = satchel.take(id).await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    };
    let name = entry.name.clone();
    view! {
        <li class="entry">
            <span class=entry.urgency.class() aria-hidden="true">
                {entry.urgency.shape()}
            </span>
            <div class="entry__body">
                <p class="entry__who">
                    <A href=format!("/consultations/{}", entry.id) attr:class="entry__link">
                        {entry.name}
                    </A>
                    <span class="entry__age">{entry.age}</span>
                    <span class="entry__number">{entry.nhs_number}</span>
                </p>
                <p class="entry__what">
                    <strong>{entry.pathway}</strong>
                    {(!entry.complaint.is_empty()).then(|| format!(": {}", entry.complaint))}
                </p>
                <p class="entry__when">
                    {(!entry.due.is_empty())
                        .then(|| view! { <strong class="entry__due">{entry.due}</strong> })}
                    <strong class=entry.status_tag>{entry.status}</strong>
                    <span class="entry__arrived">{entry.arrived}</span>
                    {entry
                        .not_sent
                        .then(|| {
                            view! { <strong class="nhsuk-tag nhsuk-tag--white">"Not sent"</strong> }
                        })}
                    {entry
                        .marks
                        .into_iter()
                        .map(|mark| view! { <strong class="nhsuk-tag nhsuk-tag--orange">{mark}</strong> })
                        .collect_view()}
                </p>
            </div>
            {is_new
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="nhsuk-button nhsuk-button--secondary nhsuk-button--small entry__take"
                            on:click=take
                        >
                            "I am taking this"
                            <span class="nhsuk-u-visually-hidden">{format!(": {name}")}</span>
                        </button>
                    }
                })}
        </li>
    }
}

/// How current the list is, and what waits.
#[component]
fn Footer() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let current = move || match satchel.last_contact.get() {
        Some(at) => format!("In contact with the server {}.", words::moment(at, clock.now())),
        None => "Not yet in contact with the server.".to_owned(),
    };
    view! {
        <p class="page__foot">
            {current}
            <Show when=move || { satchel.waiting.get() > 0 }>
                " "
                <A href="/?waiting=yes">
                    {move || words::count(satchel.waiting.get(), "waits to be sent", "wait to be sent")}
                </A>
            </Show>
        </p>
    }
}
