//! The questions of the rules about one line, one after the other, each with one large control.

use super::boxes::LineBox;
use super::here::Here;
use super::model::Part;
use leptos::prelude::*;
use shared::supply::{Question, QuestionKind};

/// What is answered stays, to be corrected; of what is not, the next is asked.
#[component]
pub fn Questions(here: Here) -> AnyView {
    let questions = here.part(|view| view.questions.clone());
    let later = here.part(|view| view.later);
    let follow = move || match later.get() {
        0 => String::new(),
        1 => "1 more question follows.".to_owned(),
        more => format!("{more} more questions follow."),
    };
    view! {
        <div class="supply__questions">
            <For each=move || questions.get() key=|question| question.id.as_str() let:question>
                <Asked here question/>
            </For>
            <p class="supply__later">{follow}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Asked(here: Here, question: &'static Question) -> AnyView {
    let typed = |part: Part| {
        view! {
            <LineBox
                line=here.id
                part
                label=question.label.as_str()
                hint=question.hint.as_str()
            />
        }
        .into_any()
    };
    let control = match question.kind {
        QuestionKind::Number => return question_box(typed(Part::AskedNumber(question.id.clone()))),
        QuestionKind::Text => return question_box(typed(Part::Asked(question.id.clone()))),
        QuestionKind::YesNo => yes_no(here, question),
        QuestionKind::Choice => choice(here, question),
    };
    let hint_id = here.dom_id(&format!("hint-{}", question.id));
    let described = (!question.hint.is_empty()).then(|| hint_id.clone());
    question_box(
        view! {
            <fieldset class="nhsuk-fieldset" aria-describedby=described>
                <legend class="question__legend">{question.label.as_str()}</legend>
                {(!question.hint.is_empty())
                    .then(|| {
                        view! {
                            <span class="nhsuk-hint question__hint" id=hint_id>
                                {question.hint.as_str()}
                            </span>
                        }
                    })}
                {control}
            </fieldset>
        }
        .into_any(),
    )
}

fn question_box(control: AnyView) -> AnyView {
    view! { <div class="question">{control}</div> }.into_any()
}

fn answer(here: Here, question: &'static Question) -> Memo<String> {
    here.line(move |line| line.asked.get(&question.id).cloned().unwrap_or_default())
}

fn record(here: Here, question: &'static Question, answer: &'static str) {
    here.change(move |line| Part::Asked(question.id.clone()).write(line, answer));
}

fn yes_no(here: Here, question: &'static Question) -> AnyView {
    let recorded = answer(here, question);
    let group = here.dom_id(&format!("asked-{}", question.id));
    let items = [("Yes", "yes"), ("No", "no"), ("Not yet", "")]
        .into_iter()
        .map(|(words, value)| {
            let id = format!("{group}-{}", words.replace(' ', "-").to_lowercase());
            view! {
                <div class="big-choice__item">
                    <input
                        class="big-choice__input"
                        type="radio"
                        id=id.clone()
                        name=group.clone()
                        prop:checked=move || recorded.with(|recorded| recorded == value)
                        on:change=move |_| record(here, question, value)
                    />
                    <label class="big-choice__label" for=id>
                        {words}
                    </label>
                </div>
            }
        })
        .collect_view();
    view! { <div class="big-choice">{items}</div> }.into_any()
}

fn choice(here: Here, question: &'static Question) -> AnyView {
    let recorded = answer(here, question);
    let group = here.dom_id(&format!("asked-{}", question.id));
    let items = question
        .options
        .iter()
        .map(|option| {
            let id = format!("{group}-{}", option.id);
            let value = option.id.as_str();
            view! {
                <div class="nhsuk-radios__item">
                    <input
                        class="nhsuk-radios__input"
                        type="radio"
                        id=id.clone()
                        name=group.clone()
                        prop:checked=move || recorded.with(|recorded| recorded == value)
                        on:change=move |_| record(here, question, value)
                    />
                    <label class="nhsuk-label nhsuk-radios__label" for=id>
                        {option.label.as_str()}
                    </label>
                </div>
            }
        })
        .collect_view();
    view! { <div class="nhsuk-radios">{items}</div> }.into_any()
}
