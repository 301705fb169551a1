//! Draws the letter on a plain page, as the PDF has it, and prints it.

use super::model::{Ours, Shown, shown, shown_onward};
use crate::consultation::opened;
use crate::platform::page;
use crate::state::{Phase, Satchel};
use crate::ui::{AnswerRows, BackLink, PageHeading};
use leptos::prelude::*;
use shared::letter::Letter;

/// Which letter is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// To the patient's practice.
    Notice,
    /// To whom the patient is sent on.
    Referral,
}

#[component]
pub fn LetterPage(which: Which) -> impl IntoView {
    let satchel = Satchel::from_context();
    let open = opened();
    let shown = Memo::new(move |_| {
        open.get()?;
        let contact = satchel
            .standing
            .with(|kept| kept.as_ref().map(|kept| kept.view.pharmacy.clone()))
            .unwrap_or_default();
        let (ods, name) = satchel.phase.with(|phase| match phase {
            Phase::Open(who) => (who.ods.clone(), who.pharmacy_name.clone()),
            _ => Default::default(),
        });
        satchel.consultation.with(|open| {
            let open = open.as_ref()?;
            // While a signed record is open for change, what would be signed next is shown.
            let signed = if open.editable { Ok(None) } else { satchel.as_signed() };
            match signed {
                Ok(signed) => {
                    let ours = Ours { ods: &ods, name: &name, contact: &contact };
                    let show = if which == Which::Notice { shown } else { shown_onward };
                    Some(show(&open.record, signed.as_ref(), ours))
                }
                Err(trouble) => {
                    satchel.trouble.set(Some(trouble.to_string()));
                    None
                }
            }
        })
    });
    view! {
        <div class="page paper">
            {move || {
                open.get().map(|id| view! { <BackLink to=format!("/consultations/{id}") name="Consultation"/> })
            }}
            <div class="no-print">
                <PageHeading text=match which {
                    Which::Notice => "Notice to the GP practice",
                    Which::Referral => "Referral",
                }/>
            </div>
            {move || shown.get().map(|shown| around(&shown, which))}
        </div>
    }
}

fn around(shown: &Shown, which: Which) -> AnyView {
    match shown {
        Shown::Objected if which == Which::Referral => {
            view! { <p class="nhsuk-inset-text">"Nobody is sent on, or the patient refused. There is no letter."</p> }
                .into_any()
        }
        Shown::Objected => {
            view! { <p class="nhsuk-inset-text">"The patient objects to the GP being told. There is no letter."</p> }
                .into_any()
        }
        Shown::Unknown => {
            view! { <p>"This consultation was made by a newer version of Satchel. Connect, and change to it."</p> }
                .into_any()
        }
        Shown::Preview(letter) => {
            view! {
                <p class="page__note">
                    "This is how it will be read. It is not signed, or something has to be done first, so it must not leave the \
                     pharmacy."
                </p>
                {drawn(letter)}
            }
            .into_any()
        }
        Shown::Signed(letter) => {
            view! {
                <p class="page__note no-print">
                    "Printed and handed over or posted, this tells them what a message could not."
                </p>
                {drawn(letter)}
                <button
                    type="button"
                    class="nhsuk-button nhsuk-button--secondary"
                    on:click=move |_| page::print()
                >
                    "Print"
                </button>
            }
            .into_any()
        }
    }
}

/// The letter. Everything is set as text, so that nothing in it is ever markup.
fn drawn(letter: &Letter) -> AnyView {
    let lines = |lines: &[String]| {
        lines.iter().map(|line| view! { <p class="letter__line">{line.clone()}</p> }).collect_view()
    };
    let blocks = letter.blocks.iter().map(|block| {
        view! {
            <h3 class="letter__heading">{block.heading.clone()}</h3>
            {lines(&block.lines)}
        }
    });
    let banners = (!letter.banners.is_empty()).then(|| {
        let banners = letter.banners.iter().map(|banner| view! { <p><strong>{banner.clone()}</strong></p> });
        view! { <div class="letter__banners">{banners.collect_view()}</div> }
    });
    view! {
        <article class="letter" aria-labelledby="letter-title">
            <h2 class="letter__title" id="letter-title">{letter.title.clone()}</h2>
            {banners}
            <div class="letter__parties">
                <div>
                    <h3 class="letter__heading">"From"</h3>
                    {lines(&letter.from)}
                </div>
                <div>
                    <h3 class="letter__heading">"To"</h3>
                    {lines(&letter.to)}
                </div>
            </div>
            <h3 class="letter__heading">"Patient"</h3>
            <AnswerRows rows=letter.about.clone()/>
            {blocks.collect_view()}
            <p class="letter__signed">{letter.signed.clone()}</p>
            <p>{letter.reference_line()}</p>
        </article>
    }
    .into_any()
}
