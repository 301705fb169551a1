//! What the person who is here may do today, to be read: evidence for each service, authorisations under PGDs.

use super::papers::authorisation_words;
use crate::standing::model::{Standing, age_words};
use crate::state::Satchel;
use crate::ui::{Card, Clock, Line, list, words};
use leptos::prelude::*;
use shared::people::{Competence, competence};
use shared::time::{self, Millis};

#[component]
pub fn OwnStanding() -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    view! {
        <Card id="standing-title" title="What you may do here">
            {move || match satchel.standing.get() {
                None => view! { <p>"The server has not said yet. Connect once."</p> }.into_any(),
                Some(kept) => {
                    let now = clock.now();
                    let line = |words| Line { words, ..Line::default() };
                    view! {
                        {list(own_words(&kept, now).into_iter().map(line).collect())}
                        <p class="to-do__why">{age_words(&kept, now)}</p>
                    }
                        .into_any()
                }
            }}
        </Card>
    }
    .into_any()
}

/// A line for each service, each authorisation, and the end of access.
fn own_words(kept: &Standing, now: Millis) -> Vec<String> {
    let today = time::day(now);
    let mut lines = Vec::new();
    let mut services: Vec<&str> = Vec::new();
    for pathway in shared::pathway::all() {
        if services.contains(&pathway.id.as_str()) {
            continue;
        }
        services.push(&pathway.id);
        let shown = match competence(&kept.view.evidence, &pathway.id, today) {
            Competence::Shown { until: None } => "evidence is kept here".to_owned(),
            Competence::Shown { until: Some(day) } => format!("evidence until {}", time::written_date(day)),
            Competence::Expired { on } => format!("evidence ended on {}", time::written_date(on)),
            Competence::Missing => "no evidence is kept here".to_owned(),
        };
        lines.push(format!("{}: {shown}", pathway.title));
    }
    lines.extend(kept.view.authorisations.iter().map(|one| authorisation_words(one, today)));
    if !kept.view.access_ends.is_empty() {
        lines.push(format!("Your access ends {}", words::when(&kept.view.access_ends, now)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::StandingView;

    #[test]
    fn every_service_is_listed_once_with_what_is_missing() {
        let view = StandingView { access_ends: "2026-11-22T18:00:00Z".to_owned(), ..StandingView::default() };
        let now = time::read("2026-11-22T09:00:00Z").expect("an instant");
        let lines = own_words(&Standing { view, pharmacies: 1 }, now);
        let missing = lines.iter().filter(|line| line.ends_with("no evidence is kept here")).count();
        let services = shared::pathway::services().len();
        assert!(services > 2);
        assert_eq!((missing, lines.len()), (services, services + 1), "{lines:?}");
        assert_eq!(lines[services], "Your access ends 18:00");
    }
}
