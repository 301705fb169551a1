//! What was sent: who, why, how urgent, the warnings, the triage; earlier reports and news beside it (practice 13).

use super::desk::Desk;
use super::model::{is_on_banner, notice_words};
use crate::ui::{Clock, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::consultation::{Notice, Referral};
use shared::time::Millis;

#[component]
pub fn ReferralPanel() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let referral = Memo::new(move |_| desk.read(|open| open.record.referral.clone()).unwrap_or_default());
    let earlier = Memo::new(move |_| {
        desk.read(|open| {
            let mut reports: Vec<Referral> = open.record.earlier_reports.values().cloned().collect();
            reports.sort_by(|a, b| b.document_at.cmp(&a.document_at));
            reports
        })
        .unwrap_or_default()
    });
    // Read once: a panel that closes itself while somebody reads it would be worse than an open one.
    let begun = desk
        .satchel
        .consultation
        .with_untracked(|open| open.as_ref().is_some_and(|open| open.record.has_begun()));
    view! {
        <section class="card" id="step-referral" tabindex="-1" aria-labelledby="referral-title">
            <h2 class="section-heading" id="referral-title">
                "Referral"
            </h2>
            <Taking/>
            {move || warning_box(&referral.get())}
            <p class="referral__why">{move || referral.with(|referral| referral.complaint.clone())}</p>
            <dl class="answers">
                {move || {
                    let facts = referral.with(|referral| facts(referral, clock.exactly()));
                    facts
                        .into_iter()
                        .map(|(label, words)| {
                            view! {
                                <div class="answers__row">
                                    <dt>{label}</dt>
                                    <dd class="preserve-lines">{words}</dd>
                                </div>
                            }
                        })
                        .collect_view()
                }}
            </dl>
            <details class="nhsuk-details" open=!begun>
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"Report and triage answers"</span>
                </summary>
                <div class="nhsuk-details__text">{move || report(&referral.get())}</div>
            </details>
            {move || {
                earlier
                    .get()
                    .into_iter()
                    .map(|report_| {
                        let at = words::when(&report_.document_at, clock.exactly());
                        view! {
                            <details class="nhsuk-details">
                                <summary class="nhsuk-details__summary">
                                    <span class="nhsuk-details__summary-text">
                                        {format!("Earlier report, {at}")}
                                    </span>
                                </summary>
                                <div class="nhsuk-details__text">
                                    {warning_box(&report_)}
                                    <p>{report_.complaint.clone()}</p>
                                    {report(&report_)}
                                </div>
                            </details>
                        }
                    })
                    .collect_view()
            }}
        </section>
    }
}

/// What arrived after the visit had begun: shown beside the record, never over it.
#[component]
pub fn Notices() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let notices = Memo::new(move |_| {
        desk.read(|open| {
            let beside = open.record.notices.values().filter(|notice| !is_on_banner(notice));
            let mut notices: Vec<Notice> = beside.cloned().collect();
            notices.sort_by(|a, b| b.at.cmp(&a.at));
            notices
        })
        .unwrap_or_default()
    });
    view! {
        <div role="status">
            {move || {
                notices
                    .get()
                    .into_iter()
                    .map(|notice| {
                        let (what, then) = notice_words(&notice.kind);
                        let at = words::when(&notice.at, clock.exactly());
                        view! {
                            <div class="panel panel--notice">
                                <p>
                                    <strong>{format!("{what}, {at}. ")}</strong>
                                    {then}
                                </p>
                                <p class="preserve-lines">{notice.text}</p>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// *I am taking this*, or who has (practice 5).
#[component]
fn Taking() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let visit = Memo::new(move |_| desk.read(|open| open.record.visit.clone()).unwrap_or_default());
    let take = move |_| {
        spawn_local(async move {
            if let Err(trouble) = desk.satchel.take(desk.id).await {
                desk.satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    };
    let is_mine = move || visit.with(|visit| visit.taken_by == desk.me());
    view! {
        <div class="taking">
            {move || {
                visit
                    .with(|visit| {
                        (!visit.taken_by.is_empty())
                            .then(|| {
                                let at = words::when(&visit.taken_at, clock.exactly());
                                view! { <p>{format!("{} is taking this, since {at}.", visit.taken_by)}</p> }
                            })
                    })
            }}
            <Show when=move || desk.editable.get() && !is_mine()>
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    on:click=take
                >
                    "I am taking this"
                </button>
            </Show>
        </div>
    }
}

fn warning_box(referral: &Referral) -> Option<impl IntoView + use<>> {
    let mut lines: Vec<String> = referral.warnings.lines().map(str::to_owned).collect();
    if referral.repeat_caller {
        lines.push("Repeat caller".to_owned());
    }
    if !referral.withdrawn.is_empty() {
        lines.push(format!("Withdrawn by the sender: {}", referral.withdrawn));
    }
    (!lines.is_empty()).then(|| {
        view! {
            <div class="panel panel--notice">
                <h3 class="panel__warning">"Warnings from the sender"</h3>
                <ul class="nhsuk-list">
                    {lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                </ul>
            </div>
        }
    })
}

/// Label and words, only for what is known.
fn facts(referral: &Referral, now: Millis) -> Vec<(&'static str, String)> {
    let disposition = match (referral.disposition_text.as_str(), referral.disposition.as_str()) {
        ("", code) => code.to_owned(),
        (text, "") => text.to_owned(),
        (text, code) => format!("{text} ({code})"),
    };
    let from: Vec<&str> = [&referral.referrer_name, &referral.referrer_person, &referral.referrer_contact]
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let all = [
        ("Came by", words::channel(&referral.channel).to_owned()),
        ("From", from.join(", ")),
        ("Asked for", disposition),
        ("Sent", words::when(&referral.referred_at, now)),
        ("Received", words::when(&referral.received_at, now)),
        ("Speak to the patient by", words::when(&referral.due_at, now)),
        ("Sent to us", addressed(&referral.addressed_for).to_owned()),
        ("Consent told to the sender", referral.sender_consent.clone()),
    ];
    all.into_iter().filter(|(_, words)| !words.is_empty()).collect()
}

fn addressed(code: &str) -> &'static str {
    match code {
        "action" => "To act on",
        "information" => "As a copy, for information",
        _ => "",
    }
}

fn report(referral: &Referral) -> impl IntoView + use<> {
    let empty = referral.triage.is_empty() && referral.sections.is_empty();
    let triage = referral.triage.clone();
    let sections = referral.sections.clone();
    let case = referral.case_references().next();
    let case = case.map(|case| view! { <p class="report__case">{format!("Sender's case {case}")}</p> });
    view! {
        {empty.then(|| view! { <p>"No report came with it."</p> })}
        {sections
            .into_iter()
            .map(|section| {
                view! {
                    <h3 class="report__title">{section.title}</h3>
                    <p class="preserve-lines">{section.text}</p>
                }
            })
            .collect_view()}
        {(!triage.is_empty())
            .then(|| {
                view! {
                    <h3 class="report__title">"Triage questions and answers"</h3>
                    <dl class="answers">
                        {triage
                            .into_iter()
                            .map(|line| {
                                // The engine notes some steps without a question of their own.
                                let asked =
                                    if line.question.is_empty() { "Noted".to_owned() } else { line.question };
                                view! {
                                    <div class="answers__row">
                                        <dt>{asked}</dt>
                                        <dd>{line.answer}</dd>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </dl>
                }
            })}
        {case}
    }
}
