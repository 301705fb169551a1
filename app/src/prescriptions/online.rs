//! Looking at the tracker online, and what it said.

use super::model::{Looker, asked, cis2_address, heading, keep};
use crate::consultation::Desk;
use crate::platform::trouble::Trouble;
use crate::platform::{api_prescriptions, clock, page};
use crate::ui::{Attempt, typing_has_paused};
use crate::vault::edits;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{PrescriptionsAsked, PrescriptionsFound};
use shared::prescription::tracker::By;

/// What came of the last look.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Shown {
    #[default]
    Nothing,
    NeedsCis2,
    Failed(String),
    Found(PrescriptionsFound),
    /// It is about somebody else: nothing of it is shown or kept.
    NotTheirs(String),
}

/// Asks the server, keeps what came of it and shows it.
pub fn look(desk: Desk, by: &By, shown: RwSignal<Shown>, attempt: Attempt) {
    let what = PrescriptionsAsked { consultation: desk.id, by: asked(by) };
    let looker = Looker { by: desk.me(), at: clock::now() };
    attempt.run(async move {
        match api_prescriptions::search(desk.satchel, &what).await {
            Ok(answer) => {
                let wrong = desk.read(|open| answer.found.not_of(&open.record.patient)).flatten();
                if let Some(words) = wrong.filter(|_| !answer.found.prescriptions.is_empty()) {
                    let _ = shown.try_set(Shown::NotTheirs(words));
                    return Ok(());
                }
                record(desk, looker.online(&answer));
                let _ = shown.try_set(Shown::Found(answer));
            }
            Err(Trouble::Refused(problem)) if problem.r#type.ends_with("/cis2-needed") => {
                let _ = shown.try_set(Shown::NeedsCis2);
            }
            Err(trouble) => {
                let _ = shown.try_set(Shown::Failed(trouble.to_string()));
            }
        }
        Ok(())
    });
}

/// Writes looks into the record.
pub fn record(desk: Desk, looks: Vec<shared::consultation::Lookup>) {
    let now = clock::now();
    let looks = looks.into_iter().map(|look| (uuid::Uuid::new_v4().to_string(), look)).collect();
    let pathway = desk.pathway;
    desk.edit(move |record| keep(record, pathway, looks, now));
}

/// What the last look showed.
pub fn outcome(desk: Desk, shown: RwSignal<Shown>) -> AnyView {
    let view = move || match shown.get() {
        Shown::Nothing => ().into_any(),
        Shown::NeedsCis2 => view! { <StepUp desk/> }.into_any(),
        Shown::Failed(words) => view! {
            <p class="panel panel--notice">
                {words} " Look on the tracker’s website, or record that nobody could look."
            </p>
        }
        .into_any(),
        Shown::NotTheirs(words) => view! { <p class="panel panel--notice">{words}</p> }.into_any(),
        Shown::Found(answer) => list(&answer),
    };
    view! { <div role="status">{view}</div> }.into_any()
}

fn list(answer: &PrescriptionsFound) -> AnyView {
    if answer.found.prescriptions.is_empty() {
        return view! { <p>"The tracker knows of no prescription. Paper prescriptions are not in it."</p> }
            .into_any();
    }
    let without = (answer.without_lines > 0).then(|| {
        view! { <p class="nhsuk-hint">"Not every prescription’s items could be fetched. Look again to see them."</p> }
    });
    let rows = answer.found.prescriptions.iter().map(|one| {
        let items = one.in_words();
        view! {
            <li class="to-do__item">
                <div>
                    <strong>{heading(one)}</strong>
                    <p class="preserve-lines">{items}</p>
                    <p class="nhsuk-hint">{one.id.short()}</p>
                </div>
            </li>
        }
    });
    view! {
        <ul class="to-do">{rows.collect_view()}</ul>
        {without}
    }
    .into_any()
}

/// The tracker wants to know who asks: the way to CIS2, once all that was typed is on the disk.
#[component]
fn StepUp(desk: Desk) -> impl IntoView {
    let busy = RwSignal::new(false);
    let sign_in = move |_| {
        busy.set(true);
        spawn_local(async move {
            if let Err(trouble) = leave(desk).await {
                desk.satchel.trouble.set(Some(trouble.to_string()));
                busy.set(false);
            }
        });
    };
    view! {
        <div class="panel panel--notice">
            <p>
                <strong>"The prescription tracker needs your NHS sign-in (CIS2)."</strong>
                " What you have recorded is saved first. You come back here and look again. Without it, look on the \
                 tracker’s website and record what you find."
            </p>
            <button
                type="button"
                class="nhsuk-button nhsuk-button--small"
                disabled=move || busy.get() || desk.half_typed.get()
                on:click=sign_in
            >
                "Sign in with CIS2"
            </button>
        </div>
    }
}

async fn leave(desk: Desk) -> Result<(), Trouble> {
    let opened = desk.satchel.keeper.get_value().opened()?;
    page::leave_box();
    typing_has_paused().await;
    edits::flush(desk.satchel, &opened).await?;
    page::leave_for(&cis2_address(&desk.id, &opened.who.person));
    Ok(())
}
