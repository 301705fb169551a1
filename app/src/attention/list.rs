//! Draws the messages that need a person.

use super::model::{line, needs_a_person, open, title, way};
use crate::platform::api_deliveries;
use crate::state::{Phase, Satchel};
use crate::ui::{Action, Attempt, BackLink, Clock, PageHeading, words};
use leptos::prelude::*;
use leptos_router::components::A;
use shared::api::DeliveryView;
use shared::ids::ConsultationId;
use shared::people::Permission;

#[component]
pub fn AttentionPage() -> AnyView {
    let satchel = Satchel::from_context();
    let changed = RwSignal::new(0_u32);
    let deliveries = LocalResource::new(move || {
        changed.track();
        async move { api_deliveries::deliveries(satchel).await.map(open).map_err(|trouble| trouble.to_string()) }
    });
    view! {
        <div class="page">
            <BackLink to="/" name="Work list"/>
            <PageHeading text="Messages that need you"/>
            <p>
                "What could not be sent, or was not answered in time. Where it is urgent, phone first and mark it as \
                 done."
            </p>
            {move || match deliveries.get() {
                None => view! { <p>"Asking the server"</p> }.into_any(),
                Some(Ok(list)) if list.is_empty() => {
                    view! { <p class="empty">"Nothing needs you. Every message is on its way or has arrived."</p> }
                        .into_any()
                }
                Some(Ok(list)) => {
                    view! {
                        <ul class="attention">
                            {list.into_iter().map(|one| view! { <One delivery=one changed/> }).collect_view()}
                        </ul>
                    }
                        .into_any()
                }
                Some(Err(words)) => view! { <WithoutServer words/> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// Name of the patient, as the work list has it.
fn patient(satchel: Satchel, consultation: &str) -> String {
    let id = consultation.parse::<ConsultationId>().ok();
    let name = satchel.rows.with_untracked(|rows| {
        rows.iter().find(|row| Some(row.id) == id).map(|row| words::row_name(&row.row))
    });
    name.unwrap_or_else(|| "A visit that is not on this device".to_owned())
}

#[component]
fn One(delivery: DeliveryView, changed: RwSignal<u32>) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let may = satchel.phase.with_untracked(
        |phase| matches!(phase, Phase::Open(who) if who.role.may(Permission::RecordConsultations)),
    );
    let name = patient(satchel, &delivery.consultation);
    let when = words::when(&delivery.changed_at, clock.exactly());
    let href = format!("/consultations/{}", delivery.consultation);
    view! {
        <li class="card attention__one">
            <h2 class="section-heading">
                <A href=href>{name}</A>
            </h2>
            <p>
                <strong>{title(&delivery)}</strong>
                {format!(" {when}")}
            </p>
            <p>{line(&delivery)}</p>
            {may.then(|| view! { <WaysOut delivery changed/> })}
        </li>
    }
    .into_any()
}

/// Send again, go the next way, or say that it was done.
#[component]
fn WaysOut(delivery: DeliveryView, changed: RwSignal<u32>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let said = RwSignal::new(String::new());
    let id = delivery.id;
    let done = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let words = said.get_untracked();
        attempt.run(async move {
            api_deliveries::done(satchel, id, words).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    };
    let act = move |what: &'static str| {
        attempt.run(async move {
            api_deliveries::act(satchel, id, what).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    };
    let next = delivery.next_route.as_deref().map(|route| format!("Use {} instead", way(route)));
    let words_id = format!("done-{id}");
    let label_for = words_id.clone();
    view! {
        <div class="button-row">
            {delivery
                .may_retry
                .then(|| {
                    view! {
                        <Action
                            words="Send again"
                            class="nhsuk-button--secondary"
                            attempt
                            on_click=Callback::new(move |()| act("retry"))
                        />
                    }
                })}
            {next
                .map(|words| {
                    view! {
                        <button
                            type="button"
                            class="nhsuk-button nhsuk-button--secondary"
                            disabled=move || attempt.busy.get()
                            on:click=move |_| act("next-way")
                        >
                            {words}
                        </button>
                    }
                })}
        </div>
        <form on:submit=done>
            <label class="nhsuk-label" for=label_for>
                "Told them yourself? Say how, without the patient’s details"
            </label>
            <input
                class="nhsuk-input box"
                id=words_id
                autocomplete="off"
                maxlength="300"
                prop:value=move || said.get()
                on:input=move |event| said.set(event_target_value(&event))
            />
            <div class="button-row">
                <button
                    type="submit"
                    class="nhsuk-button nhsuk-button--secondary"
                    disabled=move || attempt.busy.get() || said.with(|said| said.trim().is_empty())
                >
                    "Mark as done"
                </button>
            </div>
        </form>
        {attempt.said()}
    }
    .into_any()
}

/// What the records on this device know, where the server cannot be asked.
#[component]
fn WithoutServer(words: String) -> AnyView {
    let satchel = Satchel::from_context();
    let known = move || {
        satchel.rows.with(|rows| {
            let open = rows.iter().filter(|row| needs_a_person(&row.row));
            open.map(|row| (row.id, words::row_name(&row.row))).collect::<Vec<_>>()
        })
    };
    view! {
        <p>{words}</p>
        <p>"This device knows of these. Phone where it cannot wait."</p>
        <ul class="to-do">
            {move || {
                known()
                    .into_iter()
                    .map(|(id, name)| {
                        view! {
                            <li class="to-do__item">
                                <A href=format!("/consultations/{id}")>{name}</A>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
    .into_any()
}

/// On the work list: how many visits have something that needs a person.
#[component]
pub fn AttentionNote() -> impl IntoView {
    let satchel = Satchel::from_context();
    let many = Memo::new(move |_| {
        satchel.rows.with(|rows| rows.iter().filter(|row| needs_a_person(&row.row)).count())
    });
    move || {
        (many.get() > 0).then(|| {
            let words =
                words::count(many.get(), "visit has a message that needs", "visits have messages that need");
            view! {
                <p class="nhsuk-inset-text">
                    <A href="/attention">{format!("{words} you")}</A>
                </p>
            }
        })
    }
}
