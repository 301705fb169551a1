//! Going on as another condition within the same visit, and the pages to read more on.

use super::desk::Desk;
use crate::platform::clock;
use crate::ui::{Choice, TextBox};
use leptos::prelude::*;
use shared::pathway::{self, LinkKind, Pathway};

/// Where the visit may go on from here, as keys and titles, the present pathway left out.
fn ways(present: &Pathway) -> Vec<(String, String)> {
    let others = pathway::services().into_iter().filter(|other| other.id != present.id);
    others.map(|other| (other.key(), other.title.clone())).collect()
}

/// The offer to go on by another pathway; what was recorded so far is kept (referrals.md 2.3).
#[component]
pub fn TurnTo() -> impl IntoView {
    let desk = Desk::from_context();
    let ways = ways(desk.pathway);
    let way = RwSignal::new(ways.first().map(|(key, _)| key.clone()).unwrap_or_default());
    let reason = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(to) = pathway::find(&way.get_untracked()) else { return };
        let why = reason.get_untracked();
        missing.set(why.trim().is_empty());
        if missing.get_untracked() {
            return;
        }
        let (id, by, now) = (uuid::Uuid::new_v4().to_string(), desk.me(), clock::now());
        desk.edit(move |record| {
            // Another device may have turned it there already; then there is nothing to do.
            let _ = record.turn(&id, to, now, &by, &why);
        });
    };
    view! {
        <details class="nhsuk-details" id="turn-to">
            <summary class="nhsuk-details__summary">
                <span class="nhsuk-details__summary-text">"Is it another condition?"</span>
            </summary>
            <div class="nhsuk-details__text">
                <p>
                    "Go on here as something else. What both ask stays answered; everything recorded so far is kept \
                     and told to the GP."
                </p>
                <form on:submit=go>
                    <Choice id="turn-way" label="Go on as" options=ways value=way/>
                    <TextBox id="turn-reason" label="Why?" value=reason/>
                    <Show when=move || missing.get()>
                        <p class="nhsuk-error-message" role="alert">"Say why it is another condition."</p>
                    </Show>
                    <button type="submit" class="nhsuk-button nhsuk-button--secondary">"Go on"</button>
                </form>
            </div>
        </details>
    }
}

/// Earlier pathways of this visit, in words.
#[component]
pub fn Turned() -> impl IntoView {
    let desk = Desk::from_context();
    let lines = Memo::new(move |_| {
        desk.read(|open| {
            let title =
                |key: &str| pathway::find(key).map_or_else(|| key.to_owned(), |known| known.title.clone());
            let mut turns: Vec<_> = open.record.turns.values().collect();
            turns.sort_by_key(|turn| turn.at.as_str());
            turns
                .into_iter()
                .map(|turn| {
                    let line = format!("First as {}, until {}: {}", title(&turn.from), turn.by, turn.reason);
                    (line, turn.said.clone())
                })
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    move || {
        lines
            .get()
            .into_iter()
            .map(|(line, said)| {
                view! {
                    <details class="nhsuk-details">
                        <summary class="nhsuk-details__summary">
                            <span class="nhsuk-details__summary-text">{line}</span>
                        </summary>
                        <div class="nhsuk-details__text preserve-lines">{said}</div>
                    </details>
                }
            })
            .collect_view()
    }
}

/// What kind of page a link leads to.
const fn about(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Cks => "for clinicians",
        LinkKind::Service => "the service",
        LinkKind::Leaflet => "for the patient",
    }
}

/// Pages of others about this condition. They need a network; nothing about the patient is in their addresses.
#[component]
pub fn ReadMore() -> impl IntoView {
    let links = &Desk::from_context().pathway.links;
    (!links.is_empty()).then(|| {
        view! {
            <details class="nhsuk-details" id="read-more">
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"Read more (needs a network)"</span>
                </summary>
                <ul class="nhsuk-list nhsuk-details__text">
                    {links
                        .iter()
                        .map(|link| {
                            view! {
                                <li>
                                    <a href=link.url.clone() target="_blank" rel="noopener noreferrer external">
                                        {format!("{} ({}, opens another page)", link.label, about(link.kind))}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </details>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_may_go_on_as_every_other_service_and_not_as_its_own() {
        let throat = pathway::find("sore-throat@1").expect("in the catalogue");
        let keys: Vec<String> = ways(throat).into_iter().map(|(key, _)| key).collect();
        assert!(keys.iter().any(|key| key == "minor-illness@1"), "{keys:?}");
        assert!(!keys.contains(&throat.key()), "{keys:?}");
        assert_eq!(keys.len(), pathway::services().len() - 1);
    }
}
