//! The register of prescription-only medicines, by day.

use super::model::{
    days, entry_facts, entry_marks, entry_title, register_rows, this_month, unreadable_words,
};
use super::page::{item, print_list, printed_at};
use crate::paper::ours;
use crate::platform::api_supplies;
use crate::sign_in::model::words_for;
use crate::state::Satchel;
use crate::ui::{Action, Attempt, Clock, ErrorSummary, Slip, TextBox, TextKind, words};
use leptos::prelude::*;
use shared::api::RegisterView;
use shared::paper::register;

#[component]
pub(super) fn Register() -> AnyView {
    let satchel = Satchel::from_context();
    let (first, last) = this_month(Clock::from_context().exactly());
    let (from, to) = (RwSignal::new(first), RwSignal::new(last));
    let slips = RwSignal::new(Vec::<Slip>::new());
    let attempt = Attempt::default();
    let shown = RwSignal::new(None::<RegisterView>);
    let show = move || match days(&from.get_untracked(), &to.get_untracked()) {
        Ok((from, to)) => {
            slips.set(Vec::new());
            attempt.run(async move {
                shown.set(Some(api_supplies::register(satchel, &from, &to).await?));
                Ok(())
            });
        }
        Err(found) => slips.set(found),
    };
    show();
    let error =
        move |field: &'static str| Signal::derive(move || slips.with(|slips| words_for(slips, field)));
    let printing = Callback::new(move |()| {
        let Some(view) = shown.get_untracked() else { return };
        let Some(days) = view.from.parse().ok().zip(view.to.parse().ok()) else { return };
        let ours = ours(satchel);
        let pdf = register::pdf(&register_rows(&view), days, &ours.on_paper(), &printed_at());
        print_list(satchel, attempt, "pom-register.pdf", &pdf);
    });
    let list = move || {
        shown.get().map(|view| {
            let count = match view.entries.len() {
                0 => "Nothing is entered on these days.".to_owned(),
                many => words::count(many, "entry", "entries"),
            };
            let lacking =
                unreadable_words(view.unreadable).map(|words| view! { <p role="alert">{words}</p> });
            let entries = view.entries.iter();
            let entries =
                entries.map(|entry| item(entry_title(entry), entry_marks(entry), entry_facts(entry)));
            view! {
                <p role="status">{count}</p>
                {lacking}
                <ol class="history">{entries.collect_view()}</ol>
                <p class="nhsuk-hint">{view.source.clone()}</p>
                <Action words="Print the register" class="nhsuk-button--secondary" attempt on_click=printing/>
            }
        })
    };
    view! {
        <ErrorSummary slips/>
        <form
            class="card"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                show();
            }
        >
            <TextBox id="register-from" label="From" kind=TextKind::Date value=from error=error("register-from")/>
            <TextBox id="register-to" label="To" kind=TextKind::Date value=to error=error("register-to")/>
            <button type="submit" class="nhsuk-button" disabled=move || attempt.busy.get()>
                "Show the register"
            </button>
        </form>
        {attempt.said()}
        {list}
    }
    .into_any()
}
