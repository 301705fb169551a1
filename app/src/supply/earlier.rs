//! Earlier emergency supplies to this patient, above everything else (practice 16).

use super::model::{Earlier, LOOKED_INTO, how_far, supplied_in, to_look_into, together, told_by_server};
use crate::consultation::Desk;
use crate::platform::api_supplies;
use crate::vault::records;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::EarlierAsked;
use shared::ids::ConsultationId;

/// What was found so far, and how far anybody has looked. Copies are the same.
#[derive(Clone, Copy)]
pub struct Found {
    here: RwSignal<Vec<Earlier>>,
    /// Records of the patient that could not be opened here.
    unread: RwSignal<usize>,
    /// What the server knows; `None` while it has not answered.
    server: RwSignal<Option<Vec<Earlier>>>,
    /// Still looking into the records of this device.
    looking: RwSignal<bool>,
}

impl Found {
    /// Both sources together, newest first.
    pub fn earlier(self) -> Vec<Earlier> {
        together(self.here.get(), self.server.get().unwrap_or_default())
    }
}

/// Looks into this device's other records of the patient and asks the server, and again when it becomes known who the patient is.
pub fn look_for_earlier(desk: Desk) -> Found {
    let found = Found {
        here: RwSignal::new(Vec::new()),
        unread: RwSignal::new(0),
        server: RwSignal::new(None),
        looking: RwSignal::new(true),
    };
    let patient = Memo::new(move |_| {
        desk.read(|open| {
            let patient = &open.record.patient;
            (patient.nhs_number.clone(), patient.list_name(), patient.birth_date.clone())
        })
    });
    Effect::new(move |_| {
        let asked = patient.get();
        let ids: Vec<ConsultationId> = desk.satchel.rows.with_untracked(|rows| {
            let listed = rows.iter().map(|listed| &listed.row);
            desk.satchel.consultation.with_untracked(|open| {
                let record = open.as_ref().map(|open| &open.record);
                let others = record.map(|record| to_look_into(record, listed)).unwrap_or_default();
                others.into_iter().filter_map(|row| row.id.parse().ok()).collect()
            })
        });
        spawn_local(async move {
            let (mut supplies, mut unread) = (Vec::new(), ids.len().saturating_sub(LOOKED_INTO));
            for id in ids.into_iter().take(LOOKED_INTO) {
                // Not every record of the list is on this device; how many are not is said.
                match records::read(desk.satchel, id).await {
                    Ok(record) => supplies.extend(supplied_in(&record)),
                    Err(_) => unread += 1,
                }
            }
            if patient.try_get_untracked() == Some(asked) {
                found.here.try_set(together(supplies, Vec::new()));
                found.unread.try_set(unread);
                found.looking.try_set(false);
            }
        });
        let Some(asked) = desk.read(|open| EarlierAsked {
            consultation: open.record.id.clone(),
            nhs_number: open.record.patient.nhs_number.clone(),
            name: open.record.patient.list_name(),
            birth_date: open.record.patient.birth_date.clone(),
        }) else {
            return;
        };
        spawn_local(async move {
            // Without an answer the card says how far this device knows.
            let told = api_supplies::earlier(desk.satchel, &asked).await.ok();
            let told = told.filter(|told| !told.unknown_patient).map(|told| told_by_server(&told));
            found.server.try_set(told);
        });
    });
    found
}

#[component]
pub fn EarlierSupplies(found: Found) -> AnyView {
    let earlier = Memo::new(move |_| found.earlier());
    let any = Memo::new(move |_| earlier.with(|earlier| !earlier.is_empty()));
    let far = move || {
        if found.looking.get() {
            "Looking into the records on this device.".to_owned()
        } else {
            how_far(earlier.with(Vec::len), found.unread.get(), found.server.with(Option::is_some))
        }
    };
    view! {
        <div
            class="supply__earlier"
            class=("panel", move || any.get())
            class=("panel--notice", move || any.get())
            role="group"
            aria-labelledby="earlier-title"
        >
            <h3 class="supply__name" id="earlier-title">
                "Earlier emergency supplies"
            </h3>
            <ul>
                {move || {
                    earlier.get().into_iter().map(|one| view! { <li>{one.words()}</li> }).collect_view()
                }}
            </ul>
            <p role="status">{far}</p>
        </div>
    }
    .into_any()
}
