//! Batch and expiry of the pack, typed or scanned.

use super::boxes::LineBox;
use super::here::Here;
use super::model::{Part, change, take_pack};
use crate::scanner::Scanner;
use crate::ui::{Clock, Disclosure};
use leptos::prelude::*;
use shared::scan::Pack;
use shared::time;

#[component]
pub fn PackBoxes(here: Here) -> AnyView {
    let clock = Clock::from_context();
    let said = RwSignal::new(Vec::<String>::new());
    let scanning = RwSignal::new(false);
    let line = here.id;
    let expired = here.part(|view| view.is_expired);
    let give_up = Callback::new(move |()| scanning.set(false));
    let scanned = Callback::new(move |pack: Pack| {
        scanning.set(false);
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
            <Disclosure words="Scan the pack" open=scanning>
                <Scanner on_pack=scanned on_cancel=give_up/>
            </Disclosure>
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
