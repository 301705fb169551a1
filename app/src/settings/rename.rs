//! Gives a passkey or a device the name that people tell it by.

use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use crate::ui::{Act, Action, Attempt, TextBox};
use leptos::prelude::*;
use std::pin::Pin;

/// As long as a name may be, in characters.
const LONGEST: usize = 60;

/// Tells the server the new name of the thing with this id.
pub type Tell = fn(Satchel, String, String) -> Pin<Box<dyn Future<Output = Result<(), Trouble>>>>;

/// What is being named: its id, and what it is called now.
pub type Renaming = RwSignal<Option<(String, String)>>;

/// The action beside a thing in a list.
pub fn rename(renaming: Renaming, id: String, label: String) -> Act {
    Act::Do("Rename", Callback::new(move |()| renaming.set(Some((id.clone(), label.clone())))))
}

/// The box, while something is being named.
#[component]
pub fn RenameForm(id: &'static str, renaming: Renaming, changed: RwSignal<u32>, tell: Tell) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let label = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some((_, now)) = renaming.get() {
            label.set(now);
        }
    });
    let save = Callback::new(move |()| {
        let Some((id, _)) = renaming.get_untracked() else { return };
        let Some(new) = label.with_untracked(|typed| tidied(typed)) else {
            attempt.problem.set(format!("Give it a name of 1 to {LONGEST} characters."));
            return;
        };
        attempt.run(async move {
            tell(satchel, id, new).await?;
            renaming.set(None);
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    view! {
        {move || {
            renaming
                .get()
                .map(|_| {
                    view! {
                        <div class="nhsuk-inset-text">
                            <TextBox id label="New name" value=label/>
                            {attempt.said()}
                            <Action words="Save the name" class="nhsuk-button--secondary" attempt on_click=save/>
                        </div>
                    }
                })
        }}
    }
    .into_any()
}

/// A name as it is kept; `None` for one that is empty or too long.
fn tidied(typed: &str) -> Option<String> {
    let name = typed.trim();
    (1..=LONGEST).contains(&name.chars().count()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_empty_nor_longer_than_the_server_takes() {
        assert_eq!(tidied("  Front counter "), Some("Front counter".to_owned()));
        assert_eq!(tidied("   "), None);
        assert_eq!(tidied(&"é".repeat(LONGEST)), Some("é".repeat(LONGEST)));
        assert_eq!(tidied(&"x".repeat(LONGEST + 1)), None);
    }
}
