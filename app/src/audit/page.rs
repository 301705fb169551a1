//! Draws the search, the lines it found, and the way to take them along.

use super::model::{Question, Search, count_words, what_words, when_words, who_words};
use crate::platform::{api, api_people, page};
use crate::sign_in::model::words_for;
use crate::state::{Phase, Satchel};
use crate::ui::{
    Action, Attempt, BackLink, Choice, Clock, ErrorSummary, PageHeading, Slip, TextBox, TextKind, words,
};
use leptos::prelude::*;
use shared::api::AuditLine;
use shared::people::Permission;

/// Only for those who may read the log; the server refuses everybody else.
#[component]
pub fn AuditPage() -> AnyView {
    let satchel = Satchel::from_context();
    let may = satchel
        .phase
        .with_untracked(|phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::ReadAudit)));
    view! {
        <div class="page">
            <BackLink to="/settings" name="Settings"/>
            <PageHeading text="Audit log"/>
            {if may {
                view! { <Log/> }.into_any()
            } else {
                view! { <p>"Your role does not read the audit log."</p> }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Log() -> AnyView {
    let satchel = Satchel::from_context();
    let first = Search::last_week(Clock::from_context().exactly());
    let (from, to) = (RwSignal::new(first.from), RwSignal::new(first.to));
    let (person, action, about) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let slips = RwSignal::new(Vec::<Slip>::new());
    let attempt = Attempt::default();
    let asked = RwSignal::new(Question::default());
    let lines = RwSignal::new(Vec::<AuditLine>::new());
    let next = RwSignal::new(None::<u64>);
    let any = || vec![(String::new(), "Anything".to_owned())];
    let actions = RwSignal::new(any());
    let people = RwSignal::new(vec![(String::new(), "Anybody".to_owned())]);
    let fetch = move |question: Question, before: Option<u64>| {
        attempt.run(async move {
            let query = before.map_or_else(|| question.query.clone(), |place| question.before(place));
            let found = api_people::audit(satchel, &query, &question.nhs_number).await?;
            asked.set(question);
            next.set(found.next);
            if before.is_none() {
                lines.set(Vec::new());
                // A choice must stay on the list while it is chosen.
                if actions.with_untracked(|known| known.len() == 1) {
                    let named = found.actions.iter().map(|one| (one.clone(), words::in_words(one)));
                    actions.set(any().into_iter().chain(named).collect());
                }
            }
            lines.update(|lines| lines.extend(found.lines));
            Ok(())
        });
    };
    let search = move || {
        let search = Search {
            from: from.get_untracked(),
            to: to.get_untracked(),
            person: person.get_untracked(),
            action: action.get_untracked(),
            about: about.get_untracked(),
        };
        match search.question() {
            Ok(question) => {
                slips.set(Vec::new());
                fetch(question, None);
            }
            Err(found) => slips.set(found),
        }
    };
    search();
    leptos::task::spawn_local(async move {
        // Without the names, the log can still be looked through.
        if let Ok(staff) = api::people(satchel).await {
            people
                .update(|people| people.extend(staff.into_iter().map(|one| (one.id.to_string(), one.name))));
        }
    });
    let older = Callback::new(move |()| fetch(asked.get_untracked(), next.get_untracked()));
    let export = Callback::new(move |()| {
        let question = asked.get_untracked();
        attempt.run(async move {
            let csv = api_people::audit_csv(satchel, &question.query, &question.nhs_number).await?;
            page::save_file("audit.csv", "text/csv", &csv)
        });
    });
    let error =
        move |field: &'static str| Signal::derive(move || slips.with(|slips| words_for(slips, field)));
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
            <TextBox id="audit-from" label="From" kind=TextKind::Date value=from error=error("audit-from")/>
            <TextBox id="audit-to" label="To" kind=TextKind::Date value=to error=error("audit-to")/>
            {move || view! { <Choice id="audit-person" label="Who" options=people.get() value=person/> }}
            {move || view! { <Choice id="audit-action" label="What" options=actions.get() value=action/> }}
            <TextBox
                id="audit-about"
                label="NHS number or consultation"
                hint="The NHS number is sent so that no log keeps it."
                value=about
                error=error("audit-about")
            />
            <button type="submit" class="nhsuk-button" disabled=move || attempt.busy.get()>
                "Search"
            </button>
        </form>
        {attempt.said()}
        <p role="status">{move || lines.with(|lines| count_words(lines.len(), next.get().is_some()))}</p>
        <ol class="history">
            <For each=move || lines.get() key=|line| line.place let:line>
                <li class="history__entry">
                    <span class="history__at">{when_words(&line)}</span>
                    <strong>{who_words(&line)}</strong>
                    <p class="history__did">{what_words(&line)}</p>
                </li>
            </For>
        </ol>
        <div class="button-row">
            {move || {
                next.get()
                    .map(|_| view! { <Action words="Older" class="nhsuk-button--secondary" attempt on_click=older/> })
            }}
            <Action words="Export as CSV" class="nhsuk-button--secondary" attempt on_click=export/>
        </div>
    }
    .into_any()
}
