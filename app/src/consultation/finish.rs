//! The end of the form: what it came to and why, what is in the way, what the GP will read, and signing.

use super::call::CallPractice;
use super::claim::ClaimLine;
use super::desk::Desk;
use super::model::{
    after_signing, clash_anchor, field_anchor, gateway_words, missing_words, notice_held, path_words,
};
use crate::supply::model::line_anchor;
use crate::ui::{Clock, Confirm, typing_has_paused, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::consultation::summarise;
use shared::pathway::Verdict;

/// Writes the outcome that was reached, then signs. Signing itself is checked once more below the screen.
pub fn sign(desk: &Desk) {
    let desk = *desk;
    spawn_local(async move {
        // What was typed last belongs to what is signed; written after the signature it would be set aside.
        typing_has_paused().await;
        let pathway = desk.pathway;
        let written = desk
            .satchel
            .edit(desk.id, move |record| {
                let assessment = shared::pathway::assess_record(pathway, record);
                if let Some(outcome) = assessment.outcome_to_record(&record.answers) {
                    record.outcome = outcome;
                }
            })
            .await;
        let cut_short = desk.satchel.consultation.with_untracked(|open| {
            let open = open.as_ref().filter(|open| open.id == desk.id)?;
            let assessment = shared::pathway::assess_record(pathway, &open.record);
            Some(assessment.cut_short(&open.record, open.clashes.len()))
        });
        let signed = match written {
            Ok(()) => desk.satchel.sign(cut_short.unwrap_or_default()).await,
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = signed {
            desk.satchel.trouble.set(Some(trouble.to_string()));
        }
    });
}

/// Asks for the signature; first of all whether to look at what was set aside and nobody has seen.
fn ask_to_sign(desk: &Desk, asking: RwSignal<bool>, unseen: RwSignal<bool>) {
    let desk = *desk;
    spawn_local(async move {
        typing_has_paused().await;
        match desk.satchel.has_unseen_set_aside(desk.id).await {
            Ok(false) => asking.set(true),
            Ok(true) => unseen.set(true),
            Err(trouble) => desk.satchel.trouble.set(Some(trouble.to_string())),
        }
    });
}

/// What the answers come to, with the answers that led to it (ui.md 5).
#[component]
pub fn OutcomePanel() -> impl IntoView {
    let desk = Desk::from_context();
    let verdict = Memo::new(move |_| {
        desk.assessment.with(|assessment| assessment.as_ref().map(|assessment| assessment.verdict.clone()))
    });
    let payable =
        Memo::new(move |_| desk.assessment.with(|assessment| assessment.as_ref().and_then(gateway_words)));
    let scores = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let scores = assessment.as_ref().map(|assessment| assessment.scores.clone()).unwrap_or_default();
            // What has no place in the record is counting for the pathway's own use.
            scores
                .into_iter()
                .filter(|score| score.score.heading.is_some())
                .map(|score| {
                    let value = if score.low == score.high {
                        score.low.to_string()
                    } else {
                        format!("{} to {}, not all answered", score.low, score.high)
                    };
                    format!("{}: {value}", score.score.label)
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="card" id="outcome-reached" aria-label="What it comes to">
            <h2 class="section-heading">"What it comes to"</h2>
            {move || scores.get().into_iter().map(|score| view! { <p>{score}</p> }).collect_view()}
            {move || match verdict.get() {
                Some(Verdict::Reached { outcome, because }) => {
                    view! {
                        <p class="outcome">
                            <strong>{outcome.label.clone()}</strong>
                        </p>
                        {(!outcome.come_back.is_empty())
                            .then(|| view! { <p>{format!("Comes back if no better in {}.", outcome.come_back)}</p> })}
                        <Show when={
                            let any = !because.is_empty();
                            move || any
                        }>
                            <p>"These answers led to it:"</p>
                        </Show>
                        <ul class="nhsuk-list nhsuk-list--bullet">
                            {because
                                .into_iter()
                                .map(|reason| {
                                    view! {
                                        <li>
                                            <a
                                                href=format!("#{}", field_anchor(reason.field))
                                                rel="external"
                                            >
                                                {reason.label}
                                            </a>
                                            {format!(": {}", reason.answer)}
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
                Some(Verdict::Incomplete) | None => {
                    view! { <p>"Not decided yet: answers are missing."</p> }.into_any()
                }
            }}
            {move || payable.get().map(|words| view! { <p class="nhsuk-hint">{words}</p> })}
        </section>
    }
}

/// Missing and disputed things, each one touch away; the notice itself; the button.
#[component]
pub fn Finish() -> impl IntoView {
    let desk = Desk::from_context();
    let missing = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let missing =
                assessment.as_ref().map(|assessment| assessment.missing.clone()).unwrap_or_default();
            missing
                .into_iter()
                .map(|missing| (missing.field, missing.label, missing_words(&missing.gap)))
                .collect::<Vec<_>>()
        })
    });
    let disputed = Memo::new(move |_| {
        desk.read(|open| open.clashes.iter().map(|clash| clash.path.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let unsound = desk.unsound;
    let half_typed = desk.half_typed;
    let may_finish = Memo::new(move |_| {
        let ready = desk.assessment.with(|a| a.as_ref().is_some_and(|a| a.may_sign));
        let called = !desk.read(|open| open.record.gp_call_missing()).unwrap_or_default();
        let medicines = unsound.with(Vec::is_empty) && !half_typed.get();
        ready && called && medicines && disputed.with(Vec::is_empty)
    });
    let notice = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let assessment = assessment.as_ref()?;
            desk.read(|open| after_signing(&open.record, assessment))
        })
    });
    let asking = RwSignal::new(false);
    let unseen = RwSignal::new(false);
    let line = move || {
        let missing = missing.with(Vec::len) + unsound.with(Vec::len) + usize::from(half_typed.get());
        let disputed = disputed.with(Vec::len);
        match (missing, disputed) {
            (0, 0) if desk.read(|open| open.record.gp_call_missing()).unwrap_or_default() => {
                "The call to the practice is not recorded yet.".to_owned()
            }
            (0, 0) if may_finish.get() => "Nothing is missing and nothing is disputed.".to_owned(),
            (0, 0) => "No outcome is reached yet.".to_owned(),
            _ => {
                let missing =
                    (missing > 0).then(|| words::count(missing, "thing is missing", "things are missing"));
                let disputed = (disputed > 0)
                    .then(|| words::count(disputed, "thing is disputed", "things are disputed"));
                let parts: Vec<String> = missing.into_iter().chain(disputed).collect();
                format!("{}.", parts.join(", "))
            }
        }
    };
    view! {
        <CallPractice/>
        <section class="card" id="step-sign" tabindex="-1" aria-labelledby="sign-title">
            <h2 class="section-heading" id="sign-title">
                "Before you sign"
            </h2>
            <p>{line}</p>
            <ul class="to-do">
                {move || {
                    missing
                        .get()
                        .into_iter()
                        .map(|(field, label, why)| {
                            view! {
                                <li class="to-do__item">
                                    <a href=format!("#{}", field_anchor(field)) rel="external">
                                        {label}
                                    </a>
                                    <span class="to-do__why">{why}</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
                {move || {
                    unsound
                        .get()
                        .into_iter()
                        .map(|problem| {
                            view! {
                                <li class="to-do__item">
                                    <a href=format!("#{}", line_anchor(&problem.line)) rel="external">
                                        {problem.words}
                                    </a>
                                    <span class="to-do__why">"medicine"</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
                <Show when=move || half_typed.get()>
                    <li class="to-do__item">
                        <a href="#step-medicines" rel="external">
                            "A medicine that is typed and not added"
                        </a>
                        <span class="to-do__why">"add or clear it"</span>
                    </li>
                </Show>
                {move || {
                    disputed
                        .get()
                        .into_iter()
                        .map(|path| {
                            view! {
                                <li class="to-do__item">
                                    <a href=format!("#{}", clash_anchor(&path)) rel="external">
                                        {path_words(Some(desk.pathway), &path)}
                                    </a>
                                    <span class="to-do__why">"disputed"</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <Preview/>
            <Show
                when=move || desk.may_sign.get()
                fallback=|| view! { <p>"Only a pharmacist signs. Your entries are saved for them."</p> }
            >
                <button
                    type="button"
                    class="nhsuk-button"
                    disabled=move || !may_finish.get()
                    on:click=move |_| ask_to_sign(&desk, asking, unseen)
                >
                    "Sign and finish"
                </button>
            </Show>
            <Confirm
                open=asking
                title="Sign and finish"
                verb="Sign and finish"
                on_confirm=Callback::new(move |()| sign(&desk))
            >
                <p>
                    "You sign this record with your name and GPhC number. It closes for changes; later changes \
                     need a reason."
                </p>
                <p>{move || notice.get()}</p>
            </Confirm>
            <Confirm
                open=unseen
                title="Something was set aside"
                verb="Sign without looking"
                dangerous=true
                on_confirm=Callback::new(move |()| asking.set(true))
            >
                <p>
                    "The server did not take part of what was recorded here, and nobody has looked at it yet. It may \
                     be something that matters: see both sides before you sign."
                </p>
                <p>
                    <A href=format!("/consultations/{}/set-aside", desk.id)>
                        "See both sides"
                    </A>
                </p>
            </Confirm>
        </section>
    }
}

/// The notice in the words the GP will read, safeguarding left out (practice 10).
#[component]
pub fn Preview() -> impl IntoView {
    let desk = Desk::from_context();
    let summary = Memo::new(move |_| {
        desk.read(|open| (summarise(&open.record, desk.pathway), notice_held(&open.record)))
    });
    move || {
        summary.get().map(|(summary, held)| {
            if summary.gp_notice_stopped {
                return view! {
                    <p class="nhsuk-inset-text">"The patient objects to the GP being told. No notice is sent."</p>
                }
                .into_any();
            }
            view! {
                {held.map(|words| view! { <p class="nhsuk-inset-text">{words}</p> })}
                <details class="nhsuk-details preview" open=true>
                    <summary class="nhsuk-details__summary">
                        <span class="nhsuk-details__summary-text">"The GP will read"</span>
                    </summary>
                    <div class="nhsuk-details__text">
                        <h3 class="preview__title">{summary.title}</h3>
                        {summary
                            .headings
                            .into_iter()
                            .map(|heading| {
                                view! {
                                    <h4 class="preview__heading">{heading.title}</h4>
                                    <p class="preserve-lines">{heading.text}</p>
                                }
                            })
                            .collect_view()}
                    </div>
                </details>
                <p>
                    <A href=format!("/consultations/{}/letter", desk.id)>"See it as the practice will, or print it"</A>
                </p>
            }
            .into_any()
        })
    }
}

/// Who signed, what came too late to be seen, and how to change a signed record.
#[component]
pub fn Signed() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let reason = RwSignal::new(String::new());
    let signatures = Memo::new(move |_| {
        desk.read(|open| {
            let mut signatures: Vec<_> = open.record.signatures.values().cloned().collect();
            signatures.sort_by(|a, b| a.at.cmp(&b.at));
            signatures
                .into_iter()
                .map(|signature| {
                    let registered = if signature.gphc.is_empty() {
                        String::new()
                    } else {
                        format!(" (GPhC {})", signature.gphc)
                    };
                    let how = if signature.emergency { " as an emergency" } else { "" };
                    let what = if signature.amendment > 0 { "Amendment signed" } else { "Signed" };
                    let at = words::when(&signature.at, clock.exactly());
                    format!("{what}{how} by {}{registered}, {at}", signature.name)
                })
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let sent_on = Memo::new(move |_| desk.read(|open| open.record.onward.is_chosen()).unwrap_or_default());
    let late = Memo::new(move |_| {
        desk.read(|open| {
            open.late_entries
                .iter()
                .map(|late| {
                    let what: Vec<String> =
                        late.paths.iter().map(|path| path_words(Some(desk.pathway), path)).collect();
                    let by = if late.by.is_empty() { "Somebody" } else { late.by.as_str() };
                    format!("{by}, {}: {}", words::moment(late.at, clock.exactly()), what.join(", "))
                })
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let cut_short = Memo::new(move |_| {
        desk.read(|open| {
            let signatures = open.record.signatures.values();
            signatures.max_by_key(|signature| signature.amendment).is_some_and(|standing| standing.emergency)
        })
        .unwrap_or_default()
    });
    let later = Memo::new(move |_| {
        desk.assessment.with(|assessment| assessment.as_ref().map_or(0, |assessment| assessment.later.len()))
    });
    let amend = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let words = reason.get_untracked();
        spawn_local(async move {
            match desk.satchel.amend(words).await {
                Ok(()) => reason.set(String::new()),
                Err(trouble) => desk.satchel.trouble.set(Some(trouble.to_string())),
            }
        });
    };
    view! {
        <section class="card" id="step-sign" tabindex="-1" aria-labelledby="signed-title">
            <h2 class="section-heading" id="signed-title">
                "Signed"
            </h2>
            {move || signatures.get().into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            <ClaimLine/>
            <Show when=move || sent_on.get()>
                <p>
                    <A href=format!("/consultations/{}/referral", desk.id)>"Print the referral"</A>
                </p>
            </Show>
            <Show when=move || late.with(|late| !late.is_empty())>
                <div class="nhsuk-inset-text">
                    <p>
                        <strong>"Entered at the same time, not seen by the signer"</strong>
                    </p>
                    <ul>
                        {move || late.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                    </ul>
                    <p>"Decide whether they change anything. If they do, amend the record."</p>
                </div>
            </Show>
            <Show when=move || cut_short.get()>
                <p>
                    {move || {
                        let open = match later.get() {
                            0 => "The emergency cut this consultation short.".to_owned(),
                            open => {
                                let open = words::count(open, "question was", "questions were");
                                format!("{open} left open by the emergency.")
                            }
                        };
                        format!(
                            "{open} Amend the record, complete what you can and sign it again: the GP is told then."
                        )
                    }}
                </p>
            </Show>
            <Preview/>
            <Show when=move || desk.may_sign.get()>
                <form on:submit=amend>
                    <label class="nhsuk-label" for="amend-reason">
                        "Reason for a change"
                    </label>
                    <input
                        class="nhsuk-input box"
                        id="amend-reason"
                        autocomplete="off"
                        prop:value=move || reason.get()
                        on:input=move |event| reason.set(event_target_value(&event))
                    />
                    <div class="button-row">
                        <button
                            type="submit"
                            class="nhsuk-button nhsuk-button--secondary"
                            disabled=move || reason.with(|reason| reason.trim().is_empty())
                        >
                            "Amend this record"
                        </button>
                    </div>
                </form>
            </Show>
        </section>
    }
}
