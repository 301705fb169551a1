//! Draws one waiting message: its words on one side, what is to become of it on the other.

use super::form::ConfirmForm;
use super::model::{kind_words, to_check};
use crate::state::Satchel;
use crate::ui::{Action, Attempt, BackLink, Choice, Clock, Disclosure, PageHeading, words};
use crate::vault::waiting;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::api::{WaitingSettlement, WaitingView};
use shared::consultation::Status;

/// As many consultations as a person would look through.
const OFFERED: usize = 50;

#[component]
pub fn WaitingPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let params = use_params_map();
    let id = params.with_untracked(|params| params.get("id")).unwrap_or_default();
    let found = RwSignal::new(None::<Option<WaitingView>>);
    spawn_local(async move {
        let held = match waiting::kept(satchel).await {
            Ok(held) if held.find(&id).is_some() => Ok(held),
            _ => waiting::renew(satchel).await,
        };
        let _ = found.try_set(Some(held.ok().and_then(|held| held.find(&id).cloned())));
    });
    move || match found.get() {
        None => view! { <div class="page"><p>"Opening the message"</p></div> }.into_any(),
        Some(None) => view! {
            <div class="page">
                <BackLink to="/waiting" name="Messages waiting"/>
                <PageHeading text="This message is not here"/>
                <p>"Somebody has decided about it, or this device has not fetched it yet."</p>
            </div>
        }
        .into_any(),
        Some(Some(message)) => view! { <Message message/> }.into_any(),
    }
}

#[component]
fn Message(message: WaitingView) -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let content = message.content.clone();
    let original = format!("/api/waiting/{}/original", message.id);
    let at = words::when(&message.arrived_at, clock.exactly());
    let files = content.attachments.iter().map(|file| format!("{} ({})", file.name, file.content_type));
    let files: Vec<String> = files.collect();
    let has_files = !files.is_empty();
    let offline = move || matches!(satchel.connection.get(), crate::state::Connection::Unreachable { .. });
    view! {
        <div class="page">
            <BackLink to="/waiting" name="Messages waiting"/>
            <PageHeading text=kind_words(&message)/>
            <section class="card" aria-labelledby="message-title">
                <h2 class="section-heading" id="message-title">
                    "As it came"
                </h2>
                <dl class="answers">
                    <div class="answers__row">
                        <dt>"From, as it says"</dt>
                        <dd>{content.from.clone()}</dd>
                    </div>
                    <div class="answers__row">
                        <dt>"Subject"</dt>
                        <dd>{content.subject.clone()}</dd>
                    </div>
                    <div class="answers__row">
                        <dt>"Arrived"</dt>
                        <dd>{at}</dd>
                    </div>
                </dl>
                {content
                    .notes
                    .iter()
                    .map(|note| view! { <p class="panel panel--notice">{note.clone()}</p> })
                    .collect_view()}
                <p class="preserve-lines">{content.text.clone()}</p>
                {content.cut.then(|| view! { <p>"There is more in the original."</p> })}
                {has_files.then(|| view! { <h3 class="report__title">"Attached"</h3> })}
                <ul class="nhsuk-list">
                    {files.into_iter().map(|file| view! { <li>{file}</li> }).collect_view()}
                </ul>
                <p>
                    <Show
                        when=move || !offline()
                        fallback=|| view! { "The original, with what is attached, needs a network." }
                    >
                        <a href=original.clone() rel="external" download="message.eml">
                            "Save the original, with what is attached"
                        </a>
                    </Show>
                </p>
            </section>
            <Unsure notes=to_check(&content)/>
            <ConfirmForm message=message.clone()/>
            <Otherwise message/>
        </div>
    }
}

#[component]
fn Unsure(notes: Vec<String>) -> impl IntoView {
    (!notes.is_empty()).then(|| {
        view! {
            <div class="panel panel--notice">
                <p>"Compare these with the message: they were taken out of something longer."</p>
                <ul class="nhsuk-list nhsuk-list--bullet">
                    {notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}
                </ul>
            </div>
        }
    })
}

/// What it is when it is no new referral.
#[component]
fn Otherwise(message: WaitingView) -> impl IntoView {
    let satchel = Satchel::from_context();
    let navigate = use_navigate();
    let attempt = Attempt::default();
    let chosen = RwSignal::new(String::new());
    let open: Vec<(String, String)> = satchel.rows.with_untracked(|rows| {
        let open = rows.iter().filter(|listed| matches!(listed.row.status, Status::Received | Status::Open));
        let named = open.map(|listed| (listed.row.id.clone(), words::row_name(&listed.row)));
        std::iter::once((String::new(), "Choose one".to_owned())).chain(named).take(OFFERED).collect()
    });
    let id = StoredValue::new(message.id);
    let settle = move |what: &'static str, consultation: String| {
        let navigate = navigate.clone();
        attempt.run(async move {
            let settlement = WaitingSettlement { what: what.to_owned(), consultation };
            waiting::decide(satchel, id.get_value(), settlement).await?;
            navigate("/waiting", NavigateOptions::default());
            Ok(())
        });
    };
    let (joins, is_none) = (settle.clone(), settle);
    let open = StoredValue::new(open);
    let joins = StoredValue::new_local(joins);
    let is_none = StoredValue::new_local(is_none);
    view! {
        <section class="card" aria-labelledby="otherwise-title">
            <h2 class="section-heading" id="otherwise-title">
                "It is something else"
            </h2>
            <Disclosure words="It belongs to a consultation that is here">
                <Choice
                    id="belongs-to"
                    label="Which one?"
                    options=open.get_value()
                    value=chosen
                />
                <Action
                    words="It belongs to this one"
                    class="nhsuk-button--secondary"
                    attempt
                    on_click=Callback::new(move |()| {
                        let consultation = chosen.get_untracked();
                        if !consultation.is_empty() {
                            joins.with_value(|joins| joins("joined", consultation));
                        }
                    })
                />
            </Disclosure>
            <p>
                <Action
                    words="It is no referral"
                    class="nhsuk-button--secondary"
                    attempt
                    on_click=Callback::new(move |()| {
                        is_none.with_value(|is_none| is_none("not-a-referral", String::new()));
                    })
                />
            </p>
            {attempt.said()}
        </section>
    }
}
