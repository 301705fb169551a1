//! A box whose words stand in the record: what is typed is written once typing pauses, and never lost on leaving.

use super::desk::Desk;
use crate::ui::Debounced;
use leptos::prelude::*;
use shared::consultation::Consultation;

/// What stands in the box. `read` says what the record has, `write` puts what was typed into it.
pub fn bound(
    desk: Desk,
    read: impl Fn(&Consultation) -> String + Send + Sync + 'static,
    write: impl Fn(&mut Consultation, String) + Clone + Send + Sync + 'static,
) -> RwSignal<String> {
    let recorded = Memo::new(move |_| desk.read(|open| read(&open.record)).unwrap_or_default());
    let draft = RwSignal::new(recorded.get_untracked());
    let waiting = Debounced::new();
    let unsaved = StoredValue::new(None::<String>);
    let write = StoredValue::new(write);
    let save = move || {
        let words = unsaved.try_update_value(Option::take).flatten();
        if let (Some(words), Some(write)) = (words, write.try_get_value()) {
            desk.edit(move |record| write(record, words));
        }
    };
    // Whoever leaves the page within the pause has typed it all the same.
    on_cleanup(save);
    Effect::new(move |_| {
        let recorded = recorded.get();
        if !waiting.is_waiting() && draft.with_untracked(|draft| *draft != recorded) {
            draft.set(recorded);
        }
    });
    Effect::new(move |before: Option<String>| {
        let typed = draft.get();
        let differs = recorded.with_untracked(|recorded| *recorded != typed);
        if before.is_some_and(|before| before != typed) {
            unsaved.set_value(differs.then(|| typed.clone()));
            waiting.later(save);
        }
        typed
    });
    draft
}
