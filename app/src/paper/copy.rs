//! Copy onto the token: each field large, in the order of the form, ticked when it is written.

use super::card::{ours, today};
use super::model::{Made, TokenOffer, prescriptions, token, unsound, write_made};
use crate::consultation::opened;
use crate::platform::clock;
use crate::state::Satchel;
use crate::ui::{Attempt, BackLink, Choice, PageHeading};
use leptos::prelude::*;
use shared::ids::ConsultationId;
use shared::paper::token::{Copied, Token};
use shared::time;
use std::collections::BTreeSet;

#[component]
pub fn CopyTokenPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let open = opened();
    let found = Memo::new(move |_| {
        open.get()?;
        satchel.consultation.with(|open| Some(prescriptions(&open.as_ref()?.record)))
    });
    let chosen = RwSignal::new(String::new());
    let offer = Memo::new(move |_| {
        open.get()?;
        let chosen = chosen.get();
        satchel.consultation.with(|open| {
            let record = &open.as_ref()?.record;
            let unsound = unsound(record);
            if !unsound.is_empty() {
                return Some(TokenOffer::None(format!(
                    "{unsound}: look at it again in the consultation first."
                )));
            }
            let prescription = Some(chosen.as_str()).filter(|id| !id.is_empty());
            Some(token(record, prescription, &ours(satchel), today()))
        })
    });
    let editable =
        Memo::new(move |_| satchel.consultation.with(|open| open.as_ref().is_some_and(|open| open.editable)));
    view! {
        <div class="page">
            {move || {
                open.get().map(|id| view! { <BackLink to=format!("/consultations/{id}") name="Consultation"/> })
            }}
            <PageHeading text="Copy onto the token"/>
            {move || {
                let options = found.get().unwrap_or_default();
                (options.len() > 1)
                    .then(|| {
                        view! {
                            <Choice id="copied-prescription" label="Prescription on the token" options value=chosen/>
                        }
                    })
            }}
            {move || match (open.get(), offer.get()) {
                (Some(id), Some(TokenOffer::Make(token))) => {
                    view! { <Copying id token=*token editable/> }.into_any()
                }
                (_, Some(TokenOffer::None(words))) => view! { <p class="nhsuk-inset-text">{words}</p> }.into_any(),
                _ => view! { <p>"Opening the consultation"</p> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Copying(id: ConsultationId, token: Token, editable: Memo<bool>) -> impl IntoView {
    let satchel = Satchel::from_context();
    let written = RwSignal::new(BTreeSet::<String>::new());
    let signed = RwSignal::new(None::<bool>);
    let attempt = Attempt::default();
    let done = RwSignal::new(false);
    let forms: Vec<(String, Vec<Copied>)> = token
        .forms
        .iter()
        .enumerate()
        .map(|(at, form)| (format!("Form {} of {}", at + 1, token.forms.len()), token.to_copy(form)))
        .collect();
    let all: usize = forms.iter().map(|(_, fields)| fields.len()).sum();
    let ready = Memo::new(move |_| written.with(BTreeSet::len) == all && signed.get().is_some());
    let keep = move |_| {
        let Some(is_signed) = signed.get_untracked() else { return };
        attempt.run(async move {
            let at = time::stored(clock::now());
            satchel
                .edit(id, move |record| {
                    write_made(&mut record.charge, Made::Copied, &at);
                    let word = if is_signed { "yes" } else { "no" };
                    word.clone_into(&mut record.charge.token_signed);
                })
                .await?;
            done.set(true);
            Ok(())
        });
    };
    view! {
        <p class="page__note">
            "Write each line on a form of the official stock, and tick it here when it is written. The declaration is \
             printed on the form."
        </p>
        {forms
            .into_iter()
            .enumerate()
            .map(|(form, (title, fields))| {
                view! {
                    <section class="card">
                        <h2 class="section-heading">{title}</h2>
                        {fields
                            .into_iter()
                            .map(|field| view! { <Line form field written/> })
                            .collect_view()}
                    </section>
                }
            })
            .collect_view()}
        <fieldset class="nhsuk-fieldset nhsuk-form-group">
            <legend class="question__legend">"Was the token signed?"</legend>
            <div class="nhsuk-radios nhsuk-radios--inline">
                <Signed id="token-signed-yes" words="Yes" is=true signed/>
                <Signed id="token-signed-no" words="No" is=false signed/>
            </div>
        </fieldset>
        {attempt.said()}
        <Show
            when=move || editable.get()
            fallback=|| {
                view! {
                    <p class="nhsuk-inset-text">
                        "The consultation is signed. To record that the token was copied, open it for change first."
                    </p>
                }
            }
        >
            <button
                type="button"
                class="nhsuk-button"
                disabled=move || !ready.get() || attempt.busy.get()
                on:click=keep
            >
                "Everything is on the token"
            </button>
        </Show>
        <p role="status">{move || done.get().then_some("Recorded: the token was copied by hand.")}</p>
    }
}

/// One field with its box.
#[component]
fn Line(form: usize, field: Copied, written: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let id = format!("copied-{form}-{}", field.id);
    let key = StoredValue::new(id.clone());
    let ticked = move || written.with(|written| key.with_value(|key| written.contains(key)));
    let lines = field.value.lines().map(|line| view! { <span class="copied__line">{line.to_owned()}</span> });
    let lines = lines.collect_view();
    view! {
        <div class="copied nhsuk-checkboxes__item">
            <input
                class="nhsuk-checkboxes__input"
                type="checkbox"
                id=id.clone()
                prop:checked=ticked
                on:change=move |_| {
                    written
                        .update(|written| {
                            let key = key.get_value();
                            if !written.remove(&key) {
                                written.insert(key);
                            }
                        });
                }
            />
            <label class="nhsuk-label nhsuk-checkboxes__label" for=id>
                <span class="copied__label">{field.label}</span>
                <span class="copied__value">{lines}</span>
            </label>
        </div>
    }
}

#[component]
fn Signed(id: &'static str, words: &'static str, is: bool, signed: RwSignal<Option<bool>>) -> impl IntoView {
    view! {
        <div class="nhsuk-radios__item">
            <input
                class="nhsuk-radios__input"
                type="radio"
                name="token-signed"
                id=id
                prop:checked=move || signed.get() == Some(is)
                on:change=move |_| signed.set(Some(is))
            />
            <label class="nhsuk-label nhsuk-radios__label" for=id>
                {words}
            </label>
        </div>
    }
}
