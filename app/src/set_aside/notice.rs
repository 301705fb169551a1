//! A line above the work list while something set aside waits for a person.

use crate::state::Satchel;
use crate::ui::words;
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn SetAsideNotice() -> impl IntoView {
    let satchel = Satchel::from_context();
    let waiting = Memo::new(move |_| {
        satchel.rows.with(|rows| {
            let aside = rows.iter().filter(|row| row.set_aside.is_some() && !row.is_unopenable());
            aside.map(|row| (row.id, words::row_name(&row.row))).collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || waiting.with(|waiting| !waiting.is_empty())>
            <section class="panel panel--notice" aria-label="Set aside">
                <p>
                    <strong>"The server did not take everything."</strong>
                    " It is kept here. Look at it, and enter again what is right:"
                </p>
                <ul class="nhsuk-list nhsuk-list--bullet">
                    {move || {
                        waiting
                            .get()
                            .into_iter()
                            .map(|(id, name)| {
                                view! {
                                    <li>
                                        <A href=format!("/consultations/{id}/set-aside")>
                                            {name}
                                            <span class="nhsuk-u-visually-hidden">": what was set aside"</span>
                                        </A>
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                </ul>
            </section>
        </Show>
    }
}
