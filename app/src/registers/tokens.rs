//! The tokens of a month, for the end-of-month bundle.

use super::model::{bundle_rows, token_facts, token_title, tokens_words};
use super::page::{item, print_list, printed_at};
use crate::paper::ours;
use crate::platform::api_supplies;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Choice, Clock, months};
use leptos::prelude::*;
use shared::api::TokensView;
use shared::paper::bundle;

#[component]
pub(super) fn Tokens() -> AnyView {
    let satchel = Satchel::from_context();
    let months = months(Clock::from_context().exactly());
    let month = RwSignal::new(months.first().map(|(month, _)| month.clone()).unwrap_or_default());
    let attempt = Attempt::default();
    let shown = RwSignal::new(None::<TokensView>);
    Effect::new(move |_| {
        let month = month.get();
        // Another month's must not stand under this one.
        shown.set(None);
        attempt.run(async move {
            shown.set(Some(api_supplies::tokens(satchel, &month).await?));
            Ok(())
        });
    });
    let names = StoredValue::new(months.clone());
    let printing = Callback::new(move |()| {
        let Some(view) = shown.get_untracked() else { return };
        let name = names.with_value(|names| {
            names.iter().find(|(month, _)| *month == view.month).map(|(_, name)| name.clone())
        });
        let ours = ours(satchel);
        let rows = bundle_rows(&view);
        let pdf = bundle::pdf(&rows, &name.unwrap_or_default(), &ours.on_paper(), &printed_at());
        print_list(satchel, attempt, "tokens.pdf", &pdf);
    });
    let list = move || {
        shown.get().map(|view| {
            let rows = view.tokens.iter().map(|token| {
                let open = token.open().map(str::to_owned).into_iter().collect();
                item(token_title(token), open, token_facts(token))
            });
            view! {
                <p role="status">{tokens_words(&view)}</p>
                <ol class="history">{rows.collect_view()}</ol>
                <Action words="Print the list" class="nhsuk-button--secondary" attempt on_click=printing/>
            }
        })
    };
    view! {
        <Choice id="tokens-month" label="Month" options=months value=month/>
        {attempt.said()}
        {list}
    }
    .into_any()
}
