//! Draws the charge: what is due, why not, what was shown for it, and who declared it.

use super::model::{self, Shown, set_declared_by, set_paid, set_reason, set_status};
use crate::consultation::Desk;
use crate::platform::clock;
use leptos::prelude::*;
use shared::consultation::Charge;
use shared::time;

/// Shown where something was supplied on the NHS. `signature`: where the declaration is signed, if the device can.
#[component]
pub fn ChargeCard(#[prop(optional)] signature: Option<fn() -> AnyView>) -> AnyView {
    let desk = Desk::from_context();
    let shown = Memo::new(move |_| {
        let today = time::day(clock::now());
        desk.read(|open| model::shown(&open.record, today)).flatten()
    });
    let is_there = Memo::new(move |_| shown.with(Option::is_some));
    view! {
        <Show when=move || is_there.get()>
            <section class="card" id="step-charge" tabindex="-1" aria-labelledby="charge-title">
                <h2 class="section-heading" id="charge-title">
                    "NHS charge"
                </h2>
                <Items desk shown/>
                <Show
                    when=move || shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.locked.is_none()))
                    fallback=move || {
                        let words = move || shown.with(|shown| shown.as_ref().and_then(|shown| shown.locked.clone()));
                        view! { <p class="nhsuk-inset-text">{words}</p> }
                    }
                >
                    <Show when=move || shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.asks))>
                        <Answers desk shown/>
                        {signature.map(|signature| signature())}
                    </Show>
                </Show>
                <div role="status">
                    {move || {
                        let problems = shown.with(|shown| shown.as_ref().map(|shown| shown.problems.clone()));
                        problems
                            .unwrap_or_default()
                            .into_iter()
                            .map(|words| view! { <p class="panel panel--notice">{words}</p> })
                            .collect_view()
                    }}
                </div>
            </section>
        </Show>
    }
    .into_any()
}

/// Each item with its charge, and why so.
#[component]
fn Items(desk: Desk, shown: Memo<Option<Shown>>) -> AnyView {
    let rows = move || {
        let Some(shown) = shown.get() else { return ().into_any() };
        // Also with a certificate: one for HRT only leaves the other items to be paid.
        let paying = !shown.charge.status.is_empty();
        let items = shown.due.items.into_iter().map(|item| {
            let words = format!("{}: {item} ({})", item.name, item.why);
            let paid = shown.charge.paid.contains_key(&item.line);
            let line = item.line.clone();
            let box_id = format!("paid-{line}");
            let label_for = box_id.clone();
            let tick = (paying && item.charges > 0).then(|| {
                view! {
                    <div class="nhsuk-checkboxes nhsuk-checkboxes--small">
                        <div class="nhsuk-checkboxes__item">
                            <input
                                class="nhsuk-checkboxes__input"
                                type="checkbox"
                                id=box_id
                                prop:checked=paid
                                on:change=move |event| {
                                    let (line, paid) = (line.clone(), event_target_checked(&event));
                                    let today = time::day(clock::now());
                                    desk.edit(move |record| set_paid(record, &line, paid, today));
                                }
                            />
                            <label class="nhsuk-label nhsuk-checkboxes__label" for=label_for>
                                "Paid"
                            </label>
                        </div>
                    </div>
                }
            });
            view! { <li class="to-do__item"><span>{words}</span>{tick}</li> }
        });
        view! {
            <ul class="to-do">{items.collect_view()}</ul>
            <p class="nhsuk-hint">{shown.due.why}</p>
        }
        .into_any()
    };
    view! { <div>{rows}</div> }.into_any()
}

#[component]
fn Answers(desk: Desk, shown: Memo<Option<Shown>>) -> AnyView {
    let charge = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().map(|shown| shown.charge.clone())).unwrap_or_default()
    });
    let is = move |field: fn(&Charge) -> &String, value: &'static str| {
        Signal::derive(move || charge.with(|charge| field(charge) == value))
    };
    let change = move |change: fn(&mut Charge, &str), value: &'static str| {
        Callback::new(move |()| desk.edit(move |record| change(&mut record.charge, value)))
    };
    let exempt = is(|charge| &charge.status, "exempt");
    let hint = move || shown.with(|shown| shown.as_ref().map(|shown| shown.not_checked.clone()));
    let needs = move || shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.due.needs_declaration));
    let evidence = move || shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.asks_evidence));
    view! {
        <fieldset class="nhsuk-fieldset nhsuk-form-group">
            <legend class="question__legend">"Does the patient pay?"</legend>
            <p class="nhsuk-hint">{hint}</p>
            <div class="nhsuk-radios nhsuk-radios--inline">
                <Radio group="charge-status" value="exempt" words="Exempt" chosen=exempt on_choose=change(set_status, "exempt")/>
                <Radio group="charge-status" value="paid" words="Pays" chosen=is(|charge| &charge.status, "paid") on_choose=change(set_status, "paid")/>
                <Radio group="charge-status" value="free" words="Free of charge" chosen=is(|charge| &charge.status, "free") on_choose=change(set_status, "free")/>
            </div>
        </fieldset>
        <Show when=move || exempt.get()>
            <Reason desk shown/>
            <Show when=evidence>
                <fieldset class="nhsuk-fieldset nhsuk-form-group">
                    <legend class="question__legend">"Evidence"</legend>
                    <div class="nhsuk-radios nhsuk-radios--inline">
                        <Radio group="charge-evidence" value="seen" words="Seen" chosen=is(|charge| &charge.evidence, "seen") on_choose=change(set_evidence, "seen")/>
                        <Radio group="charge-evidence" value="not-seen" words="Not seen" chosen=is(|charge| &charge.evidence, "not-seen") on_choose=change(set_evidence, "not-seen")/>
                    </div>
                </fieldset>
            </Show>
        </Show>
        <Show when=move || needs() && charge.with(|charge| !charge.status.is_empty())>
            <Declared desk charge/>
        </Show>
    }
    .into_any()
}

fn set_evidence(charge: &mut Charge, evidence: &str) {
    evidence.clone_into(&mut charge.evidence);
}

#[component]
fn Reason(desk: Desk, shown: Memo<Option<Shown>>) -> AnyView {
    let options = move || {
        let Some(shown) = shown.get() else { return ().into_any() };
        let chosen = shown.charge.exemption.clone();
        let options = shown.reasons.into_iter().map(|(code, words)| {
            let selected = code == chosen;
            view! { <option value=code selected=selected>{words}</option> }
        });
        view! {
            <option value="" selected=chosen.is_empty()>"Choose"</option>
            {options.collect_view()}
        }
        .into_any()
    };
    let choose = move |event| {
        let code: String = event_target_value(&event);
        desk.edit(move |record| set_reason(&mut record.charge, &code));
    };
    view! {
        <div class="nhsuk-form-group">
            <label class="nhsuk-label" for="charge-reason">
                "Reason"
            </label>
            <select class="nhsuk-select" id="charge-reason" on:change=choose>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// Who declares it. The signature itself is on the token, or on the screen that is handed over.
#[component]
fn Declared(desk: Desk, charge: Memo<Charge>) -> AnyView {
    let name = RwSignal::new(charge.with_untracked(|charge| charge.declared_name.clone()));
    let by = move |who: &'static str| {
        Callback::new(move |()| {
            let (name, now) = (name.get_untracked(), clock::now());
            desk.edit(move |record| {
                let patient =
                    format!("{} {}", record.patient.given_name.trim(), record.patient.family_name.trim());
                let own = patient.trim();
                let name = match who {
                    "patient" => own,
                    _ if name.trim() == own => "",
                    _ => name.as_str(),
                };
                set_declared_by(&mut record.charge, who, name, now);
            });
        })
    };
    let is = move |who: &'static str| Signal::derive(move || charge.with(|charge| charge.declared_by == who));
    let representative = is("representative");
    view! {
        <fieldset class="nhsuk-fieldset nhsuk-form-group">
            <legend class="question__legend">"Declared by"</legend>
            <div class="nhsuk-radios nhsuk-radios--inline">
                <Radio group="charge-declared" value="patient" words="Patient" chosen=is("patient") on_choose=by("patient")/>
                <Radio group="charge-declared" value="representative" words="Representative" chosen=representative on_choose=by("representative")/>
            </div>
        </fieldset>
        <Show when=move || representative.get()>
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for="charge-representative">
                    "Their name"
                </label>
                <input
                    class="nhsuk-input box"
                    id="charge-representative"
                    type="text"
                    autocomplete="off"
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                    on:change=move |_| by("representative").run(())
                />
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Radio(
    group: &'static str,
    value: &'static str,
    words: &'static str,
    chosen: Signal<bool>,
    on_choose: Callback<()>,
) -> AnyView {
    let id = format!("{group}-{value}");
    let label_for = id.clone();
    view! {
        <div class="nhsuk-radios__item">
            <input
                class="nhsuk-radios__input"
                type="radio"
                name=group
                id=id
                prop:checked=move || chosen.get()
                on:change=move |_| on_choose.run(())
            />
            <label class="nhsuk-label nhsuk-radios__label" for=label_for>
                {words}
            </label>
        </div>
    }
    .into_any()
}
