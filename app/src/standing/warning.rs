//! Before the first answer: the person's evidence of competence for this service is missing or has ended.

use super::model::evidence_warning;
use crate::consultation::Desk;
use crate::ui::{Clock, link_button};
use crate::vault::audited;
use leptos::prelude::*;

/// It warns and closes nothing: what is filed may be behind what is true. Going on is noted in the audit log.
#[component]
pub fn EvidenceWarning() -> AnyView {
    let desk = Desk::from_context();
    let clock = Clock::from_context();
    let satchel = desk.satchel;
    let read = RwSignal::new(false);
    let started =
        Memo::new(move |_| desk.read(|open| !open.record.visit.started_at.is_empty()).unwrap_or(true));
    let words = Memo::new(move |_| {
        let standing = satchel.standing.get().filter(|_| desk.editable.get())?;
        evidence_warning(&standing, desk.pathway, clock.now())
    });
    let shown = Memo::new(move |_| words.get().filter(|_| !started.get() && !read.get()));
    // The first answer goes on as much as the button does; one that came from another device does not.
    Effect::new(move |was_shown: Option<bool>| {
        let is_shown = shown.get().is_some();
        let goes_on = read.get() || (started.get() && desk.read(|open| open.unsent).unwrap_or_default());
        if was_shown == Some(true) && !is_shown && goes_on {
            satchel.note_audit(
                audited::STARTED_WITHOUT_EVIDENCE,
                desk.id,
                words.get_untracked().unwrap_or_default(),
            );
        }
        is_shown
    });
    view! {
        <div role="alert">
            {move || {
                shown
                    .get()
                    .map(|words| {
                        view! {
                            <div class="panel panel--notice">
                                <p>
                                    <strong>{words}</strong>
                                    " You decide whether you are competent. If you start, a note of it is kept."
                                </p>
                                {link_button("Go on all the same", "", Callback::new(move |()| read.set(true)))}
                            </div>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}
