//! Finding the GP practice by name, code or postcode: name and code are picked together, without a network too.

use crate::platform::api_patients;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use crate::ui::TextBox;
use crate::vault::kept;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrganisationView;
use shared::patient::Postcode;

/// Fewer letters fit too many.
const FEWEST: usize = 3;
/// As many as are shown.
const SHOWN: usize = 8;

/// How the server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Code(String),
    Postcode(String),
    Name(String),
}

impl Asked {
    /// A practice's code is a letter and five digits (ODS).
    fn of(text: &str) -> Self {
        let text = text.trim();
        let code = text.to_uppercase();
        let digits = code.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or_default();
        if digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Self::Code(code);
        }
        text.parse::<Postcode>()
            .map_or_else(|_| Self::Name(text.to_owned()), |code| Self::Postcode(code.into()))
    }
}

/// Open practices that fit what was typed: every word, in name, code or postcode.
fn fitting(practices: &[OrganisationView], text: &str) -> Vec<OrganisationView> {
    if text.trim().len() < FEWEST {
        return Vec::new();
    }
    let compact = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let fits = |one: &&OrganisationView| {
        let name = one.name.to_lowercase();
        let (code, postcode) = (one.ods.to_lowercase(), compact(&one.postcode));
        one.active
            && (postcode.starts_with(&compact(text))
                || words.iter().all(|word| name.contains(word) || code.starts_with(word)))
    };
    practices.iter().filter(fits).take(SHOWN).cloned().collect()
}

async fn ask(satchel: Satchel, text: &str) -> Result<Vec<OrganisationView>, Trouble> {
    match Asked::of(text) {
        Asked::Code(code) => api_patients::organisation(satchel, &code).await.map(|one| vec![one]),
        Asked::Postcode(postcode) => api_patients::practices(satchel, "postcode", &postcode).await,
        Asked::Name(name) => api_patients::practices(satchel, "name", &name).await,
    }
}

#[component]
pub fn PracticePicker(
    id: &'static str,
    label: &'static str,
    name: RwSignal<String>,
    ods: RwSignal<String>,
) -> impl IntoView {
    let satchel = Satchel::from_context();
    let typed = RwSignal::new(String::new());
    let known = RwSignal::new(Vec::<OrganisationView>::new());
    let said = RwSignal::new(String::new());
    spawn_local(async move {
        // Without a list here the server can still be asked, and the boxes be filled in by hand.
        if let Ok(area) = kept::area(satchel).await {
            let _ = known.try_set(area.practices);
        }
    });
    let wider = move |_| {
        spawn_local(async move {
            let text = typed.get_untracked();
            let words = match ask(satchel, &text).await {
                Ok(mut found) => {
                    found.retain(|one| one.active);
                    let none = found.is_empty();
                    let _ = known.try_update(|known| {
                        known.retain(|one| found.iter().all(|new| new.ods != one.ods));
                        found.append(known);
                        *known = found;
                    });
                    if none { "No open practice is known by that.".to_owned() } else { String::new() }
                }
                Err(Trouble::Unreachable) => {
                    "No signal: only the practices of the area can be found.".to_owned()
                }
                Err(trouble) => trouble.to_string(),
            };
            let _ = said.try_set(words);
        });
    };
    let line = move |practice: OrganisationView| {
        let words = format!("{} ({}), {}", practice.name, practice.ods, practice.postcode);
        let pick = move |_| {
            name.set(practice.name.clone());
            ods.set(practice.ods.clone());
            typed.set(String::new());
        };
        view! {
            <li class="to-do__item">
                <button type="button" class="link-button" on:click=pick>
                    {words}
                </button>
            </li>
        }
    };
    view! {
        <TextBox
            id=id
            label=label
            hint="By name, code or postcode. Choosing one fills in the next two boxes."
            value=typed
        />
        <ul class="to-do">
            {move || {
                let found = known.with(|known| fitting(known, &typed.get()));
                found.into_iter().map(line).collect_view()
            }}
        </ul>
        <p role="status">{move || said.get()}</p>
        <Show when=move || typed.with(|typed| typed.trim().len() >= FEWEST)>
            <button type="button" class="link-button" on:click=wider>
                "Search all practices"
            </button>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn practice(ods: &str, name: &str, postcode: &str, active: bool) -> OrganisationView {
        OrganisationView {
            ods: ods.to_owned(),
            name: name.to_owned(),
            postcode: postcode.to_owned(),
            active,
            ..OrganisationView::default()
        }
    }

    #[test]
    fn a_practice_is_found_by_parts_of_its_name_its_code_or_its_postcode() {
        let area = [
            practice("B86001", "Elm Road Surgery", "LS1 4AP", true),
            practice("B86002", "Mill Lane Practice", "LS2 9AA", true),
            practice("B86003", "Elm Street Surgery", "LS1 4AQ", false),
        ];
        let found = |text| fitting(&area, text).into_iter().map(|one| one.ods).collect::<Vec<_>>();
        assert_eq!(found("elm surg"), ["B86001"]);
        assert_eq!(found("b86002"), ["B86002"]);
        assert_eq!(found("ls1 4"), ["B86001"]);
        assert!(found("el").is_empty() && found("Elm Street").is_empty());
    }

    #[test]
    fn the_server_is_asked_by_what_was_typed() {
        assert_eq!(Asked::of("b86001"), Asked::Code("B86001".to_owned()));
        assert_eq!(Asked::of("ls14ap"), Asked::Postcode("LS1 4AP".to_owned()));
        assert_eq!(Asked::of(" Elm Road"), Asked::Name("Elm Road".to_owned()));
        assert_eq!(Asked::of("Émile"), Asked::Name("Émile".to_owned()));
    }
}
