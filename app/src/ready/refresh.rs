//! Brings things up to date one after another; what fails does not stop the others.

use super::model::{Checked, NEEDS_CIS2, visits};
use crate::medicines;
use crate::platform::trouble::Trouble;
use crate::platform::{api_patients, clock};
use crate::standing::keeping;
use crate::state::{ListedRow, Phase, Satchel};
use crate::sync::driver;
use crate::ui::words;
use crate::vault::{kept, records};
use leptos::prelude::*;
use shared::api::{AreaView, LookUpAnswer, LookUpBy, PatientLookUp};
use shared::ids::ConsultationId;
use shared::patient::tracing::{note, settle};
use std::collections::BTreeSet;

/// One visit as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    pub id: ConsultationId,
    pub name: String,
    /// `None` while it is not its turn yet.
    pub checked: Option<Checked>,
}

/// What is shown, and changes while it is refreshed.
#[derive(Clone, Copy)]
pub struct Ready {
    pub satchel: Satchel,
    pub busy: RwSignal<bool>,
    pub visits: RwSignal<Vec<Visit>>,
    pub area: RwSignal<AreaView>,
    /// What could not be refreshed, and why.
    pub failed: RwSignal<Vec<String>>,
}

impl Ready {
    pub fn new(satchel: Satchel) -> Self {
        Self {
            satchel,
            busy: RwSignal::new(false),
            visits: RwSignal::new(Vec::new()),
            area: RwSignal::new(AreaView::default()),
            failed: RwSignal::new(Vec::new()),
        }
    }

    /// Everything, from the top. Whoever leaves the screen meanwhile ends it.
    pub async fn refresh(self) {
        if self.busy.try_update(|busy| std::mem::replace(busy, true)) != Some(false) {
            return;
        }
        driver::online(self.satchel);
        self.failed.set(Vec::new());
        let me = self.satchel.phase.with_untracked(|phase| match phase {
            Phase::Open(who) => who.name.clone(),
            _ => String::new(),
        });
        let taken = self.satchel.rows.with_untracked(|rows| visits(rows.iter(), &me));
        let line =
            |listed: &ListedRow| Visit { id: listed.id, name: words::row_name(&listed.row), checked: None };
        self.visits.set(taken.iter().map(line).collect());
        self.take_in("GP practices", kept::area(self.satchel).await, self.area);
        self.take_in("GP practices", kept::fetch_area(self.satchel).await, self.area);
        if let Err(trouble) = self.renew_standing().await {
            self.fail("Your standing", trouble);
        }
        if let Err(words) = medicines::keeping::renew(self.satchel).await {
            let _ = self.failed.try_update(|failed| failed.push(words));
        }
        let mut refused = None;
        for listed in &taken {
            let checked = match &refused {
                Some(checked) => Checked::clone(checked),
                None => self
                    .check(listed.id)
                    .await
                    .unwrap_or_else(|trouble| Checked::NotAsked(trouble.to_string())),
            };
            if checked == Checked::NotAsked(NEEDS_CIS2.to_owned()) {
                refused = Some(checked.clone());
            }
            let told = self.visits.try_update(|visits| {
                if let Some(visit) = visits.iter_mut().find(|visit| visit.id == listed.id) {
                    visit.checked = Some(checked);
                }
            });
            if told.is_none() {
                return;
            }
        }
        let _ = self.busy.try_set(false);
    }

    async fn renew_standing(self) -> Result<(), Trouble> {
        let opened = self.satchel.keeper.get_value().opened()?;
        keeping::renew(self.satchel, &opened, None).await
    }

    fn take_in<T: Send + Sync + 'static>(self, what: &str, told: Result<T, Trouble>, into: RwSignal<T>) {
        match told {
            Ok(told) => drop(into.try_set(told)),
            Err(trouble) => self.fail(what, trouble),
        }
    }

    fn fail(self, what: &str, trouble: Trouble) {
        let words = match trouble {
            Trouble::Unreachable => format!("{what}: no answer, so the last known stands."),
            other => format!("{what}: {other}"),
        };
        let _ = self.failed.try_update(|failed| failed.push(words));
    }

    async fn check(self, id: ConsultationId) -> Result<Checked, Trouble> {
        let patient = records::read(self.satchel, id).await?.patient;
        if patient.nhs_number.is_empty() {
            return Ok(Checked::Look("No NHS number yet".to_owned()));
        }
        let by = LookUpBy::Number { nhs_number: patient.nhs_number.clone() };
        let answer = api_patients::look_up(self.satchel, &PatientLookUp { consultation: id, by }).await;
        let checked = Checked::of(&patient, &answer);
        if checked == Checked::Agrees
            && let Ok(LookUpAnswer::Found { patient: held, .. }) = answer
        {
            let at = clock::now();
            let renew = move |record: &mut shared::consultation::Consultation| {
                // Nothing is chosen, so nothing but the trace is written.
                if let Ok(number) = settle(&mut record.patient, &held, "", &BTreeSet::new(), at) {
                    note(record, &held, &number, at);
                }
            };
            records::beside(self.satchel, id, renew).await?;
        }
        Ok(checked)
    }
}
