//! Whether the patient is traced, and the look-up in PDS beneath it.

use super::cis2::StepUp;
use super::model::{Step, THEN, details_of, first_question, mistakes, traced_words};
use super::results::Results;
use super::search::{Boxes, SearchForm};
use super::settling::Settling;
use crate::consultation::Desk;
use crate::platform::{api, api_patients, page};
use crate::ui::{Clock, Slip};
use crate::vault::kept::{self, Waiting};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use shared::api::{Cis2Failure, LookUpBy, LookUpDetails, PatientLookUp};
use shared::consultation::Patient;
use std::time::Duration;

/// After so long it is said that PDS is slow.
const SLOW: Duration = Duration::from_secs(5);
/// Where the look-up is on the page.
const PLACE: &str = "trace";

/// What the parts of a look-up share.
#[derive(Clone, Copy)]
pub struct LookUp {
    pub desk: Desk,
    pub step: RwSignal<Step>,
    pub boxes: Boxes,
    pub slips: RwSignal<Vec<Slip>>,
    searching: RwSignal<bool>,
    slow: RwSignal<bool>,
    /// What was asked last, where it was by details.
    asked: RwSignal<Option<LookUpDetails>>,
}

impl LookUp {
    pub fn patient(self) -> Patient {
        self.desk
            .satchel
            .consultation
            .with_untracked(|open| open.as_ref().map(|open| open.record.patient.clone()))
            .unwrap_or_default()
    }

    /// Asks PDS; nothing is recorded by asking.
    pub fn ask(self, by: LookUpBy) {
        self.asked.set(if let LookUpBy::Details(details) = &by { Some(details.clone()) } else { None });
        self.step.set(Step::Asking);
        self.slow.set(false);
        let told_slow = move || {
            // `None`: the screen is gone, and nobody waits.
            let _ = self.slow.try_set(true);
        };
        set_timeout(told_slow, SLOW);
        let satchel = self.desk.satchel;
        let what = PatientLookUp { consultation: self.desk.id, by };
        spawn_local(async move {
            let mut step = Step::of(api_patients::look_up(satchel, &what).await, &what.by);
            if step == Step::NeedsCis2
                && api::session(satchel).await.is_ok_and(|session| !session.cis2.offered)
            {
                step = Step::Failed(NOT_OFFERED.to_owned());
            }
            self.searching.try_update(|searching| *searching |= step.wants_details());
            // Whoever has left the screen meanwhile no longer waits for the answer.
            self.step.try_set(step);
        });
    }

    /// By number where there is one; without enough to ask by, the form.
    fn begin(self) {
        match first_question(&self.patient()) {
            Some(by) => self.ask(by),
            None => self.searching.set(true),
        }
    }

    /// By what stands in the form.
    pub fn search(self, fuzzy: bool) {
        let details = LookUpDetails { fuzzy, ..self.boxes.details() };
        let found = mistakes(&details);
        self.slips.set(found.clone());
        if found.is_empty() {
            self.ask(LookUpBy::Details(details));
        }
    }

    /// What has to outlive the page while it is away at CIS2.
    pub fn waiting(self) -> Waiting {
        let asked = self.asked.get_untracked();
        let by_form = self.searching.get_untracked() && asked.is_some();
        let fuzzy = asked.is_some_and(|asked| asked.fuzzy);
        Waiting { by_form, form: LookUpDetails { fuzzy, ..self.boxes.details() } }
    }

    /// Takes up, once, what the page left for CIS2 with; it is not asked where that failed, in words.
    fn go_on(self, failure: Option<&'static str>) {
        let satchel = self.desk.satchel;
        spawn_local(async move {
            let taken_up = kept::take_look_up(satchel, &self.desk.id).await;
            page::bring_into_view(PLACE);
            let Waiting { by_form, form } = match taken_up {
                Ok(waiting) => waiting,
                Err(trouble) => return self.step.set(Step::Failed(trouble.to_string())),
            };
            if form != LookUpDetails::default() {
                self.boxes.fill(&form);
            }
            self.searching.set(by_form);
            match failure {
                Some(words) => self.step.set(Step::Failed(words.to_owned())),
                None if by_form => self.search(form.fuzzy),
                None => self.begin(),
            }
        });
    }
}

const NOT_OFFERED: &str = "PDS answers only people who are signed in with the NHS (CIS2), and this server has no CIS2 \
                           set up. Ask whoever looks after it. The patient stays not traced.";

#[component]
pub fn Tracing() -> impl IntoView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let traced =
        Memo::new(move |_| desk.read(|open| traced_words(&open.record.patient, clock.now())).flatten());
    view! {
        <div id=PLACE tabindex="-1" role="group" aria-label="PDS">
            <p>
                {move || match traced.get() {
                    Some(words) => view! { <span>{words}</span> }.into_any(),
                    None => {
                        view! { <strong class="nhsuk-tag nhsuk-tag--yellow">"Not traced"</strong> }.into_any()
                    }
                }}
            </p>
            <Show when=move || desk.editable.get()>
                <Asking/>
            </Show>
        </div>
    }
}

#[component]
fn Asking() -> impl IntoView {
    let desk = Desk::from_context();
    let look_up = LookUp {
        desk,
        step: RwSignal::new(Step::Rest),
        boxes: Boxes::new(),
        slips: RwSignal::new(Vec::new()),
        searching: RwSignal::new(false),
        slow: RwSignal::new(false),
        asked: RwSignal::new(None),
    };
    provide_context(look_up);
    look_up.boxes.fill(&details_of(&look_up.patient()));
    back_from_cis2(&look_up);
    let LookUp { step, searching, slow, .. } = look_up;
    view! {
        // Always there: a line that came with the loss of signal would move the questions below it
        // while somebody is answering them.
        <p class="nhsuk-hint">"Without a signal, go on with what was said, and look the patient up later."</p>
        <div class="button-row">
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                disabled=move || step.with(|step| *step == Step::Asking)
                on:click=move |_| look_up.begin()
            >
                "Look up in PDS"
            </button>
            <Show when=move || !searching.get()>
                <button type="button" class="link-button" on:click=move |_| searching.set(true)>
                    "Search by name"
                </button>
            </Show>
        </div>
        <p role="status" class="preserve-lines">
            {move || {
                let words = step.with(|step| step.words().to_owned());
                if slow.get() && step.with(|step| *step == Step::Asking) {
                    format!("{words}. It is slow to answer; you can go on meanwhile.")
                } else {
                    words
                }
            }}
        </p>
        {move || match step.get() {
            Step::NeedsCis2 => view! { <StepUp/> }.into_any(),
            Step::Several(patients) => view! { <Results patients/> }.into_any(),
            Step::Found { patient, superseded } => view! { <Settling held=*patient superseded/> }.into_any(),
            _ => ().into_any(),
        }}
        <Show when=move || searching.get()>
            <SearchForm/>
        </Show>
    }
}

/// The page may just have come back from CIS2: the look-up goes on by itself, or it is said why not.
fn back_from_cis2(look_up: &LookUp) {
    let then = use_query_map().with_untracked(|query| query.get("then"));
    let hash = use_location().hash.get_untracked();
    let failure = hash.trim_start_matches('#').strip_prefix("cis2=").and_then(Cis2Failure::of);
    let goes_on = then.as_deref() == Some(THEN);
    if !goes_on && failure.is_none() {
        return;
    }
    // Once: a reload of the page must not ask PDS again.
    let here = format!("/consultations/{}", look_up.desk.id);
    use_navigate()(&here, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    look_up.go_on(failure.map(Cis2Failure::words));
}
