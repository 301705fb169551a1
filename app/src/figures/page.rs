//! Draws the figures: what is asked for, the pictures, and where they come from.

use super::charts;
use super::exports::Exports;
use super::model::{asked, at_first, columns, headline, health_words, here, steps, times_words};
use crate::platform::{api_reports, clock};
use crate::sign_in::model::words_for;
use crate::state::{Phase, Satchel};
use crate::ui::{
    Action, Attempt, BackLink, Choice, Clock, Disclosure, ErrorSummary, PageHeading, Slip, TextBox, TextKind,
};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::activity::Dashboard;
use shared::people::Permission;
use shared::time;

/// Whether whoever is here may read figures and claims.
pub fn may_read(satchel: Satchel) -> bool {
    satchel.phase.with(|phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::ReadReports)))
}

/// The ways to figures and claims, for those who may go them.
#[component]
pub fn ReportsLinks() -> AnyView {
    let satchel = Satchel::from_context();
    view! {
        <Show when=move || may_read(satchel)>
            <A href="/figures">"Figures"</A>
            <A href="/claims">"Claims"</A>
        </Show>
    }
    .into_any()
}

/// The server refuses everybody whose role may not.
#[component]
pub fn FiguresPage() -> AnyView {
    let satchel = Satchel::from_context();
    let may = untrack(|| may_read(satchel));
    view! {
        <div class="page page--wide">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Figures"/>
            {if may {
                view! { <Figures/> }.into_any()
            } else {
                view! { <p>"Your role does not read figures. Ask a pharmacist."</p> }.into_any()
            }}
        </div>
    }
    .into_any()
}

/// Figures, and where they came from.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    view: Dashboard,
    /// When the server said so; `None`: counted here.
    at: Option<String>,
}

#[component]
fn Figures() -> AnyView {
    let satchel = Satchel::from_context();
    let (first, last) = at_first(Clock::from_context().exactly());
    let (from, to) = (RwSignal::new(first), RwSignal::new(last));
    let (service, person, across) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let slips = RwSignal::new(Vec::<Slip>::new());
    let attempt = Attempt::default();
    let shown = RwSignal::new(None::<Shown>);
    let show = move || {
        let what = asked(
            &from.get_untracked(),
            &to.get_untracked(),
            &service.get_untracked(),
            &person.get_untracked(),
        );
        match what {
            Ok(asked) => {
                slips.set(Vec::new());
                let view = satchel.rows.with_untracked(|rows| here(rows.iter(), asked.clone()));
                shown.set(Some(Shown { view, at: None }));
                let across = across.get_untracked() == "yes";
                attempt.run(async move {
                    // With no network, what is counted here stands, and says so.
                    if let Ok(view) = api_reports::figures(satchel, &asked, across).await {
                        shown.try_set(Some(Shown { view, at: Some(time::clock_time(clock::now())) }));
                    }
                    Ok(())
                });
            }
            Err(found) => slips.set(found),
        }
    };
    show();
    let again = Callback::new(move |()| show());
    let error =
        move |field: &'static str| Signal::derive(move || slips.with(|slips| words_for(slips, field)));
    // The lists are drawn anew only when there is something else to choose.
    let services = Memo::new(move |_| {
        shown.with(|shown| choices(shown.as_ref().map(|one| one.view.all_services.clone()), "All services"))
    });
    let people = Memo::new(move |_| {
        let names = shown.with(|shown| shown.as_ref().map(|one| one.view.all_people.clone()));
        choices(names.map(|names| names.into_iter().map(|name| (name.clone(), name)).collect()), "Everybody")
    });
    view! {
        <ErrorSummary slips/>
        <form
            class="card figure__asked no-print"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                show();
            }
        >
            <TextBox id="figures-from" label="From" kind=TextKind::Date value=from error=error("figures-from")/>
            <TextBox id="figures-to" label="To" kind=TextKind::Date value=to error=error("figures-to")/>
            {move || view! { <Choice id="figures-service" label="Service" options=services.get() value=service/> }}
            {move || view! { <Choice id="figures-person" label="Signed by" options=people.get() value=person/> }}
            <Choice
                id="figures-across"
                label="Of"
                options=vec![
                    (String::new(), "This pharmacy".to_owned()),
                    ("yes".to_owned(), "All my pharmacies".to_owned()),
                ]
                value=across
            />
            <Action words="Show" attempt on_click=again/>
        </form>
        {move || shown.get().map(|shown| drawn(&shown, across.get_untracked() == "yes"))}
        <Disclosure words="Take an export away">
            <Exports from to/>
        </Disclosure>
    }
    .into_any()
}

fn choices(found: Option<Vec<(String, String)>>, all: &str) -> Vec<(String, String)> {
    let any = (String::new(), all.to_owned());
    let found = found.unwrap_or_default().into_iter().filter(|(value, _)| !value.is_empty());
    std::iter::once(any).chain(found).collect()
}

fn drawn(shown: &Shown, across: bool) -> AnyView {
    let Shown { view, at } = shown;
    let source = match at {
        Some(at) => format!("From the server, {at}."),
        None if across => {
            "Counted on this device, from what it holds of this pharmacy. The others need a network."
                .to_owned()
        }
        None => "Counted on this device, from what it holds.".to_owned(),
    };
    let names: Vec<String> = view.by_day.iter().map(|days| days.service.clone()).collect();
    let headline = headline(view).into_iter().map(|(name, value)| {
        view! {
            <div class="figure__top">
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    });
    let pharmacies =
        (!view.pharmacies.is_empty()).then(|| charts::bars("By pharmacy", String::new(), &view.pharmacies));
    view! {
        <p role="status" id="figures-source">{source}</p>
        <dl class="figure__headline">{headline.collect_view()}</dl>
        <p id="figures-health">{health_words(&view.health, at.is_some())}</p>
        <div class="figure__grid">
            {charts::days("Consultations", &names, &columns(view))}
            {pharmacies}
            {charts::bars("From referral to contact", times_words(&view.to_contact), &steps(&view.to_contact))}
            {charts::bars("From referral to GP notice", times_words(&view.to_notice), &steps(&view.to_notice))}
            {charts::bars("Outcomes", String::new(), &view.outcomes)}
            {charts::bars("Sent on", String::new(), &view.onward)}
            {charts::bars("Medicines supplied", String::new(), &view.medicines)}
            {charts::bars("How patients came", String::new(), &view.channels)}
            {charts::bars("Closed without a consultation", String::new(), &view.closures)}
        </div>
    }
    .into_any()
}
