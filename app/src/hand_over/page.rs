//! The only thing on the screen while the patient holds the device.

use super::model::{By, Declared, Handed, Strokes, What, missing, write};
use super::pad::Pad;
use crate::platform::clock;
use crate::state::Satchel;
use crate::ui::{Attempt, PageHeading, TextBox};
use leptos::prelude::*;
use shared::ids::ConsultationId;
use shared::paper::leaflet::Leaflet;
use shared::time;

#[component]
pub fn HandOverPage(handed: Handed) -> impl IntoView {
    let satchel = Satchel::from_context();
    let Handed { consultation, what } = handed;
    view! {
        <div
            class="handed"
            on:pointerdown=move |_| satchel.touched()
            on:keydown=move |_| satchel.touched()
        >
            <main id="main" class="main" tabindex="-1">
                <div class="page page--narrow">
                    {match what {
                        What::Declaration(declared) => {
                            view! { <Declaration consultation declared/> }.into_any()
                        }
                        What::Leaflet(leaflet) => drawn(&leaflet),
                    }}
                    <button
                        type="button"
                        class="nhsuk-button nhsuk-button--secondary"
                        on:click=move |_| give_back(satchel)
                    >
                        "Give back to the pharmacist"
                    </button>
                </div>
            </main>
        </div>
    }
}

/// Locks first: between this screen and the record stands the pharmacist's own sensor.
fn give_back(satchel: Satchel) {
    satchel.lock();
    satchel.handed.set(None);
}

#[component]
fn Declaration(consultation: ConsultationId, declared: Declared) -> impl IntoView {
    let satchel = Satchel::from_context();
    let by = RwSignal::new(None::<By>);
    let name = RwSignal::new(String::new());
    let strokes = RwSignal::new(Strokes::default());
    let error = RwSignal::new(String::new());
    let attempt = Attempt::default();
    let patient = StoredValue::new(declared.patient);
    let choose = move |who: By| {
        by.set(Some(who));
        let own = patient.get_value();
        let typed = name.get_untracked();
        match who {
            By::Patient if typed.trim().is_empty() => name.set(own),
            By::Representative if typed == own => name.set(String::new()),
            _ => {}
        }
    };
    let done = move |_| {
        let (who, written, drawn) = (by.get_untracked(), name.get_untracked(), strokes.get_untracked());
        if let Some(words) = missing(who, &written, &drawn) {
            error.set(words.to_owned());
            return;
        }
        error.set(String::new());
        let Some(who) = who else { return };
        attempt.run(async move {
            let at = time::stored(clock::now());
            // It is on disk, sealed, before the screen is left.
            satchel
                .edit(consultation, move |record| write(&mut record.charge, who, &written, &drawn, &at))
                .await?;
            give_back(satchel);
            Ok(())
        });
    };
    view! {
        <PageHeading text="Please read and sign"/>
        {declared
            .sentences
            .into_iter()
            .map(|sentence| view! { <p class="handed__sentence">{sentence}</p> })
            .collect_view()}
        <p class="nhsuk-inset-text">
            "Your signature here is kept with your record as evidence. It does not take the place of a signature on \
             the paper form, which the pharmacist may still ask for."
        </p>
        <fieldset class="nhsuk-fieldset nhsuk-form-group">
            <legend class="question__legend">"Who signs?"</legend>
            <div class="nhsuk-radios">
                <WhoSigns id="signs-patient" words="I am the patient" who=By::Patient by choose=Callback::new(choose)/>
                <WhoSigns
                    id="signs-representative"
                    words="I sign for the patient"
                    who=By::Representative
                    by
                    choose=Callback::new(choose)
                />
            </div>
        </fieldset>
        <TextBox id="signs-name" label="Your name" value=name/>
        <p class="nhsuk-label" id="pad-label">"Sign in the box with your finger"</p>
        <Pad strokes/>
        <p class="unlock__problem" role="alert">{move || error.get()}</p>
        {attempt.said()}
        <button type="button" class="nhsuk-button" disabled=move || attempt.busy.get() on:click=done>
            "Sign and give back"
        </button>
    }
}

#[component]
fn WhoSigns(
    id: &'static str,
    words: &'static str,
    who: By,
    by: RwSignal<Option<By>>,
    choose: Callback<By>,
) -> impl IntoView {
    view! {
        <div class="nhsuk-radios__item">
            <input
                class="nhsuk-radios__input"
                type="radio"
                name="who-signs"
                id=id
                prop:checked=move || by.get() == Some(who)
                on:change=move |_| choose.run(who)
            />
            <label class="nhsuk-label nhsuk-radios__label" for=id>
                {words}
            </label>
        </div>
    }
}

/// The leaflet as it would be printed; everything is set as text.
fn drawn(leaflet: &Leaflet) -> AnyView {
    let parts = leaflet.parts.iter().map(|part| {
        let lines = part.lines.iter().map(|line| view! { <p>{line.clone()}</p> }).collect_view();
        view! {
            <h2 class="section-heading">{part.heading.clone()}</h2>
            {lines}
        }
    });
    view! {
        <PageHeading text=leaflet.title.clone()/>
        {parts.collect_view()}
        <p>{leaflet.from.clone()}</p>
    }
    .into_any()
}
