//! A labelled box for one part of a line; what is typed is in the record once typing pauses.

use super::model::{Part, Typed, change};
use crate::consultation::Desk;
use crate::consultation::bound::bound;
use leptos::prelude::*;

/// The id of a part's box.
pub fn box_id(line: &str, part: &Part) -> String {
    format!("medicine-{line}-{}", part.key())
}

/// `label` and `unit` only where they are not the part's own.
#[component]
pub fn LineBox(
    line: StoredValue<String>,
    part: Part,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] unit: Signal<String>,
) -> AnyView {
    let desk = Desk::from_context();
    let id = line.with_value(|line| box_id(line, &part));
    let hint_id = format!("{id}-hint");
    let label = label.unwrap_or_else(|| part.label().to_owned());
    let hint = hint.unwrap_or_else(|| part.hint().to_owned());
    let typed = part.typed();
    let (read, written) = (part.clone(), part);
    let value = bound(
        desk,
        move |record| {
            let of = |id: &String| record.medicines.get(id).map(|line| read.written(line));
            line.with_value(of).unwrap_or_default()
        },
        {
            let id = line.get_value();
            move |record, words| change(record, &id, |line| written.write(line, &words))
        },
    );
    let described = (!hint.is_empty()).then(|| hint_id.clone());
    let control = if typed == Typed::Lines {
        view! {
            <textarea
                class="nhsuk-textarea box"
                id=id.clone()
                rows="2"
                autocomplete="off"
                aria-describedby=described
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        }
        .into_any()
    } else {
        let (kind, mode, class) = match typed {
            Typed::Number => ("text", Some("decimal"), "nhsuk-input box--number"),
            Typed::DateTime => ("datetime-local", None, "nhsuk-input box--short"),
            Typed::Words | Typed::Lines => ("text", None, "nhsuk-input box"),
        };
        view! {
            <span class="with-unit">
                <input
                    class=class
                    id=id.clone()
                    type=kind
                    inputmode=mode
                    autocomplete="off"
                    aria-describedby=described
                    prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))
                    on:change=move |event| value.set(event_target_value(&event))
                />
                <span class="with-unit__unit">{move || unit.get()}</span>
            </span>
        }
        .into_any()
    };
    view! {
        <div class="nhsuk-form-group supply__box">
            <label class="nhsuk-label" for=id>
                {label}
            </label>
            {(!hint.is_empty())
                .then(|| {
                    view! {
                        <div class="nhsuk-hint" id=hint_id>
                            {hint}
                        </div>
                    }
                })}
            {control}
        </div>
    }
    .into_any()
}
