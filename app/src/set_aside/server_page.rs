//! Draws one entry that lies set aside with the server: looked at, released into the record, or closed.

use super::compare::Compare;
use super::model::{claimed_words, enter_value, entry_words, lines, settled_words, withheld_words};
use super::reason::Reason;
use crate::state::{Phase, Satchel};
use crate::ui::{BackLink, Clock, Confirm, PageHeading};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use shared::api::{QuarantineState, QuarantinedDetail};
use shared::people::Permission;

const SIGNED: &str =
    "The consultation is signed. Open it and amend it with a reason; then values can be entered.";

#[component]
pub fn ServerEntryPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let params = use_params_map();
    let changed = RwSignal::new(0_u32);
    let entry = LocalResource::new(move || {
        changed.track();
        let id = params.with(|params| params.get("entry")).and_then(|id| id.parse::<u64>().ok());
        async move {
            match id {
                Some(id) => satchel.quarantined(id).await.map_err(|trouble| trouble.to_string()),
                None => Err("There is no such entry.".to_owned()),
            }
        }
    });
    view! {
        <div class="page">
            <BackLink to="/set-aside" name="Set aside"/>
            <PageHeading text="Set aside with the server"/>
            {move || match entry.get() {
                None => view! { <p>"Asking the server"</p> }.into_any(),
                Some(Err(words)) => view! { <p>{words}</p> }.into_any(),
                Some(Ok(detail)) => view! { <Detail detail changed/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Detail(detail: QuarantinedDetail, changed: RwSignal<u32>) -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let now = clock.exactly();
    let QuarantinedDetail { entry, values, withheld, authors } = detail;
    let id = entry.consultation;
    let pathway = satchel.rows.with_untracked(|rows| {
        rows.iter().find(|row| row.id == id).map(|row| shared::pathway::find(&row.row.pathway))
    });
    let here = pathway.is_some();
    let pathway = pathway.flatten();
    let drawn = lines(pathway, &values, None, now);
    let settled = settled_words(&entry, now);
    let waits = entry.state == QuarantineState::Waiting;
    let may = |permission| {
        satchel.phase.with_untracked(|phase| matches!(phase, Phase::Open(who) if who.role.may(permission)))
    };
    let releasable = waits && entry.releasable && may(Permission::AdministerPharmacy);
    let needs_release = waits && entry.releasable && !releasable;
    let nothing_to_show = values.is_empty();
    let values = StoredValue::new(values);
    let again = Callback::new(move |path: String| {
        let value = values.with_value(|values| values.iter().find(|value| value.path == path).cloned());
        let Some(value) = value else { return };
        spawn_local(async move {
            let opened = satchel.open(id).await;
            let editable =
                satchel.consultation.with_untracked(|open| open.as_ref().is_some_and(|open| open.editable));
            let written = match opened {
                Ok(()) if !editable => {
                    satchel.trouble.set(Some(SIGNED.to_owned()));
                    return;
                }
                Ok(()) => {
                    satchel
                        .edit(id, move |record| {
                            enter_value(record, pathway, &value);
                        })
                        .await
                }
                Err(trouble) => Err(trouble),
            };
            match written {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
            }
        });
    });
    let not_now = if !waits {
        Some("It has been settled; nothing is left to be done.")
    } else if !here {
        Some("The consultation is not on this device, so nothing can be entered again from here.")
    } else if !may(Permission::RecordConsultations) {
        Some("Your role does not record consultations. Ask a pharmacist or technician.")
    } else {
        None
    };
    view! {
        <p class="page__note">
            {(!entry.patient_name.is_empty())
                .then(|| view! { <strong>{entry.patient_name.clone()} " "</strong> })}
            {entry_words(&entry, now)}
            " "
            {entry.reason.told(&entry.detail)}
        </p>
        {settled.map(|words| view! { <p role="status">{words}</p> })}
        {here
            .then(|| {
                view! {
                    <p>
                        <A href=format!("/consultations/{}", entry.consultation)>"Open the consultation"</A>
                    </p>
                }
            })}
        {(!authors.is_empty())
            .then(|| {
                view! {
                    <ul class="nhsuk-list" aria-label="Who wrote it">
                        {authors
                            .iter()
                            .map(|author| view! { <li>{claimed_words(author)}</li> })
                            .collect_view()}
                    </ul>
                }
            })}
        {if withheld > 0 {
            view! { <p>{withheld_words(withheld)}</p> }.into_any()
        } else if nothing_to_show {
            view! {
                <p>
                    "There is nothing to compare: all of it stands by now, or it cannot be read. If something is \
                     missing in the record, enter it there; then close this."
                </p>
            }
                .into_any()
        } else {
            view! { <Compare lines=drawn enter=again not_now/> }.into_any()
        }}
        {releasable.then(|| view! { <Release id=entry.id changed/> })}
        {needs_release
            .then(|| view! { <p>"An administrator or a pharmacist of this pharmacy can release it."</p> })}
        {(waits && may(Permission::SignConsultations)).then(|| view! { <Close id=entry.id changed/> })}
    }
}

#[component]
fn Release(id: u64, changed: RwSignal<u32>) -> impl IntoView {
    let satchel = Satchel::from_context();
    let asking = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let release = Callback::new(move |()| {
        spawn_local(async move {
            match satchel.release(id).await {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    });
    view! {
        <section class="card" aria-labelledby="release-title">
            <h2 class="section-heading" id="release-title">
                "Release it"
            </h2>
            <p>
                "It becomes part of the record as it was written, in the name of who wrote it. The history shows that \
                 it was set aside at first, and that you released it. Where it says something else than what stands \
                 now, both are shown, and somebody settles which is right before the consultation is signed."
            </p>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            <button type="button" class="nhsuk-button" on:click=move |_| asking.set(true)>
                "Release into the record"
            </button>
            <Confirm
                open=asking
                title="Release into the record"
                verb="Release into the record"
                on_confirm=release
            >
                <p>
                    "Release it only if you believe that it was written by the person named, during a visit of this \
                     pharmacy. It cannot be taken out again."
                </p>
            </Confirm>
        </section>
    }
}

#[component]
fn Close(id: u64, changed: RwSignal<u32>) -> impl IntoView {
    let satchel = Satchel::from_context();
    let asking = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let close = Callback::new(move |()| {
        let because = reason.get_untracked().trim().to_owned();
        spawn_local(async move {
            match satchel.close_quarantined(id, because).await {
                Ok(()) => changed.update(|changed| *changed += 1),
                Err(trouble) => problem.set(trouble.to_string()),
            }
        });
    });
    view! {
        <section class="card" aria-labelledby="close-title">
            <h2 class="section-heading" id="close-title">
                "Or close it"
            </h2>
            <p>"What is right in it has been entered in the consultation, or nothing of it is right."</p>
            <p class="unlock__problem" role="alert">{move || problem.get()}</p>
            <Reason asks="In a few words, why" reason/>
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary"
                disabled=move || reason.with(|reason| reason.trim().is_empty())
                on:click=move |_| asking.set(true)
            >
                "Close without releasing"
            </button>
            <Confirm open=asking title="Close without releasing" verb="Close it" on_confirm=close>
                <p>"Nobody is reminded of it any more. The server keeps it with your reason."</p>
            </Confirm>
        </section>
    }
}
