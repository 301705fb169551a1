//! Draws a month of claims: at once from what this device holds, then as the server says it.

use super::model::{at_first, here, service_facts, threshold_words, window_words};
use super::papers::Papers;
use super::told::Told;
use crate::figures::may_read;
use crate::platform::{api_reports, clock};
use crate::state::Satchel;
use crate::ui::{Attempt, BackLink, Choice, Clock, Facts, PageHeading, months, words};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::claim::{Mend, Month, pounds};
use shared::time;

/// The server refuses everybody whose role may not.
#[component]
pub fn ClaimsPage() -> AnyView {
    let satchel = Satchel::from_context();
    let may = untrack(|| may_read(satchel));
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Claims"/>
            {if may {
                view! { <Claims/> }.into_any()
            } else {
                view! { <p>"Your role does not read claims. Ask a pharmacist."</p> }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Claims() -> AnyView {
    let satchel = Satchel::from_context();
    let now = Clock::from_context().exactly();
    let month = RwSignal::new(at_first(now));
    let attempt = Attempt::default();
    let shown = RwSignal::new(None::<Month>);
    let source = RwSignal::new(String::new());
    let again = RwSignal::new(0_u32);
    Effect::new(move |_| {
        again.track();
        let asked = month.get();
        // Another month's must not stand under this one.
        shown.set(satchel.rows.with_untracked(|rows| here(rows.iter(), &asked, now)));
        source.set("From what this device holds. What NHSBSA said since, and the other devices’ work, need a network.".to_owned());
        attempt.run(async move {
            // With no network, what this device knows stands, and says so.
            if let Ok(view) = api_reports::month(satchel, &asked).await
                && month.get_untracked() == view.month
            {
                shown.set(Some(view));
                source.set(format!("From the server, {}.", time::clock_time(clock::now())));
            }
            Ok(())
        });
    });
    view! {
        <Choice id="claims-month" label="Month" options=months(now) value=month/>
        <p role="status" id="claims-source">{move || source.get()}</p>
        {move || shown.get().map(|view| drawn(&view))}
        {move || shown.with(Option::is_some).then(|| view! { <Told shown again/> })}
        <Papers month/>
    }
    .into_any()
}

fn drawn(view: &Month) -> AnyView {
    let services = view.services.iter().map(|service| {
        view! {
            <section class="card" data-service=service.id.clone()>
                <h2 class="nhsuk-heading-m">{service.label.clone()}</h2>
                <Facts facts=service_facts(service)/>
            </section>
        }
    });
    let declared = (!view.declared.is_empty())
        .then(|| view! { <p>{format!("Declared in Manage Your Service: {}.", view.declared)}</p> });
    view! {
        <p id="claims-window"><strong>{window_words(view)}</strong></p>
        <p id="claims-expected">{format!("Expected in all: {}.", pounds(view.expected))}</p>
        <p id="claims-threshold">{threshold_words(view)}</p>
        {declared}
        {services.collect_view()}
        {mending(view)}
        <section class="card">
            <h2 class="nhsuk-heading-m">"For the declaration"</h2>
            {(!view.is_complete())
                .then(|| view! { <p>"Something is still on its way or to be mended: declare when nothing is."</p> })}
            <label class="nhsuk-label" for="declaration">"Figures to copy into Manage Your Service"</label>
            <textarea class="nhsuk-textarea" id="declaration" readonly rows="6" prop:value=view.declaration()></textarea>
            <p>
                <A href="/registers">"Tokens of the month"</A>
                " stand with the registers."
            </p>
        </section>
        <p class="nhsuk-hint">{view.source.clone()}</p>
    }
    .into_any()
}

fn mending(view: &Month) -> AnyView {
    let title = match usize::try_from(view.to_mend).unwrap_or(usize::MAX) {
        0 => "Nothing to mend".to_owned(),
        many => format!("{} to look at", words::count(many, "consultation", "consultations")),
    };
    let one = |mend: Mend| {
        let link = format!("/consultations/{}", mend.consultation);
        let day = mend.day.parse().map_or_else(|_| mend.day, time::written_date);
        view! {
            <li class="history__entry">
                <A href=link>{mend.patient}</A>
                " "
                <strong class="nhsuk-tag nhsuk-tag--orange">{mend.standing}</strong>
                <p>{format!("{day}, {}. {}", mend.service, mend.why)}</p>
            </li>
        }
    };
    let rest = usize::try_from(view.to_mend).unwrap_or(usize::MAX).saturating_sub(view.mend.len());
    view! {
        <section class="card" id="claims-mend">
            <h2 class="nhsuk-heading-m">{title}</h2>
            <ol class="history">{view.mend.iter().cloned().map(one).collect_view()}</ol>
            {(rest > 0).then(|| view! { <p>{format!("And {rest} more.")}</p> })}
        </section>
    }
    .into_any()
}
