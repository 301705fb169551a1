//! Draws the history of one consultation.

use super::model::{closed_words, told};
use crate::consultation::opened;
use crate::state::Satchel;
use crate::ui::{BackLink, Clock, PageHeading, words};
use crate::vault::audited;
use leptos::prelude::*;

#[component]
pub fn HistoryPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let open = opened();
    let name = Memo::new(move |_| {
        satchel.consultation.with(|open| open.as_ref().map(|open| words::full_name(&open.record.patient)))
    });
    let entries = move || {
        open.get()?;
        // The snapshot changes with every edit; reading it makes the history follow.
        let pathway =
            satchel.consultation.with(|open| open.as_ref().map(|open| open.record.pathway.clone()))?;
        let pathway = shared::pathway::find(&pathway);
        match satchel.history() {
            Ok(entries) => Some(told(pathway, &entries, clock.exactly())),
            Err(trouble) => {
                satchel.trouble.set(Some(trouble.to_string()));
                None
            }
        }
    };
    Effect::new(move |_| {
        if let Some(id) = open.get() {
            audited::note(satchel, audited::OPENED_HISTORY, id, String::new());
        }
    });
    let closings = LocalResource::new(move || {
        let open = open.get();
        async move {
            match open {
                Some(id) => satchel.set_aside_closings(id).await.unwrap_or_default(),
                None => Vec::new(),
            }
        }
    });
    view! {
        <div class="page">
            {move || {
                open.get().map(|id| view! { <BackLink to=format!("/consultations/{id}") name="Consultation"/> })
            }}
            <PageHeading text="History"/>
            <p class="page__note">{move || name.get()}</p>
            <ol class="history">
                {move || {
                    entries()
                        .unwrap_or_default()
                        .into_iter()
                        .map(|told| {
                            view! {
                                <li class="history__entry">
                                    <span class="history__at">{told.at}</span>
                                    <strong>{told.by}</strong>
                                    <ul class="history__did">
                                        {told
                                            .did
                                            .into_iter()
                                            .map(|did| {
                                                view! {
                                                    <li>
                                                        {did.verb}
                                                        " "
                                                        <em>{did.what}</em>
                                                        {did.how}
                                                    </li>
                                                }
                                            })
                                            .collect_view()}
                                    </ul>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ol>
            {move || {
                let closings = closings.get().unwrap_or_default();
                (!closings.is_empty())
                    .then(|| {
                        view! {
                            <h2 class="section-heading">"Set aside on this device"</h2>
                            <ul class="nhsuk-list nhsuk-list--bullet">
                                {closings
                                    .into_iter()
                                    .map(|closing| {
                                        view! { <li>{closed_words(&closing, clock.exactly())}</li> }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })
            }}
        </div>
    }
}
