//! Batch and expiry of the pack, typed or scanned.

use super::boxes::LineBox;
use super::card::Slots;
use super::here::Here;
use super::model::{Part, change, take_pack};
use crate::ui::Clock;
use leptos::prelude::*;
use shared::scan::Pack;
use shared::time;

#[component]
pub fn PackBoxes(here: Here) -> AnyView {
    let clock = Clock::from_context();
    let slots = expect_context::<Slots>();
    let said = RwSignal::new(Vec::<String>::new());
    let line = here.id;
    let expired = here.part(|view| view.is_expired);
    let scanned = Callback::new(move |pack: Pack| {
        let today = time::day(clock.exactly());
        let found = here.desk.read(|open| line.with_value(|id| take_pack(&open.record, id, &pack, today)));
        let Some(found) = found.flatten() else { return };
        said.set(found.said.clone());
        if found.is_taken {
            let id = line.get_value();
            here.desk.edit(move |record| change(record, &id, |line| found.write(line)));
        }
    });
    view! {
        <div class="supply__pack">
            {slots.scan.map(|button| button(scanned))}
            <ul class="supply__said" role="status">
                {move || said.get().into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}
            </ul>
            <div class="supply__amount">
                <LineBox line part=Part::Batch/>
                <LineBox line part=Part::Expiry/>
            </div>
            <p role="alert">
                {move || if expired.get() { "This pack is past its expiry date. Take another pack." } else { "" }}
            </p>
        </div>
    }
    .into_any()
}
