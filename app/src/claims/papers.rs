//! The papers of a month: evidence behind its claims, and the report of a failure of IT.

use crate::platform::{api_reports, print};
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Disclosure, TextBox, TextKind};
use leptos::prelude::*;

#[component]
pub(super) fn Papers(month: RwSignal<String>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let evidence = Callback::new(move |()| {
        let month = month.get_untracked();
        attempt.run(async move {
            let pdf = api_reports::evidence(satchel, &month).await?;
            satchel.is_printing();
            print::pdf("claims-evidence.pdf", &pdf)
        });
    });
    view! {
        <section class="card" id="claim-papers">
            <h2 class="nhsuk-heading-m">"Papers"</h2>
            <Action words="Evidence behind the claims" class="nhsuk-button--secondary" attempt on_click=evidence/>
            {attempt.said()}
            <div>
                <Disclosure words="Report a failure of IT">{report(satchel, month)}</Disclosure>
            </div>
        </section>
    }
    .into_any()
}

fn report(satchel: Satchel, month: RwSignal<String>) -> AnyView {
    let (what, from, until, reference) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let attempt = Attempt::default();
    let make = Callback::new(move |()| {
        let month = month.get_untracked();
        let said = [
            ("what", what.get_untracked()),
            ("from", from.get_untracked()),
            ("until", until.get_untracked()),
            ("reference", reference.get_untracked()),
        ];
        attempt.run(async move {
            let pdf = api_reports::it_failure(satchel, &month, &said).await?;
            satchel.is_printing();
            print::pdf("it-failure.pdf", &pdf)
        });
    });
    view! {
        <p>"NHSBSA takes claims after the window where IT failed and somebody can show it."</p>
        <TextBox id="failure-what" label="What failed?" kind=TextKind::Lines value=what/>
        <TextBox id="failure-from" label="From when" kind=TextKind::Line value=from/>
        <TextBox id="failure-until" label="Until when" kind=TextKind::Line value=until/>
        <TextBox id="failure-reference" label="The supplier’s reference of the incident" kind=TextKind::Line value=reference/>
        <Action words="Make the report" class="nhsuk-button--secondary" attempt on_click=make/>
        {attempt.said()}
    }
    .into_any()
}
