//! The part of the consultation's screen that prints.

use super::model::{
    LabelLine, Made, Ours, TokenOffer, labels, made_words, prescriptions, printable, token, unsound,
    write_made,
};
use super::offset::PrinterOffset;
use crate::consultation::Desk;
use crate::hand_over::{Handed, What, model as handing};
use crate::platform::{clock, print, settings};
use crate::state::{Phase, Satchel};
use crate::ui::{Card, Choice, Disclosure, words};
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::components::A;
use shared::ids::ConsultationId;
use shared::paper::label;
use shared::paper::leaflet::{Leaflet, Size};
use shared::paper::token::{Layout, Token};
use shared::time;

/// The pharmacy that the person works at just now.
pub fn ours(satchel: Satchel) -> Ours {
    let contact = satchel
        .standing
        .with(|kept| kept.as_ref().map(|kept| kept.view.pharmacy.clone()))
        .unwrap_or_default();
    let (ods, name) = satchel.phase.with(|phase| match phase {
        Phase::Open(who) => (who.ods.clone(), who.pharmacy_name.clone()),
        _ => Default::default(),
    });
    Ours { name, ods, address: contact.address, phone: contact.phone }
}

pub fn today() -> Date {
    time::day(clock::now())
}

/// Prints, notes it for the audit log, and says so where it did not work.
pub fn print_pdf(satchel: Satchel, consultation: ConsultationId, name: &str, bytes: &[u8]) -> bool {
    // The viewer or the share sheet hides this page, and nobody has left (see the vault's locking).
    satchel.is_printing();
    match print::pdf(name, bytes) {
        Ok(()) => {
            satchel.note_audit("printed", consultation, String::new());
            true
        }
        Err(trouble) => {
            satchel.trouble.set(Some(trouble.to_string()));
            false
        }
    }
}

/// Shown once something was supplied.
#[component]
pub fn PaperCard() -> impl IntoView {
    let desk = Desk::from_context();
    let satchel = desk.satchel;
    let lines = Memo::new(move |_| {
        desk.read(|open| labels(&open.record, &ours(satchel), today())).unwrap_or_default()
    });
    let unsound_now = Memo::new(move |_| desk.read(|open| unsound(&open.record)).unwrap_or_default());
    view! {
        <Show when=move || lines.with(|lines| !lines.is_empty())>
            <Card id="paper-title" title="Label, leaflet and token">
                <Show
                    when=move || unsound_now.with(String::is_empty)
                    fallback=move || {
                        view! {
                            <p class="panel panel--notice">
                                {move || {
                                    format!(
                                        "{}: not everything that the rules ask for is known. Look at it again; label \
                                         and token come after that.",
                                        unsound_now.get(),
                                    )
                                }}
                            </p>
                        }
                    }
                >
                    <Labels lines/>
                    <LeafletPart/>
                    <TokenPart/>
                </Show>
            </Card>
        </Show>
    }
}

#[component]
fn Labels(lines: Memo<Vec<LabelLine>>) -> impl IntoView {
    let desk = Desk::from_context();
    let satchel = desk.satchel;
    let may = Memo::new(move |_| lines.with(|lines| printable(lines)));
    let print_labels = move |_| {
        let pdf = desk.read(|open| {
            let ids = may.get_untracked();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            label::pdf(&open.record, &ids, &ours(satchel).on_paper(), today())
        });
        if let Some(pdf) = pdf {
            print_pdf(satchel, desk.id, "labels.pdf", &pdf);
        }
    };
    view! {
        <h3 class="section-heading">"Label"</h3>
        <ul class="to-do">
            {move || {
                let said = lines.get().into_iter().map(|line| (line.name, format!("{} {}", line.closed, line.note)));
                said.filter(|(_, words)| !words.trim().is_empty())
                    .map(|(name, words)| {
                        view! { <li class="to-do__item">{format!("{name}: {}", words.trim())}</li> }
                    })
                    .collect_view()
            }}
        </ul>
        <button
            type="button"
            class="nhsuk-button nhsuk-button--secondary"
            disabled=move || may.with(Vec::is_empty)
            on:click=print_labels
        >
            {move || if may.with(Vec::len) > 1 { "Print labels" } else { "Print label" }}
        </button>
    }
}

/// The label of one line, for the place where it is supplied.
pub fn line_label(id: String) -> AnyView {
    let desk = Desk::from_context();
    let satchel = desk.satchel;
    let id = StoredValue::new(id);
    let line = Memo::new(move |_| {
        let lines = desk.read(|open| labels(&open.record, &ours(satchel), today())).unwrap_or_default();
        lines.into_iter().find(|line| id.with_value(|id| *id == line.id))
    });
    let print_label = move |_| {
        let pdf = desk.read(|open| {
            id.with_value(|id| label::pdf(&open.record, &[id], &ours(satchel).on_paper(), today()))
        });
        if let Some(pdf) = pdf {
            print_pdf(satchel, desk.id, "label.pdf", &pdf);
        }
    };
    view! {
        {move || {
            line.get()
                .map(|line| {
                    let words = format!("{} {}", line.closed, line.note);
                    view! {
                        <p class="nhsuk-hint">{words.trim().to_owned()}</p>
                        <button
                            type="button"
                            class="nhsuk-button nhsuk-button--secondary"
                            disabled=!line.closed.is_empty()
                            on:click=print_label
                        >
                            "Print label"
                            <span class="nhsuk-u-visually-hidden">{format!(": {}", line.name)}</span>
                        </button>
                    }
                })
        }}
    }
    .into_any()
}

#[component]
fn LeafletPart() -> impl IntoView {
    let desk = Desk::from_context();
    let satchel = desk.satchel;
    let leaflet = move || desk.read(|open| Leaflet::of(&open.record, &ours(satchel).on_paper(), today()));
    let print_leaflet = move |size: Size| {
        if let Some(leaflet) = leaflet() {
            print_pdf(satchel, desk.id, "leaflet.pdf", &leaflet.pdf(size));
        }
    };
    let hand_over = move |_| {
        if let Some(leaflet) = leaflet() {
            satchel.handed.set(Some(Handed { consultation: desk.id, what: What::Leaflet(leaflet) }));
        }
    };
    view! {
        <h3 class="section-heading">"Leaflet"</h3>
        <div class="button-row">
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary"
                on:click=move |_| print_leaflet(Size::A4)
            >
                "Print leaflet"
            </button>
            <button
                type="button"
                class="nhsuk-button nhsuk-button--secondary"
                on:click=move |_| print_leaflet(Size::A5)
            >
                "Print leaflet on A5"
            </button>
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=hand_over>
                "Hand over the leaflet"
            </button>
        </div>
    }
}

#[component]
fn TokenPart() -> impl IntoView {
    let desk = Desk::from_context();
    let satchel = desk.satchel;
    let found = Memo::new(move |_| desk.read(|open| prescriptions(&open.record)).unwrap_or_default());
    let chosen = RwSignal::new(String::new());
    let offer = Memo::new(move |_| {
        chosen.with(|chosen| {
            let id = Some(chosen.as_str()).filter(|id| !id.is_empty());
            desk.read(|open| token(&open.record, id, &ours(satchel), today()))
        })
    });
    view! {
        <h3 class="section-heading">"Token (FP10DT)"</h3>
        {move || {
            let options = found.get();
            (options.len() > 1)
                .then(|| {
                    view! {
                        <Choice id="token-prescription" label="Prescription on the token" options value=chosen/>
                    }
                })
        }}
        {move || match offer.get() {
            Some(TokenOffer::Make(token)) => view! { <MakeToken token=*token/> }.into_any(),
            Some(TokenOffer::None(words)) => view! { <p class="nhsuk-inset-text">{words}</p> }.into_any(),
            None => ().into_any(),
        }}
        <TokenMade/>
    }
}

#[component]
fn MakeToken(token: Token) -> impl IntoView {
    let desk = Desk::from_context();
    let satchel = desk.satchel;
    let token = StoredValue::new(token);
    let layout = || {
        let (right, down) = settings::printer_offset();
        Layout::official().moved(right, down)
    };
    let print_front = move |_| {
        let pdf = token.with_value(|token| token.pdf(&layout()));
        if print_pdf(satchel, desk.id, "token.pdf", &pdf) && desk.editable.get_untracked() {
            let at = time::stored(clock::now());
            desk.edit(move |record| write_made(&mut record.charge, Made::Printed, &at));
        }
    };
    let print_back = move |_| {
        let pdf = token.with_value(|token| token.back_pdf(&layout()));
        print_pdf(satchel, desk.id, "token-declaration.pdf", &pdf);
    };
    let save = move |_| {
        let pdf = token.with_value(|token| token.pdf(&layout()));
        let saved = crate::platform::page::save_file("token.pdf", "application/pdf", &pdf);
        match saved {
            Ok(()) => satchel.note_audit("printed", desk.id, String::new()),
            Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
        }
    };
    let declared = Memo::new(move |_| {
        desk.read(|open| handing::Declared::of(&open.record, &handing::reason(&open.record))).flatten()
    });
    let hand_over = move |_| {
        if let Some(declared) = declared.get_untracked() {
            satchel.handed.set(Some(Handed { consultation: desk.id, what: What::Declaration(declared) }));
        }
    };
    let forms = token.with_value(|token| token.forms.len());
    view! {
        <p class="nhsuk-hint">
            {format!(
                "Put {} of FP10DT stock into the printer and print at 100 %. The wording of the declaration is on the \
                 stock.",
                words::count(forms, "sheet", "sheets"),
            )}
        </p>
        <div class="button-row">
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=print_front>
                "Print token"
            </button>
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=print_back>
                "Print the ticks on the back"
            </button>
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=save>
                "Save token as a file"
            </button>
        </div>
        <p>
            <A href=format!("/consultations/{}/token", desk.id)>
                "No printer: copy onto the token"
            </A>
        </p>
        <Show when=move || declared.with(Option::is_some) && desk.editable.get()>
            <button type="button" class="nhsuk-button nhsuk-button--secondary" on:click=hand_over>
                "Hand over for a signature"
            </button>
        </Show>
        <Disclosure words="The print does not fit the form">
            <PrinterOffset/>
        </Disclosure>
    }
}

/// What the record says of the token, and whether it was signed.
#[component]
fn TokenMade() -> impl IntoView {
    let desk = Desk::from_context();
    let charge = Memo::new(move |_| desk.read(|open| open.record.charge.clone()).unwrap_or_default());
    let say = move |signed: &'static str| {
        desk.edit(move |record| signed.clone_into(&mut record.charge.token_signed));
    };
    view! {
        <Show when=move || charge.with(|charge| !charge.token.is_empty())>
            <p role="status">
                {move || {
                    charge.with(|charge| made_words(charge, &words::when(&charge.token_at, clock::now())))
                }}
            </p>
            <Show when=move || desk.editable.get()>
                <div class="button-row" role="group" aria-label="Was the token signed?">
                    <span class="question__legend">"Was the token signed?"</span>
                    <button
                        type="button"
                        class="nhsuk-button nhsuk-button--secondary"
                        aria-pressed=move || pressed(charge.with(|charge| charge.token_signed == "yes"))
                        on:click=move |_| say("yes")
                    >
                        "Yes, signed"
                    </button>
                    <button
                        type="button"
                        class="nhsuk-button nhsuk-button--secondary"
                        aria-pressed=move || pressed(charge.with(|charge| charge.token_signed == "no"))
                        on:click=move |_| say("no")
                    >
                        "No"
                    </button>
                </div>
            </Show>
        </Show>
    }
}

fn pressed(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}
