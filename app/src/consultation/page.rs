//! Draws the consultation: the patient on top, the steps beside or above, then the form.

use super::attempts::Attempts;
use super::banner::Banner;
use super::clash::Clashes;
use super::desk::{Desk, opened};
use super::emergency::Emergency;
use super::field::Question;
use super::finish::{Finish, OutcomePanel, Preview, Signed};
use super::medicines::Medicines;
use super::model::{StepState, medicines_after, section_anchor, steps};
use super::notes::Notes;
use super::onward::OnwardPanel;
use super::patient::PatientDetails;
use super::read_only::ReadOnly;
use super::record_access::RecordAccess;
use super::referral::{Notices, ReferralPanel};
use super::turn::{ReadMore, TurnTo, Turned};
use crate::charge::ChargeCard;
use crate::paper::{PaperCard, line_label};
use crate::prescriptions::PrescriptionsPanel;
use crate::scanner::scan_button;
use crate::standing::EvidenceWarning;
use crate::state::Satchel;
use crate::supply::{Slots, SupplyCard};
use crate::ui::{BackLink, PageHeading, words};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos_router::components::A;
use shared::ids::ConsultationId;
use shared::pathway::{ClinicalStatus, Pathway, SupplyRules};
use std::time::Duration;

/// Before this question of `common.toml` stands the way to the record that it asks about.
const FIRST_OF_RECORD_ACCESS: &str = "record-viewed";

#[component]
pub fn ConsultationPage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let open = opened();
    let pathway = Memo::new(move |_| {
        satchel.consultation.with(|open| open.as_ref().map(|open| open.record.pathway.clone()))
    });
    move || {
        let Some(id) = open.get() else {
            return view! {
                <div class="page">
                    <BackLink to="/" name="Work list"/>
                    <p>"Opening the consultation"</p>
                </div>
            }
            .into_any();
        };
        match pathway.get().as_deref().and_then(shared::pathway::find) {
            Some(pathway) => view! { <Consultation id pathway/> }.into_any(),
            None => view! {
                <div class="page">
                    <PageHeading text="This consultation needs a newer version"/>
                    <p>
                        "It was made by a newer version of Satchel. Connect, change to the new version, \
                         and open it again. Nothing is lost."
                    </p>
                    <p><A href="/">"Go to the work list"</A></p>
                </div>
            }
            .into_any(),
        }
    }
}

#[component]
fn Consultation(id: ConsultationId, pathway: &'static Pathway) -> impl IntoView {
    let satchel = Satchel::from_context();
    let desk = Desk::new(satchel, id, pathway);
    provide_context(desk);
    let title = Memo::new(move |_| {
        let name = desk.read(|open| words::full_name(&open.record.patient)).unwrap_or_default();
        format!("{} for {name}", desk.pathway.title)
    });
    let signed = Memo::new(move |_| {
        desk.read(|open| !open.record.signatures.is_empty() && !open.editable).unwrap_or_default()
    });
    view! {
        <Banner/>
        <div class="visit">
            <Steps/>
            <div class="visit__form">
                <PageHeading text=title/>
                <Draft pathway/>
                <ReadMore/>
                <Turned/>
                <Notices/>
                <Emergency/>
                <Clashes/>
                <EvidenceWarning/>
                <Warnings/>
                <ReferralPanel/>
                <Attempts/>
                <PatientDetails/>
                <Show
                    when=move || desk.editable.get()
                    fallback=move || {
                        view! {
                            <ReadOnly/>
                            <Show when=move || signed.get() fallback=|| view! { <Preview/> }>
                                <Signed/>
                            </Show>
                        }
                    }
                >
                    <Amending/>
                    <TurnTo/>
                    <Form/>
                </Show>
                <PaperCard/>
            </div>
        </div>
    }
}

/// Nobody has approved this pathway's clinical content (practice 35).
#[component]
fn Draft(pathway: &'static Pathway) -> impl IntoView {
    (pathway.clinical.status == ClinicalStatus::Draft).then(|| {
        view! {
            <p class="page__note">
                <strong class="nhsuk-tag nhsuk-tag--pink">"Draft pathway"</strong>
                " Its clinical content is not approved. Not for use with patients."
            </p>
        }
    })
}

/// A signed record, opened again: why, and by whom.
#[component]
fn Amending() -> impl IntoView {
    let desk = Desk::from_context();
    let reason = Memo::new(move |_| {
        desk.read(|open| {
            let latest = open.record.amendments.values().max_by(|a, b| a.at.cmp(&b.at))?;
            Some(format!("Opened for change by {}: {}", latest.name, latest.reason))
        })
        .flatten()
    });
    move || reason.get().map(|words| view! { <p class="nhsuk-inset-text">{words}</p> })
}

/// Things to keep in mind; they decide nothing.
#[component]
fn Warnings() -> impl IntoView {
    let desk = Desk::from_context();
    let warnings = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let warnings = assessment.iter().flat_map(|assessment| &assessment.warnings);
            warnings.map(|warning| warning.text.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        <div role="status">
            {move || {
                warnings
                    .get()
                    .into_iter()
                    .map(|words| view! { <p class="panel panel--notice">{words}</p> })
                    .collect_view()
            }}
        </div>
    }
}

#[component]
fn Steps() -> impl IntoView {
    let desk = Desk::from_context();
    let steps = Memo::new(move |_| {
        let medicines = desk.unsound.with(Vec::len);
        desk.assessment.with(|a| a.as_ref().map(|a| steps(desk.pathway, a, medicines)).unwrap_or_default())
    });
    view! {
        <nav class="steps" aria-label="Steps of the consultation">
            <ol class="steps__list">
                {move || {
                    steps
                        .get()
                        .into_iter()
                        .map(|step| {
                            let shape = match step.state {
                                StepState::Done => "✓",
                                StepState::Missing(_) => "○",
                                StepState::Plain => "",
                            };
                            let words = step.words();
                            view! {
                                <li class="steps__item">
                                    <a
                                        class="steps__link"
                                        href=format!("#{}", step.anchor)
                                        rel="external"
                                    >
                                        <span class="steps__title">{step.title}</span>
                                        <span class="steps__state">
                                            <span aria-hidden="true">{shape}</span>
                                            " "
                                            {words}
                                        </span>
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ol>
        </nav>
    }
}

/// The form itself, from the top: each section is drawn in a task of its own, so that the first is soon there.
#[component]
fn Form() -> impl IntoView {
    let desk = Desk::from_context();
    let drawn = RwSignal::new(0);
    let all = desk.pathway.sections.len();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        if drawn.get() <= all {
            let draw = move || drawn.update(|drawn| *drawn += 1);
            timer.set_value(set_timeout_with_handle(draw, Duration::ZERO).ok());
        }
    });
    on_cleanup(move || {
        if let Some(Some(waiting)) = timer.try_update_value(Option::take) {
            waiting.clear();
        }
    });
    let among_sections = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            assessment.as_ref().is_some_and(|a| medicines_after(desk.pathway, a).is_some())
        })
    });
    view! {
        <Sections drawn/>
        <Show when=move || { drawn.get() > all }>
            <Show when=move || !among_sections.get()>{medicines()}</Show>
            <ChargeCard/>
            <Notes/>
            <OnwardPanel/>
            <OutcomePanel/>
            <Finish/>
        </Show>
    }
}

/// Where the pathway opens rules for a supply each line is asked about and decided; elsewhere a medicine is
/// recommended or referred.
fn medicines() -> AnyView {
    match Desk::from_context().pathway.medicines.rules {
        Some(SupplyRules::EmergencySupply) => {
            let slots = Slots {
                prescriptions: Some(|| view! { <PrescriptionsPanel/> }.into_any()),
                scan: Some(scan_button),
                paper: Some(line_label),
            };
            view! { <SupplyCard slots/> }.into_any()
        }
        Some(SupplyRules::PatientGroupDirections) => {
            let slots = Slots { prescriptions: None, scan: Some(scan_button), paper: Some(line_label) };
            view! { <SupplyCard slots/> }.into_any()
        }
        None => view! { <Medicines/> }.into_any(),
    }
}

/// Sections and questions keep their place on the page while others come and go.
#[component]
fn Sections(drawn: RwSignal<usize>) -> impl IntoView {
    let desk = Desk::from_context();
    let sections = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let sections = assessment.iter().flat_map(|assessment| &assessment.sections);
            sections.map(|state| state.section.id.as_str()).collect::<Vec<&'static str>>()
        })
    });
    let after = Memo::new(move |_| {
        desk.assessment.with(|assessment| medicines_after(desk.pathway, assessment.as_ref()?))
    });
    let shown = move || sections.get().into_iter().take(drawn.get()).collect::<Vec<_>>();
    view! {
        <For each=shown key=|section| *section let:section>
            <Section section/>
            <Show when=move || after.get() == Some(section)>{medicines()}</Show>
        </For>
    }
}

#[component]
fn Section(section: &'static str) -> impl IntoView {
    let desk = Desk::from_context();
    let title = desk
        .pathway
        .sections
        .iter()
        .find(|candidate| candidate.id == section)
        .map(|section| section.title.clone())
        .unwrap_or_default();
    let questions = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let states = assessment.iter().flat_map(|assessment| &assessment.sections);
            let state = states.into_iter().find(|state| state.section.id == section);
            let questions = state.map(|state| state.questions.as_slice()).unwrap_or_default();
            questions.iter().map(|question| question.field.id.as_str()).collect::<Vec<&'static str>>()
        })
    });
    let count = Memo::new(move |_| {
        desk.assessment.with(|assessment| {
            let states = assessment.iter().flat_map(|assessment| &assessment.sections);
            let state = states.into_iter().find(|state| state.section.id == section)?;
            (state.of > 0).then(|| format!("{} of {} answered", state.answered, state.of))
        })
    });
    let title_id = format!("title-{section}");
    let labelled_by = title_id.clone();
    view! {
        <section class="card" id=section_anchor(section) tabindex="-1" aria-labelledby=labelled_by>
            <div class="card__top">
                <h2 class="section-heading" id=title_id>
                    {title}
                </h2>
                <span class="card__count">{move || count.get()}</span>
            </div>
            <For each=move || questions.get() key=|question| *question let:question>
                {(question == FIRST_OF_RECORD_ACCESS).then(|| view! { <RecordAccess/> })}
                {desk.pathway.field(question).map(|field| view! { <Question field/> })}
            </For>
        </section>
    }
}
