//! The open consultation as the parts of its screen share it.

use super::model;
use crate::state::{OpenConsultation, Phase, Satchel};
use crate::ui::{Clock, typing_has_paused};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;
use shared::consultation::{Answer, Consultation};
use shared::ids::ConsultationId;
use shared::pathway::{Assessment, Field, Pathway, assess_record};
use shared::people::Permission;
use shared::supply::{self, Problem};
use shared::time;

/// Opens the consultation that the address names; `Some` once it is on the screen.
pub fn opened() -> Memo<Option<ConsultationId>> {
    let satchel = Satchel::from_context();
    let params = use_params_map();
    let wanted = Memo::new(move |_| {
        params.with(|params| params.get("id")).and_then(|id| id.parse::<ConsultationId>().ok())
    });
    Effect::new(move |_| {
        let Some(id) = wanted.get() else { return };
        let is_open =
            satchel.consultation.with_untracked(|open| open.as_ref().is_some_and(|open| open.id == id));
        if is_open {
            return;
        }
        spawn_local(async move {
            if let Err(trouble) = satchel.open(id).await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    });
    Memo::new(move |_| {
        let wanted = wanted.get()?;
        satchel.consultation.with(|open| open.as_ref().map(|open| open.id)).filter(|open| *open == wanted)
    })
}

/// What every part of the screen needs. Copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Desk {
    pub satchel: Satchel,
    pub id: ConsultationId,
    pub pathway: &'static Pathway,
    pub assessment: Memo<Option<Assessment<'static>>>,
    /// May answers be changed now, and by this person?
    pub editable: Memo<bool>,
    /// May this person sign?
    pub may_sign: Memo<bool>,
    /// What keeps the medicines from being signed as they should be; an emergency does not wait for it.
    pub unsound: Memo<Vec<Problem>>,
    /// Something stands in a form that is recorded only when it is added.
    pub half_typed: RwSignal<bool>,
}

impl Desk {
    pub fn new(satchel: Satchel, id: ConsultationId, pathway: &'static Pathway) -> Self {
        let may = move |permission| {
            satchel.phase.with(|phase| matches!(phase, Phase::Open(who) if who.role.may(permission)))
        };
        let assessment = Memo::new(move |_| {
            satchel.consultation.with(|open| open.as_ref().map(|open| assess_record(pathway, &open.record)))
        });
        let clock = Clock::from_context();
        let today = Memo::new(move |_| time::day(clock.now()));
        Self {
            satchel,
            id,
            pathway,
            assessment,
            unsound: Memo::new(move |_| {
                let cut_short =
                    assessment.with(|a| a.as_ref().is_some_and(|assessment| assessment.emergency_may_sign));
                let today = today.get();
                let problems = |record: &Consultation| supply::before_signing(record, today);
                let found = satchel
                    .consultation
                    .with(|open| open.as_ref().filter(|_| !cut_short).map(|open| problems(&open.record)));
                found.unwrap_or_default()
            }),
            editable: Memo::new(move |_| {
                let open = satchel.consultation.with(|open| open.as_ref().is_some_and(|open| open.editable));
                open && may(Permission::RecordConsultations)
            }),
            may_sign: Memo::new(move |_| may(Permission::SignConsultations)),
            half_typed: RwSignal::new(false),
        }
    }

    pub fn from_context() -> Self {
        expect_context()
    }

    /// Reads the snapshot; what is drawn from it follows every edit.
    pub fn read<T>(self, read: impl FnOnce(&OpenConsultation) -> T) -> Option<T> {
        self.satchel.consultation.with(|open| open.as_ref().filter(|open| open.id == self.id).map(read))
    }

    pub fn answer(self, field: &Field, key: &str) -> Option<Answer> {
        self.read(|open| model::store(&open.record, field).get(key).cloned()).flatten()
    }

    /// Changes the record now; what goes wrong is said at the top of the screen.
    pub fn edit(self, change: impl FnOnce(&mut Consultation) + 'static) {
        let satchel = self.satchel;
        let id = self.id;
        spawn_local(async move {
            if let Err(trouble) = satchel.edit(id, change).await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    }

    /// As [`Self::edit`], once everything that is being typed stands in the record: a decision is made on all of it.
    pub fn edit_once_typed(self, change: impl FnOnce(&mut Consultation) + 'static) {
        let satchel = self.satchel;
        let id = self.id;
        spawn_local(async move {
            typing_has_paused().await;
            if let Err(trouble) = satchel.edit(id, change).await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    }

    /// As [`Self::edit`], for what is not yet the visit: it begins nothing.
    pub fn note(self, change: impl FnOnce(&mut Consultation) + 'static) {
        let satchel = self.satchel;
        let id = self.id;
        spawn_local(async move {
            if let Err(trouble) = satchel.note(id, change).await {
                satchel.trouble.set(Some(trouble.to_string()));
            }
        });
    }

    /// Records an answer under a key of this field, or takes it back.
    pub fn put(self, field: &'static Field, key: String, answer: Option<Answer>) {
        let now = crate::platform::clock::now();
        self.edit(move |record| model::put(record, field, &key, answer, now));
    }

    /// Name of whoever is here.
    pub fn me(self) -> String {
        self.satchel.phase.with(|phase| match phase {
            Phase::Open(who) => who.name.clone(),
            _ => String::new(),
        })
    }
}
