//! One line of the card, as its parts share it.

use super::model::{Known, LineView, change};
use crate::consultation::Desk;
use leptos::prelude::*;
use shared::consultation::{Consultation, Medicine};

/// Copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Here {
    pub desk: Desk,
    pub id: StoredValue<String>,
    pub view: Memo<Option<LineView>>,
    pub known: Memo<Known>,
}

impl Here {
    /// A part of what is drawn; it changes only when that part does.
    pub fn part<T: PartialEq + Default + Send + Sync + 'static>(
        self,
        read: impl Fn(&LineView) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.view.with(|view| view.as_ref().map(&read).unwrap_or_default()))
    }

    /// The recorded line itself.
    pub fn line<T: PartialEq + Default + Send + Sync + 'static>(
        self,
        read: impl Fn(&Medicine) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| {
            let found = self
                .desk
                .read(|open| self.id.with_value(|id| open.record.medicines.get(id).map(&read)))
                .flatten();
            found.unwrap_or_default()
        })
    }

    /// Changes the line now.
    pub fn change(self, edit: impl FnOnce(&mut Medicine) + 'static) {
        let id = self.id.get_value();
        self.desk.edit(move |record| change(record, &id, edit));
    }

    /// Does something with the line once all that is being typed stands in the record.
    pub fn decide(self, decide: impl FnOnce(&mut Consultation, &str) + 'static) {
        let id = self.id.get_value();
        self.desk.edit_once_typed(move |record| decide(record, &id));
    }

    /// The id of a part of the line on the page: `medicine-ID-place`.
    pub fn dom_id(self, part: &str) -> String {
        self.id.with_value(|id| format!("{}-{part}", super::model::line_anchor(id)))
    }
}
