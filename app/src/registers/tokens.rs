//! The tokens of a month, for the end-of-month bundle.

use super::model::{months, token_facts, token_title, tokens_words};
use super::page::item;
use crate::platform::api_supplies;
use crate::state::Satchel;
use crate::ui::{Attempt, Choice, Clock};
use leptos::prelude::*;
use shared::api::TokensView;

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
    let list = move || {
        shown.get().map(|view| {
            let rows = view.tokens.iter().map(|token| {
                let open = token.open().map(str::to_owned).into_iter().collect();
                item(token_title(token), open, token_facts(token))
            });
            view! {
                <p role="status">{tokens_words(&view)}</p>
                <ol class="history">{rows.collect_view()}</ol>
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
