//! The change history read as sentences: who recorded what, when, how they had unlocked, what it replaced.

use super::document::{Document, DocumentError, hex};
use super::record::Consultation;
use automerge::{Prop, ReadDoc as _, patches::PatchAction};

/// Before an actor's hex, the key among the deliveries under which the server notes who released that actor's work:
/// `to` is the name, `at` the time.
pub const RELEASE: &str = "release/";

/// What the server notes beside a release where it could not check the passkey that the author says they used.
pub const PASSKEY_NOT_CHECKED: &str = "passkey not checked";

/// One change by one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Milliseconds since 1970, by the clock of the device that wrote it.
    pub at: i64,
    pub by: String,
    /// `passkey`, `passkey-and-pin`, `passphrase`, `server`.
    pub unlocked_by: String,
    /// Name of the administrator who released it after it had been set aside; empty for what was taken at once.
    pub released_by: String,
    /// `false` where the server could not check the passkey when it was released.
    pub unlock_checked: bool,
    pub replaced: Vec<Replaced>,
}

/// One field that the change touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// `answers/penicillin-allergy`.
    pub path: String,
    /// What stood there before; empty when nothing did.
    pub before: String,
    pub after: String,
}

impl Document {
    /// The whole history, oldest first. Bookkeeping (authors) is left out.
    pub fn history(&mut self) -> Result<Vec<Entry>, DocumentError> {
        let Consultation { authors, deliveries, .. } = self.read()?;
        let changes = self.changes_since(&[]);
        let mut entries = Vec::with_capacity(changes.len());
        for change in changes {
            let actor = hex(change.actor_id().to_bytes());
            let author = authors.get(&actor).cloned().unwrap_or_default();
            let released = deliveries.get(&format!("{RELEASE}{actor}"));
            let replaced = self.touched(change.deps(), &[change.hash()])?;
            if !replaced.is_empty() {
                entries.push(Entry {
                    at: change.timestamp(),
                    by: author.name,
                    unlocked_by: author.unlocked_by,
                    released_by: released.map(|release| release.to.clone()).unwrap_or_default(),
                    unlock_checked: released.is_none_or(|release| release.detail != PASSKEY_NOT_CHECKED),
                    replaced,
                });
            }
        }
        Ok(entries)
    }

    /// The fields that differ between two points of the history.
    pub fn touched(
        &mut self,
        before: &[automerge::ChangeHash],
        after: &[automerge::ChangeHash],
    ) -> Result<Vec<Replaced>, DocumentError> {
        let patches = self.inner_mut().diff(before, after);
        let mut found = Vec::new();
        for patch in patches {
            let base: Vec<String> = patch.path.iter().map(|(_, prop)| prop_name(prop)).collect();
            if base.first().is_some_and(|section| section == "authors") {
                continue;
            }
            let (key, after_value) = match &patch.action {
                PatchAction::PutMap { key, value, .. } => (key.clone(), scalar(&value.0)),
                PatchAction::DeleteMap { key } => (key.clone(), Some(String::new())),
                PatchAction::SpliceText { value, .. } => (String::new(), Some(value.make_string())),
                PatchAction::DeleteSeq { .. } => (String::new(), Some(String::new())),
                _ => continue,
            };
            let Some(after_value) = after_value else { continue };
            let before_value = if key.is_empty() {
                String::new()
            } else {
                self.inner()
                    .get_at(&patch.obj, key.as_str(), before)
                    .ok()
                    .flatten()
                    .and_then(|(value, _)| scalar(&value))
                    .unwrap_or_default()
            };
            let path = base.into_iter().chain((!key.is_empty()).then_some(key)).collect::<Vec<_>>().join("/");
            // A digest that a device wrote says nothing to a reader.
            let is_digest = path.starts_with("medicines/") && path.ends_with("/confirmed");
            if path != "authors" && !is_digest && before_value != after_value {
                found.push(Replaced { path, before: before_value, after: after_value });
            }
        }
        Ok(found)
    }
}

fn prop_name(prop: &Prop) -> String {
    match prop {
        Prop::Map(key) => key.clone(),
        Prop::Seq(index) => index.to_string(),
    }
}

fn scalar(value: &automerge::Value<'_>) -> Option<String> {
    match value {
        automerge::Value::Scalar(scalar) => Some(match scalar.as_ref() {
            automerge::ScalarValue::Str(text) => text.to_string(),
            automerge::ScalarValue::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            automerge::ScalarValue::F64(number) => number.to_string(),
            automerge::ScalarValue::Null => String::new(),
            other => other.to_string(),
        }),
        automerge::Value::Object(_) => None,
    }
}
