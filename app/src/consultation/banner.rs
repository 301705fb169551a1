//! Who the patient is, always in sight, with what must never be forgotten (practice 6 and 9).

use super::desk::Desk;
use super::model::{Reached, is_on_banner, needs_paper, truths};
use crate::ui::{Clock, words};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::patient::tracing::DECEASED;

#[component]
pub fn Banner() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let patient = Memo::new(move |_| desk.read(|open| open.record.patient.clone()).unwrap_or_default());
    let pinned = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let pinned = assessment.as_ref().map(|assessment| assessment.pinned.clone()).unwrap_or_default();
            pinned.into_iter().map(|pinned| (pinned.label, pinned.text)).collect::<Vec<_>>()
        })
    });
    let flags = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let flags =
                assessment.as_ref().map(|assessment| assessment.red_flags.clone()).unwrap_or_default();
            let short = |id: &str| desk.pathway.field(id).map_or("", |field| field.short());
            flags.into_iter().map(|flag| (short(flag.field), flag.action)).collect::<Vec<_>>()
        })
    });
    let told = Memo::new(move |_| {
        desk.read(|open| {
            let notices = open.record.notices.values().filter(|notice| is_on_banner(notice));
            notices.map(|notice| (notice.kind == DECEASED, notice.text.clone())).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let number = move || {
        patient.with(|patient| {
            if patient.nhs_number.is_empty() {
                view! { <span class="patient__number">"No NHS number"</span> }.into_any()
            } else {
                let checked = patient.nhs_number_status == "verified";
                view! {
                    <span class="patient__number">
                        <span class="nhsuk-u-visually-hidden">"NHS number "</span>
                        {words::nhs_number(&patient.nhs_number)}
                        {(!checked)
                            .then(|| {
                                view! {
                                    <strong class="nhsuk-tag nhsuk-tag--yellow patient__tag">"Not verified"</strong>
                                }
                            })}
                    </span>
                }
                .into_any()
            }
        })
    };
    view! {
        <section class="patient" aria-label="Patient">
            <p class="patient__line">
                <A href="/" attr:class="patient__back">
                    "List"
                </A>
                <strong class="patient__name">{move || patient.with(words::full_name)}</strong>
                <span class="patient__born">
                    {move || patient.with(|patient| words::born(&patient.birth_date, clock.now()))}
                </span>
                {number}
                <A href=format!("/consultations/{}/history", desk.id) attr:class="patient__history">
                    "History"
                </A>
            </p>
            <p class="patient__line patient__line--small">
                <span>{move || patient.with(address_line)}</span>
                {move || {
                    patient
                        .with(|patient| {
                            (!patient.phone.is_empty())
                                .then(|| {
                                    let dial: String =
                                        patient.phone.chars().filter(|c| !c.is_whitespace()).collect();
                                    view! { <a href=format!("tel:{dial}")>{patient.phone.clone()}</a> }
                                })
                        })
                }}
                {move || {
                    pinned
                        .get()
                        .into_iter()
                        .map(|(label, text)| {
                            view! { <strong class="patient__pinned">{format!("{label}: {text}")}</strong> }
                        })
                        .collect_view()
                }}
            </p>
            {move || {
                told.get()
                    .into_iter()
                    .map(|(deceased, words)| {
                        let class = if deceased { "patient__flags" } else { "patient__aside" };
                        view! { <p class=class role="alert"><strong>{words}</strong></p> }
                    })
                    .collect_view()
            }}
            <Truths/>
            <Show when=move || flags.with(|flags| !flags.is_empty())>
                <div class="patient__flags" role="alert">
                    {move || {
                        flags
                            .get()
                            .into_iter()
                            .map(|(label, action)| {
                                view! {
                                    <p>
                                        <strong>{format!("Red flag: {label}. ")}</strong>
                                        {action}
                                    </p>
                                }
                            })
                            .collect_view()
                    }}
                    <a href="#emergency" rel="external">"999: what to do and to record"</a>
                </div>
            </Show>
        </section>
    }
}

fn address_line(patient: &shared::consultation::Patient) -> String {
    let parts = patient.address.lines().chain([patient.postcode.as_str()]);
    let parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "Address not known".to_owned() } else { parts.join(", ") }
}

/// On this device, with the server, with the GP: each only when it is true (design 2.4).
#[component]
fn Truths() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let said = Memo::new(move |_| {
        desk.read(|open| {
            let server = (!open.unsent && open.set_aside.is_none()).then_some(open.sent_at).flatten();
            let mut truths = truths(&open.record, Reached { device: open.saved_at, server }, clock.now());
            if open.unsaved {
                truths[0].holds = false;
                "Not yet saved on this device".clone_into(&mut truths[0].words);
            }
            truths.into_iter().map(|truth| (truth.place, truth.words, truth.holds)).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let set_aside = Memo::new(move |_| desk.read(|open| open.set_aside.clone()).flatten());
    let paper = Memo::new(move |_| desk.read(|open| needs_paper(&open.record)).unwrap_or_default());
    view! {
        <p class="truths" role="status">
            {move || {
                said.get()
                    .into_iter()
                    .map(|(place, words, holds)| {
                        let shape = if holds { "✓" } else { "○" };
                        view! {
                            <span class="truths__one" class=("truths__one--holds", holds) data-place=place>
                                <span aria-hidden="true">{shape}</span>
                                " "
                                {words}
                            </span>
                        }
                    })
                    .collect_view()
            }}
            <Show when=move || paper.get()>
                <A href=format!("/consultations/{}/letter", desk.id)>"Print the notice"</A>
            </Show>
        </p>
        {move || {
            set_aside
                .get()
                .map(|why| {
                    view! {
                        <p class="patient__aside">
                            <strong>"Set aside by the server. "</strong>
                            {why}
                            " It is kept on this device. "
                            <A href=format!("/consultations/{}/set-aside", desk.id)>
                                "See both sides"
                            </A>
                        </p>
                    }
                })
        }}
    }
}
