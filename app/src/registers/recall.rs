//! Everyone who was given a batch.

use super::model::{batch, given_facts, given_title, recall_words};
use super::page::item;
use crate::platform::api_supplies;
use crate::sign_in::model::words_for;
use crate::state::Satchel;
use crate::ui::{Attempt, ErrorSummary, Slip, TextBox};
use leptos::prelude::*;
use shared::api::{RecallAsked, RecallView};

#[component]
pub(super) fn Recall() -> AnyView {
    let satchel = Satchel::from_context();
    let (typed, product) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let slips = RwSignal::new(Vec::<Slip>::new());
    let attempt = Attempt::default();
    let shown = RwSignal::new(None::<(String, RecallView)>);
    let search = move || match batch(&typed.get_untracked()) {
        Ok(batch) => {
            slips.set(Vec::new());
            // What was found for another batch must not stand under this one.
            shown.set(None);
            let asked = RecallAsked { batch, product: product.get_untracked() };
            attempt.run(async move {
                let found = api_supplies::recall(satchel, &asked).await?;
                shown.set(Some((asked.batch, found)));
                Ok(())
            });
        }
        Err(found) => slips.set(found),
    };
    let list = move || {
        shown.get().map(|(batch, view)| {
            let people = |given: &[shared::register::Given]| {
                given
                    .iter()
                    .map(|given| item(given_title(given), Vec::new(), given_facts(given)))
                    .collect_view()
            };
            view! {
                <p role="status">{recall_words(&view, &batch)}</p>
                <ol class="history">{people(&view.given)}</ol>
                {(!view.batch_unknown.is_empty())
                    .then(|| {
                        view! {
                            <h2 class="nhsuk-heading-s">"No batch recorded"</h2>
                            <ol class="history">{people(&view.batch_unknown)}</ol>
                        }
                    })}
            }
        })
    };
    let error = Signal::derive(move || slips.with(|slips| words_for(slips, "recall-batch")));
    view! {
        <ErrorSummary slips/>
        <form
            class="card"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                search();
            }
        >
            <TextBox
                id="recall-batch"
                label="Batch"
                hint="Spaces, hyphens and capitals do not matter."
                value=typed
                error
            />
            <TextBox
                id="recall-product"
                label="Product (optional)"
                hint="Name or dm+d code. With a product, those whose batch nobody recorded are listed too."
                value=product
            />
            <button type="submit" class="nhsuk-button" disabled=move || attempt.busy.get()>
                "Find everyone given it"
            </button>
        </form>
        {attempt.said()}
        {list}
    }
    .into_any()
}
