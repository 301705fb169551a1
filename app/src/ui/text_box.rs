//! A labelled box for one line, a date, a secret or several lines, with its hint and its error.

use leptos::prelude::*;

/// What kind of box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextKind {
    #[default]
    Line,
    Lines,
    Date,
    /// A day with a time, as the clock on the wall shows it.
    DateTime,
    Phone,
    /// Digits with spaces.
    Digits,
    Secret,
    /// A secret being chosen, so that a password manager offers one.
    NewSecret,
    /// A secret of digits; no password manager keeps it beside the passkey that it is to guard.
    Pin,
}

impl TextKind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Line | Self::Lines | Self::Digits => "text",
            Self::Date => "date",
            Self::DateTime => "datetime-local",
            Self::Phone => "tel",
            Self::Secret | Self::NewSecret | Self::Pin => "password",
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::Secret => "current-password",
            Self::NewSecret => "new-password",
            // A shared tablet must not offer one patient's details for the next.
            _ => "off",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Date | Self::DateTime | Self::Digits | Self::Phone | Self::Pin => "nhsuk-input box--short",
            _ => "nhsuk-input box",
        }
    }
}

#[component]
pub fn TextBox(
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] kind: TextKind,
    /// What is wrong with it; empty when nothing is.
    #[prop(optional, into)]
    error: Signal<String>,
) -> impl IntoView {
    let wrong = move || !error.get().is_empty();
    let described = move || {
        let hint = (!hint.is_empty()).then(|| format!("{id}-hint"));
        let error = wrong().then(|| format!("{id}-error"));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    let control = if kind == TextKind::Lines {
        view! {
            <textarea
                class="nhsuk-textarea box"
                id=id
                name=id
                rows="3"
                autocomplete="off"
                class=("nhsuk-textarea--error", wrong)
                aria-describedby=described
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class=kind.class()
                id=id
                name=id
                type=kind.input_type()
                inputmode=matches!(kind, TextKind::Digits | TextKind::Pin).then_some("numeric")
                autocomplete=kind.autocomplete()
                class=("nhsuk-input--error", wrong)
                aria-describedby=described
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
                on:change=move |event| value.set(event_target_value(&event))
            />
        }
        .into_any()
    };
    view! {
        <div class="nhsuk-form-group" class=("nhsuk-form-group--error", wrong)>
            <label class="nhsuk-label" for=id>
                {label}
            </label>
            {(!hint.is_empty())
                .then(|| {
                    view! {
                        <div class="nhsuk-hint" id=format!("{id}-hint")>
                            {hint}
                        </div>
                    }
                })}
            <Show when=wrong>
                <span class="nhsuk-error-message" id=format!("{id}-error")>
                    <span class="nhsuk-u-visually-hidden">"Error: "</span>
                    {move || error.get()}
                </span>
            </Show>
            {control}
        </div>
    }
}
