//! One question: its words, one control for its kind, what is wrong, and what could be filled in.

use super::clash::FieldClash;
use super::desk::Desk;
use super::model::{field_anchor, gap_words, option_key, typed, written};
use crate::ui::{Clock, Debounced};
use leptos::prelude::*;
use shared::consultation::Answer;
use shared::pathway::{Field, Gap, Kind};

/// How the engine sees the question now.
#[derive(Clone, PartialEq)]
struct Asked {
    options: Vec<&'static str>,
    required: bool,
    gap: Option<Gap>,
}

#[component]
pub fn Question(field: &'static Field) -> impl IntoView {
    let desk = Desk::from_context();
    let asked = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let questions = assessment.as_ref()?.sections.iter().flat_map(|state| &state.questions);
            let question = questions.into_iter().find(|question| question.field.id == field.id)?;
            Some(Asked {
                options: question.options.clone(),
                required: question.required,
                gap: question.gap.clone(),
            })
        })
    });
    let slip = RwSignal::new(String::new());
    let error = Signal::derive(move || {
        let slip = slip.get();
        if !slip.is_empty() {
            return slip;
        }
        let gap = asked.with(|asked| asked.as_ref().and_then(|asked| asked.gap.clone()));
        gap.and_then(|gap| gap_words(field, &gap)).unwrap_or_default()
    });
    let missing =
        move || asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.required && asked.gap.is_some()));
    let optional = move || asked.with(|asked| asked.as_ref().is_some_and(|asked| !asked.required));
    let options = Memo::new(move |_| {
        asked.with(|asked| asked.as_ref().map(|asked| asked.options.clone()).unwrap_or_default())
    });
    let control = match field.kind {
        Kind::YesNo => view! { <YesNo field/> }.into_any(),
        Kind::Choice => view! { <OneOf field options/> }.into_any(),
        Kind::Several => view! { <Several field options/> }.into_any(),
        Kind::Number | Kind::Date | Kind::Time | Kind::Text | Kind::Words => {
            view! { <Typed field slip error/> }.into_any()
        }
    };
    let is_group = matches!(field.kind, Kind::YesNo | Kind::Choice | Kind::Several);
    let words = view! {
        <span class="question__label">{field.label.clone()}</span>
        <Show when=optional>
            <span class="question__optional">" (optional)"</span>
        </Show>
    };
    let hint = (!field.hint.is_empty()).then(|| {
        view! {
            <span class="nhsuk-hint question__hint" id=hint_id(field)>
                {field.hint.clone()}
            </span>
        }
    });
    let trouble = view! {
        <Show when=move || !error.get().is_empty()>
            <span class="nhsuk-error-message" id=error_id(field) role="alert">
                <span class="nhsuk-u-visually-hidden">"Error: "</span>
                {move || error.get()}
            </span>
        </Show>
    };
    let body = if is_group {
        view! {
            <fieldset class="nhsuk-fieldset" aria-describedby=described(field, error)>
                <legend class="question__legend">{words}</legend>
                {hint}
                {trouble}
                {control}
            </fieldset>
        }
        .into_any()
    } else {
        view! {
            <label class="question__legend" for=input_id(field)>
                {words}
            </label>
            {hint}
            {trouble}
            {control}
        }
        .into_any()
    };
    view! {
        <div
            class="question"
            class=("question--missing", missing)
            class=("question--wrong", move || !error.get().is_empty())
            id=field_anchor(&field.id)
            tabindex="-1"
        >
            {body}
            <Offer field/>
            <FieldClash field/>
        </div>
    }
}

fn input_id(field: &Field) -> String {
    format!("input-{}", field.id)
}

fn hint_id(field: &Field) -> String {
    format!("hint-{}", field.id)
}

fn error_id(field: &Field) -> String {
    format!("error-{}", field.id)
}

fn described(field: &'static Field, error: Signal<String>) -> impl Fn() -> Option<String> + Clone {
    move || {
        let hint = (!field.hint.is_empty()).then(|| hint_id(field));
        let error = (!error.get().is_empty()).then(|| error_id(field));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// Three large buttons; *Not yet* takes the answer back.
#[component]
fn YesNo(field: &'static Field) -> impl IntoView {
    let desk = Desk::from_context();
    let answer = Memo::new(move |_| desk.answer(field, &field.id).and_then(|answer| answer.as_yes()));
    let red = if field.red_flag.is_some() { "big-choice big-choice--flag" } else { "big-choice" };
    view! {
        <div class=red>
            {[("Yes", Some(true)), ("No", Some(false)), ("Not yet", None)]
                .into_iter()
                .map(|(words, value)| {
                    let id = format!("{}-{}", input_id(field), words.replace(' ', "-").to_lowercase());
                    view! {
                        <div class="big-choice__item">
                            <input
                                class="big-choice__input"
                                type="radio"
                                id=id.clone()
                                name=field.id.clone()
                                prop:checked=move || answer.get() == value
                                on:change=move |_| {
                                    desk.put(field, field.id.clone(), value.map(Answer::YesNo));
                                }
                            />
                            <label class="big-choice__label" for=id>
                                {words}
                            </label>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// One of the options offered.
#[component]
fn OneOf(field: &'static Field, options: Memo<Vec<&'static str>>) -> impl IntoView {
    let desk = Desk::from_context();
    let answer = Memo::new(move |_| {
        desk.answer(field, &field.id).and_then(|answer| answer.as_text().map(str::to_owned))
    });
    view! {
        <div class="nhsuk-radios">
            <For each=move || options.get() key=|option| *option let:option>
                <div class="nhsuk-radios__item">
                    <input
                        class="nhsuk-radios__input"
                        type="radio"
                        id=format!("{}-{option}", input_id(field))
                        name=field.id.clone()
                        prop:checked=move || answer.with(|answer| answer.as_deref() == Some(option))
                        on:change=move |_| desk.put(field, field.id.clone(), Some(Answer::text(option)))
                    />
                    <label
                        class="nhsuk-label nhsuk-radios__label"
                        for=format!("{}-{option}", input_id(field))
                    >
                        {option_words(field, option)}
                    </label>
                </div>
            </For>
        </div>
        <Show when=move || answer.with(Option::is_some)>
            <button
                type="button"
                class="link-button"
                on:click=move |_| desk.put(field, field.id.clone(), None)
            >
                "Clear"
                <span class="nhsuk-u-visually-hidden">{format!(": {}", field.label)}</span>
            </button>
        </Show>
    }
}

fn option_words(field: &Field, option: &str) -> String {
    field.option(option).map_or_else(|| option.to_owned(), |option| option.label.clone())
}

/// Any of the options.
#[component]
fn Several(field: &'static Field, options: Memo<Vec<&'static str>>) -> impl IntoView {
    let desk = Desk::from_context();
    view! {
        <div class="nhsuk-checkboxes">
            <For each=move || options.get() key=|option| *option let:option>
                <div class="nhsuk-checkboxes__item">
                    <input
                        class="nhsuk-checkboxes__input"
                        type="checkbox"
                        id=format!("{}-{option}", input_id(field))
                        prop:checked=move || {
                            desk.answer(field, &option_key(field, option)) == Some(Answer::YesNo(true))
                        }
                        on:change=move |event| {
                            let ticked = event_target_checked(&event);
                            desk.put(
                                field,
                                option_key(field, option),
                                ticked.then_some(Answer::YesNo(true)),
                            );
                        }
                    />
                    <label
                        class="nhsuk-label nhsuk-checkboxes__label"
                        for=format!("{}-{option}", input_id(field))
                    >
                        {option_words(field, option)}
                    </label>
                </div>
            </For>
        </div>
    }
}

/// Numbers, dates, times and words. Saved when typing pauses and when the box is left.
#[component]
fn Typed(field: &'static Field, slip: RwSignal<String>, error: Signal<String>) -> impl IntoView {
    let desk = Desk::from_context();
    let recorded = Memo::new(move |_| written(field, desk.answer(field, &field.id).as_ref()));
    let draft = RwSignal::new(recorded.get_untracked());
    let waiting = Debounced::new();
    // What arrives from another device replaces the draft; what was just typed here does not jump about.
    Effect::new(move |_| {
        let recorded = recorded.get();
        if !waiting.is_waiting() && draft.with_untracked(|draft| draft.trim() != recorded.trim()) {
            draft.set(recorded);
        }
    });
    let save = move |text: &str, left: bool| match typed(field, text) {
        Ok(answer) => {
            slip.set(String::new());
            let plausible = match (&field.number, &answer) {
                (Some(range), Some(Answer::Number(value))) => (range.min..=range.max).contains(value),
                _ => true,
            };
            // The 3 of 38.5 is no slip: while the number is being typed an implausible one waits.
            if (left || plausible) && desk.answer(field, &field.id) != answer {
                desk.put(field, field.id.clone(), answer);
            }
        }
        Err(words) if left => slip.set(words),
        Err(_) => {}
    };
    let on_input = move |text: String| {
        draft.set(text.clone());
        waiting.later(move || save(&text, false));
    };
    let on_change = move |text: String| {
        waiting.forget();
        draft.set(text.clone());
        save(&text, true);
    };
    // `autocomplete` is off because browsers keep what is typed, in plain text, to restore a tab.
    if field.kind == Kind::Words {
        return view! {
            <textarea
                class="nhsuk-textarea"
                autocomplete="off"
                id=input_id(field)
                rows="3"
                aria-describedby=described(field, error)
                prop:value=move || draft.get()
                on:input=move |event| on_input(event_target_value(&event))
                on:change=move |event| on_change(event_target_value(&event))
            ></textarea>
        }
        .into_any();
    }
    let (input_type, mode, class) = match field.kind {
        Kind::Number => ("text", Some("decimal"), "nhsuk-input box--number"),
        Kind::Date => ("date", None, "nhsuk-input box--short"),
        Kind::Time => ("time", None, "nhsuk-input box--short"),
        _ => ("text", None, "nhsuk-input box"),
    };
    let unit = field.number.as_ref().map(|number| number.unit.clone()).filter(|unit| !unit.is_empty());
    view! {
        <span class="with-unit">
            <input
                class=class
                id=input_id(field)
                type=input_type
                inputmode=mode
                autocomplete="off"
                aria-describedby=described(field, error)
                prop:value=move || draft.get()
                on:input=move |event| on_input(event_target_value(&event))
                on:change=move |event| on_change(event_target_value(&event))
            />
            {unit.map(|unit| view! { <span class="with-unit__unit">{unit}</span> })}
        </span>
    }
    .into_any()
}

/// What could be filled in from what is known, with where it came from; one touch accepts it.
#[component]
fn Offer(field: &'static Field) -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let offer = Memo::new(move |_| {
        let prefill = field.prefill.filter(|_| desk.answer(field, &field.id).is_none())?;
        desk.read(|open| prefill.suggest(&open.record, clock.now(), &desk.me())).flatten()
    });
    move || {
        offer.get().map(|offer| {
            let words = offer.answer.to_string();
            let answer = offer.answer.clone();
            view! {
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small offer"
                    on:click=move |_| desk.put(field, field.id.clone(), Some(answer.clone()))
                >
                    {format!("Use “{words}”")}
                    <span class="offer__source">{format!(" ({})", offer.source)}</span>
                </button>
            }
        })
    }
}
