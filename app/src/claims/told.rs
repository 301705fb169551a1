//! What Manage Your Service shows of the month, typed by whoever reads it there.

use super::model::told;
use crate::platform::api_reports;
use crate::sign_in::model::words_for;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Disclosure, ErrorSummary, Slip};
use leptos::prelude::*;
use shared::claim::Month;

/// `again` is rung when something was told, so that the month is asked for anew.
#[component]
pub(super) fn Told(shown: RwSignal<Option<Month>>, again: RwSignal<u32>) -> AnyView {
    view! {
        <Disclosure words="Compare with Manage Your Service">
            {boxes(shown, again)}
        </Disclosure>
    }
    .into_any()
}

fn boxes(shown: RwSignal<Option<Month>>, again: RwSignal<u32>) -> AnyView {
    let satchel = Satchel::from_context();
    let Some(view) = shown.get_untracked() else { return ().into_any() };
    let typed: Vec<(String, String, RwSignal<String>)> = view
        .services
        .iter()
        .map(|service| {
            let value = service.mys.map(|count| count.to_string()).unwrap_or_default();
            (service.id.clone(), service.label.clone(), RwSignal::new(value))
        })
        .collect();
    let declared = RwSignal::new(!view.declared.is_empty());
    let slips = RwSignal::new(Vec::<Slip>::new());
    let attempt = Attempt::default();
    let kept = StoredValue::new(typed.clone());
    let month = view.month;
    let save = Callback::new(move |()| {
        let typed: Vec<(String, String)> = kept.with_value(|kept| {
            kept.iter().map(|(id, _, value)| (id.clone(), value.get_untracked())).collect()
        });
        match told(&typed, declared.get_untracked()) {
            Ok(told) => {
                slips.set(Vec::new());
                let month = month.clone();
                attempt.run(async move {
                    api_reports::tell_month(satchel, &month, &told).await?;
                    again.update(|again| *again += 1);
                    Ok(())
                });
            }
            Err(found) => slips.set(found),
        }
    });
    let boxes = typed.into_iter().map(|(id, label, value)| {
        let field = format!("mys-{id}");
        let (of, of_error, named) = (field.clone(), field.clone(), field.clone());
        let wrong = move || slips.with(|slips| words_for(slips, &of_error));
        let marked =
            move || if slips.with(|slips| words_for(slips, &named)).is_empty() { "false" } else { "true" };
        view! {
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for=of>{format!("{label}: accepted")}</label>
                <span class="nhsuk-error-message">{wrong}</span>
                <input
                    class="nhsuk-input nhsuk-input--width-5"
                    id=field
                    inputmode="numeric"
                    autocomplete="off"
                    aria-invalid=marked
                    prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))
                />
            </div>
        }
    });
    view! {
        <section class="card" id="mys">
            <ErrorSummary slips/>
            <p>"Type what Manage Your Service shows. An empty box says nothing."</p>
            {boxes.collect_view()}
            <div class="nhsuk-checkboxes__item nhsuk-form-group">
                <input
                    class="nhsuk-checkboxes__input"
                    id="mys-declared"
                    type="checkbox"
                    prop:checked=move || declared.get()
                    on:change=move |event| declared.set(event_target_checked(&event))
                />
                <label class="nhsuk-label nhsuk-checkboxes__label" for="mys-declared">
                    "The month is declared there: nothing in it can be changed any more"
                </label>
            </div>
            <Action words="Keep this" class="nhsuk-button--secondary" attempt on_click=save/>
            {attempt.said()}
        </section>
    }
    .into_any()
}
